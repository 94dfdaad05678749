"""The measurement of the suite: every wrong Adam, every mutant and every right Adam is judged."""

import time
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from ..coverage.score import measure
from ..defects import DEFECTS
from ..diagnosis.differences import differences
from ..judge.check import check
from ..on_demand.solver import Solver
from ..process.pool import worker_pool
from ..subject.subject import from_make
from ..trial.compare import compare
from ..trial.comparison import largest_errors
from ..trial.run import run
from ..variants.dense import VARIANTS
from ..variants.subject import variant_subject
from ..vectors import files
from ..vectors.suite import ListedConvention
from ..vectors.vector import Vector, size
from .killing import killer, named_point
from .mutants import EQUIVALENT, mutants
from .results import Progress, open_results
from .score import DTYPES, Pair, Score

# The conventions in which right Adams are tried: all places of epsilon and kinds of weight decay.
VARIANT_CONVENTIONS = ("paper", "tf1", "torch-adamw", "paper-hat", "torch", "tfkeras")
# Narrow variants are torch's capturable, which has an arithmetic of its own.
_NARROW_CONVENTION = "torch-capturable"
# Each variant is tried in two of the conventions, half the list apart. The tests try all.
_TURNS = (0, 3)
# Vectors of more elements times steps are for few mistakes.
_LARGE = 2000
# The mutants are dealt to so many tasks, so that all processes end at about the same time.
_TASKS = 16


class _Kills(NamedTuple):
    """A wrong Adam, the vectors that it fails, and its largest errors, if it only seems rough."""

    name: str
    vectors: tuple[str, ...]
    errors: dict[str, float] | None


class _Killer(NamedTuple):
    """A mutant, and where it fails, or None."""

    name: str
    place: str | None


class _Acceptance(NamedTuple):
    """A right Adam in a convention, whether it is accepted, and dtype, quantity -> worst ratio.

    It is accepted if it conforms, and its own arithmetic is what fits it best.
    """

    variant: str
    convention: str
    accepted: bool
    ratios: dict[tuple[str, str], float]


def selftest(
    progress: Progress | None = None, workers: int | None = None, resume: Path | None = None
) -> Score:
    """Measure the suite that ships.

    Args:
        progress: called with a sentence about the work that is done next.
        workers: the number of processes; None is one for each core.
        resume: a file in which results are kept; those in it are not measured again.

    Raises:
        PartialSelftest: a signal asked to end.
        JournalError: the file is one of another run, or cannot be read or written.
    """
    started = time.perf_counter()
    live = [mutant.name for mutant in mutants() if mutant.name not in EQUIVALENT]
    suite = files.load()
    with open_results(resume, suite.version) as results, worker_pool(workers) as pool:
        kills = [
            # By name: a class that is made at run time cannot be sent to another process.
            results.ask(pool, _kills, defect.name)
            for defect in DEFECTS
        ]
        acceptances = [
            results.ask(pool, _acceptance, number, convention)
            for number, convention in variants_in_conventions()
        ]
        pairs = results.ask(pool, _pairs)
        killers = [results.ask(pool, _killers, live[task::_TASKS]) for task in range(_TASKS)]
        say = progress or str
        # In the order in which they were submitted, so that the progress is true.
        killed = [_Kills(*one) for one in results.take("wrong Adams", kills, say)]
        accepted = [_Acceptance(*one) for one in results.take("right Adams", acceptances, say)]
        (found,) = results.take("pairs of conventions", [pairs], say)
        told_apart = [Pair(*pair) for pair in found]
        places = results.take("generic mutants", killers, say)
        say(f"pairs and triples of levels in {len(suite.vectors)} vectors")
        combinations_shown = measure(suite.vectors, suite.conventions, pool.map)
    return Score(
        kills={one.name: one.vectors for one in killed},
        errors={one.name: one.errors for one in killed},
        mutants=_by_name(places),
        honest={(case.variant, case.convention): case.accepted for case in accepted},
        worst=_worst(accepted),
        pairs=told_apart,
        combinations=combinations_shown,
        seconds=time.perf_counter() - started,
    )


