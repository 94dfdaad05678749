"""Recorded runs with anything changed: compared, or refused with a sentence; never a crash."""

import io
import json
from random import Random

import pytest
from rich.console import Console

from conformance import check
from conformance.report.diff import compare
from conformance.report.outputs.formats import texts
from conformance.report.recorded import RecordError, read
from conformance.report.results import Options, Results
from conformance.report.screens.diff_table import show
from tests.support.outside_adams import OneAhead, Running
from tests.support.strange_files.mutations import mutated_bytes, mutated_json, read_or_refuse


def recorded_lines(suite):
    """Return the lines of a run of a right and of a wrong Adam, and of one that is missing."""
    reports = [check(make, suite=suite, only="basic.*.mixed") for make in (Running, OneAhead)]
    options = Options(only="basic.*.mixed", config={"beta2": 0.5})
    results = Results(reports, {"gone": "no such module"}, suite.version, options)
    return texts(results, ["json"])["json"].encode().splitlines(keepends=True)


def mutated(lines, random):
    """Return the bytes of a report with one change."""
    kind = random.randrange(10)
    place = random.randrange(len(lines))
    changed = list(lines)
    if kind == 0:
        return mutated_bytes(b"".join(lines), random)
    if kind == 1:
        del changed[place]
    elif kind == 2:
        changed.insert(place, random.choice(lines))
    else:
        changed[place] = mutated_json(json.loads(lines[place]), random) + b"\n"
    return b"".join(changed)


def run_mutants(file, lines, count, seed):
    """Read mutated reports, and compare with the whole one those that are accepted."""
    random = Random(seed)
    file.write_bytes(b"".join(lines))
    whole = read(file)
    refused = 0
    for number in range(count):
        file.write_bytes(mutated(lines, random))
        other, error = read_or_refuse(RecordError, read, file)
        if error:
            refused += 1
            assert str(error).isprintable(), (number, error)
            continue
        for pair in ((whole, other), (other, whole)):
            changes = compare(*pair)
            json.dumps(changes.to_dict(), allow_nan=False).encode()
            # As strict as a terminal.
            stream = io.TextIOWrapper(io.BytesIO(), "utf-8")
            show(Console(file=stream), changes)
    return refused


@pytest.fixture(scope="module", name="lines")
def lines_fixture(suite):
    return recorded_lines(suite)


def test_a_changed_report_is_compared_or_refused_with_a_sentence(tmp_path, lines):
    refused = run_mutants(tmp_path / "report.jsonl", lines, 300, seed=1)
    # Neither is everything refused, nor anything accepted.
    assert 150 < refused < 295
