"""Changes from one recorded run to the next: regressions, improvements, changes and drift.

A status or verdict has a rank. It is a regression if the rank falls, for instance from `passed` to
`failed`, and an improvement if it rises. Drift is a vector with the same status and other bits.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, NamedTuple

from ..trial.outcomes import Status
from .recorded import Entry, Recorded
from .results import RunVerdict


class ChangeKind(StrEnum):
    """Kinds of change, in the order in which people want to hear of them."""

    REGRESSION = "regression"
    IMPROVEMENT = "improvement"
    CHANGE = "change"
    DRIFT = "drift"


# A waived failure is known, and no worse than a pass.
_STATUS_RANKS = {
    Status.PASSED: 2,
    Status.WAIVED: 2,
    Status.UNSUPPORTED: 1,
    Status.FAILED: 0,
    Status.ERRORED: 0,
}
_VERDICT_RANKS = {
    RunVerdict.CONFORMANT: 5,
    RunVerdict.WAIVED: 5,
    RunVerdict.OF_CLASS: 4,
    RunVerdict.UNTESTED: 3,
    RunVerdict.INCONCLUSIVE: 3,
    RunVerdict.INTERRUPTED: 3,
    RunVerdict.ARITHMETIC: 2,
    RunVerdict.REFUSES: 2,
    RunVerdict.NONCONFORMANT: 1,
    RunVerdict.NOT_LOADED: 0,
}
# Also compared: these fields of the header, and of the line of a subject.
_FIELDS_OF_RUN = ("adamref", "vectors", "python", "numpy", "platform", "options")
_FIELDS_OF_SUBJECT = ("version", "convention", "arithmetic")


class Change(NamedTuple):
    """One difference between two runs.

    Fields:
        kind: `drift` is other bits with the same status.
        subject, vector: empty where the change concerns the run, or the subject as a whole.
        what: `status`, `verdict`, `bits`, or a field of the header or of the line of the subject.
        old, new: None where one of the runs has no such thing.
        old_worst, new_worst: of drift, the largest error over bound; None if none was compared.
    """

    kind: ChangeKind
    subject: str
    vector: str
    what: str
    old: Any
    new: Any
    old_worst: float | str | None = None
    new_worst: float | str | None = None


class ReportChange(NamedTuple):
    """All changes, and how many vectors of how many subjects both runs have."""

    changes: list[Change]
    vectors: int
    subjects: int

    def of_kind(self, kind: ChangeKind) -> list[Change]:
        return [change for change in self.changes if change.kind == kind]

    def to_dict(self) -> dict[str, Any]:
        """Return the changes as JSON has them."""
        return {
            "format": 1,
            "compared": {"vectors": self.vectors, "subjects": self.subjects},
            "counts": {kind: len(self.of_kind(kind)) for kind in ChangeKind},
            "changes": [change._asdict() for change in self.changes],
        }


def compare(old: Recorded, new: Recorded) -> ReportChange:
    """Return the changes from ``old`` to ``new`` by kind, and within a kind as in the files."""
    # First what the runs say of themselves, then each subject: its verdict, its line, its vectors.
    same_vectors = old.header["vectors"] == new.header["vectors"]
    old_verdicts = _verdicts(old)
    new_verdicts = _verdicts(new)
    changes = list(_changed_fields("", old.header, new.header, _FIELDS_OF_RUN))
    compared = 0
    subjects = 0
    for name in dict.fromkeys([*old_verdicts, *new_verdicts]):
        # A subject that only one run has is a change of its verdict, and nothing more.
        in_both = name in old.subjects and name in new.subjects
        # Other vectors may bring another verdict, which is then nobody's fault.
        ranks = _VERDICT_RANKS if same_vectors or not in_both else {}
        verdicts = (old_verdicts.get(name), new_verdicts.get(name))
        changes += _change(name, "", "verdict", verdicts, ranks)
        if not in_both:
            continue
        subjects += 1
        compared += len(old.vectors_of(name).keys() & new.vectors_of(name).keys())
        lines = (old.subjects[name], new.subjects[name])
        changes += _changed_fields(name, *lines, _FIELDS_OF_SUBJECT)
        changes += _changed_vectors(name, old, new, same_vectors)
    changes.sort(key=lambda change: list(ChangeKind).index(change.kind))
    return ReportChange(changes, compared, subjects)


def _verdicts(run: Recorded) -> dict[str, str]:
    verdicts = {name: entry["verdict"] for name, entry in run.subjects.items()}
    return verdicts | dict.fromkeys(run.errors, RunVerdict.NOT_LOADED)


def _changed_fields(name: str, old: Entry, new: Entry, fields: tuple[str, ...]) -> Iterator[Change]:
    for field in fields:
        yield from _change(name, "", field, (old[field], new[field]), {})


def _changed_vectors(
    name: str, old: Recorded, new: Recorded, same_vectors: bool
) -> Iterator[Change]:
    old_vectors = old.vectors_of(name)
    new_vectors = new.vectors_of(name)
    for vector in dict.fromkeys([*old_vectors, *new_vectors]):
        before = old_vectors.get(vector, {})
        after = new_vectors.get(vector, {})
        # A vector that only one version of the vectors has was neither lost nor gained.
        ranks = _STATUS_RANKS if same_vectors or (before and after) else {}
        statuses = (before.get("status"), after.get("status"))
        if statuses[0] != statuses[1]:
            yield from _change(name, vector, "status", statuses, ranks)
        elif before["bits"] != after["bits"]:
            yield Change(
                ChangeKind.DRIFT,
                name,
                vector,
                "bits",
                before["bits"],
                after["bits"],
                old_worst=_worst(before),
                new_worst=_worst(after),
            )


def _change(
    name: str, vector: str, what: str, values: tuple[Any, Any], ranks: dict[Any, int]
) -> Iterator[Change]:
    """Yield the change from the old value to the new one, if there is any."""
    old, new = values
    if old != new:
        yield Change(_kind(old, new, ranks), name, vector, what, old, new)


def _kind(old: Any, new: Any, ranks: dict[Any, int]) -> ChangeKind:
    """Return the kind of a change; values without ``ranks`` are neither better nor worse."""
    if not ranks or old is None:
        return ChangeKind.CHANGE
    # To vanish is worse than any status.
    if new is None or ranks[new] < ranks[old]:
        return ChangeKind.REGRESSION
    if ranks[new] > ranks[old]:
        return ChangeKind.IMPROVEMENT
    return ChangeKind.CHANGE


def _worst(entry: Entry) -> float | str | None:
    ratios = entry.get("worst", {}).values()
    return max(ratios, key=float, default=None)
