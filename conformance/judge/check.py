"""The judge: runs a subject through the vectors and says what it is."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from functools import partial

import numpy as np

from ..diagnosis.diagnosis import diagnosed
from ..subject.loading import as_subject
from ..subject.subject import Make, Subject, SubjectError
from ..trial.bench import Bench, failed, failures
from ..trial.digest import digest
from ..trial.hygiene import cleaned
from ..trial.outcomes import Status
from ..trial.run import Run, run
from ..vectors import files
from ..vectors.suite import ListedConvention, Suite
from ..vectors.vector import Vector
from ..waivers.staleness import Waivers, applied, holding, standing
from ..waivers.waiver import Waiver
from .selection import claimed, selected, with_numbers
from .verdict import Report, Verdict

Progress = Callable[[Vector], None]


def check(
    make: Make | Subject | str,
    convention: str | None = None,
    level: str = "core",
    *,
    only: str = "*",
    dtype: str | None = None,
    require: Collection[str] = (),
    waivers: Waivers = (),
    fail_fast: bool = False,
    config: Mapping[str, float] | None = None,
    suite: Suite | None = None,
    progress: Progress | None = None,
) -> Report:
    """Judge a subject.

    Args:
        make: the function that starts a run, a Subject, or a name as on the command line.
        convention: a named one; None is the one that the subject declares, else `paper`.
        level: `core` is what a claim of conformance rests on; `full` has what is long or large too; `quick` is the
            fewest vectors that together find what `core` finds, and not sufficient for a claim.
        only: glob on vector ids.
        dtype: `float16`, `float32` or `float64` alone.
        require: features that must be supported; a vector that is not supported for want of one has failed. With
            `hygiene` every run is made twice, to see that gradients are left as they are and copies are handed back.
        waivers: known failures, or the file that holds them; those that ship hold for shipped subjects anyway.
        fail_fast: stop at the first vector that fails.
        config: hyperparameters that the subject has baked in: all vectors that have them get these, and answers by the
            oracle. Vectors that could not tell right from wrong then are left out.
        suite: the vectors; None is the ones that ship.
        progress: called after each vector.

    Raises:
        UsageError: an argument has a value that it cannot have.
        SubjectError: ``make`` cannot be a subject.
        VectorError: the vectors are damaged.
        WaiverError: the waivers file cannot be read or makes no sense.

    >>> from adamref import Adam, AdamConfig
    >>> def make(params, *numbers):
    ...     names = ("learning_rate", "beta1", "beta2", "epsilon")
    ...     return Adam(params, AdamConfig(**dict(zip(names, numbers))))
    >>> print(check(make, "paper").verdict)
    conformant
    """
    started = time.perf_counter()
    subject = as_subject(make)
    suite = suite or files.load()
    named = claimed(suite, convention, subject.convention, subject.name)
    if config:
        suite = with_numbers(suite, named, config)
    chosen = selected(suite, named, level, only=only, dtype=dtype, require=require)
    _keeps_subnormals()
    waiving = holding(waivers, subject)
    runs: list[Run] = []
    for vector in chosen:
        one = run(subject, vector)
        runs.append(cleaned(subject, one) if "hygiene" in require else one)
        if progress:
            progress(vector)
        if fail_fast and _hopeless(runs[-1], named, suite, waiving):
            break
    return _judged(
        subject, named, suite, _bench(runs, waiving, frozenset(require)), waiving, started
    )


def _judged(
    subject: Subject,
    named: ListedConvention,
    suite: Suite,
    bench: Bench,
    waiving: tuple[Waiver, ...],
    started: float,
) -> Report:
    arithmetic = bench.fitting(named.axes, named.arithmetics)[0]
    bits = {id(one.vector): digest(one.snapshots) for one in bench.runs}
    comparisons = [
        one._replace(bits=bits[id(one.vector)]) for one in bench.compared(named.axes, arithmetic)
    ]
    waived = [one for one in comparisons if one.status is Status.WAIVED]
    verdict = Verdict.WAIVED if waived else Verdict.CONFORMANT
    explain: Callable[[], str] = str
    if not any(one.status is not Status.UNSUPPORTED for one in comparisons):
        verdict, arithmetic = Verdict.UNTESTED, ""
        why = "no vector was run" + (f": {comparisons[0].reason}" if comparisons else "")
        if suite.config and not comparisons:
            numbers = ", ".join(f"{name}={value!r}" for name, value in suite.config.items())
            why += f": with {numbers} no vector of {named.name} can tell right from wrong"
        explain = partial(str, why)
    elif failed(comparisons):
        rest = bench.without(waived)
        due = len(comparisons) - len(waived)
        fitting = [
            code
            for code in bench.fitting(named.axes, suite.arithmetics)
            if rest.fits(named.axes, code, due)
        ]
        verdict = Verdict.ARITHMETIC if fitting else Verdict.NONCONFORMANT
        arithmetic = fitting[0] if fitting else ""
        wrong = [one for one in comparisons if one.status is not Status.WAIVED]
        explain = partial(diagnosed, subject, rest, named, suite, wrong, fitting)
    elif not any(not one.vector.dyadic and one.status is Status.PASSED for one in comparisons):
        arithmetic = "any"
    vectors = [vector for vector in suite.vectors if vector.asks(named.axes)]
    stands = standing(waiving, vectors, comparisons, date.today())
    seconds = time.perf_counter() - started
    return Report(
        subject, named, suite, tuple(comparisons), verdict, arithmetic, explain, seconds, stands
    )


def _bench(
    runs: Sequence[Run], waivers: Sequence[Waiver], require: frozenset[str] = frozenset()
) -> Bench:
    """A bench on which failures that ``waivers`` allow are waived."""
    return Bench(runs, require, partial(applied, waivers) if waivers else None)


def _hopeless(one: Run, named: ListedConvention, suite: Suite, waivers: Sequence[Waiver]) -> bool:
    """Whether the vector fails under every arithmetic, so that going on can change nothing."""
    bench = _bench([one], waivers)
    return all(failures(bench.compared(named.axes, code)) for code in suite.arithmetics)


def _keeps_subnormals() -> None:
    """Raise SubjectError if some library has this process flush subnormals to zero, which would blind the judge."""
    if not (np.array([5e-324]) * np.array([1.0]) > 0).all():
        raise SubjectError(
            "this process must not flush subnormal numbers to zero, but does; check one library at a time"
        )
