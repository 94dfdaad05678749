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
from ..process.signals import Interrupted, obey
from ..subject.program.connect import HERE, Running
from ..subject.subject import Make, Subject
from ..trial.comparison import Comparison
from ..trial.digest import digest
from ..trial.judged_runs import JudgedRuns, failures
from ..trial.outcomes import Failure, Status
from ..trial.run import Run
from ..vectors.suite import ListedConvention, Suite
from ..vectors.switches import NEEDS, allows
from ..vectors.vector import Vector
from ..waivers.staleness import Waivers, use_of
from .arithmetics import fitting_arithmetics, tells_arithmetics
from .declared import declaration_words
from .plan import Plan, plan_check, require_subnormals
from .probes import ignored_numbers, unrepeatable_vector
from .verdict import ANY, Report
from .verdicts import Verdict

Progress = Callable[[Vector], None]
# The errors that are meant.
_REFUSALS = ("ValueError", "NotImplementedError")
# The plan of a check -> the function that runs a vector, or finds its run in a file.
Recorded = Callable[[Plan], Callable[[Vector], Run]]


class PartialCheck(Interrupted):
    """A signal has ended a check.

    Attributes:
        report: of the vectors that were run before, with the verdict INTERRUPTED.
    """

    def __init__(self, number: int, report: Report) -> None:
        super().__init__(number)
        self.report = report


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
    recorded: Recorded | None = None,
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
        recorded: finds runs in a file, and writes them to it; None makes all of them.

    Raises:
        UsageError: an argument has a value that it cannot have.
        SubjectError: ``make`` cannot be a subject, or this process flushes subnormal numbers to
            zero and the judge cannot change that on this platform.
        VectorError: the vectors are damaged.
        WaiverError: the waivers file cannot be read or makes no sense.
        PartialCheck: a signal asked to end, as Ctrl-C does.

    >>> from adamref import Adam, AdamConfig
    >>> def make(params, *numbers):
    ...     names = ("learning_rate", "beta1", "beta2", "epsilon")
    ...     return Adam(params, AdamConfig(**dict(zip(names, numbers))))
    >>> print(check(make, "paper").verdict)
    conformant
    """
    plan = plan_check(
        make,
        convention,
        level,
        only=only,
        dtype=dtype,
        require=require,
        waivers=waivers,
        fail_fast=fail_fast,
        config=config,
        accuracy=accuracy,
        storage=storage,
        roundings=roundings,
        arithmetic=arithmetic,
        suite=suite,
        running=running,
    )
    run_vector = recorded(plan) if recorded else plan.run
    runs: list[Run] = []
    try:
        for vector in plan.vectors:
            runs.append(run_vector(vector))
            if progress:
                progress(vector)
            if plan.ends_after(runs[-1]):
                break
    except KeyboardInterrupt as error:
        raise PartialCheck(obey(error), conclude_part(plan, runs)) from None
    # Where the judge has no environment of its own, the subject may have changed it.
    require_subnormals()
    with subject_floating_point():
        flushes = flushes_subnormals()
    return conclude(plan, runs, flushes)


@own_floating_point()
def conclude(
    plan: Plan,
    runs: Sequence[Run],
    flushes: bool,
    seconds: float = 0.0,
    is_safe: bool = True,
) -> Report:
    """Return the report of a check whose runs are complete.

    Args:
        plan: of the check.
        runs: in the order of its vectors.
        flushes: whether subnormal numbers were flushed to zero while the subject ran.
        seconds: how long the runs took elsewhere; 0 if they were made here, since the plan.
        is_safe: whether the subject may be run again, here; not if it has ended a process.
    """
    started = time.perf_counter()
    judged = JudgedRuns(runs, plan.settle)
    report = _judge(plan, judged, is_safe)
    asked = [vector for vector in plan.known if vector.asks(plan.claimed.axes)]
    waiver_use = use_of(plan.waivers, asked, report.comparisons, date.today(), plan.causes.fail)
    spent = time.perf_counter() - (started - seconds if seconds else plan.started)
    return replace(report, waiver_use=waiver_use, flushes=flushes, seconds=spent)


@own_floating_point()
def conclude_part(plan: Plan, runs: Sequence[Run]) -> Report:
    """Return what the runs tell that were made before a signal; the subject is not run again."""
    comparisons = _compare(plan, JudgedRuns(runs, plan.settle))
    count = f"{len(runs)} of {len(plan.vectors)} vectors were run"
    report = _report(plan, runs, comparisons, Verdict.INTERRUPTED)
    return replace(
        report,
        remark=f"{count}, and {len(failures(comparisons))} failed",
        seconds=time.perf_counter() - plan.started,
        live_subject=None,
    )


def _judge(plan: Plan, judged: JudgedRuns, is_safe: bool) -> Report:
    subject, claimed, suite = plan.subject, plan.claimed, plan.suite
    runs = judged.runs
    comparisons = _compare(plan, judged)
    fitting = fitting_arithmetics(judged, comparisons, claimed, suite, plan.require, plan.waivers)
    verdict = _verdict_of(comparisons, fitting, suite, subject)
    report = _report(plan, runs, comparisons, verdict)
    if report.verdict.fails and not is_safe:
        return replace(report, live_subject=None)
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
            code = _best_arithmetic(plan, judged)
            return replace(report, arithmetic=code if told else ANY)


def _best_arithmetic(plan: Plan, judged: JudgedRuns) -> str:
    """Return the arithmetic that fits best, of those that the convention accepts."""
    return judged.best_arithmetics(plan.claimed.axes, plan.claimed.arithmetics)[0]


def _compare(plan: Plan, judged: JudgedRuns) -> tuple[Comparison, ...]:
    """Return the comparisons under the best arithmetic. One must fit all vectors."""
    code = _best_arithmetic(plan, judged)
    bits = {one.vector.id: digest(one.snapshots) for one in judged.runs}
    compared = judged.under(plan.claimed.axes, code)
    return tuple(replace(one, bits=bits[one.vector.id]) for one in compared)


def _report(
    plan: Plan, runs: Sequence[Run], comparisons: tuple[Comparison, ...], verdict: Verdict
) -> Report:
    """Return a report with what every verdict has."""
    return Report(
        subject=plan.subject.record,
        convention=plan.claimed,
        suite=plan.suite,
        runs=tuple(runs),
        comparisons=comparisons,
        verdict=verdict,
        unasked=_absent_switches(plan.claimed, plan.subject),
        require=plan.require,
        live_subject=plan.subject,
    )


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
