"""Suites: the vectors of a folder, and the conventions that have names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .vector import Vector

# Values that no Adam can have together, in pairs of an axis and a value.
EXCLUDING = (
    (("epsilon", "hat"), ("amsgrad", "max_corrected")),
    (("sparse", "lazy_global_t"), ("step_scope", "parameter")),
    (("sparse", "lazy_row_t"), ("step_scope", "optimizer")),
    (("sparse", "lazy_tensor_t"), ("step_scope", "optimizer")),
    (("duplicates", "sum_of_squares"), ("clip_duplicates", "after_sum")),
    (("duplicates", "sum_of_squares"), ("weight_decay", "l2")),
)
# The five letters of an arithmetic.
_CODE = {"type": "string", "pattern": "^[sdT]{5}$"}


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
        undecided: the vectors that cannot tell right from wrong with them, and are left out.
    """

    version: str
    vectors: Sequence[Vector]
    conventions: dict[str, ListedConvention]
    axes: dict[str, list[str]]
    arithmetics: dict[str, str]
    quick: frozenset[str] = frozenset()
    config: Mapping[str, float] = field(default_factory=dict)
    undecided: Sequence[Vector] = ()


def contradiction(axes: Mapping[str, str]) -> str:
    """Return two values of a convention that exclude each other, in words; empty if none do."""
    for pair in EXCLUDING:
        if all(axes.get(axis) == value for axis, value in pair):
            return " and ".join(f"{axis} {value}" for axis, value in pair)
    return ""


def schema_of_conventions(axes: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return the JSON schema of conventions.json, for a judge that knows ``axes`` and no others."""
    named_axes = {
        "type": "object",
        "required": list(axes),
        "additionalProperties": False,
        "properties": {axis: {"enum": list(values)} for axis, values in axes.items()},
    }
    convention = {
        "type": "object",
        "required": ["axes", "arithmetics", "source"],
        "additionalProperties": False,
        "properties": {
            "axes": named_axes,
            "arithmetics": {
                "type": "array",
                "minItems": 1,
                "items": _CODE,
            },
            "source": {"type": "string"},
        },
    }
    return {
        "type": "object",
        "required": ["axes", "arithmetics", "conventions"],
        "properties": {
            "axes": {
                "type": "object",
                "required": list(axes),
                "additionalProperties": False,
                # An older folder may lack a value that this version has.
                "properties": {
                    axis: {"type": "array", "minItems": 1, "items": {"enum": list(values)}}
                    for axis, values in axes.items()
                },
            },
            "arithmetics": {
                "type": "object",
                "minProperties": 1,
                "propertyNames": _CODE,
                "additionalProperties": {"type": "string"},
            },
            "conventions": {
                "type": "object",
                # By it a subject is judged that declares none.
                "required": ["paper"],
                "propertyNames": {"pattern": "^[A-Za-z0-9._-]+$"},
                "additionalProperties": convention,
            },
        },
    }
