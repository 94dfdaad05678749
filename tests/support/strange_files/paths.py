"""Paths that lead to no file that could be read, and what a refusal must say of each."""

import os
import socket
from pathlib import Path


def pipe(path):
    os.mkfifo(path)


def stream_socket(path):
    # The path of a socket must be short, so it is made in its folder.
    here = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


def circle(path):
    path.symlink_to(path.with_name(path.name + "-back"))
    path.with_name(path.name + "-back").symlink_to(path)


def huge(path):
    with path.open("wb") as file:
        # A hole, which takes no space.
        file.truncate(2**40)


def linked(make):
    """Return a function that makes a link to what ``make`` makes."""

    def make_link(path):
        target = path.with_name(path.name + "-target")
        make(target)
        path.symlink_to(target)

    return make_link


# Kind -> what makes it, and what is said of it.
STRANGE = {
    "pipe": (pipe, "it must be a file, but is a pipe"),
    "socket": (stream_socket, "it must be a file, but is a socket"),
    "folder": (lambda path: path.mkdir(), "it must be a file, but is a folder"),
    "link to a pipe": (linked(pipe), "it must be a file, but is a pipe"),
    "link to a folder": (linked(lambda path: path.mkdir()), "but is a folder"),
    "link to zeros": (lambda path: path.symlink_to("/dev/zero"), "but is a device"),
    "link to nothing": (lambda path: path.symlink_to("nowhere"), "No such file or directory"),
    "link to null": (lambda path: path.symlink_to("/dev/null"), "but is a device"),
    "circle of links": (circle, "Too many levels of symbolic links"),
    "terabyte": (huge, "bytes, but has more"),
}
