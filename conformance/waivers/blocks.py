"""Blocks: the text of a waivers file in pieces, so that what a person wrote stays unchanged.

A block is one waiver with the comment right above it. Between two blocks is a gap, with the
comments and empty lines that belong to none:

    # Of our optimizer.                  gap

    # the flag is ignored                block
    [[waiver]]
    id = "amsgrad.f32.decimal"
"""

import re
from collections.abc import Sequence
from glob import escape
from itertools import pairwise
from typing import Any, NamedTuple

import tomlkit
from tomlkit.items import Item

from ..subject.subject import SubjectRecord
from .decision import (
    ChangeWaiver,
    Decision,
    Keep,
    Narrow,
    Remove,
    Values,
    VectorOutcome,
    worst_ratio_of,
)
from .files import tables_of
from .waiver import Waiver, WaiverError

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_HEADER = re.compile(r"[ \t]*\[\[[ \t]*waiver[ \t]*\]\]")


class Blocks(NamedTuple):
    """The text of a file; there is a gap before each block, and one at the end."""

    gaps: list[str]
    blocks: list[str]


def blocks_of(text: str, file: str) -> Blocks:
    """Return the blocks of a file, and the gaps between them.

    Raises:
        WaiverError: a waiver is no table of its own, so that no block would be one waiver.
    """
    lines = _LINE.findall(text)
    headers = [number for number, line in enumerate(lines) if _HEADER.match(line)]
    gaps: list[str] = []
    blocks: list[str] = []
    end = 0
    for header, following in pairwise([*headers, len(lines)]):
        first = header
        # The comment right above the header belongs to the waiver.
        while first > end and _is_comment(lines[first - 1]):
            first -= 1
        last = following
        # Comments and empty lines after the last value belong to no waiver.
        while not lines[last - 1].strip() or _is_comment(lines[last - 1]):
            last -= 1
        gaps.append("".join(lines[end:first]))
        blocks.append("".join(lines[first:last]))
        end = last
    gaps.append("".join(lines[end:]))
    _check_blocks(text, blocks, file)
    return Blocks(gaps, blocks)


def apply(decision: Decision, block: str) -> str:
    """Return the text of a block after a decision; empty if the waiver is removed."""
    match decision:
        case Keep():
            return block
        case Remove():
            return ""
        case ChangeWaiver(values):
            return _edit(block, values)
        case Narrow(parts):
            return "\n".join(_edit(block, part.values) for part in parts)


def lines_about(decision: Decision, waiver: Waiver) -> list[str]:
    """Return what a decision changes, a line each."""
    match decision:
        case Keep():
            return []
        case Remove(why):
            return [f"removed {waiver.cause or waiver.id}: {why}"]
        case ChangeWaiver(values):
            return _line_about(waiver, values)
        case Narrow(parts):
            return [line for part in parts for line in _line_about(waiver, part.values)]


def first_block(outcome: VectorOutcome) -> str:
    """Return a waiver for a failure that has none; a person writes the reason."""
    comparison = outcome.comparison
    return _block(
        {
            "id": comparison.vector.id,
            "subject": escape(outcome.subject.name),
            "failure": str(comparison.failure),
            "worst_ratio": worst_ratio_of([comparison]),
            "reason": "",
        }
    )


def block_by_cause(subject: SubjectRecord, cause: str) -> str:
    """Return a waiver for all failures with one cause; a person writes the reason."""
    return _block({"cause": cause, "subject": escape(subject.name), "reason": ""})


def _block(values: dict[str, Any]) -> str:
    lines = ["[[waiver]]"]
    for key, value in values.items():
        # TOML has no word for "none".
        if value is not None:
            lines.append(f"{key} = {_item(value).as_string()}")
    return "\n".join(lines) + "\n"


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def _check_blocks(text: str, blocks: Sequence[str], file: str) -> None:
    """Raise WaiverError unless every block is one waiver."""
    # `waiver = [...]`, and a header within a string, would pass as lines.
    try:
        tables = [table for block in blocks for table in tables_of(block, file)]
        whole = tables == tables_of(text, file)
    except WaiverError:
        whole = False
    if not whole:
        raise WaiverError(
            f"{file} must have a line [[waiver]] for each waiver and nowhere else, to be rewritten"
        )


def _edit(block: str, values: Values) -> str:
    if not values:
        return block
    # tomlkit keeps comments and spaces; it parses a block alone, so nothing else can change.
    document: Any = tomlkit.parse(block)
    (table,) = document["waiver"]
    for key, value in values.items():
        if value is None:
            table.pop(key)
        else:
            table.update({key: _item(value)})
    return tomlkit.dumps(document)


def _line_about(waiver: Waiver, values: Values) -> list[str]:
    if not values:
        return []
    changes = [
        f"{key} {_show(getattr(waiver, key))} -> {_show(value)}" for key, value in values.items()
    ]
    return [f"changed {waiver.cause or waiver.id}: {', '.join(changes)}"]


def _item(value: str | float) -> Item:
    """Return a value as TOML, a large number with an exponent."""
    return tomlkit.value(_show(value)) if isinstance(value, float) else tomlkit.item(value)


def _show(value: str | float | None) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return value or "none"
