"""The lessons of learn.json, explained like vectors: each of their runs a page.

For example, `adamref explain learn.epsilon-hat` shows one step by the paper, and by epsilon-hat.
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..vectors.files import default_directory
from ..vectors.reading import read_spec
from ..vectors.suite import Suite
from ..vectors.vector import Vector
from .explain.question import StepQuestion, question_of

_FILE = "learn.json"


class RunOfLesson(NamedTuple):
    """One run of a lesson.

    Fields:
        says: what is to be seen.
        convention: a name, and changes after commas.
        storage: dtype -> how halves are kept.
    """

    says: str
    convention: str
    storage: Mapping[str, str]

    def question(self, suite: Suite, vector: Vector) -> StepQuestion:
        """Return the question that the run answers."""
        return question_of(suite, vector, self.convention, None, self.storage)


class ReadLesson(NamedTuple):
    """A lesson: the inputs as a vector, and its runs."""

    vector: Vector
    runs: tuple[RunOfLesson, ...]


def lessons() -> dict[str, ReadLesson]:
    """Return id -> lesson."""
    content = json.loads((default_directory() / _FILE).read_text("utf-8"))
    return {entry["id"]: _read(entry) for entry in content["lessons"]}


def _read(entry: Mapping[str, Any]) -> ReadLesson:
    # A lesson has the inputs of a vector, and says less of where they are from.
    calls = range(1, len(entry["steps"]) + 1)
    vector = {
        **entry,
        "axes": {},
        "why": entry["idea"],
        "flags": [],
        "source": _FILE,
        "after": list(calls),
        "kind": "dyadic",
    }
    runs = tuple(_run(run, entry["dtype"]) for run in entry["runs"])
    return ReadLesson(Vector(read_spec(vector)), runs)


def _run(run: Mapping[str, Any], dtype: str) -> RunOfLesson:
    changes = [f"{axis}={value}" for axis, value in run.get("axes", {}).items()]
    storage = {dtype: run["storage"]} if "storage" in run else {}
    return RunOfLesson(run["says"], ",".join([run["convention"], *changes]), storage)
