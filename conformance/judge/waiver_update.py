"""A waivers file rewritten so that it fits what was judged; what a person wrote and still holds stays as it is."""

import re
from collections.abc import Sequence
from decimal import ROUND_CEILING, Context
from glob import escape
from itertools import pairwise
from math import isfinite
from typing import Any, NamedTuple

import tomlkit
from tomlkit.items import Item

from ..trial.compare import Comparison
from ..waivers.files import entries, parsed
from ..waivers.staleness import WIDEST, now
from ..waivers.waiver import MEASURED, Waiver, WaiverError
from .verdict import Report

# How a file begins that was not there before.
FIRST = "# Known failures, for `adamref check --waivers`. Each must fail as it says, and says why in its reason.\n"
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_HEADER = re.compile(r"[ \t]*\[\[[ \t]*waiver[ \t]*\]\]")


class _Judged(NamedTuple):
    """A vector, as one subject ran it."""

    report: Report
    one: Comparison


class _Fitted(NamedTuple):
    """What becomes of a waiver: its text once, several times or not at all, and what was changed, a line each."""

    blocks: list[str]
    changes: list[str]


def updated(text: str, file: str, reports: Sequence[Report]) -> tuple[str, list[str]]:
    """The text of a waivers file that fits ``reports``, and what was changed, a line each.

    Args:
        text: of the file.
        file: its name, for errors.
        reports: of whole runs in which the waivers of the file had no part.

    Raises:
        WaiverError: the text is not that of a waivers file, or its waivers are not tables of their own.
    """
    text += "\n" if text and not text.endswith("\n") else ""
    waivers = parsed(text, file, explained=False)
    gaps, blocks = _cut(text, file)
    new, changes = gaps[0], []
    for waiver, block, gap in zip(waivers, blocks, gaps[1:], strict=True):
        fitted = _fitted(waiver, block, waivers, reports)
        new += "\n".join(fitted.blocks) + (gap if fitted.blocks else gap.lstrip("\r\n"))
        changes += fitted.changes
    kept = parsed(new, file, explained=False)
    for judged in _found(reports):
        if judged.one.failed and not _covered(judged, kept):
            new += ("\n" if new else "") + _first_block(judged)
            changes.append(
                f"added {judged.one.vector.id} of {judged.report.subject.name}: {judged.one.failure}"
            )
    return (f"{new.rstrip()}\n".lstrip("\n") if changes else text), changes


def _cut(text: str, file: str) -> tuple[list[str], list[str]]:
    """What stands between the waivers, and the waivers, each with the comment right above it."""
    lines = _LINE.findall(text)
    starts = [at for at, line in enumerate(lines) if _HEADER.match(line)]
    gaps: list[str] = []
    blocks: list[str] = []
    end = 0
    for start, following in pairwise([*starts, len(lines)]):
        first, last = start, following
        while first > end and lines[first - 1].lstrip().startswith("#"):
            first -= 1
        while not lines[last - 1].strip() or lines[last - 1].lstrip().startswith("#"):
            last -= 1
        gaps.append("".join(lines[end:first]))
        blocks.append("".join(lines[first:last]))
        end = last
    gaps.append("".join(lines[end:]))
    _reassembles(text, blocks, file)
    return gaps, blocks


def _reassembles(text: str, blocks: Sequence[str], file: str) -> None:
    """Raise WaiverError unless every block is one waiver, which `waiver = [...]` and strings with brackets prevent."""
    try:
        whole = [table for block in blocks for table in entries(block, file)] == entries(text, file)
    except WaiverError:
        whole = False
    if not whole:
        raise WaiverError(
            f"{file} must have a line [[waiver]] for each waiver and nowhere else, to be rewritten"
        )


