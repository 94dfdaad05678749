"""Built-in numbers: hyperparameters that a subject does not take from its arguments."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product

from ..on_demand.configured import with_inputs
from ..on_demand.solver import Solver
from ..trial.run import Run
from ..vectors.vector import Vector, size
from .case import Case
from .explanation import Explanation, Kind

# What people build in, the most common first.
_USUAL = {
    "learning_rate": (1e-3, 1e-2, 1e-4, 3e-4, 2e-3, 0.1),
    "beta1": (0.9, 0.95, 0.8, 0.99),
    "beta2": (0.999, 0.99, 0.95, 0.98, 0.9, 0.9999),
    "epsilon": (1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-10, 1e-12, 1e-15),
}
# All scalars in binary64, and all in binary32.
_CODES = ("ddddd", "sssss")
# So many runs must fit.
_MOST_RUNS = 4


def built_in_numbers(case: Case) -> Explanation | None:
    """What it returns does not depend on a hyperparameter."""
    ignored = [name for name in case.ignored if name in _USUAL]
    if not ignored:
        return None
    remark = f"what it returns does not depend on {' and '.join(ignored)}"
    runs = _plain_runs(case)
    for code, numbers in product(_CODES, _usual_numbers(ignored)):
        if _fits(case, runs, numbers, code):
            given = ",".join(f"{name}={number!r}" for name, number in numbers.items())
            remark += f"; it fits {given}, so judge it with --config {given}"
            return Explanation(kind=Kind.BUILT_IN, remark=remark)
    remark += "; if it is fixed in the subject, judge it with --config"
    return Explanation(kind=Kind.BUILT_IN, remark=remark)


def _usual_numbers(names: Sequence[str]) -> Iterator[dict[str, float]]:
    for numbers in product(*(_USUAL[name] for name in names)):
        yield dict(zip(names, numbers, strict=True))


def _fits(case: Case, runs: Sequence[Run], numbers: Mapping[str, float], code: str) -> bool:
    solver = Solver()
    compared = 0
    for one in runs:
        (changed,) = with_inputs(replace(case.suite, vectors=[one.vector]), numbers).vectors
        point = solver.awake(changed, case.convention.axes, code)
        comparison = solver.judge(replace(one, vector=changed), point)
        if comparison is not None and comparison.failed:
            return False
        compared += comparison is not None
    return compared > 0


def _plain_runs(case: Case) -> list[Run]:
    """Return the smallest runs of plain vectors with some steps."""
    plain = [one for one in case.judged.runs if _is_plain(one.vector) and one.snapshots]
    return sorted(plain, key=lambda one: size(one.vector))[:_MOST_RUNS]


def _is_plain(vector: Vector) -> bool:
    several = len(vector.calls) > 2
    return several and vector.dtype != "float16" and vector.features == {vector.dtype}
