"""Two Adams beside each other: where they agree, the input on which they differ most, and what of it people see."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from ..identity.questions import OF
from ..identity.search import identified
from ..on_demand.judging import distance_in_bounds
from ..on_demand.solver import Solver
from ..subject.subject import Subject
from ..trial.run import Run, run
from ..truth import reference
from ..truth.point import UNSUPPORTED, Point
from ..vectors.answer import Answer
from ..vectors.suite import ListedConvention, Suite
from ..vectors.switches import NEEDS
from ..vectors.vector import Vector, size
from ..vectors.words import Array
from .at_defaults import USUAL, Use, at_defaults, exact, returned

# The largest vectors that are solved for two points.
_LARGEST = 250


class Difference(NamedTuple):
    """The input on which two Adams differ most.

    Fields:
        vector: the golden vector. bounds: how far a parameter is apart, over the largest error of a right Adam.
        step, param, element: where. one, other: the numbers there.
    """

    vector: Vector
    bounds: float
    step: int
    param: int
    element: int
    one: float
    other: float


class Contrast(NamedTuple):
    """Two Adams.

    Fields:
        agree: axis -> the value of both. differ: axis -> their values. alone: likewise, where one is unsupported.
        most: the input on which they differ most; None where no vector tells them apart.
        bits: in how many vectors subjects return the same bits, of how many; None for conventions.
        uses: at defaults.
    """

    agree: dict[str, str]
    differ: dict[str, tuple[str, str]]
    alone: dict[str, tuple[str, str]]
    most: Difference | None
    bits: tuple[int, int] | None
    uses: list[Use]


def conventions(one: ListedConvention, other: ListedConvention, suite: Suite) -> Contrast:
    """Two named conventions, in exact arithmetic."""
    points = [Point.of(named.axes, named.arithmetics[0]) for named in (one, other)]
    most: Difference | None = None
    for found in told(one, other, suite, Solver()):
        most = _larger(most, found)
    switches = {switch for switch, axis in NEEDS.items() if _both_have(axis, one, other)}
    uses = at_defaults(exact(points[0]), exact(points[1]), switches=switches)
    return Contrast(*_axes(one.axes, other.axes), most, None, uses)


def told(
    one: ListedConvention, other: ListedConvention, suite: Suite, solver: Solver
) -> Iterator[Difference]:
    """How each vector that is about what both conventions have tells them apart, where it does."""
    both = {switch for switch, axis in NEEDS.items() if _both_have(axis, one, other)}
    if one.axes["epsilon"] == other.axes["epsilon"] == "both":
        both |= {"epsilon_root"}
    for vector in suite.vectors:
        plain = vector.level == "core" and not vector.relation and size(vector) <= _LARGEST
        sparse = "sparse" not in vector.features or _both_have("sparse", one, other)
        if (
            plain
            and sparse
            and set(vector.switches) <= both
            and (found := _told(vector, [one, other], solver))
        ):
            yield found


def subjects(one: Subject, other: Subject, suite: Suite) -> Contrast:
    """Two subjects, by what they return; their axes are those of `identify`."""
    core = [vector for vector in suite.vectors if vector.level == "core"]
    runs = [(run(one, vector), run(other, vector)) for vector in core]
    points = [identified([pair[at] for pair in runs], suite).convention for at in (0, 1)]
    ran = [
        pair
        for pair in runs
        if all(found.status == "ran" for found in pair) and pair[0].vector.dtype != "float16"
    ]
    most: Difference | None = None
    same = 0
    for pair in ran:
        found = _returned(pair)
        same += found is None
        most = _larger(most, found)
    switches = {switch for switch in USUAL if not one.lacks([switch]) and not other.lacks([switch])}
    uses = at_defaults(returned(one), returned(other), switches=switches)
    return Contrast(*_axes(*points), most, (same, len(ran)), uses)


def _both_have(axis: str, one: ListedConvention, other: ListedConvention) -> bool:
    return UNSUPPORTED not in (one.axes[axis], other.axes[axis])


def _axes(
    one: Mapping[str, str], other: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, tuple[str, str]], dict[str, tuple[str, str]]]:
    agree, differ, alone = {}, {}, {}
    for axis in reference.AXES:
        pair = one.get(axis, "?"), other.get(axis, "?")
        of = [side.get(OF.get(axis, ""), "") for side in (one, other)]
        if "?" in pair or "unsupported" in of:
            continue
        if pair[0] == pair[1]:
            agree[axis] = pair[0]
        elif "unsupported" in pair:
            alone[axis] = pair
        else:
            differ[axis] = pair
    return agree, differ, alone


def _larger(one: Difference | None, other: Difference | None) -> Difference | None:
    """The larger difference; of two that nobody can miss, the one in the smaller vector."""
    if one is None or other is None:
        return one or other
    return max(one, other, key=lambda found: (min(found.bounds, 1e6), -size(found.vector)))


def _told(vector: Vector, conventions: list[ListedConvention], solver: Solver) -> Difference | None:
    """How a vector tells two points apart, if it does."""
    asked, most = solver.problem(vector), None
    own, others_own = (
        solver.awake(vector, named.axes, named.arithmetics[0]) for named in conventions
    )
    if own == others_own:
        return None
    try:
        here, there = asked.solve(own), asked.solve(others_own)
    except ValueError:
        return None
    if here.raising != there.raising:
        call = min(set(here.raising) ^ set(there.raising))
        return Difference(vector, float("inf"), call, 0, 0, np.nan, np.nan)
    for row, (ones, others) in enumerate(zip(here.states, there.states, strict=True)):
        for at, (one, other) in enumerate(zip(ones, others, strict=True)):
            ratios = distance_in_bounds(one, other)
            if ratios.any():
                element = int(np.argmax(ratios))
                numbers = float(one.memory.param[element]), float(other.memory.param[element])
                found = Difference(
                    vector, float(ratios[element]), vector.after[row], at, element, *numbers
                )
                most = found if most is None or found.bounds > most.bounds else most
    return most


def _returned(pair: tuple[Run, Run]) -> Difference | None:
    """The largest difference of what two subjects returned, in bounds of any answer; None if the bits are the same."""
    one, other = pair
    answers = [found for found in one.vector.answers if found.quantity == "params"]
    most: Difference | None = None
    for row, call in enumerate(one.vector.after):
        if call not in one.snapshots or call not in other.snapshots or not answers:
            continue
        for at, (a, b) in enumerate(
            zip(one.snapshots[call].params, other.snapshots[call].params, strict=True)
        ):
            if np.array_equal(a, b, equal_nan=True):
                continue
            with np.errstate(all="ignore"):
                ratios = np.abs(a.astype(np.float64) - b.astype(np.float64)) / _widest(
                    answers, row, at
                )
            ratios = np.nan_to_num(np.where(a == b, 0, ratios), nan=np.inf)
            for answer in answers:
                if (
                    answer.intervals[row][at].classes is not None
                ):  # elsewhere right Adams differ, too
                    ratios = np.where(answer.intervals[row][at].classes == "interval", ratios, 0)
            if not ratios.any():
                continue
            element = int(np.argmax(ratios))
            numbers = float(a.flat[element]), float(b.flat[element])
            found = Difference(one.vector, float(ratios.flat[element]), call, at, element, *numbers)
            most = found if most is None or found.bounds > most.bounds else most
    return most


def _widest(answers: list[Answer], row: int, at: int) -> Array:
    """The largest bound of any answer."""
    return np.asarray(np.max([answer.intervals[row][at].radius for answer in answers], axis=0))
