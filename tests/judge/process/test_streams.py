"""What is printed cannot change a status, cost a file, or get into a report."""

import json
import os
import subprocess

import pytest

from tests.support.commands import ADAMREF, hostile_module, run_command

ONE = ("--only", "basic.f32.mixed")


def in_shell(line, folder):
    """Run a line of a shell, and return its status and what is on stderr."""
    done = subprocess.run(
        ["bash", "-c", line], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("where", "subject", "status"),
    [
        (">&-", "Right", 0),
        (">/dev/full", "Right", 0),
        ("| true", "Right", 0),
        ("| head -1", "Right", 0),
        ("| grep -q subject", "Right", 0),
        (">&- 2>&-", "Right", 0),
        ("| head -1", "Wrong", 1),
    ],
)
def test_an_output_that_nobody_reads_costs_neither_the_status_nor_a_file(
    where, subject, status, tmp_path
):
    module = hostile_module(tmp_path)
    command = f"{ADAMREF} check {module}:{subject} {' '.join(ONE)} --json report.jsonl"
    found, _ = in_shell(f"{command} {where}; exit ${{PIPESTATUS[0]}}", tmp_path)
    assert found == status
    lines = (tmp_path / "report.jsonl").read_text().splitlines()
    assert [json.loads(line)["type"] for line in lines] == ["header", "vector", "subject"]


@pytest.mark.parametrize("where", [">&-", ">/dev/full"])
def test_a_report_that_stdout_does_not_take_is_an_error(where, tmp_path):
    status, errors = in_shell(f"{ADAMREF} check adamref {' '.join(ONE)} --json - {where}", tmp_path)
    assert status == 3
    assert "stdout could not be written" in errors


def test_a_full_disk_behind_stdout_is_said(tmp_path):
    assert in_shell(f"{ADAMREF} list subjects >/dev/full", tmp_path) == (
        0,
        "adamref: stdout could not be written: No space left on device\n",
    )


@pytest.mark.parametrize("verb", ["check", "identify"])
def test_nothing_that_a_subject_prints_gets_into_a_report_on_stdout(verb, tmp_path):
    subject = f"{hostile_module(tmp_path)}:Prints"
    options = ONE if verb == "check" else ()
    done = run_command(verb, subject, "--json", "-", *options, cwd=tmp_path)
    assert done.returncode == 0
    for by in ("Python", "a descriptor", "a child"):
        assert f"printed by {by}" in done.stderr
    assert "printed" not in done.stdout
    # JSON lines of check, one object of identify.
    assert (
        [json.loads(line) for line in done.stdout.splitlines()]
        if verb == "check"
        else (json.loads(done.stdout))
    )


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_letters_that_stdout_does_not_have_are_replaced(encoding, tmp_path):
    (tmp_path / "greek.py").write_text(
        "def make(params, *numbers):\n    raise ValueError('β₁ \\x1b[2J \\x00 \\ud800')\n",
        encoding="utf-8",
    )
    environment = os.environ | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    done = subprocess.run(
        [str(ADAMREF), "check", "greek:make", *ONE],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    assert b"ValueError: ??" in done.stdout
    assert b"\x1b" not in done.stdout
    assert b"\x00" not in done.stdout


def test_a_message_cannot_control_the_terminal(tmp_path):
    (tmp_path / "loud.py").write_text("raise ValueError('\\x1b[2J\\x07 \\ud800 red')\n")
    done = run_command("check", "loud:make", cwd=tmp_path)
    assert done.returncode == 3
    assert "importing loud failed: ValueError" in done.stderr
    assert not set("\x1b\x07") & set(done.stdout + done.stderr)
