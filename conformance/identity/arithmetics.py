"""Under which arithmetics the numbers of a subject fit, and what that costs."""

from collections.abc import Collection, Sequence
from itertools import product

from ..on_demand.solver import Solver
from ..trial.run import Run
from ..truth import reference
from ..truth.point import Values, nearest_point
from ..vectors.vector import size

# The largest vectors that are solved at many points.
LARGEST = 300


def arithmetics(
    runs: Sequence[Run], axes: Values, solver: Solver, accepted: Collection[str] = ()
) -> tuple[tuple[str, ...], dict[str, float]]:
    """The arithmetics under which the decimal vectors fit, and what the first of them costs, dtype -> ulps.

    The known ones, ``accepted`` first, by how little room they leave; if none fits, every way to round to binary32 or
    binary64.
    """
    ran = [r for r in runs if r.status == "ran" and not r.vector.dyadic and not r.vector.relation]
    ran = [
        r
        for r in ran
        if r.vector.topic != "rounding"
        and r.vector.dtype != "float16"
        and size(r.vector) <= LARGEST
    ]
    if not ran:
        return (), {}
    ran.sort(key=lambda one: (one.vector.topic != "arithmetic", size(one.vector)))

    def room(code: str) -> float | None:
        """What the bounds leave, or None if something fails."""
        left = 0.0
        for decimal_run in ran:
            one = solver.judge(decimal_run, nearest_point(axes, {}, code))
            if one is not None and one.status in ("failed", "errored"):
                return None
            left -= 0.0 if one is None else one.worst_ratio
        return left

    rooms = {code: room(code) for code in reference.ARITHMETICS}
    if all(found is None for found in rooms.values()):
        rooms = {code: room(code) for code in map("".join, product("ds", repeat=5))}
    codes = sorted(
        (code for code, found in rooms.items() if found is not None),
        key=lambda code: (code not in accepted, rooms[code] or 0.0),
    )
    costs: dict[str, float] = {}
    for one in ran if codes else ():
        dtype = one.vector.dtype
        costs[dtype] = max(
            costs.get(dtype, 0.0),
            solver.rounding_cost(one.vector, nearest_point(axes, {}, codes[0])),
        )
    return tuple(codes), costs
