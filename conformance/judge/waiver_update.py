"""Waiver update: a waivers file rewritten so that it fits what was judged.

What a person wrote and still holds stays unchanged, comments and order included.
"""

from collections.abc import Sequence

from ..waivers.blocks import apply, blocks_of, first_block, lines_about
from ..waivers.decision import Outcomes, decide, flatten, is_covered
from ..waivers.files import parse
from ..waivers.waiver import Waiver
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
    outcomes = [Outcomes(report.subject, report.comparisons) for report in reports]
    waivers = parse(text, file, explained=False)
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
    # Then a first waiver for every failure that none of them covers.
    kept = parse(new, file, explained=False)
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


def _rivals(waiver: Waiver, waivers: Sequence[Waiver]) -> list[Waiver]:
    """Return the waivers that keep a vector where several cover it."""
    exact = [other for other in waivers if other is not waiver and "*" not in other.id]
    earlier = waivers[: waivers.index(waiver)]
    return [*exact, *earlier]
