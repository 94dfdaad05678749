"""Judging on demand: the oracle and the bound answer an input that is in no vector file.

One input goes three steps here. `problem_of` takes it to the oracle, `vector_at` adds the exact
answers at a point, `judge_vector` runs a subject on it and compares. `judge_at` does all three.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Context, Decimal, localcontext

import numpy as np

from ..subject.accuracy import ORDINARY, Accuracy
from ..subject.subject import Subject
from ..trial.compare import compare
from ..trial.comparison import Comparison
from ..trial.run import run
from ..truth.exact_state import ExactState
from ..truth.exact_step import Radius
from ..truth.point import Point
from ..truth.problem import Problem
from ..truth.solution import Solution
from ..vectors.inputs import Inputs
from ..vectors.interval import INTERVAL
from ..vectors.spec import Relation, VectorSpec
from ..vectors.vector import Vector

# Where two conventions are this many bounds apart, no rounding can hide which of them it is.
APART = 1000.0
# More than float64 holds.
_DIGITS = 28


def problem_of(
    inputs: Inputs,
    name: str = "live",
    accuracy: Accuracy = ORDINARY,
    relation: Relation | None = None,
) -> Problem:
    """Return the exact trajectories through ``inputs``, for subjects of an accuracy class."""
    return Problem(VectorSpec(id=name, inputs=inputs, relation=relation), accuracy)


def vector_at(problem: Problem, point: Point) -> Vector:
    """Return the vector of a problem with its answers at one point.

    Raises:
        ValueError: the input cannot tell right from wrong there.
    """
    answers = problem.answers_at(point)
    # Where every bound is as large as the step, a wrong Adam would pass as well.
    if not problem.solve(point).decides:
        raise ValueError(f"{problem.spec.id} must have a decisive element, got none")
    return Vector(problem.spec, answers)


def judge_vector(subject: Subject, vector: Vector) -> Comparison:
    """Run a subject on a vector and compare with the vector's answers, all of which must hold."""
    permitted = vector.within(subject.roundings.by_quantity)
    return compare(run(subject, permitted), permitted.answers)


def judge_at(
    subject: Subject,
    inputs: Inputs,
    points: Sequence[Point],
    relation: Relation | None = None,
) -> list[Comparison]:
    """Run a subject once on one input, and judge the run at each point.

    Returns:
        A comparison for each point; empty if the input cannot tell right from wrong at all of them.
    """
    try:
        problem = problem_of(inputs, accuracy=subject.accuracy, relation=relation)
        vectors = [_permitted_at(problem, point, subject) for point in points]
    except ValueError:
        return []
    # One run: a second one might give other numbers, and hide what the first one showed.
    first = run(subject, vectors[0])
    return [compare(replace(first, vector=vector), vector.answers) for vector in vectors]


def _permitted_at(problem: Problem, point: Point, subject: Subject) -> Vector:
    return vector_at(problem, point).within(subject.roundings.by_quantity)


def failure_margin(comparison: Comparison) -> float:
    """Return how wrong a failure is, in bounds of a parameter; 0 for a pass.

    Infinite if the failure is no matter of numbers, for example an exception or a NaN.
    """
    if not comparison.failed:
        return 0.0
    first = comparison.discrepancy
    if first is None or np.isnan(first.got):
        return float("inf")
    return comparison.worst.get("params", 0.0)


def separation(
    problem: Problem,
    one: Point,
    other: Point,
) -> float:
    """Return how far the parameters are apart at two points, in bounds, where they are farthest.

    Infinite if only one of the points must raise; 0 where a bound is infinite.
    """
    here = problem.solve(one)
    there = problem.solve(other)
    # No number can make up for an exception.
    if here.raising != there.raising:
        return float("inf")
    largest = 0.0
    for state, other_state in paired_states(here, there):
        distances = distance_in_bounds(state, other_state)
        # A parameter may have no elements.
        farthest = float(distances.max(initial=0.0))
        largest = max(largest, farthest)
    return largest


def paired_states(
    one: Solution,
    other: Solution,
) -> Iterator[tuple[ExactState, ExactState]]:
    """Yield the states of each parameter after each answered call, in two solutions."""
    for states, other_states in zip(one.states, other.states, strict=True):
        yield from zip(states, other_states, strict=True)


def distance_in_bounds(one: ExactState, other: ExactState) -> Radius:
    """Return the distance of two exact parameters over the larger bound, element by element.

    0 where one of them is no interval, because right Adams differ there too.
    """
    is_one = one.classes.params == INTERVAL
    is_other = other.classes.params == INTERVAL
    apart = distance(one.memory.param, other.memory.param)
    bound = np.maximum(one.radii.param, other.radii.param)
    # Equal numbers are 0 bounds apart, even with a bound of 0.
    counts = is_one & is_other & (apart != 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = apart / bound
    return np.where(counts, ratios, 0.0)


def distance(one: tuple[Decimal, ...], other: tuple[Decimal, ...]) -> Radius:
    """Return the distance of two exact arrays, element by element, rounded to float64 once."""
    # Subtracted first: float64 numbers as near as these would have no digits left.
    pairs = zip(one, other, strict=True)
    # A subject may have set another context for its own decimals.
    with localcontext(Context(prec=_DIGITS)):
        distances = [abs(a - b) for a, b in pairs]
    return np.array([float(number) for number in distances])
