"""A suite: the vectors of a folder, and the conventions that have names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .vector import Vector


@dataclass(frozen=True)
class ListedConvention:
    """A named convention: its value on every axis, and the arithmetics it accepts."""

    name: str
    axes: dict[str, str]
    arithmetics: list[str]
    source: str


@dataclass(frozen=True)
class Suite:
    """All vectors of a folder, the conventions that have names, and the ids of the vectors of level quick.

    ``config``: hyperparameters that all of them were given in the place of their own.
    """

    version: str
    vectors: Sequence[Vector]
    conventions: dict[str, ListedConvention]
    axes: dict[str, list[str]]
    arithmetics: dict[str, str]
    quick: frozenset[str] = frozenset()
    config: Mapping[str, float] = field(default_factory=dict)
