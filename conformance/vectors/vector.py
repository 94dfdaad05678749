"""Vectors: golden cases with their answers.

A `Vector` is a `VectorSpec`, which has the inputs as they are written down, and its answers. A run
takes `Vector.inputs`: arrays in their shapes, repeated where a tile is given, and every call.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from .answer import Answer, Axes
from .inputs import Call, Inputs, Switches
from .slices import Grad, IndexedSlices
from .spec import Entry, Relation, VectorSpec
from .words import Array, spread

# The letter that replaces T, the format of the parameters. Moments of float16 are float32, but
# such vectors are dyadic: they have the same answer for every arithmetic.
_LETTERS = {"float32": "s", "float64": "d", "bfloat16": "s"}


@dataclass(frozen=True, eq=False)
class Vector:
    """One case: a specification, and the answers for the conventions that it asks.

    Fields:
        roundings: quantity -> the roundings that each operation of the subject errs by, where they
            are more than 1; the answers are for these.
    """

    spec: VectorSpec
    answers: list[Answer] = field(default_factory=list)
    roundings: Mapping[str, int] = field(default_factory=dict)

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
    def is_about_storage(self) -> bool:
        """Whether answers depend on what a subject keeps of half precision."""
        return self.dtype in self.spec.axes

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
        others = {name: value for name, value in switches if isinstance(value, float)}
        return self.spec.inputs.numbers | others

    @property
    def switches(self) -> Switches:
        """The settings that are on besides Adam's own four."""
        return self.spec.switches

    @cached_property
    def inputs(self) -> Inputs:
        """What the subject is given: whole arrays, and every call."""
        given = self.spec.inputs
        steps = [self._whole_call(call) for call in given.calls]
        # Repeated calls share their arrays: a run copies what it hands to a subject.
        calls = [steps[number % len(steps)] for number in range(self.spec.call_count)]
        load = None
        if given.load:
            slots, steps_taken = given.load
            whole_slots = {name: self._whole(arrays) for name, arrays in slots.items()}
            load = (whole_slots, steps_taken)
        return Inputs(
            numbers=given.numbers,
            switches=self.switches,
            params=self._whole(given.params),
            calls=calls,
            load=load,
            form=given.form,
        )

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
        # A convention that only has answers for moments would be judged by them alone.
        about_params = (answer for answer in self.answers if answer.is_about_params)
        return any(answer.concerns(axes) for answer in about_params)

    def answers_for(self, axes: Axes, code: str) -> tuple[Answer, ...]:
        """Return the answers for a convention and an arithmetic, which may have a T.

        This is the one place where answers are selected; a run is then compared with all of them.
        """
        point = {**axes, "arithmetic": resolve(code, self.dtype)}
        # Many conventions share the few values that matter here, and are asked again and again.
        key = tuple(map(point.get, self._axes_that_matter))
        if key not in self._selected:
            self._selected[key] = tuple(answer for answer in self.answers if answer.holds(point))
        return self._selected[key]

    @cached_property
    def _axes_that_matter(self) -> tuple[str, ...]:
        axes = dict.fromkeys(axis for answer in self.answers for axis in answer.when)
        return tuple(axes)

    @cached_property
    def _selected(self) -> dict[tuple[str | None, ...], tuple[Answer, ...]]:
        return {}

    def within(self, roundings: Mapping[str, int]) -> "Vector":
        """Return the vector for a subject whose operations err by so many roundings.

        What is stored in half precision is no sum of such errors, and stays as it is.
        """
        if roundings == self.roundings or self.is_about_storage:
            return self
        return Vector(self.spec, list(answers_within(self.answers, roundings)), roundings)

    def to_entry(self) -> Entry:
        """Return the vector as a vector file holds it, for subjects that round correctly."""
        entry = self.spec.to_entry()
        entry["answers"] = [answer.to_entry() for answer in self.answers]
        return entry

    def _whole(self, arrays: Sequence[Array]) -> list[Array]:
        """Return arrays in the shapes of the parameters."""
        pairs = zip(arrays, self.spec.shapes, strict=True)
        return [spread(array, shape) for array, shape in pairs]

    def _whole_call(self, call: Call) -> Call:
        grads: list[Grad | None] = []
        for grad, shape in zip(call.grads, self.spec.shapes, strict=True):
            # Only dense gradients are written down flat.
            if grad is not None and not isinstance(grad, IndexedSlices):
                grads.append(spread(grad, shape))
            else:
                grads.append(grad)
        return call._replace(grads=grads)


def answers_within(answers: Iterable[Answer], roundings: Mapping[str, int]) -> Iterator[Answer]:
    """Yield the answers for a subject whose operations err by so many roundings."""
    for answer in answers:
        yield replace(answer, roundings=roundings.get(answer.quantity, 1))


def resolve(code: str, dtype: str) -> str:
    """Return an arithmetic with T replaced by the format of the parameters."""
    return code.replace("T", _LETTERS.get(dtype, "T"))


def loads_several_t(vector: Vector) -> bool:
    """Return whether parameters start with different t, which one t for all cannot."""
    if vector.load is None:
        return False
    _, steps_taken = vector.load
    return len(set(steps_taken)) > 1


def size(vector: Vector) -> int:
    """Return the cost of solving a vector: elements times calls."""
    return sum(vector.spec.sizes) * vector.spec.call_count


def length(vector: Vector) -> int:
    """Return how much there is to read: the length of the calls as a vector file holds them."""
    return len(str(vector.spec.to_entry()["steps"]))
