"""The judge: it runs a subject through the vectors and gives a verdict."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date

from ..process.floating_point import (
    flushes_subnormals,
    own_floating_point,
    subject_floating_point,
)
from ..subject.loading import as_subject
from ..subject.program.connect import HERE, Running, require_adapter
from ..subject.program.respondent import Respondent
from ..subject.subject import Make, Subject, SubjectError
from ..trial.comparison import Comparison
from ..trial.digest import digest
from ..trial.hygiene import run_twice
from ..trial.judged_runs import JudgedRuns, failures
from ..trial.outcomes import Failure, Status
from ..trial.run import Run, run
from ..vectors import files
from ..vectors.suite import ListedConvention, Suite
from ..vectors.switches import NEEDS, allows
from ..vectors.vector import Vector
from ..waivers.staleness import Waivers, use_of, waivers_for
from ..waivers.waiver import Waiver
from .arithmetics import fitting_arithmetics, tells_arithmetics
from .causes import Causes
from .declared import choose_arithmetic, declaration_words, declare
from .probes import ignored_numbers, unrepeatable_vector
from .selection import (
    HYGIENE,
    UsageError,
    answer,
    bake_numbers,
    choose_convention,
    choose_vectors,
    within,
)
from .settle import require_and_waive
from .verdict import ANY, Report
from .verdicts import Verdict

Progress = Callable[[Vector], None]
# The errors that are meant.
_REFUSALS = ("ValueError", "NotImplementedError")


@own_floating_point()
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
    accuracy: Mapping[str, float] | None = None,
    storage: Mapping[str, str] | None = None,
    roundings: Mapping[str, float] | None = None,
    arithmetic: str | None = None,
    suite: Suite | None = None,
    running: Running = HERE,
    progress: Progress | None = None,
) -> Report:
    """Judge a subject.

    Args:
        make: the function that starts a run, a Subject, or a name as on the command line.
        convention: a named one, or one with other values on some axes, as `torch,epsilon=hat`;
            None is the one that the subject declares, else `paper`.
        level: `core` is the basis of a claim of conformance; `full` adds long and large vectors;
            `quick` is the fewest vectors that together find what `core` finds, and not enough for
            a claim.
        only: glob on vector ids.
        dtype: `bfloat16`, `float16`, `float32` or `float64` alone.
        require: features that must be supported; a vector that needs a missing one fails. With
            `hygiene` every run is made twice, to see that gradients are not changed and that
            copies are returned.
        waivers: known failures, or the file that holds them; the waivers that ship hold for
            shipped subjects anyway.
        fail_fast: stop at the first vector that fails under every arithmetic and is not waived.
        config: hyperparameters that are fixed in the subject: all vectors that have them get
            these, and answers by the oracle. Vectors that could not tell right from wrong then
            are left out; without more than half of them the verdict is inconclusive.
        accuracy: the class of the subject's quotients and roots, as `{"division": 2.5}`; None is
            the one that it declares. The oracle derives all answers anew for it.
        storage: what the subject keeps of half precision between steps, as
            `{"bfloat16": "weights=master"}`; None is what it declares.
        roundings: that each operation of an equation errs by, as `{"E5": 40}`; None is what the
            subject declares. So many bounds are permitted.
        arithmetic: the one that is accepted, and no other; None is the one that the subject
            declares, else those of the convention.
        suite: the vectors; None is the ones that ship.
        running: `Running(isolate=True)` gives the subject a process of its own; its limits hold
            for every program.
        progress: called after each vector.

    Raises:
        UsageError: an argument has a value that it cannot have.
        SubjectError: ``make`` cannot be a subject, or this process flushes subnormal numbers to
            zero and the judge cannot change that on this platform.
        VectorError: the vectors are damaged.
        WaiverError: the waivers file cannot be read or makes no sense.

    >>> from adamref import Adam, AdamConfig
    >>> def make(params, *numbers):
    ...     names = ("learning_rate", "beta1", "beta2", "epsilon")
    ...     return Adam(params, AdamConfig(**dict(zip(names, numbers))))
    >>> print(check(make, "paper").verdict)
    conformant
    """
    # Everything that can be wrong with the arguments is found before the first run.
    started = time.perf_counter()
    subject = as_subject(make, running)
    subject = declare(subject, accuracy=accuracy, storage=storage, roundings=roundings)
    suite = suite or files.load()
    claimed = choose_convention(suite, convention, subject.convention, subject.name)
    subject, claimed = choose_arithmetic(subject, claimed, suite, arithmetic)
    known = within(suite, subject.roundings).vectors
    if config or not subject.accuracy.is_ordinary:
        chosen = choose_vectors(suite, claimed, level, only=only, dtype=dtype)
        part = replace(suite, vectors=chosen)
        suite = bake_numbers(part, claimed, config or {}, subject)
    elif claimed.name not in suite.conventions:
        chosen = choose_vectors(suite, claimed, level, only=only, dtype=dtype)
        suite = answer(replace(suite, vectors=chosen), claimed)
    suite = within(suite, subject.roundings)
    subject = replace(subject, fixed=frozenset(suite.config))
    vectors = choose_vectors(suite, claimed, level, only=only, dtype=dtype, require=require)
    _check_subnormals()
    if HYGIENE in require and isinstance(subject.make, Respondent) and not subject.make.has_objects:
        raise UsageError(
            f"require hygiene must have a Python subject, got {subject.name}: what a program does "
            "with its memory cannot be seen"
        )
    require_adapter(subject)
    holding = waivers_for(waivers, subject.record)
    causes = Causes(holding, claimed, suite)
    settle = require_and_waive(require, holding, causes)
    run_vector = run_twice if HYGIENE in require else run
    runs: list[Run] = []
    for vector in vectors:
        latest = run_vector(subject, vector)
        runs.append(latest)
        if progress:
            progress(vector)
        if fail_fast and _is_hopeless(JudgedRuns([latest], settle), claimed, suite):
            break
    # Where the judge has no environment of its own, the subject may have changed it.
    _check_subnormals()
    judged = JudgedRuns(runs, settle)
    report = _judge(subject, claimed, suite, judged, frozenset(require), holding)
    asked = [vector for vector in known if vector.asks(claimed.axes)]
    waiver_use = use_of(holding, asked, report.comparisons, date.today(), causes.fail)
    report = replace(report, waiver_use=waiver_use)
    with subject_floating_point():
        flushes = flushes_subnormals()
    return replace(report, flushes=flushes, seconds=time.perf_counter() - started)


def _judge(
    subject: Subject,
    claimed: ListedConvention,
    suite: Suite,
    judged: JudgedRuns,
    require: frozenset[str],
    waivers: tuple[Waiver, ...],
) -> Report:
    # First the arithmetic that fits best, of those that the convention accepts. One of them must
    # fit all vectors.
    runs = judged.runs
    code = judged.best_arithmetics(claimed.axes, claimed.arithmetics)[0]
    bits = {one.vector.id: digest(one.snapshots) for one in runs}
    comparisons = tuple(
        replace(one, bits=bits[one.vector.id]) for one in judged.under(claimed.axes, code)
    )
    fitting = fitting_arithmetics(judged, comparisons, claimed, suite, require, waivers)
    report = Report(
        subject=subject.record,
        convention=claimed,
        suite=suite,
        runs=tuple(runs),
        comparisons=comparisons,
        verdict=_verdict_of(comparisons, fitting, suite, subject),
        unasked=_absent_switches(claimed, subject),
        require=require,
        live_subject=subject,
    )
    match report.verdict:
        case Verdict.UNTESTED:
            # No arithmetic is claimed.
            return replace(report, remark=_why_nothing_run(comparisons, claimed, suite, subject))
        case Verdict.INCONCLUSIVE:
            return replace(report, remark=_why_inconclusive(comparisons, suite, subject))
        case Verdict.ARITHMETIC:
            return replace(report, arithmetic=fitting[0], arithmetics=fitting)
        case Verdict.NONCONFORMANT | Verdict.REFUSES:
            # Found out here, because the subject is at hand; it costs a few more runs.
            again = unrepeatable_vector(subject, runs, comparisons)
            ignored = () if suite.config else ignored_numbers(subject, runs, comparisons)
            return replace(report, unrepeatable=again, ignored=ignored)
        case _:
            # Dyadic vectors alone cannot tell one arithmetic from another.
            told = any(tells_arithmetics(comparison) for comparison in comparisons)
            return replace(report, arithmetic=code if told else ANY)


def _verdict_of(
    comparisons: Sequence[Comparison], fitting: Sequence[str], suite: Suite, subject: Subject
) -> Verdict:
    statuses = {comparison.status for comparison in comparisons}
    if statuses <= {Status.UNSUPPORTED}:
        return Verdict.UNTESTED
    if failed := failures(comparisons):
        if fitting:
            return Verdict.ARITHMETIC
        right = Status.PASSED in statuses
        return Verdict.REFUSES if right and all(map(_refuses, failed)) else Verdict.NONCONFORMANT
    # The rule: of the vectors that could be asked, at least half must be able to tell.
    if len(suite.undecided) > len(comparisons):
        return Verdict.INCONCLUSIVE
    if declaration_words(subject.record):
        return Verdict.DECLARED
    if not subject.accuracy.is_ordinary:
        return Verdict.OF_CLASS
    return Verdict.WAIVED if Status.WAIVED in statuses else Verdict.CONFORMANT


def _refuses(failure: Comparison) -> bool:
    """Return whether it is an error by which Python code refuses an argument."""
    kind = failure.cause.message.partition(":")[0]
    return failure.failure is Failure.ERROR and kind in _REFUSALS


def _absent_switches(claimed: ListedConvention, subject: Subject) -> tuple[str, ...]:
    """Return the switches that a subject takes, and its convention has not."""
    absent = [switch for switch in NEEDS if not allows(claimed.axes, switch)]
    return tuple(switch for switch in absent if subject.names(switch))


def _why_nothing_run(
    comparisons: Sequence[Comparison], claimed: ListedConvention, suite: Suite, subject: Subject
) -> str:
    why = "no vector was run"
    # Of a dtype that it says it takes it is told more than of others.
    own = [one for one in comparisons if one.vector.dtype in subject.halves]
    for comparison in own or comparisons:
        return f"{why}: {comparison.reason}"
    if suite.config:
        return (
            f"{why}: with {_numbers(suite)} no vector of {claimed.name} can tell right from wrong"
        )
    return why


def _why_inconclusive(comparisons: Sequence[Comparison], suite: Suite, subject: Subject) -> str:
    asked = len(comparisons)
    total = asked + len(suite.undecided)
    what = ", ".join(filter(None, [_numbers(suite), str(subject.accuracy)]))
    return (
        f"with {what} only {asked} of {total} vectors can tell right from wrong; "
        "less than half are too few for a verdict"
    )


def _numbers(suite: Suite) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in suite.config.items())


def _is_hopeless(judged: JudgedRuns, claimed: ListedConvention, suite: Suite) -> bool:
    """Return whether the vector fails under every arithmetic, so that going on changes nothing."""
    # With `config` there are answers for the accepted arithmetics only.
    answered = [judged.under(claimed.axes, code) for code in suite.arithmetics]
    return any(answered) and all(failures(one) for one in answered if one)


def _check_subnormals() -> None:
    """Raise SubjectError if this process flushes subnormals to 0, which would blind the judge."""
    if flushes_subnormals():
        raise SubjectError(
            "this process must not flush subnormal numbers to zero, but does, and on this "
            "platform the judge cannot change it; check one library at a time"
        )
