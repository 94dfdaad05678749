"""A search that was ended goes on to the same result, and says what it has found until then."""

import os
import re

import pytest

from tests.support.commands import hostile_module, run_command

SUBJECT = """
import os
import signal
from pathlib import Path

from hostile import Right, Wrong

NOTE = Path(__file__).with_name("note")


class Ends(Right):
    made = 0

    def __init__(self, *arguments):
        super().__init__(*arguments)
        Ends.made += 1
        if Ends.made == 15 and not NOTE.exists():
            NOTE.write_text("")
            os.kill(os.getpid(), getattr(signal, os.environ.get("SIGNAL", "SIGKILL")))
"""


def fuzz(folder, *arguments, **options):
    return run_command("fuzz", "mine:Ends", "--examples", "6", *arguments, cwd=folder, **options)


@pytest.fixture(name="folder")
def folder_fixture(tmp_path):
    hostile_module(tmp_path)
    (tmp_path / "mine.py").write_text(SUBJECT)
    return tmp_path


def test_a_search_that_was_killed_goes_on_to_the_same_result(folder):
    assert fuzz(folder, "--resume", "search.jsonl").returncode == 3
    passed = (folder / "search.jsonl").read_text().count("\n") - 1
    assert 0 < passed < 24
    resumed = fuzz(folder, "--resume", "search.jsonl")
    assert resumed.returncode == 0
    assert resumed.stdout == fuzz(folder).stdout
    refused = fuzz(folder, "--resume", "search.jsonl", "--seed", "1")
    assert refused.returncode == 3
    assert "seed of this run is 1, but was 0" in refused.stderr


def test_a_signal_tells_how_many_inputs_had_no_failure(folder):
    ended = fuzz(folder, env=os.environ | {"SIGNAL": "SIGTERM"})
    assert ended.returncode == 143
    assert re.match(r"mine:Ends: no failure so far; \d+ inputs \(\d+ supported\)", ended.stdout)
    assert ended.stderr.endswith("adamref: interrupted\n")
