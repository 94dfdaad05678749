"""Waiver update: a waivers file rewritten so that it fits what was judged.

What a person wrote and still holds stays unchanged, comments and order included.
"""

from collections.abc import Sequence
from dataclasses import replace

from ..trial.comparison import Comparison
from ..waivers.blocks import apply, block_by_cause, blocks_of, first_block, lines_about
from ..waivers.decision import Outcomes, decide, flatten, is_covered
from ..waivers.files import parse
from ..waivers.waiver import Waiver
from .causes import Causes
from .verdict import Report

# The beginning of a new file.
FIRST = (
    "# Known failures, for `adamref check --waivers`. "
    "Each must fail as it says, and says why in its reason.\n"
)


def update_text(text: str, file: str, reports: Sequence[Report]) -> tuple[str, list[str]]:
    """Return a waivers file that fits ``reports``, and what was changed, a line each.

    Args:
        text: of the file.
        file: its name, for errors.
        reports: of whole runs in which the waivers of the file had no part.

    Raises:
        WaiverError: the text is not that of a waivers file, or its waivers are not tables of
            their own.
    """
    # A block that is added needs a line of its own.
    if text and not text.endswith("\n"):
        text += "\n"
    waivers = parse(text, file, explained=False)
    outcomes = [_outcomes_of(report, waivers) for report in reports]
    gaps, blocks = blocks_of(text, file)
    new = gaps[0]
    changes: list[str] = []
    # First the waivers that exist, in their order.
    for waiver, block, gap in zip(waivers, blocks, gaps[1:], strict=True):
        decision = decide(waiver, outcomes, _rivals(waiver, waivers))
        edited = apply(decision, block)
        # The empty lines after a removed waiver go with it.
        new += edited + (gap if edited else gap.lstrip("\r\n"))
        changes += lines_about(decision, waiver)
    # Then a waiver for the cause of each report, and one for every failure that none covers.
    for report in reports:
        block, line = _by_cause(report, parse(new, file, explained=False))
        if block:
            new += ("\n" if new else "") + block
            changes.append(line)
    kept = parse(new, file, explained=False)
    outcomes = [_outcomes_of(report, kept) for report in reports]
    for outcome in flatten(outcomes):
        comparison = outcome.comparison
        if comparison.failed and not is_covered(outcome, kept):
            separator = "\n" if new else ""
            new += separator + first_block(outcome)
            name = outcome.subject.name
            changes.append(f"added {comparison.vector.id} of {name}: {comparison.failure}")
    if not changes:
        return text, changes
    return f"{new.rstrip()}\n".lstrip("\n"), changes


def merge_waiver_use(reports: Sequence[Report]) -> list[Report]:
    """Return the reports of one run; a waiver that matches a vector in one need not in another."""
    matched = {
        waiver
        for report in reports
        for waiver in report.waiver_use.waivers
        if waiver not in report.waiver_use.unmatched
    }
    return [
        replace(report, waiver_use=report.waiver_use.also_matched_by(matched)) for report in reports
    ]


def _outcomes_of(report: Report, waivers: Sequence[Waiver]) -> Outcomes:
    held = [waiver for waiver in waivers if waiver.holds_for(report.subject)]
    causes = Causes(held, report.convention, report.suite)
    runs = {run.vector.id: run for run in report.runs}

    def explains(waiver: Waiver, comparison: Comparison) -> bool:
        return causes.explain(waiver, runs[comparison.vector.id])

    def fails(waiver: Waiver, comparison: Comparison) -> bool:
        return causes.fail(waiver, comparison.vector)

    return Outcomes(report.subject, report.comparisons, explains, fails)


def _by_cause(report: Report, waivers: Sequence[Waiver]) -> tuple[str, str]:
    """Return a waiver for the cause of what no waiver covers, and what it adds, in a line.

    Both are empty where the failures have no cause with a name, or too few have it.
    """
    outcomes = flatten([_outcomes_of(report, waivers)])
    uncovered = [one for one in outcomes if one.comparison.failed and not is_covered(one, waivers)]
    # One failure is told more exactly by its id. And an explanation takes seconds.
    if len(uncovered) < 2 or report.explanation is None or not report.explanation.cause:
        return "", ""
    cause = report.explanation.cause
    if any(waiver.cause == cause for waiver in waivers):
        return "", ""
    block = block_by_cause(report.subject, cause)
    (added,) = parse(block, "", explained=False)
    explains = _outcomes_of(report, [added]).explains
    explained = [one for one in uncovered if explains(added, one.comparison)]
    if len(explained) < 2:
        return "", ""
    return block, f"added cause {cause} of {report.subject.name}: {len(explained)} vectors"


def _rivals(waiver: Waiver, waivers: Sequence[Waiver]) -> list[Waiver]:
    """Return the waivers that keep a vector where several cover it."""
    exact = [other for other in waivers if other is not waiver and "*" not in other.id]
    earlier = waivers[: waivers.index(waiver)]
    return [*exact, *earlier]
