"""Differences of two Adams in golden vectors: the elements that lie furthest apart."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from ..on_demand.judging import distance_in_bounds
from ..on_demand.solver import Solver
from ..trial.run import Run
from ..truth.exact_state import ExactState
from ..truth.point import UNSUPPORTED
from ..vectors.answer import Answer
from ..vectors.interval import Floats
from ..vectors.suite import ListedConvention, Suite
from ..vectors.switches import NEEDS
from ..vectors.vector import Vector, size
from ..vectors.words import Array

# The largest vectors that are solved for two points: elements times steps.
_LARGEST = 250
# Two differences above this many bounds are alike; then the smaller vector is easier to read.
_UNMISTAKABLE = 1e6


class ConventionDifference(NamedTuple):
    """One element at which two Adams differ.

    Attributes:
        vector: the golden vector.
        bounds: the distance of the two numbers over the largest error of a right Adam.
        step, param, element: the call from 1, the parameter, the index into its flat array.
        first, second: the numbers of the two Adams.
    """

    vector: Vector
    bounds: float
    step: int
    param: int
    element: int
    first: float
    second: float


def differences(
    first: ListedConvention,
    second: ListedConvention,
    suite: Suite,
    solver: Solver,
) -> Iterator[ConventionDifference]:
    """Yield the largest difference in each vector that tells two conventions apart.

    Only vectors about features that both conventions have are tried.
    """
    for vector in suite.vectors:
        # A relation compares two runs of one Adam, and says nothing about another Adam.
        if vector.level != "core" or vector.relation or size(vector) > _LARGEST:
            continue
        if not _both_are_asked(vector, first, second):
            continue
        difference = _difference_of_conventions(vector, first, second, solver)
        if difference is not None:
            yield difference


def _both_are_asked(vector: Vector, first: ListedConvention, second: ListedConvention) -> bool:
    """Return whether a vector turns on nothing that one of the conventions lacks."""
    switches = {switch for switch, axis in NEEDS.items() if both_have(axis, first, second)}
    if first.axes["epsilon"] == second.axes["epsilon"] == "both":
        switches.add("epsilon_root")
    if "sparse" in vector.features and not both_have("sparse", first, second):
        return False
    return set(vector.switches) <= switches


def both_have(axis: str, first: ListedConvention, second: ListedConvention) -> bool:
    """Return whether two conventions have the feature that an axis is about."""
    return UNSUPPORTED not in (first.axes[axis], second.axes[axis])


def larger(
    known: ConventionDifference | None,
    new: ConventionDifference | None,
) -> ConventionDifference | None:
    """Return the larger difference; of two that nobody can miss, the one in the smaller vector."""
    if known is None or new is None:
        return known or new

    def rank(difference: ConventionDifference) -> tuple[float, int]:
        return min(difference.bounds, _UNMISTAKABLE), -size(difference.vector)

    return max(known, new, key=rank)


def _difference_of_conventions(
    vector: Vector,
    first: ListedConvention,
    second: ListedConvention,
    solver: Solver,
) -> ConventionDifference | None:
    """Return the largest difference of two conventions in one vector, if there is any."""
    problem = solver.problem(vector)
    points = [
        solver.awake(vector, convention.axes, convention.arithmetics[0])
        for convention in (first, second)
    ]
    # Both do the same in this vector: what they differ in cannot matter to it.
    if points[0] == points[1]:
        return None
    try:
        solutions = [problem.solve(point) for point in points]
    except ValueError:  # no number is right at one of the points, as with 0 / 0
        return None
    # First the calls: an exception differs from a number more than any two numbers.
    raising = [set(solution.raising) for solution in solutions]
    if raising[0] != raising[1]:
        call = min(raising[0] ^ raising[1])
        return ConventionDifference(vector, float("inf"), call, 0, 0, np.nan, np.nan)
    # Then the exact parameters after each answered call.
    largest: ConventionDifference | None = None
    for row, states in enumerate(zip(solutions[0].states, solutions[1].states, strict=True)):
        for param, pair in enumerate(zip(*states, strict=True)):
            ratios = distance_in_bounds(*pair)
            numbers = [_exact_parameter(state) for state in pair]
            difference = _largest_element(vector, vector.after[row], param, ratios, numbers)
            largest = _larger_in_bounds(largest, difference)
    return largest


def _exact_parameter(state: ExactState) -> Array:
    return np.array([float(number) for number in state.memory.param])


def difference_of_runs(first: Run, second: Run) -> ConventionDifference | None:
    """Return the largest difference of two subjects in one vector; None if the bits are the same.

    It is measured in bounds of the answer that permits most.
    """
    vector = first.vector
    answers = [answer for answer in vector.answers if answer.quantity == "params"]
    largest: ConventionDifference | None = None
    for row, call in enumerate(vector.after):
        # A call that raised left nothing to compare.
        if call not in first.snapshots or call not in second.snapshots or not answers:
            continue
        pairs = zip(first.snapshots[call].params, second.snapshots[call].params, strict=True)
        for param, pair in enumerate(pairs):
            if np.array_equal(*pair, equal_nan=True):
                continue
            ratios = _ratios_of_runs(*pair, answers, row, param)
            difference = _largest_element(vector, call, param, ratios, pair)
            largest = _larger_in_bounds(largest, difference)
    return largest


def _ratios_of_runs(
    first: Array,
    second: Array,
    answers: Sequence[Answer],
    row: int,
    param: int,
) -> Floats:
    # Which convention the subjects follow is open, so the answer that permits most decides.
    intervals = [answer.intervals[row][param] for answer in answers]
    widest = np.max([interval.radius for interval in intervals], axis=0)
    with np.errstate(all="ignore"):
        distance = np.abs(first.astype(np.float64) - second.astype(np.float64))
        ratios = np.where(first == second, 0, distance / widest)
    # A NaN of only one subject, or an infinite bound: as far apart as can be.
    ratios = np.nan_to_num(ratios, nan=np.inf)
    for interval in intervals:
        # Where some answer is no interval, right Adams differ too.
        if interval.classes is not None:
            ratios = np.where(interval.classes == "interval", ratios, 0)
    return ratios


def _largest_element(
    vector: Vector,
    call: int,
    param: int,
    ratios: Floats,
    numbers: Sequence[Array],
) -> ConventionDifference | None:
    """Return the element with the largest ratio, or None if no element differs."""
    if not ratios.any():
        return None
    element = int(np.argmax(ratios))
    first, second = (float(array.flat[element]) for array in numbers)
    bounds = float(ratios.flat[element])
    return ConventionDifference(vector, bounds, call, param, element, first, second)


def _larger_in_bounds(
    known: ConventionDifference | None,
    new: ConventionDifference | None,
) -> ConventionDifference | None:
    """Return the larger difference within one vector; the earlier of two that are equal."""
    if known is None or new is None:
        return known or new
    return new if new.bounds > known.bounds else known