def _fitted(
    waiver: Waiver, block: str, waivers: Sequence[Waiver], reports: Sequence[Report]
) -> _Fitted:
    held = [report for report in reports if waiver.holds_for(report.subject)]
    covered = [judged for judged in _found(held) if waiver.covers(judged.one.vector)]
    failing = [judged for judged in covered if judged.one.failure]
    if not held:
        return _Fitted([block], [])
    if not failing:
        why = (
            f"it {now(covered[0].one)}"
            if covered
            else "it matches no vector that has an answer for the convention"
        )
        return _Fitted([], [f"removed {waiver.id}: {why}"])
    alike = len(failing) == len(covered) and len({judged.one.failure for judged in failing}) == 1
    if alike and len({judged.one.vector.id for judged in covered}) <= WIDEST:
        return _corrected(waiver, block, [judged.one for judged in failing])
    rivals = [other for other in waivers if other is not waiver and "*" not in other.id]
    rivals += waivers[: waivers.index(waiver)]
    return _narrowed(
        waiver, block, [judged for judged in failing if not _covered(judged, rivals)], held
    )


def _narrowed(
    waiver: Waiver, block: str, failing: Sequence[_Judged], held: Sequence[Report]
) -> _Fitted:
    """A waiver that is not true of all that it covers, once for each vector and subject that fails."""
    parts: list[_Fitted] = []
    for report, one in failing:
        subject = {"subject": escape(report.subject.name)} if len(held) > 1 else {}
        parts.append(_corrected(waiver, block, [one], id=one.vector.id, **subject))
    if not parts:
        return _Fitted([], [f"removed {waiver.id}: others cover what still fails"])
    return _Fitted(
        [b for part in parts for b in part.blocks],
        [change for part in parts for change in part.changes],
    )


def _corrected(waiver: Waiver, block: str, failing: Sequence[Comparison], **place: str) -> _Fitted:
    """The waiver with failure and worst_ratio brought up to date, and at another place."""
    ratio = None if waiver.worst_ratio is None else _ratio(failing)
    values = {**place, "failure": failing[0].failure, "worst_ratio": ratio}
    changed = {key: value for key, value in values.items() if value != getattr(waiver, key)}
    if not changed:
        return _Fitted([block], [])
    document: Any = tomlkit.parse(block)
    (table,) = document["waiver"]
    for key, value in changed.items():
        table.pop(key) if value is None else table.update({key: _item(value)})
    what = (
        f"{key} {_shown(getattr(waiver, key))} -> {_shown(value)}" for key, value in changed.items()
    )
    return _Fitted([tomlkit.dumps(document)], [f"changed {waiver.id}: {', '.join(what)}"])


def _first_block(judged: _Judged) -> str:
    """A waiver for a failure that has none, for a person to write the reason."""
    one, ratio = judged.one, _ratio([judged.one])
    values: dict[str, Any] = {
        "id": one.vector.id,
        "subject": escape(judged.report.subject.name),
        "failure": one.failure,
    }
    values |= {} if ratio is None else {"worst_ratio": ratio}
    lines = (
        f"{key} = {_item(value).as_string()}" for key, value in {**values, "reason": ""}.items()
    )
    return "\n".join(("[[waiver]]", *lines)) + "\n"


def _found(reports: Sequence[Report]) -> list[_Judged]:
    return [_Judged(report, one) for report in reports for one in report.comparisons]


def _covered(judged: _Judged, waivers: Sequence[Waiver]) -> bool:
    subject, vector = judged.report.subject, judged.one.vector
    return any(waiver.holds_for(subject) and waiver.covers(vector) for waiver in waivers)


def _ratio(failing: Sequence[Comparison]) -> float | None:
    """The worst ratio, rounded up to two digits; None where the failure has none, or it is infinite."""
    worst = max(one.worst_ratio for one in failing)
    if failing[0].failure not in MEASURED or not isfinite(worst):
        return None
    return max(1.0, float(Context(prec=2, rounding=ROUND_CEILING).create_decimal(worst)))


def _item(value: str | float) -> Item:
    """A value as TOML, a large number with an exponent."""
    return tomlkit.value(_shown(value)) if isinstance(value, float) else tomlkit.item(value)


def _shown(value: str | float | None) -> str:
    return f"{value:g}" if isinstance(value, float) else value or "none"
