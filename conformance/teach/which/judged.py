"""Libraries that were judged: the rows of the survey with their results."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from ...judge.selection import choose_convention
from ...subject.shipped import SHIPPED
from ...survey.results import read
from ...survey.row import Row, load
from ...vectors.suite import ListedConvention, Suite

# Axis -> the axis that turns on what it is about.
_ABOUT = {
    "amsgrad_bias_correction": "amsgrad",
    "decay_when": "weight_decay",
    "decay_scale": "weight_decay",
    "clip_order": "clip",
    "clip_law": "clip",
    "clip_when": "clip",
    "clip_duplicates": "clip",
    "duplicates": "sparse",
    "empty_sparse": "sparse",
}


def matters(axis: str, axes: Mapping[str, str]) -> bool:
    """Return whether an axis means anything beside the values on the others."""
    value = axes[_ABOUT.get(axis, axis)]
    # Two are about decoupled decay, and one is about L2.
    if axis in ("decay_when", "decay_scale"):
        return value == "decoupled"
    if axis == "clip_when" and axes["weight_decay"] != "l2":
        return False
    return axis not in _ABOUT or value != "unsupported"


class JudgedRow(NamedTuple):
    """A library, the convention by which it was judged, and what was found.

    Fields:
        row: what was judged.
        convention: a named one, with the changes of the row.
        verdict: of the kept run; empty if none is kept.
        axes: axis -> the value that its numbers decided.
    """

    row: Row
    convention: ListedConvention
    verdict: str
    axes: Mapping[str, str]

    @property
    def base(self) -> str:
        """The named convention, without the changes."""
        base, _, _ = self.row.convention.partition(",")
        return base

    @property
    def changes(self) -> str:
        """The changes to the named convention."""
        _, _, changes = self.row.convention.partition(",")
        return changes

    @property
    def conforms(self) -> bool:
        """Whether it is its convention, with a declaration or waivers at most."""
        verdict, _, _ = self.verdict.partition(" ")
        return verdict == "conformant"

    @property
    def command(self) -> str:
        """The command that judges the library once more."""
        name = self.row.name
        # A subject that ships needs no adapter of the survey.
        if name in SHIPPED:
            return f"adamref check {name}"
        return f"python -m conformance.survey DIR --only {name}"


def judged_rows(suite: Suite) -> list[JudgedRow]:
    """Return the rows of the survey, by the names of their libraries."""
    results = read()
    rows = []
    for row in load().rows:
        # A row without a run that is kept is on the page all the same.
        result = results.get(row.name, {})
        rows.append(_row_with_result(suite, row, result))
    return sorted(rows, key=_place)


def _place(one: JudgedRow) -> tuple[str, str]:
    return (one.row.library.lower(), one.row.name)


def _row_with_result(suite: Suite, row: Row, result: Mapping[str, Any]) -> JudgedRow:
    convention = choose_convention(suite, row.convention, None, row.name)
    return JudgedRow(
        row=row,
        convention=convention,
        verdict=result.get("verdict", ""),
        axes=result.get("axes", {}),
    )
