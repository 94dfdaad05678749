"""`adamref learn` on the command line: what is typed, and the status that a shell sees."""

import sys

import pytest

from conformance.cli import main
from conformance.teach.learn.exercise import Language, exercises


@pytest.fixture(name="folder")
def folder_fixture(tmp_path, monkeypatch):
    """The current folder, with the first exercise; its module is forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setattr(sys, "path", list(sys.path))
    assert main(["learn", "start", "."]) == 0
    yield tmp_path
    sys.modules.pop("adam01", None)


def test_a_wrong_exercise_ends_with_status_one_and_its_hint_with_none(folder, capsys):
    assert main(["learn", "check"]) == 1
    assert "The smallest input that shows it:" in capsys.readouterr().out
    assert main(["learn", "hint"]) == 0
    assert capsys.readouterr().out == "hint 1 of 3: Look at E3 and E4. E1 and E2 are right.\n"


def test_a_right_exercise_ends_with_status_none_and_writes_the_next(folder, capsys):
    (folder / "adam01.py").write_text(exercises(Language.PYTHON)[0].right(Language.PYTHON))
    assert main(["learn", "check"]) == 0
    assert "wrote adam02.py\n" in capsys.readouterr().out
    assert main(["learn", "show"]) == 0
    assert capsys.readouterr().out.startswith("1 of 12 done\n")


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["start", "."], 2, "adamref: DIR must not have exercises yet, got .;"),
        (
            ["start", "new", "--exercise", "13"],
            2,
            "exercise must be from 1 to 12 in python, got 13",
        ),
        (["start", "new", "--language", "cobol"], 2, "'cobol' is not one of"),
        (
            ["start", "new", "--language", "c", "--command", "./adam"],
            2,
            "--command must be a program, and goes without --language: got --command './adam', "
            "--language c",
        ),
        (["start", "new", "--command", " "], 2, "--command must be a program"),
        (["check", "nowhere"], 3, "adamref: nowhere must be a folder of exercises, but has no"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(arguments, status, message, folder, capsys):
    capsys.readouterr()
    assert main(["learn", *arguments]) == status
    captured = capsys.readouterr()
    assert captured.out == ""
    assert message in captured.err


def test_a_damaged_progress_ends_with_status_three(folder, capsys):
    (folder / "progress.json").write_text("{")
    assert main(["learn", "show"]) == 3
    assert "adamref: progress.json is damaged: " in capsys.readouterr().err
