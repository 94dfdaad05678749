"""The progress of a learner survives what may happen to a file, or the error says the way out."""

import json

import pytest

from conformance.process.files import WriteError
from conformance.teach.learn.exercise import Language
from conformance.teach.learn.progress import FILE, CourseProgress, ProgressError, read_progress

WHOLE = {"format": 1, "language": "c", "exercise": 3, "hints": 2, "command": ""}


@pytest.mark.parametrize(
    "progress",
    [
        CourseProgress(language=Language.PYTHON),
        CourseProgress(language=Language.C, exercise=9, hints=3),
        CourseProgress(language=Language.OWN, command="./adam --fast"),
    ],
)
def test_what_is_saved_is_read_again(progress, tmp_path):
    progress.save(tmp_path)
    assert read_progress(tmp_path) == progress
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": 2}, "format must be 1, got 2"),
        ({"language": "cobol"}, "language must be one of python, c, js, own, got 'cobol'"),
        ({"language": ["c"]}, r"language must be one of .*, got \['c'\]"),
        ({"exercise": 0}, "exercise must be a count from 1 to 9, got 0"),
        ({"exercise": 10}, "exercise must be a count from 1 to 9, got 10"),
        ({"exercise": "3"}, "exercise must be a count from 1 to 9, got '3'"),
        ({"exercise": True}, "exercise must be a count from 1 to 9, got True"),
        ({"hints": -1}, "hints must be a count from 0 to .*, got -1"),
        ({"command": "./adam"}, "command must be a text for the language own, got './adam'"),
        ({"language": "own"}, "command must be a text for the language own, got ''"),
        ({"more": 1}, "it must have command, exercise, format, hints, language, got"),
    ],
)
def test_a_progress_that_makes_no_sense_is_damaged(changes, message, tmp_path):
    (tmp_path / FILE).write_text(json.dumps(WHOLE | changes))
    with pytest.raises(ProgressError, match=f"is damaged: {message}.*--exercise N"):
        read_progress(tmp_path)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b"\xff", b'{"format": 1.5}', json.dumps(WHOLE).encode()[:40]],
)
def test_a_file_that_was_cut_off_or_is_something_else_is_damaged(content, tmp_path):
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(ProgressError, match=r"progress\.json is damaged: .*; delete it"):
        read_progress(tmp_path)


def test_a_folder_without_progress_says_how_to_start(tmp_path):
    with pytest.raises(ProgressError, match=r"has no progress\.json; `adamref learn start DIR`"):
        read_progress(tmp_path)


def test_what_is_no_file_cannot_be_read(tmp_path):
    (tmp_path / FILE).mkdir()
    with pytest.raises(ProgressError, match="cannot be read: it must be a file, but is a folder"):
        read_progress(tmp_path)


def test_a_progress_that_cannot_be_written_leaves_the_old_one(tmp_path):
    old = CourseProgress(language=Language.PYTHON, exercise=2)
    old.save(tmp_path)
    with pytest.raises(WriteError, match="could not be written|must be a file in an existing"):
        old.save(tmp_path / "missing")
    assert read_progress(tmp_path) == old
