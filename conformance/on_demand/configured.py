"""Vectors with other hyperparameters, for an Adam that has its own baked in: answers by the oracle, on the spot."""

from collections.abc import Mapping
from dataclasses import replace

from ..truth.axes import supported
from ..truth.problem import Problem
from ..vectors.entries import Entry
from ..vectors.suite import Named, Suite
from ..vectors.vector import Vector, asked, resolved, size
from ..vectors.words import encode_number
from .judging import answered

# Larger vectors take too long to be solved anew.
_LARGEST = 1500


def configured(suite: Suite, named: Named, numbers: Mapping[str, float]) -> Suite:
    """The vectors of a convention with other ``numbers``, without those that could not tell right from wrong then."""
    vectors = [
        vector
        for old in suite.vectors
        if asked(old, named.axes)
        and old.level == "core"
        and size(old) <= _LARGEST
        and _keeps(old, numbers)
        if (vector := _with_numbers(old, named, numbers)) is not None
    ]
    return replace(suite, vectors=vectors, config=numbers)


def _keeps(vector: Vector, numbers: Mapping[str, float]) -> bool:
    """Whether a vector has the numbers, is not about other values of them, and is not scaled with them."""
    scheduled = "learning_rate" in numbers and "schedule" in vector.features
    return (
        not scheduled
        and vector.relation.get("kind") != "scale"
        and set(numbers) <= set(vector.numbers)
    )


def _with_numbers(vector: Vector, named: Named, numbers: Mapping[str, float]) -> Vector | None:
    config = vector.entry["config"] | {
        name: encode_number(value) for name, value in numbers.items()
    }
    entry: Entry = {**vector.entry, "config": config, "kind": "decimal"}
    answers: list[Entry] = []
    point = supported(named.axes)
    try:
        problem = Problem(entry)
        for code in dict.fromkeys(resolved(code, vector.dtype) for code in named.arithmetics):
            own = point | {"arithmetic": code}
            one = answered(problem, own)
            when = {axis: [value] for axis, value in own.items()}
            answers += [answer | {"when": when} for answer in one.entry["answers"]]
    except ValueError:  # nothing in it can tell right from wrong
        return None
    return Vector(vector.topic, entry | {"answers": answers})
