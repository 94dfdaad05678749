"""Recorded runs with anything changed."""

import io
import json

from rich.console import Console

from conformance import check
from conformance.report.diff import compare
from conformance.report.outputs.formats import texts
from conformance.report.recorded import RecordError
from conformance.report.recorded import read as read_report
from conformance.report.results import Options, Results
from conformance.report.screens.diff_table import show
from conformance.vectors import files
from tests.support.outside_adams import OneAhead

from .loaders import Loader
from .mutations import mutated_file, mutated_json


def recorded_lines():
    """Return the lines of a run of a wrong Adam, and of one that is missing."""
    suite = files.load()
    reports = [check(make, suite=suite, only="basic.f32.mixed") for make in (OneAhead,)]
    options = Options(only="basic.f32.mixed", config={"beta2": 0.5})
    results = Results(reports, {"gone": "no such module"}, suite.version, options)
    return texts(results, ["json"])["json"].encode().splitlines(keepends=True)


def mutated(lines, random):
    """Return the bytes of a report with one change."""
    kind = random.randrange(10)
    place = random.randrange(len(lines))
    changed = list(lines)
    if kind == 0:
        return mutated_file(b"".join(lines), random)
    if kind == 1:
        del changed[place]
    elif kind == 2:
        changed.insert(place, random.choice(lines))
    else:
        changed[place] = mutated_json(json.loads(lines[place]), random) + b"\n"
    return b"".join(changed)


def prepare(folder):
    """Return the lines of a report, and what is read of it."""
    path = folder / "whole.jsonl"
    lines = recorded_lines()
    path.write_bytes(b"".join(lines))
    return lines, read_report(path)


def write(prepared, folder, random):
    path = folder / "report.jsonl"
    path.write_bytes(mutated(prepared[0], random))
    return path


def read(_prepared, path):
    return read_report(path)


def use(prepared, other):
    """Compare with the whole report, in both directions."""
    whole = prepared[1]
    for pair in ((whole, other), (other, whole)):
        changes = compare(*pair)
        json.dumps(changes.to_dict(), allow_nan=False).encode()
        # As strict as a terminal.
        stream = io.TextIOWrapper(io.BytesIO(), "utf-8")
        show(Console(file=stream), changes)


REPORTS = Loader(
    name="recorded report",
    prepare=prepare,
    write=write,
    read=read,
    error=RecordError,
    use=use,
    share=100,
    used=200,
    refused=(0.5, 0.99),
)
