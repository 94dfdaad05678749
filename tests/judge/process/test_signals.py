"""A signal at any moment leaves a status, whole files, and no process.

`ADAMREF_MOMENTS=10 pytest tests/judge/process/test_signals.py` tries more moments.
"""

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import tomllib
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from conformance.cli import cli
from tests.support.commands import ADAMREF, hostile_module
from tests.support.paths import ROOT

MOMENTS = int(os.environ.get("ADAMREF_MOMENTS", "1"))
SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGKILL")
ONE = ("--only", "basic.f32.mixed")
COMMANDS = {
    "check": ("hostile:Right", "hostile:Wrong", *ONE, "--json", "report.jsonl", "--junit", "r.xml"),
    "compare": ("paper", "torch"),
    "explain": ("basic.f32.mixed", "--markdown", "page.md"),
    "export": ("questions", *ONE),
    "fuzz": ("hostile:Wrong", "--examples", "50", "--save", "vector.json"),
    "identify": ("hostile:Right", "--json", "identity.json"),
    "init": ("pytest", "project"),
    "learn check": ("exercises",),
    "learn hint": ("exercises",),
    "learn show": ("exercises",),
    "learn start": ("started",),
    "list": ("vectors",),
    "plot": ("sparse-rows", "--output", "picture.svg"),
    "report diff": ("old.jsonl", "old.jsonl"),
    "report schema": (),
    "serve": ("hostile:Right",),
    "selftest": ("--json", "score.json", "-j", "2"),
    "vectors check": (),
    "vectors copy": ("vendor",),
    "waivers update": ("hostile:Wrong", "--waivers", "waivers.toml"),
}
# The file -> a function that raises if its content is not whole.
READERS = {
    "report.jsonl": lambda text: [json.loads(line) for line in text.splitlines()][-1]["verdict"],
    "r.xml": ElementTree.fromstring,
    "vector.json": json.loads,
    "identity.json": json.loads,
    "score.json": json.loads,
    "picture.svg": ElementTree.fromstring,
    # Its last line is the last equation of the last element.
    "page.md": lambda text: text.rsplit("| E5 | param |")[1],
    "waivers.toml": tomllib.loads,
}
# A signal is sent within so many seconds, and a process may end so many seconds later.
LONGEST = 3.0
PATIENCE = 30.0


def verbs(group, path=()):
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from verbs(command, (*path, name))
        else:
            yield " ".join((*path, name))


def test_every_verb_is_tried():
    assert sorted(verbs(cli)) == sorted(COMMANDS)


@pytest.fixture(name="folder", scope="module")
def folder_fixture(tmp_path_factory):
    """A folder with subjects, a recorded run and an old file of each name."""
    folder = tmp_path_factory.mktemp("signals")
    hostile_module(folder)
    command = [str(ADAMREF), "check", "adamref", *ONE, "--json", "old.jsonl"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    # The exercise that is judged by the fewest vectors.
    command = [str(ADAMREF), "learn", "start", "exercises", "--exercise", "12"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    (folder / "waivers.toml").write_text("# old\n")
    for name in READERS:
        if name != "waivers.toml":
            (folder / name).write_text("old")
    return folder


def seconds_of(command, folder):
    """Return how long the whole command takes, at most LONGEST."""
    started = time.perf_counter()
    with start(command, folder, "whole") as process:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(LONGEST)
        process.terminate()
    return time.perf_counter() - started


def start(command, folder, mark):
    return subprocess.Popen(
        command,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        # A mark by which every process that it starts is found.
        env=os.environ | {"ADAMREF_TEST_MARK": mark},
    )


def alive(mark):
    """Return the processes that still run with a mark in their environment."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if f"ADAMREF_TEST_MARK={mark}".encode() in (entry / "environ").read_bytes():
                state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
                # A zombie has ended; its parent has only not asked for its status.
                if entry.name.isdigit() and state != "Z":
                    found.append(entry.name)
    return found


def check_files(folder, original, killed=False):
    """Raise unless every file is old or whole, and nothing hidden is left; restore the folder."""
    names = {path.name for path in folder.iterdir()}
    # Hypothesis has a folder of its own.
    assert not {name for name in names if name.startswith(".")} - {".hypothesis"}
    for name, read in READERS.items():
        text = (folder / name).read_text()
        if text != original[name]:
            read(text)
            (folder / name).write_text(original[name])
    json.loads((folder / "exercises/progress.json").read_text())
    for name in ("vendor", "project", "started"):
        if (folder / name).exists():
            present = {path.name for path in (folder / name).iterdir()}
            whole = {path.name for path in (ROOT / "vectors").iterdir()}
            if name == "project":
                whole = {"adam_subject.py", "test_adam_conformance.py"}
            if name == "started":
                # It goes on where it was begun, with the files that are there.
                whole = {"README.md", "adam01.py", "learn.json", "progress.json"}
                assert present <= whole
                present = set()
            shutil.rmtree(folder / name)
            # Only what cannot be caught may leave one of two whole files.
            assert present in (whole, set()) or (killed and name == "project" and present < whole)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are found in /proc")
@pytest.mark.parametrize("verb", [*COMMANDS, "generate"])
def test_a_signal_leaves_a_status_whole_files_and_no_process(verb, folder):
    command = [str(ADAMREF), *verb.split(), *COMMANDS.get(verb, ())]
    if verb == "generate":
        command = [sys.executable, "-m", "conformance.generate", "--check"]
    original = {name: (folder / name).read_text() for name in READERS}
    seconds = seconds_of(command, folder)
    check_files(folder, original)
    for name in SIGNALS:
        number = getattr(signal, name)
        # The status of the whole command, of a command that was told to end, and of a Python that
        # was told before it ran a line of ours.
        is_wrong = verb == "learn check" or "hostile:Wrong" in command
        expected = {int(is_wrong and verb != "waivers update")}
        expected |= {128 + number, -number}
        for moment in range(MOMENTS):
            mark = f"{os.getpid()}.{verb}.{name}.{moment}"
            delay = random.uniform(0, seconds)
            with start(command, folder, mark) as process:
                time.sleep(delay)
                process.send_signal(number)
                process.wait(PATIENCE)
                errors = process.stderr.read().decode()
            what = f"{name} after {delay:.3f} s: {errors}"
            # Python itself, not ours, ends so if an interrupt comes while it starts.
            if "Fatal Python error" not in errors:
                assert process.returncode in expected, what
            until = time.monotonic() + PATIENCE
            while alive(mark) and time.monotonic() < until:
                time.sleep(0.02)
            assert not alive(mark), what
            check_files(folder, original, killed=name == "SIGKILL")
