"""Vectors with new answers by the oracle: for other hyperparameters, or for an accuracy class."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..subject.accuracy import ORDINARY, Accuracy
from ..truth.point import Point, without_unsupported
from ..truth.problem import Problem
from ..vectors.answer import Answer, Axes
from ..vectors.spec import EDITION, VectorSpec
from ..vectors.suite import ListedConvention, Suite
from ..vectors.switches import GROUPS, allows
from ..vectors.vector import Vector, loads_several_t, resolve, size
from .judging import vector_at

# In elements times steps: larger vectors take too long to be solved anew.
_LARGEST = 1500


def with_numbers(
    suite: Suite,
    named: ListedConvention,
    numbers: Mapping[str, float],
    accuracy: Accuracy = ORDINARY,
    storages: Mapping[str, str] | None = None,
) -> Suite:
    """Return the vectors of a convention with other ``numbers``, for an accuracy class.

    A vector that cannot tell right from wrong with them is `undecided`.
    """
    vectors = []
    undecided = []
    axes = {**named.axes, **(storages or {})}
    for vector in suite.vectors:
        if vector.is_about_storage and vector.dtype not in axes:
            continue
        solvable = vector.level == "core" and size(vector) <= _LARGEST
        if solvable and vector.asks(named.axes) and _may_change(vector, numbers):
            changed = _change(vector, axes, named.arithmetics, numbers, accuracy)
            if changed is not None:
                vectors.append(changed)
            else:
                undecided.append(vector)
    return replace(suite, vectors=vectors, config=numbers, undecided=undecided)


def with_inputs(suite: Suite, numbers: Mapping[str, float]) -> Suite:
    """Return the vectors with other ``numbers``, and without answers."""
    vectors = [
        Vector(_changed_spec(vector, numbers), [])
        for vector in suite.vectors
        if size(vector) <= _LARGEST and _may_change(vector, numbers)
    ]
    return replace(suite, vectors=vectors, config=numbers)


def with_answers(suite: Suite, named: ListedConvention) -> Suite:
    """Return the vectors with answers for a convention that has no name.

    Vectors that have an answer keep it. One that is too large, or cannot tell right from wrong,
    stays without.
    """
    vectors = []
    for vector in suite.vectors:
        changed = None
        if _has_all(named.axes, vector) and not vector.asks(named.axes):
            changed = _change(vector, named.axes, named.arithmetics, {}, ORDINARY)
        # Other conventions keep their answers, so that the numbers of one are recognized.
        both = changed and Vector(vector.spec, [*vector.answers, *changed.answers])
        vectors.append(both or vector)
    return replace(suite, vectors=vectors)


def _has_all(axes: Axes, vector: Vector) -> bool:
    """Return whether a convention has everything in a vector that is small enough."""
    if axes["step_scope"] == "optimizer" and loads_several_t(vector):
        return False
    # Under the root epsilon has the unit of a square, and another factor would scale it.
    is_scaled = vector.relation is not None and vector.relation.kind == "scale"
    if is_scaled and axes["epsilon"] in ("inside", "both"):
        return False
    allowed = all(allows(axes, feature) for feature in vector.features)
    return allowed and size(vector) <= _LARGEST


def _may_change(vector: Vector, numbers: Mapping[str, float]) -> bool:
    """Return whether a vector has the numbers and is not about their values."""
    # A schedule sets the learning rate of each call, and a scaled run multiplies epsilon.
    scheduled = "learning_rate" in numbers and "schedule" in vector.features
    scaled = vector.relation is not None and vector.relation.kind == "scale"
    # A group has numbers of its own, which would stay as they are.
    grouped = GROUPS in vector.features
    return not (scheduled or scaled or grouped) and set(numbers) <= set(vector.numbers)


def _change(
    vector: Vector,
    axes: Axes,
    arithmetics: Sequence[str],
    numbers: Mapping[str, float],
    accuracy: Accuracy,
) -> Vector | None:
    spec = _changed_spec(vector, numbers)
    axes = without_unsupported(axes)
    codes = [resolve(code, vector.dtype) for code in arithmetics]
    answers: list[Answer] = []
    try:
        problem = Problem(spec, accuracy)
        # Two arithmetics may be one in this dtype.
        for code in dict.fromkeys(codes):
            when = {axis: [value] for axis, value in axes.items()}
            when["arithmetic"] = [code]
            solved = vector_at(problem, Point.of(axes, code))
            answers += [replace(answer, when=when) for answer in solved.answers]
    except ValueError:  # it cannot tell right from wrong
        return None
    return Vector(spec, answers)


def _changed_spec(vector: Vector, numbers: Mapping[str, float]) -> VectorSpec:
    given = vector.spec.inputs
    inputs = given._replace(
        numbers=_update(given.numbers, numbers),
        switches=_update(given.switches, numbers),
    )
    # Powers of other betas may be inexact, so the answers depend on the arithmetic.
    decimal = vector.spec.decimal or bool(numbers)
    return replace(vector.spec, inputs=inputs, decimal=decimal, edition=EDITION)


def _update(values: Mapping[str, Any], numbers: Mapping[str, float]) -> dict[str, Any]:
    """Return ``values`` with the numbers that they have a name for."""
    return {name: numbers.get(name, value) for name, value in values.items()}
