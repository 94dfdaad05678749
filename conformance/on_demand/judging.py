"""Answers on the spot: what the oracle and the bound say of an input that no file has."""

from typing import Any

import numpy as np

from ..subject.subject import Subject
from ..trial.compare import Comparison, compare
from ..trial.run import run
from ..truth.axes import Point
from ..truth.exact_state import Known
from ..truth.exact_step import Radius
from ..truth.problem import Problem
from ..vectors.classes import INTERVAL
from ..vectors.entries import written
from ..vectors.inputs import Inputs
from ..vectors.vector import Vector

# Where two conventions are this many bounds apart no rounding can hide which it is.
APART = 1000.0


def problem(inputs: Inputs, name: str = "live") -> Problem:
    """The exact trajectories through ``inputs``."""
    return Problem(written(name, inputs, {}))


def answered(asked: Problem, point: Point, topic: str = "live") -> Vector:
    """The vector with its answers at one point of the axes.

    Raises:
        ValueError: the input cannot tell right from wrong there.
    """
    entry = asked.entry | {"answers": asked.answers_at(point)}
    if not asked.solve(point).decides:
        raise ValueError(f"{entry['id']} must have a decisive element, got none")
    return Vector(topic, entry)


def judged(subject: Subject, inputs: Inputs, point: Point) -> Comparison:
    """A subject on one input, judged at one point of the axes.

    Raises:
        ValueError: the input cannot tell right from wrong there.
    """
    vector = answered(problem(inputs), point)
    return compare(run(subject, vector), vector.answers)


def gap(one: Comparison) -> float:
    """How wrong a failure is, in bounds of a parameter: infinite where it is no matter of numbers."""
    if one.status not in ("failed", "errored"):
        return 0.0
    if one.discrepancy is None or np.isnan(one.discrepancy.got):
        return float("inf")
    return one.worst.get("params", 0.0)


def separation(asked: Problem, one: Point, other: Point) -> float:
    """How far parameters are apart at two points of the axes, over the larger bound: the largest of all elements.

    Infinite where one of them must raise and the other must not; 0 where a bound is infinite.
    """
    here, there = asked.solve(one), asked.solve(other)
    if here.raising != there.raising:
        return float("inf")
    rows = zip(here.known, there.known, strict=True)
    return max(
        (float(apart(*pair).max(initial=0.0)) for row in rows for pair in zip(*row, strict=True)),
        default=0.0,
    )


def apart(one: Known, other: Known) -> Radius:
    """How far the elements of a parameter are apart, over the larger bound; 0 where one is no interval."""
    ordinary = (one.classes.params == INTERVAL) & (other.classes.params == INTERVAL)
    distance: Any = np.array(
        [float(abs(a - b)) for a, b in zip(one.memory.param, other.memory.param, strict=True)]
    )
    bound = np.maximum(one.radii.param, other.radii.param)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(ordinary & (distance != 0), distance / bound, 0.0)
