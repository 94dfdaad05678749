"""What a path may lead to: a file, or a link to a file; all else is left as it is."""

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from adamref import Adam, Variable, keras
from adamref.kernels.cpu import FusedAdam
from adamref.kernels.deferred import DeferredTable
from adamref.tf1 import AdamOptimizer


def optimizer(kind):
    """An optimizer that has taken a step, of each class that writes files."""
    if kind is Adam:
        return Adam([np.ones((3, 2), np.float32)])
    if kind in (FusedAdam, DeferredTable):
        start = np.ones((3, 2), np.float32)
        return FusedAdam([start]) if kind is FusedAdam else DeferredTable(start)
    stepped = kind()
    stepped.apply_gradients([(np.ones(2, np.float32), Variable(np.ones(2, np.float32)))])
    return stepped


WRITERS = pytest.mark.parametrize(
    "kind", [Adam, FusedAdam, DeferredTable, keras.Adam, AdamOptimizer], ids=lambda kind: str(kind)
)


def content(folder):
    """The names in a folder, what each is, and the bytes of files."""
    found = {}
    for path in sorted(folder.iterdir()):
        mode = path.lstat().st_mode
        found[path.name] = stat.S_IFMT(mode), path.read_bytes() if stat.S_ISREG(mode) else None
    return found


@WRITERS
def test_a_link_stays_and_the_file_that_it_leads_to_is_replaced(kind, tmp_path):
    (tmp_path / "deep").mkdir()
    target = tmp_path / "deep" / "file"
    target.write_bytes(b"old")
    (tmp_path / "deep" / "near").symlink_to("file")
    link = tmp_path / "link"
    link.symlink_to("deep/near")
    adam = optimizer(kind)
    adam.save(link)
    assert link.readlink() == Path("deep/near")
    assert (tmp_path / "deep" / "near").readlink() == Path("file")
    assert b"sha256" in target.read_bytes()
    assert set(content(tmp_path / "deep")) == {"file", "near"}
    adam.restore(link)


def test_a_link_to_a_file_that_is_not_there_makes_it(tmp_path):
    (tmp_path / "link").symlink_to("new")
    Adam([np.ones(2)]).save(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    Adam([np.zeros(2)]).restore(tmp_path / "new")


def make_pipe(path):
    os.mkfifo(path)


def make_socket(path):
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        # The path of a socket is short.
        os.chdir(path.parent)
        try:
            server.bind(path.name)
        finally:
            os.chdir(here)


def make_device(path):
    # Never a link to a device where a save that is wrong could replace the device itself.
    if not os.access("/dev", os.W_OK):
        path.symlink_to("/dev/zero")
        return
    try:
        os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("a device cannot be made here")


NO_FILES = {
    "folder": (lambda path: path.mkdir(), "path must be a file, got a folder: "),
    "pipe": (make_pipe, "path must be a file, got a pipe: "),
    "socket": (make_socket, "path must be a file, got a socket: "),
    "device": (make_device, "path must be a file, got a device: "),
    "link to a folder": (lambda path: path.symlink_to("."), "must be a file, got a folder: "),
    "circle": (lambda path: path.symlink_to(path.name), "links in a circle|symbolic links"),
}


@pytest.mark.parametrize(("make", "message"), NO_FILES.values(), ids=NO_FILES)
@WRITERS
def test_what_is_no_file_is_neither_replaced_nor_read(kind, make, message, tmp_path):
    path = tmp_path / "path"
    make(path)
    before = content(tmp_path)
    adam = optimizer(kind)
    for call in (adam.save, adam.restore):
        with pytest.raises(OSError, match=message):
            call(path)
    assert content(tmp_path) == before


@pytest.mark.parametrize("path", ["", ".", "..", "/"])
def test_a_folder_by_its_short_name_is_refused(path):
    with pytest.raises(OSError, match="path must be a file, got a folder: "):
        Adam([np.ones(2)]).save(path)


def test_a_folder_that_is_not_there_is_named(tmp_path):
    (tmp_path / "link").symlink_to("nowhere/file")
    for path, folder in ((tmp_path / "link", "nowhere"), (tmp_path / "none" / "file", "none")):
        with pytest.raises(FileNotFoundError, match=f"path must be in a folder .*{folder}'$"):
            Adam([np.ones(2)]).save(path)


SAVE = """
import os, sys
import numpy as np
from adamref import Adam
number = os.open("open", os.O_RDWR)
adam = Adam([np.ones(2)])
for path in ("stdout", "link", "/dev/fd/1", "/proc/self/fd/1", f"/dev/fd/{number}"):
    try:
        adam.save(path)
    except OSError as error:
        print(error, file=sys.stderr)
print("still here")
"""


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="no folder of what is open")
def test_the_file_behind_the_output_of_the_process_is_never_replaced(tmp_path):
    # Links like /dev/stdout. It itself is left alone: a save that is wrong would replace it.
    (tmp_path / "stdout").symlink_to("/proc/self/fd/1")
    (tmp_path / "link").symlink_to("stdout")
    (tmp_path / "open").write_text("kept")
    output = tmp_path / "output"
    with output.open("w") as file:
        inode = output.stat().st_ino
        done = subprocess.run(
            [sys.executable, "-c", SAVE],
            stdout=file,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
            check=True,
        )
    assert done.stderr.count("which leads to what a process has open") == 5
    assert output.read_text() == "still here\n"
    assert output.stat().st_ino == inode
    assert (tmp_path / "open").read_text() == "kept"
    assert set(content(tmp_path)) == {"stdout", "link", "open", "output"}
    assert (tmp_path / "stdout").readlink() == Path("/proc/self/fd/1")


def test_an_interrupt_leaves_the_old_file_and_no_hidden_one(tmp_path, monkeypatch):
    path = tmp_path / "adam.safetensors"
    adam = Adam([np.ones(3)])
    adam.save(path)
    before = content(tmp_path)

    def interrupted(*arguments):
        raise KeyboardInterrupt

    adam.step([np.ones(3)])
    for place in ("os.fsync", "copymode", "Path.replace"):
        with monkeypatch.context() as patched:
            patched.setattr(f"adamref.storage.replacement.{place}", interrupted)
            with pytest.raises(KeyboardInterrupt):
                adam.save(path)
        assert content(tmp_path) == before
