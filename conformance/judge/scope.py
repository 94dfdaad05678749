"""Scope: what a verdict is about. A subject may pass, and have been asked little."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from ..trial.comparison import Comparison
from ..trial.outcomes import Status

_DTYPES = ("bfloat16", "float16", "float32", "float64")


class Scope(NamedTuple):
    """What the vectors that a subject could be asked have in common.

    Fields:
        alone: the dtype or feature without which nothing could be asked, in words; empty if plain
            vectors in every dtype of the run could be asked.
        told: how many vectors could be asked.
        asked: how many the convention has, in this run.
        missing: the features that no vector could be asked about, in the order of the vectors.
    """

    alone: str
    told: int
    asked: int
    missing: tuple[str, ...]

    def __str__(self) -> str:
        """Return `in float16 alone`; empty if nothing so large is missing."""
        return f"in {self.alone} alone" if self.alone else ""

    def to_dict(self) -> dict[str, Any]:
        """Return the scope as JSON has it."""
        return {
            "alone": self.alone or None,
            "told": self.told,
            "asked": self.asked,
            "missing": list(self.missing),
        }


def scope_of(comparisons: Sequence[Comparison]) -> Scope:
    """Return what a report is about, from its comparisons."""
    told = [one for one in comparisons if one.status is not Status.UNSUPPORTED]
    not_told = [one for one in comparisons if one.status is Status.UNSUPPORTED]
    known = _features(told)
    missing = [feature for feature in _features(not_told) if feature not in known]
    return Scope(_alone(told, not_told, missing), len(told), len(comparisons), tuple(missing))


def _alone(
    told: Sequence[Comparison], not_told: Sequence[Comparison], missing: Sequence[str]
) -> str:
    found = {one.vector.dtype for one in told}
    dtypes = [dtype for dtype in _DTYPES if dtype in found]
    # Half precision is asked little, and few take it.
    if {"float32", "float64"} & set(missing):
        return " and ".join(dtypes)
    # What every vector of the run has says nothing about the subject.
    usual = _common([*told, *not_told])
    return " and ".join(sorted(_common(told) - usual))


def _common(comparisons: Sequence[Comparison]) -> set[str]:
    sets = map(_optional, comparisons)
    return set.intersection(*sets) if comparisons else set()


def _optional(comparison: Comparison) -> set[str]:
    vector = comparison.vector
    return set(vector.features) - {vector.dtype}


def _features(comparisons: Iterable[Comparison]) -> list[str]:
    """Return the features of all vectors, each once."""
    features: dict[str, None] = {}
    for one in comparisons:
        features.update(dict.fromkeys(sorted(one.vector.features)))
    return list(features)
