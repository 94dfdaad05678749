"""Vectors: golden cases with their answers.

A `Vector` is a `VectorSpec`, which has the inputs as they are written down, and its answers. A run
takes `Vector.inputs`: arrays in their shapes, repeated where a tile is given, and every call.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from .answer import Answer, Axes, read_answer
from .inputs import Call, Inputs
from .slices import Grad, IndexedSlices
from .spec import Entry, Relation, VectorSpec, read_spec
from .words import Array, spread

# The format that T, the format of the parameters, stands for.
_LETTERS = {"float32": "s", "float64": "d"}


@dataclass(frozen=True, eq=False)
class Vector:
    """One case: a specification, and the answers for the conventions that it asks."""

    spec: VectorSpec
    answers: list[Answer] = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.spec.id

    @property
    def topic(self) -> str:
        return self.spec.topic

    @property
    def why(self) -> str:
        return self.spec.why

    @property
    def dtype(self) -> str:
        return self.spec.dtype

    @property
    def dyadic(self) -> bool:
        """Whether one answer serves every arithmetic."""
        return not self.spec.decimal

    @property
    def level(self) -> str:
        """`core`, or `full` for a vector that is long or large."""
        return self.spec.level

    @property
    def relation(self) -> Relation | None:
        """How a second run changes the inputs, if there is a second run."""
        return self.spec.relation

    @property
    def after(self) -> Sequence[int]:
        """The calls, from 1, after which there are answers."""
        return self.spec.after

    @property
    def features(self) -> frozenset[str]:
        """What a subject must be able to do, besides plain steps, to run this."""
        return self.spec.features

    @property
    def numbers(self) -> dict[str, float]:
        """All hyperparameters that are numbers."""
        switches = self.switches.items()
        numbers = {name: value for name, value in switches if not isinstance(value, bool)}
        return self.spec.inputs.numbers | numbers

    @property
    def switches(self) -> dict[str, float | bool]:
        """The settings that are on besides Adam's own four."""
        return self.spec.switches

    @cached_property
    def inputs(self) -> Inputs:
        """What the subject is given: whole arrays, and every call."""
        given = self.spec.inputs
        steps = [Call(self._shaped_grads(call.grads), call.learning_rate) for call in given.calls]
        calls = [steps[number % len(steps)] for number in range(self.spec.call_count)]
        load = None
        if given.load:
            slots, steps_taken = given.load
            load = ({name: self._shaped(arrays) for name, arrays in slots.items()}, steps_taken)
        return Inputs(given.numbers, self.switches, self._shaped(given.params), calls, load)

    @property
    def params(self) -> list[Array]:
        return self.inputs.params

    @property
    def calls(self) -> list[Call]:
        return self.inputs.calls

    @property
    def load(self) -> tuple[dict[str, list[Array]], list[int]] | None:
        """The moments and steps taken from which the subject starts."""
        return self.inputs.load

    def asks(self, axes: Axes) -> bool:
        """Return whether there is an answer for parameters under a convention."""
        return any(answer.quantity == "params" and answer.concerns(axes) for answer in self.answers)

    def answers_for(self, axes: Axes, code: str) -> list[Answer]:
        """Return the answers for a convention and an arithmetic, in which T may stand."""
        point = {**axes, "arithmetic": resolve(code, self.dtype)}
        return [answer for answer in self.answers if answer.holds(point)]

    def to_entry(self) -> Entry:
        """Return the vector as a vector file holds it."""
        return self.spec.to_entry() | {"answers": [answer.to_entry() for answer in self.answers]}

    def _shaped(self, arrays: Sequence[Array]) -> list[Array]:
        pairs = zip(arrays, self.spec.shapes, strict=True)
        return [spread(array, shape) for array, shape in pairs]

    def _shaped_grads(self, grads: Sequence[Grad | None]) -> list[Grad | None]:
        pairs = zip(grads, self.spec.shapes, strict=True)
        return [_shaped_grad(grad, shape) for grad, shape in pairs]


def _shaped_grad(grad: Grad | None, shape: Sequence[int]) -> Grad | None:
    if grad is None or isinstance(grad, IndexedSlices):
        return grad
    return spread(grad, shape)


def read_vector(entry: Entry) -> Vector:
    """Return the vector that a vector file holds."""
    spec = read_spec(entry)
    form = (entry["dtype"], spec.shapes, spec.sizes)
    return Vector(spec, [read_answer(answer, *form) for answer in entry["answers"]])


def resolve(code: str, dtype: str) -> str:
    """Return an arithmetic with T replaced by the format of the parameters."""
    return code.replace("T", _LETTERS.get(dtype, "T"))


def size(vector: Vector) -> int:
    """Return the cost of solving a vector: elements times calls."""
    return sum(vector.spec.sizes) * vector.spec.call_count


def length(vector: Vector) -> int:
    """Return how much there is to read: the length of the calls as a vector file holds them."""
    steps: Any = vector.spec.to_entry()["steps"]
    return len(str(steps))
