"""A journal survives a kill at any byte, and goes on only with the run that it belongs to."""

import contextlib
import json
import random

import pytest

from conformance.process.journal import Journal, JournalError
from conformance.process.plain import from_json, to_json

HEADER = {"run": "test", "numbers": [1, 2]}
KEYS = [("a", str(number)) for number in range(3)]


@pytest.fixture(name="path")
def path_fixture(tmp_path):
    path = tmp_path / "journal.jsonl"
    with Journal(path, HEADER) as journal:
        for key in KEYS:
            journal.add(key, {"of": key[1]})
    return path


def test_what_was_written_is_there_again(path):
    with Journal(path, HEADER) as journal:
        assert list(journal) == KEYS
        assert [journal.get(key) for key in KEYS] == [{"of": key[1]} for key in KEYS]
        journal.add(("b",), None)
    with Journal(path, HEADER) as journal:
        assert journal.get(("b",)) is None
        assert len(journal) == 4


def test_a_file_that_was_cut_off_at_any_byte_keeps_its_whole_lines(path):
    content = path.read_bytes()
    for length in range(len(content)):
        path.write_bytes(content[:length])
        whole = content[:length].count(b"\n")
        with Journal(path, HEADER) as journal:
            assert len(journal) == max(whole - 1, 0)
            journal.add(("next",), 1)
        assert all(json.loads(line) for line in path.read_text().splitlines())


def test_a_file_of_another_run_is_refused_and_stays_as_it_is(path):
    before = path.read_bytes()
    with pytest.raises(JournalError, match=r"numbers of this run is \[3\], but was \[1, 2\]"):
        Journal(path, {**HEADER, "numbers": [3]})
    assert path.read_bytes() == before


def test_two_runs_cannot_write_to_one_file(path):
    with Journal(path, HEADER), pytest.raises(JournalError, match="one run at a time"):
        Journal(path, HEADER)


def test_a_damaged_file_ends_in_our_own_error(path):
    content = path.read_bytes()
    draw = random.Random(20141222)
    for _ in range(300):
        damaged = bytearray(content)
        for _ in range(draw.randint(1, 4)):
            damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        path.write_bytes(damaged)
        # Any other exception fails the test.
        with contextlib.suppress(JournalError):
            Journal(path, HEADER).close()


def test_a_folder_is_no_journal(tmp_path):
    with pytest.raises(JournalError, match="it must be a file, but is a folder"):
        Journal(tmp_path, HEADER)


@pytest.mark.parametrize(
    "value", [None, True, 3, "text", 0.1, float("inf"), (1, (2.5, "a")), {("a", "b"): 0.5, "c": ()}]
)
def test_a_plain_value_comes_back_as_it_was(value):
    assert from_json(json.loads(json.dumps(to_json(value)))) == value


@pytest.mark.parametrize("wrong", [{}, {"float": 1}, {"items": 3}, {"items": [[1]]}])
def test_an_object_of_somebody_else_is_no_value(wrong):
    with pytest.raises(ValueError, match="an object must have items or a float|unpack"):
        from_json(wrong)
