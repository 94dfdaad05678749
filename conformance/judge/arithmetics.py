"""Arithmetics that a pass does not tell apart."""

from ..trial.judged_runs import JudgedRuns
from .settle import require_features
from .verdict import ANY, Report


def shows_moments(report: Report) -> bool:
    """Return whether moments were compared."""
    worst = (report.worst(dtype, slot) for dtype in ("float32", "float64") for slot in ("m", "v"))
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
