"""Suites: the vectors of a folder, and the conventions that have names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .vector import Vector


@dataclass(frozen=True)
class ListedConvention:
    """A named convention of conventions.json.

    Attributes:
        name: as users write it.
        axes: its value on every axis.
        arithmetics: the codes that it accepts, the one in use first.
        source: whose convention it is.
    """

    name: str
    axes: dict[str, str]
    arithmetics: list[str]
    source: str


@dataclass(frozen=True)
class Suite:
    """All that a judge reads from a folder.

    Attributes:
        version: of the vectors.
        vectors: in the order of their files.
        conventions: name -> convention.
        axes: axis -> its values.
        arithmetics: code -> who has it.
        quick: the ids of level quick.
        config: hyperparameters that replace those of all vectors.
    """

    version: str
    vectors: Sequence[Vector]
    conventions: dict[str, ListedConvention]
    axes: dict[str, list[str]]
    arithmetics: dict[str, str]
    quick: frozenset[str] = frozenset()
    config: Mapping[str, float] = field(default_factory=dict)
