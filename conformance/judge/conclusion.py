"""Conclusion: the report of a check, from its runs."""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from ..process.floating_point import own_floating_point
from ..subject.subject import Subject
from ..trial.comparison import Comparison
from ..trial.digest import digest
from ..trial.judged_runs import JudgedRuns, failures
from ..trial.outcomes import Detail, Failure, Status
from ..trial.run import Run
from ..vectors.suite import ListedConvention, Suite
from ..vectors.switches import NEEDS, allows
from ..waivers.staleness import use_of
from .arithmetics import fitting_arithmetics, tells_arithmetics
from .declared import declaration_words
from .probes import ignored_numbers, unrepeatable_vector
from .tasks.plan import Plan
from .verdict import ANY, Report
from .verdicts import Verdict

# The errors that are meant.
_REFUSALS = ("ValueError", "NotImplementedError")
_UNEXPLAINED = "its failures are not explained, because a signal ended the run"


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
    asked = [vector for vector in plan.vectors if vector.asks(plan.claimed.axes)]
    count = f"{len(comparisons)} of {len(asked)} vectors were run"
    report = _report(plan, runs, comparisons, Verdict.INTERRUPTED)
    return replace(
        report,
        remark=f"{count}, and {len(failures(comparisons))} failed",
        seconds=time.perf_counter() - plan.started,
        live_subject=None,
    )


def _judge(plan: Plan, judged: JudgedRuns, is_safe: bool) -> Report:
    subject = plan.subject
    claimed = plan.claimed
    suite = plan.suite
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
    if len(suite.undecided) > len(comparisons) or _missing_answers(comparisons):
        return Verdict.INCONCLUSIVE
    if declaration_words(subject.record):
        return Verdict.DECLARED
    if not subject.accuracy.is_ordinary:
        return Verdict.OF_CLASS
    return Verdict.WAIVED if Status.WAIVED in statuses else Verdict.CONFORMANT


def _missing_answers(comparisons: Sequence[Comparison]) -> int:
    """Return how many vectors a file of answers has no answer to."""
    return sum(one.cause.detail is Detail.UNANSWERED for one in comparisons)


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
    if missing := _missing_answers(comparisons):
        return (
            f"the file has no answer to the runs of {missing} of {asked} vectors: the program has "
            "ended early, or --level, --only or --convention are not those of `adamref export`"
        )
    total = asked + len(suite.undecided)
    what = ", ".join(filter(None, [_numbers(suite), str(subject.accuracy)]))
    return (
        f"with {what} only {asked} of {total} vectors can tell right from wrong; "
        "less than half are too few for a verdict"
    )


def _numbers(suite: Suite) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in suite.config.items())


def without_explanation(report: Report) -> Report:
    """Return a report after a signal: what is not known of its failures is not looked for."""
    # Where `cached_property` keeps its value.
    if report.conformant or "smallest" in report.__dict__:
        return report
    return replace(report, remark=report.remark or _UNEXPLAINED, live_subject=None)
