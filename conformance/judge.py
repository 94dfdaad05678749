"""The judge: runs a subject through the vectors and says what it is."""

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import numpy as np

from . import vectors
from .compare import EQUATIONS, Comparison, answers_for, asked, compare
from .run import Run, run
from .subject import Make, Subject, SubjectError, from_make
from .vectors import Named, Suite, Vector

LEVELS = ("core",)
FEATURES = ("none", "load", "schedule", "amsgrad", "epsilon_root", "float32", "float64")
# A convention that leaves more vectors unexplained is not worth a word.
_NEARLY = 0.15
Progress = Callable[[Vector], None]


class UsageError(ValueError):
    """An option with a value that it cannot have."""


@dataclass(frozen=True)
class Report:
    """What was found out about one subject under one convention.

    Fields:
        verdict: `conformant`; `nonconformant`; `nonconformant (arithmetic)`, right but for the rounding of its scalars;
            `untested`.
        arithmetic: the one it was judged by, and whether the vectors that ran could tell.
        diagnosis: one sentence, where there is more to say.
        cost: nonconformant (arithmetic): how many units in the last place the rounding costs at most.
    """

    subject: Subject
    convention: Named
    suite: Suite
    comparisons: tuple[Comparison, ...]
    verdict: str
    arithmetic: str
    diagnosis: str
    seconds: float

    @property
    def conformant(self) -> bool:
        return self.verdict == "conformant"

    @property
    def worst_ratio(self) -> float:
        """The largest error over bound of any element; infinite for a NaN."""
        return max((max(one.worst.values(), default=0.0) for one in self.comparisons), default=0.0)

    def worst(self, dtype: str, of: str) -> float | None:
        """The largest ratio in one dtype of parameters (`params`) or a slot; None if none was compared."""
        ratios = [one.worst[of] for one in self.comparisons if one.vector.dtype == dtype and of in one.worst]
        return max(ratios, default=None)

    def of_status(self, *statuses: str) -> list[Comparison]:
        return [one for one in self.comparisons if one.status in statuses]

    @property
    def failures(self) -> list[Comparison]:
        return self.of_status("failed", "errored")

    @property
    def unsupported(self) -> list[Comparison]:
        return self.of_status("unsupported")

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON has it."""
        statuses = ("passed", "failed", "errored", "unsupported", "not asked")
        return {
            "subject": self.subject.name,
            "version": self.subject.version,
            "convention": self.convention.name,
            "vectors": self.suite.version,
            "verdict": self.verdict,
            "arithmetic": self.arithmetic,
            "diagnosis": self.diagnosis,
            "counts": {status: len(self.of_status(status)) for status in statuses},
            "worst": {
                dtype: {of: _number(self.worst(dtype, of)) for of in EQUATIONS} for dtype in ("float32", "float64")
            },
            "seconds": round(self.seconds, 3),
        }


def check(
    make: Make | Subject,
    convention: str | None = None,
    level: str = "core",
    *,
    only: str = "*",
    dtype: str | None = None,
    require: Collection[str] = (),
    fail_fast: bool = False,
    suite: Suite | None = None,
    progress: Progress | None = None,
) -> Report:
    """Judge a subject.

    Args:
        make: the function that starts a run, or a Subject.
        convention: a named one; None is the one that the subject declares, else `paper`.
        level: `core` is what a claim of conformance rests on.
        only: glob on vector ids.
        dtype: `float32` or `float64` alone.
        require: features that must be supported; a vector that needs one and is not supported has failed.
        fail_fast: stop at the first vector that fails.
        suite: the vectors; None is the ones that ship.
        progress: called after each vector.

    Raises:
        UsageError: an argument has a value that it cannot have.
        SubjectError: ``make`` cannot be a subject.
        VectorError: the vectors are damaged.

    >>> from adamref import Adam, AdamConfig
    >>> def make(params, *numbers):
    ...     names = ("learning_rate", "beta1", "beta2", "epsilon")
    ...     return Adam(params, AdamConfig(**dict(zip(names, numbers))))
    >>> check(make, "paper").verdict
    'conformant'
    """
    started = time.perf_counter()
    subject = make if isinstance(make, Subject) else from_make(make)
    suite = suite or vectors.load()
    named = _named(suite, convention or subject.convention or "paper")
    _known("level", level, LEVELS)
    for feature in require:
        _known("require", feature, FEATURES)
    _keeps_subnormals()
    chosen = [
        vector
        for vector in suite.vectors
        if fnmatchcase(vector.id, only) and dtype in (None, vector.dtype) and asked(vector, named.axes)
    ]
    runs: list[Run] = []
    for vector in chosen:
        runs.append(run(subject, vector))
        if progress:
            progress(vector)
        if fail_fast and _hopeless(runs[-1], named, suite):
            break
    return _judged(subject, named, suite, runs, frozenset(require), started)


def _judged(
    subject: Subject, named: Named, suite: Suite, runs: Sequence[Run], require: frozenset[str], started: float
) -> Report:
    bench = _Bench(runs, require)
    arithmetic = bench.best(named, named.arithmetics)
    comparisons, verdict, diagnosis = bench.compared(named, arithmetic), "nonconformant", ""
    failed = [one for one in comparisons if one.status in ("failed", "errored")]
    if not any(one.status != "unsupported" for one in comparisons):
        verdict = "untested"
        diagnosis = "no vector was run" + (f": {comparisons[0].reason}" if comparisons else "")
    elif not failed:
        verdict = "conformant"
        if not any(not one.vector.dyadic and one.status == "passed" for one in comparisons):
            arithmetic = "any"
    elif not _failures(bench.compared(named, other := bench.best(named, suite.arithmetics))):
        verdict, arithmetic = "nonconformant (arithmetic)", other
        diagnosis = _arithmetic_sentence(arithmetic, named, suite, failed)
    elif not (diagnosis := _no_numbers(failed)):
        diagnosis = _nearest(bench, named, suite, len(failed) / len(comparisons))
    return Report(
        subject, named, suite, tuple(comparisons), verdict, arithmetic, diagnosis, time.perf_counter() - started
    )


class _Bench:
    """Runs on which conventions and arithmetics are tried; what has the same answers is compared once."""

    def __init__(self, runs: Sequence[Run], require: frozenset[str] = frozenset()) -> None:
        self.runs, self.require = runs, require
        self.known: dict[tuple[int, ...], Comparison] = {}

    def compared(self, named: Named, code: str) -> list[Comparison]:
        return [self._one(one, named, code) for one in self.runs]

    def best(self, named: Named, codes: Iterable[str]) -> str:
        """The arithmetic under which the fewest vectors fail, and of those the one that leaves the least room."""

        def rank(code: str) -> tuple[int, float]:
            found = self.compared(named, code)
            return _failures(found), -sum(max(one.worst.values(), default=0.0) for one in found)

        return min(codes, key=rank)

    def _one(self, one: Run, named: Named, code: str) -> Comparison:
        answers = answers_for(one.vector, named.axes | {"arithmetic": resolved(code, one.vector.dtype)})
        key = (id(one), *map(id, answers))
        if key not in self.known:
            comparison = compare(one, answers)
            needed = ", ".join(sorted(one.vector.features & self.require))
            if comparison.status == "unsupported" and needed:
                comparison = comparison._replace(status="failed", reason=f"{needed} is required; {comparison.reason}")
            self.known[key] = comparison
        return self.known[key]


def resolved(code: str, dtype: str) -> str:
    """An arithmetic with T replaced by the format of the parameters."""
    return code.replace("T", {"float32": "s", "float64": "d"}.get(dtype, "T"))


def _failures(comparisons: Iterable[Comparison]) -> int:
    return sum(one.status in ("failed", "errored") for one in comparisons)


def _arithmetic_sentence(code: str, named: Named, suite: Suite, failed: Sequence[Comparison]) -> str:
    ulps = max(
        (one.discrepancy.ulps for one in failed if one.discrepancy and one.discrepancy.of == "params"), default=0
    )
    return (
        f"the algorithm is right; its scalars are rounded as {code} ({suite.arithmetics[code]}), where {named.name} "
        f"accepts {', '.join(named.arithmetics)}; that costs up to {ulps:.3g} units in the last place of the parameter"
    )


def _no_numbers(failed: Sequence[Comparison]) -> str:
    """What there is to say if no vector that failed has a number in it."""
    if all(one.discrepancy is None for one in failed) and len({one.reason for one in failed}) == 1:
        return f"it never came to numbers: {failed[0].reason}"
    if all(one.discrepancy is not None and np.isnan(one.discrepancy.got) for one in failed):
        return "what it returns is not a number (NaN) in every vector that failed"
    return ""


def _nearest(bench: _Bench, named: Named, suite: Suite, own: float) -> str:
    """The other named convention that explains the most, if it explains nearly everything and more than its ``own``."""
    ranks = []
    for name, other in suite.conventions.items():
        for code in other.arithmetics:
            found = bench.compared(other, code)
            compared = sum(one.status in ("passed", "failed", "errored") for one in found)
            if name != named.name and compared:
                ranks.append((_failures(found) / compared, -compared, name, code, _failures(found)))
    share, compared, name, code, count = min(ranks, default=(1.0, 0, "", "", 0))
    if share >= min(_NEARLY, own):
        return ""
    if not count:
        return f"these are the numbers of convention {name}, arithmetic {code}: all {-compared} vectors pass"
    return f"nearly convention {name}, arithmetic {code}: {-compared - count} of {-compared} vectors pass"


def _hopeless(one: Run, named: Named, suite: Suite) -> bool:
    """Whether the vector fails under every arithmetic, so that going on can change nothing."""
    bench = _Bench([one])
    return all(_failures(bench.compared(named, code)) for code in suite.arithmetics)


def _named(suite: Suite, name: str) -> Named:
    _known("convention", name, tuple(suite.conventions))
    return suite.conventions[name]


def _known(name: str, value: str, values: Collection[str]) -> None:
    if value not in values:
        raise UsageError(f"{name} must be one of {', '.join(values)}, got {value!r}")


def _number(value: float | None) -> float | str | None:
    """JSON has no infinity."""
    return value if value is None or np.isfinite(value) else "inf"


def _keeps_subnormals() -> None:
    """Raise SubjectError if some library has this process flush subnormals to zero, which would blind the judge."""
    if not (np.array([5e-324]) * np.array([1.0]) > 0).all():
        raise SubjectError(
            "this process must not flush subnormal numbers to zero, but does; check one library at a time"
        )
