"""What the suite itself is worth: which wrong Adams it rejects, which right ones it accepts, how far it tells apart."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from multiprocessing import get_context
from typing import Any, NamedTuple

from ..defects import DEFECTS
from ..diagnosis.differences import differences
from ..judge.check import check
from ..on_demand.judging import APART
from ..on_demand.solver import Solver
from ..subject.subject import from_make
from ..trial.compare import compare
from ..trial.run import run
from ..variants.dense import VARIANTS
from ..variants.dense import subject as honest
from ..vectors import files
from ..vectors.suite import Suite
from ..vectors.vector import Vector, size
from .killing import killer
from .mutants import EQUIVALENT, mutants

# Conventions and arithmetics in which right Adams are tried, with what is not as in the paper.
HONEST: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("paper", "outside", "ddddd", {}),
    ("tf1", "hat", "sssss", {}),
    ("torch-adamw", "outside", "ddddd", {"weight_decay": "decoupled"}),
    ("paper-hat", "hat", "ddddd", {}),
    ("torch", "outside", "ddddd", {"weight_decay": "l2"}),
    ("tfkeras", "hat", "sdssT", {"epsilon_zero": 1e-7}),
)
# Vectors of more elements times steps are for few mistakes.
_LARGE = 2000
# How many of them each variant is tried in here; in the tests all.
_EACH = 2
# What the first letter of an entry among the known defects means.
CLASSES = {
    "B": "bugs",
    "C": "other conventions under the name of this one",
    "A": "contract",
    "N": "numerics",
    "S": "sparse gradients",
    "o": "ours",
}
_DTYPES = ("float32", "float64")


class Pair(NamedTuple):
    """Two named conventions, and dtype -> the largest distance in bounds on a dyadic vector; empty if nothing tells."""

    one: str
    other: str
    apart: dict[str, float]


@dataclass(frozen=True)
class Score:
    """What the suite is worth.

    Fields:
        kills: wrong Adam -> the vectors that it fails.
        mutants: generic mutant -> where it fails, or None.
        honest: (right Adam, convention) -> whether it is accepted.
        worst: dtype -> params, m, v -> the largest error over bound of any right Adam.
        pairs: of all named conventions.
        seconds: what it took.
    """

    kills: Mapping[str, tuple[str, ...]]
    mutants: Mapping[str, str | None]
    honest: Mapping[tuple[str, str], bool]
    worst: Mapping[str, Mapping[str, float]]
    pairs: Sequence[Pair]
    seconds: float

    @property
    def survivors(self) -> dict[str, str]:
        """What is wrong and passes, and why."""
        named = {name: "no vector finds it" for name, vectors in self.kills.items() if not vectors}
        missed = [name for name, found in self.mutants.items() if found is None]
        return named | {name: EQUIVALENT.get(name, "no vector finds it") for name in missed}

    @property
    def false_alarms(self) -> list[str]:
        """Right Adams that were rejected."""
        return [
            f"{name} as {convention}"
            for (name, convention), accepted in self.honest.items()
            if not accepted
        ]

    @property
    def alone(self) -> dict[str, int]:
        """Vector -> how many wrong Adams it finds by itself."""
        found = [vector for vectors in self.kills.values() for vector in vectors]
        return {vector: found.count(vector) for vector in dict.fromkeys(found)}

    @property
    def passed(self) -> bool:
        """Whether nothing wrong passes but what is equivalent, and nothing right fails."""
        return not self.false_alarms and all(name in EQUIVALENT for name in self.survivors)


Progress = Callable[[str], object]


def selftest(progress: Progress | None = None, workers: int | None = None) -> Score:
    """Measure the suite that ships.

    Args:
        progress: called with what is being done.
        workers: processes; None is one for each core.
    """
    started = time.perf_counter()
    say = progress or str
    # Not forked: whoever calls this may have threads of its own.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        changed = [mutant.name for mutant in mutants() if mutant.name not in EQUIVALENT]
        combos = [
            (at, HONEST[(at + turn) % len(HONEST)][0])
            for at in range(len(VARIANTS))
            for turn in range(0, _EACH * 3, 3)
        ]
        pending: dict[str, list[Future[Any]]] = {
            "wrong Adams": [pool.submit(_kills, one.name) for one in DEFECTS],
            "right Adams": [pool.submit(_accepts, *combo) for combo in combos],
            "pairs of conventions": [pool.submit(_pairs)],
            "generic mutants": [pool.submit(_killers, changed[at::16]) for at in range(16)],
        }
        done: dict[str, list[Any]] = {}
        for what, tasks in pending.items():
            for at, task in enumerate(tasks):
                say(f"{what}: {at} of {len(tasks)}")
                done.setdefault(what, []).append(task.result())
    worst: dict[str, dict[str, float]] = {dtype: {} for dtype in _DTYPES}
    for _, _, ratios in done["right Adams"]:
        for (dtype, of), ratio in ratios.items():
            worst[dtype][of] = max(worst[dtype].get(of, 0.0), ratio)
    return Score(
        kills=dict(done["wrong Adams"]),
        mutants={name: found for part in done["generic mutants"] for name, found in part}
        | dict.fromkeys(EQUIVALENT),
        honest={name: accepted for name, accepted, _ in done["right Adams"]},
        worst=worst,
        pairs=done["pairs of conventions"][0],
        seconds=time.perf_counter() - started,
    )


@cache
def _suite() -> Suite:
    return files.load()


def _kills(name: str) -> tuple[str, tuple[str, ...]]:
    """The vectors that a wrong Adam fails; of large ones, and of other dtypes than float32, where no other does."""
    subject = from_make(next(one for one in DEFECTS if one.name == name).make)
    named, found = _suite().conventions[str(subject.convention)], list[str]()
    for vector in sorted(_suite().vectors, key=_beside):
        if vector.level == "full" or (found and any(_beside(vector))):
            continue
        answers = vector.answers_for(named.axes, named.arithmetics[0])
        if answers and compare(run(subject, vector), answers).status in ("failed", "errored"):
            found.append(vector.id)
    return name, tuple(found)


def _beside(vector: Vector) -> tuple[bool, bool]:
    """Whether a vector is large, and whether it is of another dtype than float32."""
    return size(vector) > _LARGE, vector.dtype != "float32"


def _killers(names: Iterable[str]) -> list[tuple[str, str | None]]:
    by_name = {one.name: one for one in mutants()}
    return [(name, killer(by_name[name], _suite())) for name in names]


def _accepts(
    at: int, convention: str
) -> tuple[tuple[str, str], bool, dict[tuple[str, str], float]]:
    variant = VARIANTS[at]
    _, epsilon, code, axes = next(one for one in HONEST if one[0] == convention)
    if variant.narrow:  # torch's capturable, which has an arithmetic of its own
        convention, epsilon, code, axes = (
            "torch-capturable",
            "outside",
            "dddss",
            {"weight_decay": "l2"},
        )
    dtype = "float32" if variant.narrow else None
    report = check(honest(variant, epsilon, code, **axes), convention, suite=_suite(), dtype=dtype)
    ratios = {
        (one, of): report.worst(one, of) or 0.0 for one in _DTYPES for of in ("params", "m", "v")
    }
    return (variant.name, convention), report.conformant, ratios


def _pairs() -> list[Pair]:
    suite, solver, found = _suite(), Solver(), []
    for one, other in combinations(suite.conventions.values(), 2):
        apart: dict[str, float] = {}
        for difference in differences(one, other, suite, solver):
            dtype = difference.vector.dtype
            if difference.vector.dyadic and dtype in _DTYPES:
                apart[dtype] = max(apart.get(dtype, 0.0), difference.bounds)
        found.append(
            Pair(
                one.name, other.name, {dtype: ratio for dtype, ratio in apart.items() if ratio > 1}
            )
        )
    return found


def cover(score: Score, suite: Suite) -> list[str]:
    """The fewest vectors that find every wrong Adam, as far as taking the best next one tells."""
    due = {name: set(vectors) for name, vectors in score.kills.items() if vectors}
    order = [vector.id for vector in suite.vectors]
    chosen: list[str] = []
    while due:
        counts = {vector: sum(vector in vectors for vectors in due.values()) for vector in order}
        best = max(order, key=lambda vector: counts[vector])
        chosen.append(best)
        due = {name: vectors for name, vectors in due.items() if best not in vectors}
    return sorted(chosen, key=order.index)


def far(pair: Pair) -> bool:
    """Whether two conventions are told apart beyond doubt in both dtypes."""
    return all(pair.apart.get(dtype, 0.0) >= APART for dtype in _DTYPES)
