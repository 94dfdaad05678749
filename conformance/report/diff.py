"""What changed from one recorded run to the next."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from .recorded import Entry, Recorded

# The kinds of change, in the order in which people want to hear of them.
KINDS = ("regression", "improvement", "change", "drift")
# The higher the better; a step down is a regression. What is waived is known, and no worse than what passes.
_RANKS = {"passed": 2, "waived": 2, "unsupported": 1, "failed": 0, "errored": 0} | {
    "conformant": 4,
    "conformant (waived)": 4,
    "untested": 3,
    "nonconformant (arithmetic)": 2,
    "nonconformant": 1,
    "not loaded": 0,
}
# What else is compared, of a header and of the line of a subject.
_OF_RUN = ("adamref", "vectors", "python", "numpy", "platform", "options")
_OF_SUBJECT = ("version", "convention", "arithmetic")


class Change(NamedTuple):
    """One thing that is not as it was.

    Fields:
        kind: one of KINDS; `drift` is other bits with the same status.
        subject, vector: whose; empty where it concerns the run, or the subject as a whole.
        what: `status`, `verdict`, `bits`, or a field of the header or of the line of the subject.
        old, new: None where there was none, or is none any more.
        old_worst, new_worst: of drift, the largest error over bound; None where nothing was compared.
    """

    kind: str
    subject: str
    vector: str
    what: str
    old: Any
    new: Any
    old_worst: float | str | None = None
    new_worst: float | str | None = None


class Difference(NamedTuple):
    """All changes, and how many vectors of how many subjects were there both times."""

    changes: list[Change]
    vectors: int
    subjects: int

    def of_kind(self, kind: str) -> list[Change]:
        return [change for change in self.changes if change.kind == kind]

    def to_dict(self) -> dict[str, Any]:
        """The difference as JSON has it."""
        counts = {kind: len(self.of_kind(kind)) for kind in KINDS}
        compared = {"vectors": self.vectors, "subjects": self.subjects}
        return {
            "format": 1,
            "compared": compared,
            "counts": counts,
            "changes": [c._asdict() for c in self.changes],
        }


def difference(old: Recorded, new: Recorded) -> Difference:
    """What changed from ``old`` to ``new``, by kind and, within, in the order of the files."""
    same_vectors = old.header["vectors"] == new.header["vectors"]
    changes = list(_fields("", old.header, new.header, _OF_RUN))
    common = [name for name in old.subjects if name in new.subjects]
    for name in dict.fromkeys([*_verdicts(old), *_verdicts(new)]):
        kind = "change" if name in common and not same_vectors else None
        changes += _changed(
            name, "", "verdict", _verdicts(old).get(name), _verdicts(new).get(name), kind
        )
        if name in common:
            changes += _fields(name, old.subjects[name], new.subjects[name], _OF_SUBJECT)
            changes += _vectors(
                name, old.vectors.get(name, {}), new.vectors.get(name, {}), same_vectors
            )
    compared = sum(
        len(old.vectors.get(name, {}).keys() & new.vectors.get(name, {}).keys()) for name in common
    )
    return Difference(
        sorted(changes, key=lambda change: KINDS.index(change.kind)), compared, len(common)
    )


def _verdicts(run: Recorded) -> dict[str, str]:
    judged = {name: entry["verdict"] for name, entry in run.subjects.items()}
    return judged | dict.fromkeys(run.errors, "not loaded")


def _fields(name: str, old: Entry, new: Entry, fields: tuple[str, ...]) -> Iterator[Change]:
    for field in fields:
        yield from _changed(name, "", field, old[field], new[field], "change")


def _vectors(
    name: str, old: dict[str, Entry], new: dict[str, Entry], same_vectors: bool
) -> Iterator[Change]:
    for vector in dict.fromkeys([*old, *new]):
        before, after = old.get(vector, {}), new.get(vector, {})
        kind = None if (before and after) or same_vectors else "change"
        yield from _changed(name, vector, "status", before.get("status"), after.get("status"), kind)
        if before.get("status") == after.get("status") and before["bits"] != after["bits"]:
            yield Change(
                "drift",
                name,
                vector,
                "bits",
                before["bits"],
                after["bits"],
                _worst(before),
                _worst(after),
            )


def _changed(
    name: str, vector: str, what: str, old: Any, new: Any, kind: str | None
) -> Iterator[Change]:
    """The change, if it is one; its kind where there is none yet is told by the ranks, and to vanish is the worst."""
    if old == new:
        return
    if kind is None:
        step = 0 if old is None else (-1 if new is None else _RANKS[new]) - _RANKS[old]
        kind = "regression" if step < 0 else "improvement" if step > 0 else "change"
    yield Change(kind, name, vector, what, old, new)


def _worst(entry: Entry) -> float | str | None:
    ratios = entry.get("worst", {}).values()
    return max(ratios, key=float, default=None)
