"""Lesson: one idea, an input with small numbers, and the runs that work it out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ...truth.point import Point, values_of
from ...truth.reference import CONVENTIONS
from ...vectors.inputs import Call, Inputs, Switches
from ...vectors.spec import Entry, VectorSpec

# Of the entry of a vector, what a lesson has too.
_INPUT_FIELDS = ("dtype", "config", "shapes", "params", "params_about", "steps")


@dataclass(frozen=True, kw_only=True)
class LessonRun:
    """One Adam that takes the steps of a lesson.

    Fields:
        says: what it shows, a sentence.
        convention: a name.
        changes: axis -> another value than the convention has.
        storage: of bfloat16 parameters; empty for other dtypes.
    """

    says: str
    convention: str = "paper"
    changes: Mapping[str, str] = field(default_factory=dict)
    storage: str = ""

    @property
    def axes(self) -> dict[str, str]:
        """The value on every axis."""
        return values_of(CONVENTIONS[self.convention].convention) | dict(self.changes)

    @property
    def point(self) -> Point:
        """Where the oracle answers; dyadic numbers have one answer in all arithmetics."""
        storage = {"bfloat16": self.storage} if self.storage else {}
        return Point.of(self.axes | storage)


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """One idea about Adam, in numbers that can be checked by hand.

    Fields:
        name: in the `id`.
        idea: two sentences.
        formula: the equations that it is about.
        numbers: the four hyperparameters.
        switches: what else is on.
        params: one list a parameter, nested where it has rows.
        calls: the gradients of each call, one entry a parameter.
        dtype: of the parameters.
        runs: the Adams that are shown, one or two.
    """

    name: str
    idea: str
    formula: Sequence[str]
    numbers: Mapping[str, float]
    params: Sequence[Sequence[float] | Sequence[Sequence[float]]]
    calls: Sequence[Call]
    runs: Sequence[LessonRun]
    switches: Switches = field(default_factory=dict)
    dtype: str = "float32"

    @cached_property
    def spec(self) -> VectorSpec:
        """The input as that of a vector."""
        params = [np.array(param, self.dtype) for param in self.params]
        inputs = Inputs(dict(self.numbers), self.switches, params, list(self.calls))
        return VectorSpec(id=f"learn.{self.name}", inputs=inputs)

    def to_entry(self) -> Entry:
        """Return what `learn.json` has of it before its runs."""
        entry = self.spec.to_entry()
        head = {"id": entry["id"], "idea": self.idea, "formula": list(self.formula)}
        return head | {name: entry[name] for name in _INPUT_FIELDS}
