"""What takes longer than the verdict: the explanation of failures, and the smallest input."""

from ..diagnosis.case import Case
from ..diagnosis.diagnosis import diagnose
from ..diagnosis.explanation import Explanation, Kind
from ..diagnosis.smallest_failure import TRIES, Smallest, find_smallest
from ..process.floating_point import own_floating_point
from ..subject.subject import Subject
from ..trial.judged_runs import JudgedRuns
from .settle import require_features
from .verdict import Report, Verdict


@own_floating_point()
def explain(report: Report) -> Explanation | None:
    """Return what explains the numbers of a subject that does not conform; None if it does.

    It takes longer than the verdict and needs the oracle, but not the subject.
    """
    if report.conformant:
        return None
    if report.verdict is Verdict.INCONCLUSIVE:
        return Explanation(kind=Kind.INCONCLUSIVE, remark=report.remark)
    if report.verdict is Verdict.UNTESTED:
        return Explanation(kind=Kind.NOT_RUN, remark=report.remark)
    # Waived failures are explained already.
    waived = {one.vector.id for one in report.waived}
    runs = [run for run in report.runs if run.vector.id not in waived]
    case = Case(
        judged=JudgedRuns(runs, require_features(report.require)),
        convention=report.convention,
        suite=report.suite,
        comparisons=[one for one in report.comparisons if one.vector.id not in waived],
        arithmetics=report.arithmetics,
        unrepeatable=report.unrepeatable,
    )
    return diagnose(case)


@own_floating_point()
def shrink(report: Report, subject: Subject, tries: int | None = None) -> Smallest | None:
    """Return the smallest input found that a subject fails; None if no plain run fails.

    Args:
        report: of the subject.
        subject: it is run again, many times.
        tries: how many inputs are tried at most; None is as many as usual.
    """
    if not report.failures:
        return None
    convention = report.convention
    return find_smallest(
        subject,
        report.failures,
        convention.axes,
        convention.arithmetics,
        report.suite.config,
        TRIES if tries is None else tries,
    )
