"""Vectors with other hyperparameters, for an Adam with fixed ones: the oracle answers them on demand."""

from collections.abc import Mapping
from dataclasses import replace

from ..truth.point import Point, supported
from ..truth.problem import Problem
from ..vectors.entries import Entry
from ..vectors.suite import Named, Suite
from ..vectors.vector import Vector, asked, resolved, size
from ..vectors.words import encode_number
from .judging import vector_at

# In elements times steps: larger vectors take too long to be solved anew.
_LARGEST = 1500


def configured(suite: Suite, named: Named, numbers: Mapping[str, float]) -> Suite:
    """Return the vectors of a convention with other ``numbers``, without those that then tell nothing."""
    vectors = []
    for vector in suite.vectors:
        solvable = vector.level == "core" and size(vector) <= _LARGEST
        if solvable and asked(vector, named.axes) and _may_change(vector, numbers):
            changed = _with_numbers(vector, named, numbers)
            if changed is not None:
                vectors.append(changed)
    return replace(suite, vectors=vectors, config=numbers)


def _may_change(vector: Vector, numbers: Mapping[str, float]) -> bool:
    """Return whether a vector has the numbers, is not about their values, and does not scale with them."""
    scheduled = "learning_rate" in numbers and "schedule" in vector.features
    scaled = vector.relation.get("kind") == "scale"
    return not scheduled and not scaled and set(numbers) <= set(vector.numbers)


def _with_numbers(vector: Vector, named: Named, numbers: Mapping[str, float]) -> Vector | None:
    words = {name: encode_number(value) for name, value in numbers.items()}
    # Other betas may have powers that are not exact.
    entry: Entry = {**vector.entry, "config": vector.entry["config"] | words, "kind": "decimal"}
    axes = supported(named.axes)
    answers: list[Entry] = []
    try:
        problem = Problem(entry)
        for code in dict.fromkeys(resolved(code, vector.dtype) for code in named.arithmetics):
            when = {axis: [value] for axis, value in {**axes, "arithmetic": code}.items()}
            solved = vector_at(problem, Point.of(axes, code)).entry["answers"]
            answers += [answer | {"when": when} for answer in solved]
    except ValueError:  # nothing in it can tell right from wrong
        return None
    return Vector(vector.topic, entry | {"answers": answers})
