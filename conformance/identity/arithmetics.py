"""Arithmetics: to which formats a subject may round its scalars, and what that costs."""

from collections.abc import Collection, Sequence
from itertools import product
from typing import NamedTuple

from ..on_demand.solver import Solver
from ..trial.outcomes import RunStatus
from ..trial.run import Run
from ..truth import reference
from ..truth.point import Values, nearest_point
from ..vectors.storage import HALVES
from ..vectors.vector import size
from .topics import LARGEST


class FittingArithmetics(NamedTuple):
    """The arithmetics under which the numbers of a subject fit.

    Fields:
        codes: the best first; empty if none fits, or nothing could tell.
        costs: dtype -> how far the first moves a parameter, in units in the last place.
    """

    codes: tuple[str, ...]
    costs: dict[str, float]


# Topics that are not about arithmetic.
_SILENT = ("rounding", "together")


def fit_arithmetics(
    runs: Sequence[Run],
    axes: Values,
    solver: Solver,
    accepted: Collection[str] = (),
) -> FittingArithmetics:
    """Return the arithmetics under which every decimal vector passes.

    The known ones, ``accepted`` first, then the most common first. If no known one fits, every way
    to round to binary32 or binary64 is tried, and the tightest fit is first.
    """
    telling = _telling_runs(runs)
    if not telling:
        return FittingArithmetics((), {})
    rooms = _rooms(reference.ARITHMETICS, telling, axes, solver)
    # T stands for one of the two letters in each dtype, so these are all.
    if not rooms:
        every_code = ["".join(letters) for letters in product("ds", repeat=5)]
        rooms = _rooms(every_code, telling, axes, solver)
    known = list(reference.ARITHMETICS)
    # Where several fit, how tightly says little: few numbers tell them apart.
    codes = sorted(
        rooms,
        key=lambda code: (
            code not in accepted,
            known.index(code) if code in known else len(known),
            rooms[code],
        ),
    )
    costs: dict[str, float] = {}
    if codes:
        point = nearest_point(axes, {}, codes[0])
        for run in telling:
            dtype = run.vector.dtype
            cost = solver.rounding_cost(run.vector, point)
            costs[dtype] = max(costs.get(dtype, 0.0), cost)
    return FittingArithmetics(tuple(codes), costs)


def _telling_runs(runs: Sequence[Run]) -> list[Run]:
    """Return the runs that can tell arithmetics apart, the quickest to decide first."""
    telling = []
    for run in runs:
        vector = run.vector
        # Vectors of `rounding` come near the bound in one arithmetic only, and those of `together`
        # in whichever has the smaller one.
        tells = not vector.dyadic and not vector.relation and vector.topic not in _SILENT
        small = size(vector) <= LARGEST and vector.dtype not in HALVES
        if run.status == RunStatus.RAN and tells and small:
            telling.append(run)
    return sorted(telling, key=lambda run: (run.vector.topic != "arithmetic", size(run.vector)))


def _rooms(
    codes: Collection[str],
    runs: Sequence[Run],
    axes: Values,
    solver: Solver,
) -> dict[str, float]:
    """Return how much of the bounds each arithmetic leaves, of those under which nothing fails."""
    rooms = {}
    for code in codes:
        point = nearest_point(axes, {}, code)
        room = 0.0
        for run in runs:
            comparison = solver.judge(run, point)
            # One failure is enough, and so is a division by zero in this arithmetic alone. The
            # loop's else is for an arithmetic without any.
            if comparison is None or comparison.failed:
                break
            room -= comparison.worst_ratio
        else:
            rooms[code] = room
    return rooms