def _by_name(tasks: Iterable[Iterable[tuple[str, str | None]]]) -> dict[str, str | None]:
    places = {name: place for task in tasks for name, place in task}
    return places | dict.fromkeys(EQUIVALENT)


def _worst(cases: Iterable[_Acceptance]) -> dict[str, dict[str, float]]:
    worst: dict[str, dict[str, float]] = {dtype: {} for dtype in DTYPES}
    for case in cases:
        for (dtype, quantity), ratio in case.ratios.items():
            worst[dtype][quantity] = max(worst[dtype].get(quantity, 0.0), ratio)
    return worst


def _kills(name: str) -> _Kills:
    """Return the vectors that a wrong Adam fails.

    Large vectors are tried only where no other vector finds it, and so are dtypes other than
    float32, unless it takes no others.
    """
    defect = next(defect for defect in DEFECTS if defect.name == name)
    subject = from_make(defect.make)
    listed = files.load().conventions[str(subject.convention)]
    usual = subject.dtypes or {"float32"}

    def costs(vector: Vector) -> tuple[bool, bool]:
        """Return whether a vector is large, and whether its dtype is an unusual one."""
        return size(vector) > _LARGE, vector.dtype not in usual

    found: list[str] = []
    comparisons = []
    for vector in sorted(files.load().vectors, key=costs):
        if vector.level == "full" or (found and any(costs(vector))):
            continue
        result = run(subject, vector)
        answers = result.answers_for(listed.axes, listed.arithmetics[0])
        if not answers:
            continue
        comparison = compare(result, answers)
        comparisons.append(comparison)
        if comparison.failed:
            found.append(vector.id)
    return _Kills(name, tuple(found), largest_errors(comparisons))


def _killers(names: Iterable[str]) -> list[_Killer]:
    by_name = {mutant.name: mutant for mutant in mutants()}
    return [_Killer(name, killer(by_name[name], files.load())) for name in names]


def variants_in_conventions() -> list[tuple[int, str]]:
    """Return the numbers of variants with the conventions in which they are tried."""
    count = len(VARIANT_CONVENTIONS)
    return [
        (number, VARIANT_CONVENTIONS[(number + turn) % count])
        for number in range(len(VARIANTS))
        for turn in _TURNS
    ]


def _acceptance(number: int, convention: str) -> _Acceptance:
    variant = VARIANTS[number]
    if variant.narrow:
        convention = _NARROW_CONVENTION
    point = named_point(convention)
    subject = variant_subject(variant, point)
    dtype = "float32" if variant.narrow else None
    report = check(subject, convention, suite=files.load(), dtype=dtype)
    ratios = {}
    for each in DTYPES:
        for quantity in ("params", "m", "v"):
            # None where nothing was compared.
            ratios[each, quantity] = report.worst(each, quantity) or 0.0
    return _Acceptance(
        variant=variant.name,
        convention=convention,
        accepted=report.conformant and report.arithmetic == point.arithmetic.code,
        ratios=ratios,
    )


def _pairs() -> list[Pair]:
    solver = Solver()
    pairs = combinations(files.load().conventions.values(), 2)
    return [_pair(one, other, solver) for one, other in pairs]


def _pair(
    one: ListedConvention,
    other: ListedConvention,
    solver: Solver,
) -> Pair:
    apart: dict[str, float] = {}
    for difference in differences(one, other, files.load(), solver):
        dtype = difference.vector.dtype
        # On a dyadic vector every arithmetic has the same answers: only the convention differs.
        if difference.vector.dyadic and dtype in DTYPES:
            apart[dtype] = max(apart.get(dtype, 0.0), difference.bounds)
    # At most one bound apart, a right Adam of one convention may pass as the other.
    return Pair(one.name, other.name, {dtype: far for dtype, far in apart.items() if far > 1})
