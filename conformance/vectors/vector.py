"""Vectors: golden cases with their answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .inputs import Call, Inputs
from .slices import decode_grad
from .words import Array, decode, decode_number, given, spread

Axes = Mapping[str, str]
Grid = list[list[Array]]


@dataclass(frozen=True)
class Answer:
    """What a correct subject returns, for the conventions that ``when`` names.

    Fields:
        of: `params`, `m`, `v`, `v_max`, or `calls`: which calls must raise.
        when: axis -> the values for which this answer holds; every other axis may have any value.
        tile: how many elements of an array are given at most, to be repeated; None is all.
    """

    of: str
    when: dict[str, list[str]]
    entry: dict[str, Any]
    dtype: str
    shapes: list[list[int]]
    tile: int | None = None

    def holds(self, axes: Axes) -> bool:
        """Whether this is the answer for a convention; ``axes`` includes the arithmetic, resolved."""
        return all(axes.get(axis) in values for axis, values in self.when.items())

    @property
    def calls(self) -> list[int]:
        """The calls that must raise."""
        return list(self.entry["calls"])

    @cached_property
    def lo(self) -> Grid:
        """Least permitted value, by answered step and parameter."""
        return self._words("lo")

    @cached_property
    def hi(self) -> Grid:
        """Greatest permitted value."""
        return self._words("hi")

    @cached_property
    def offset(self) -> list[list[NDArray[np.float64]]]:
        """The exact result: how far above lo, in units in the last place of lo."""
        return self._numbers("offset")

    @cached_property
    def bound(self) -> list[list[NDArray[np.float64]]]:
        """The bound, in units in the last place of lo."""
        return self._numbers("bound")

    @cached_property
    def classes(self) -> list[list[NDArray[np.str_]]] | None:
        """The class of each element, `interval`, `any`, `nonfinite` or `nan`; None if all are intervals."""
        return self._parts("classes", np.str_) if "classes" in self.entry else None

    def _words(self, name: str) -> Grid:
        return [
            [
                decode(words, self.dtype, shape, self.tile)
                for words, shape in zip(row, self.shapes, strict=True)
            ]
            for row in self.entry[name]
        ]

    def _numbers(self, name: str) -> list[list[NDArray[np.float64]]]:
        return self._parts(name, np.float64)

    def _parts(self, name: str, kind: Any) -> list[list[NDArray[Any]]]:
        return [
            [
                self._spread(np.array(text.split(), kind), shape)
                for text, shape in zip(row, self.shapes, strict=True)
            ]
            for row in self.entry[name]
        ]

    def _spread(self, parts: NDArray[Any], shape: list[int]) -> NDArray[Any]:
        if len(parts) != given(shape, self.tile):
            raise ValueError(
                f"an answer must have {given(shape, self.tile)} parts for shape {shape}, got {len(parts)}"
            )
        return spread(parts, shape)


@dataclass(frozen=True)
class Vector:
    """One case. Its arrays are decoded when they are first asked for."""

    topic: str
    entry: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.entry["id"])

    @property
    def why(self) -> str:
        return str(self.entry["why"])

    @property
    def dtype(self) -> str:
        return str(self.entry["dtype"])

    @property
    def dyadic(self) -> bool:
        return bool(self.entry["kind"] == "dyadic")

    @property
    def after(self) -> list[int]:
        """The calls, from 1, after which there are answers."""
        return list(self.entry["after"])

    @cached_property
    def numbers(self) -> dict[str, float]:
        """The hyperparameters."""
        return {k: decode_number(v) for k, v in self.entry["config"].items() if isinstance(v, dict)}

    @cached_property
    def switches(self) -> dict[str, float | bool]:
        """What is turned on beyond the four numbers of Adam."""
        on = {k: v for k, v in self.entry["config"].items() if isinstance(v, bool) and v}
        four = ("learning_rate", "beta1", "beta2", "epsilon")
        return on | {k: v for k, v in self.numbers.items() if k not in four}

    @cached_property
    def features(self) -> frozenset[str]:
        """What a subject must be able to do, beside plain steps, to be asked this."""
        steps = self.entry["steps"]
        grads = [grad for step in steps for grad in step["grads"]]
        return frozenset(
            {self.dtype, *self.switches}
            | ({"none"} if None in grads else set())
            | ({"sparse"} if any(isinstance(grad, dict) for grad in grads) else set())
            | ({"load"} if "load" in self.entry else set())
            | ({"schedule"} if any("learning_rate" in step for step in steps) else set())
            | ({"save"} if self.relation.get("kind") == "resume" else set())
        )

    @property
    def level(self) -> str:
        """`core`, or `full` for what is long or large."""
        return str(self.entry.get("level", "core"))

    @property
    def tile(self) -> int | None:
        """How many elements of an array are given at most, to be repeated."""
        return self.entry.get("tile")

    @property
    def relation(self) -> dict[str, Any]:
        """Tier relation: what a second run with changed inputs must have in common with the first; else empty."""
        return dict(self.entry.get("relation", {}))

    @property
    def inputs(self) -> Inputs:
        """What the subject is given."""
        four = {k: self.numbers[k] for k in ("learning_rate", "beta1", "beta2", "epsilon")}
        return Inputs(four, self.switches, self.params, self.calls, self.load)

    @cached_property
    def params(self) -> list[Array]:
        return self._arrays(self.entry["params"])

    @cached_property
    def calls(self) -> list[Call]:
        calls = [
            Call(
                [
                    decode_grad(entry, self.dtype, shape, self.tile)
                    for entry, shape in zip(step["grads"], self.entry["shapes"], strict=True)
                ],
                decode_number(step["learning_rate"]) if "learning_rate" in step else None,
            )
            for step in self.entry["steps"]
        ]
        return [calls[at % len(calls)] for at in range(self.entry.get("cycle", len(calls)))]

    @cached_property
    def load(self) -> tuple[dict[str, list[Array]], list[int]] | None:
        """The moments and steps taken from which the subject starts."""
        if "load" not in self.entry:
            return None
        load = self.entry["load"]
        return {name: self._arrays(words) for name, words in load.items() if name != "t"}, list(
            load["t"]
        )

    @cached_property
    def answers(self) -> list[Answer]:
        return [
            Answer(entry["of"], entry["when"], entry, self.dtype, self.entry["shapes"], self.tile)
            for entry in self.entry["answers"]
        ]

    def _arrays(self, words: list[str]) -> list[Array]:
        return [
            decode(w, self.dtype, shape, self.tile)
            for w, shape in zip(words, self.entry["shapes"], strict=True)
        ]


def asked(vector: Vector, axes: Axes) -> bool:
    """Whether the vector has an answer for parameters under this convention, whatever the arithmetic."""
    return any(
        answer.of == "params"
        and all(
            axes.get(axis) in values for axis, values in answer.when.items() if axis != "arithmetic"
        )
        for answer in vector.answers
    )


def answers_for(vector: Vector, axes: Axes) -> list[Answer]:
    """The answers that hold for ``axes``, which includes the arithmetic, resolved for the dtype."""
    return [answer for answer in vector.answers if answer.holds(axes)]


def resolved(code: str, dtype: str) -> str:
    """An arithmetic with T replaced by the format of the parameters."""
    return code.replace("T", {"float32": "s", "float64": "d"}.get(dtype, "T"))


def answers_under(vector: Vector, axes: Axes, code: str) -> list[Answer]:
    """The answers that hold for ``axes`` and an arithmetic, as it is named."""
    return answers_for(vector, {**axes, "arithmetic": resolved(code, vector.dtype)})


def size(vector: Vector) -> int:
    """What it costs to solve: elements times steps."""
    elements = sum(min(prod(shape), vector.tile or prod(shape)) for shape in vector.entry["shapes"])
    return int(elements * vector.entry.get("cycle", len(vector.entry["steps"])))
