"""Arithmetics: which of them fit the runs of a subject, and which ones nothing tells apart."""

from collections.abc import Collection, Sequence

from ..trial.comparison import Comparison
from ..trial.judged_runs import JudgedRuns, failures
from ..trial.outcomes import RunStatus, Status
from ..trial.run import Run
from ..vectors.suite import ListedConvention, Suite
from ..vectors.switches import DTYPES
from ..waivers.waiver import Waiver
from .settle import require_features
from .verdict import ANY, Report


def shows_moments(report: Report) -> bool:
    """Return whether moments were compared."""
    worst = (report.worst(dtype, slot) for dtype in DTYPES for slot in ("m", "v"))
    return any(ratio is not None for ratio in worst)


def equal_arithmetics(report: Report) -> tuple[str, ...]:
    """Return the other arithmetics under which nothing fails either, if no moments were compared.

    With moments the numbers tell.
    """
    if shows_moments(report) or not report.conformant or report.arithmetic in ("", ANY):
        return ()
    judged = JudgedRuns(report.runs, require_features(report.require))
    count = len(report.comparisons) - len(report.waived)
    others = [code for code in report.suite.arithmetics if code != report.arithmetic]
    axes = report.convention.axes
    return tuple(code for code in others if judged.fits(axes, code, count))


def fitting_arithmetics(
    judged: JudgedRuns,
    comparisons: Sequence[Comparison],
    claimed: ListedConvention,
    suite: Suite,
    require: frozenset[str],
    waivers: Sequence[Waiver],
) -> tuple[str, ...]:
    """Return the arithmetics under which nothing fails, if something does under accepted ones."""
    if not failures(comparisons):
        return ()
    # A waiver speaks of the accepted arithmetics, so what is waived tells nothing of others.
    waived = {one.vector.id for one in comparisons if one.status is Status.WAIVED}
    rest = judged
    if waivers:
        unwaived = [one for one in judged.runs if one.vector.id not in waived]
        rest = JudgedRuns(unwaived, require_features(require))
    count = len(comparisons) - len(waived)
    if suite.config or claimed.name not in suite.conventions:
        # The vectors have answers for the accepted arithmetics alone.
        failed = {one.vector.id for one in failures(comparisons)}
        return _solved_arithmetics(rest.runs, failed, claimed, suite)
    fitting = [code for code in suite.arithmetics if rest.fits(claimed.axes, code, count)]
    return tuple(judged.best_arithmetics(claimed.axes, fitting))


def _solved_arithmetics(
    runs: Sequence[Run], failed: Collection[str], claimed: ListedConvention, suite: Suite
) -> tuple[str, ...]:
    """Return the other arithmetics under which nothing fails, with answers by the oracle."""
    # Late, because it loads the oracle.
    from ..on_demand.solver import Solver

    # What failed first, because most arithmetics fail there too.
    asked = [one for one in runs if one.vector.asks(claimed.axes)]
    unsupported = {one.vector.id for one in asked if one.status is RunStatus.UNSUPPORTED}
    # Of these, a failure is a feature that was required.
    if unsupported.intersection(failed):
        return ()
    ran = [one for one in asked if one.vector.id not in unsupported]
    ordered = sorted(ran, key=lambda one: one.vector.id not in failed)
    others = [code for code in suite.arithmetics if code not in claimed.arithmetics]
    solver = Solver()
    return tuple(code for code in others if solver.fits(ordered, claimed.axes, code))


def tells_arithmetics(comparison: Comparison) -> bool:
    """Return whether the vector could have failed under another arithmetic."""
    # Scalars of dyadic vectors are exact in every format.
    return comparison.status is Status.PASSED and not comparison.vector.dyadic
