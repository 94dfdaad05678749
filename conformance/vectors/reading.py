"""Reading: a vector from the JSON object of a vector file, once and whole.

Only the intervals of answers stay as they are written until they are first used.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain
from math import inf
from typing import Any, NamedTuple, overload

from .answer import read_answer
from .inputs import PARTS, Call, Inputs
from .objections import objection, wrong_scale
from .slices import decode_grad
from .spec import Entry, Relation, VectorSpec
from .switches import GROUPS, HYPERPARAMETERS, LIMITS, LOSS_SCALE
from .vector import Vector
from .words import Array, decode, decode_number, given_size


def read_vector(entry: Entry) -> Vector:
    """Return the vector that a vector file holds."""
    spec = read_spec(entry)
    # The same objects for all answers of a vector: a suite has thousands of them.
    form = (entry["dtype"], spec.shapes, spec.sizes)
    return Vector(spec, [read_answer(answer, *form) for answer in entry["answers"]])


def read_checked(entry: Entry) -> Vector:
    """Return the vector that a file of somebody else holds.

    Raises:
        ValueError: its relation, calls, answers or numbers make no sense. A TypeError or IndexError
            where a list has another length or form.
    """
    vector = read_vector(entry)
    complaint = objection(vector) or _wrong_complex(vector) or _misfit(vector)
    complaint = complaint or wrong_scale(vector.spec.inputs)
    if wrong := complaint or _wrong_groups(vector) or _wrong_number(vector):
        raise ValueError(wrong)
    return vector


def _wrong_complex(vector: Vector) -> str:
    """Return why the arrays of a vector cannot be complex numbers, or an empty string."""
    if not vector.spec.inputs.is_complex:
        return ""
    for shape in vector.spec.shapes:
        if not shape or shape[-1] != PARTS:
            return f"shapes of form complex must end with 2, for both parts, got {list(shape)}"
    excluded = vector.features & {"float16", "load", "sparse", LOSS_SCALE}
    if vector.spec.tile is not None:
        excluded |= {"tile"}
    if excluded:
        return f"form complex cannot be combined with {min(excluded)}"
    return ""


def _misfit(vector: Vector) -> str:
    """Return what does not fit, or an empty string; raise ValueError if arrays do not."""
    calls = len(vector.inputs.calls)
    if not all(0 < call <= calls for call in vector.after):
        return f"after must name calls from 1 to {calls}, got {list(vector.after)}"
    for answer in vector.answers:
        if any(rows != len(vector.after) for rows in answer.row_counts()):
            return "an answer must have a row for each call in after"
        if not all(call <= calls for call in answer.raising):
            return f"calls that raise must be from 1 to {calls}, got {list(answer.raising)}"
        # Decoding raises if an array does not fit.
        for interval in chain.from_iterable(answer.intervals):
            if not interval.is_sound():
                return "an answer must have lo <= hi, finite, and a finite offset and bound >= 0"
    return ""


def _wrong_groups(vector: Vector) -> str:
    """Return which group names a parameter that is not there, or of another group."""
    left = set(range(len(vector.spec.shapes)))
    for group in vector.switches.get(GROUPS, ()):
        for param in group["params"]:
            if param not in left:
                return (
                    f"params of groups must be from 0 to {len(vector.spec.shapes) - 1}, "
                    f"each in one group, got {param}"
                )
            left.remove(param)
    return ""


def _wrong_number(vector: Vector) -> str:
    """Return a hyperparameter with which nothing can be computed, or an empty string."""
    rates = [call.learning_rate for call in vector.spec.inputs.calls]
    later = [("learning_rate", rate) for rate in rates if rate is not None]
    groups = vector.switches.get(GROUPS, ())
    own = [item for group in groups for item in group.items() if item[0] != "params"]
    for name, value in (*vector.numbers.items(), *own, *later):
        if name in ("beta1", "beta2"):
            # With beta = 1 the bias correction divides by zero.
            rule = "be in [0, 1)"
            holds = 0 <= value < 1
        elif name in LIMITS:
            rule = "be finite and > 0"
            holds = 0 < value < inf
        else:
            rule = "be finite and >= 0"
            # Weights may be pushed away from zero.
            holds = (value >= 0 or name == "weight_decay") and abs(value) < inf
        if not holds:
            return f"{name} must {rule}, got {value!r}"
    return ""


def read_spec(entry: Entry) -> VectorSpec:
    """Return the specification that a vector file holds; answers are not read.

    Raises:
        ValueError: arrays do not fit the shapes, or a word has too few or too many digits.
    """
    form = _Form(entry["dtype"], entry["shapes"], entry.get("tile"))
    relation = None
    if "relation" in entry:
        fields = entry["relation"]
        relation = Relation(**{**fields, "other": tuple(fields.get("other", ()))})
    return VectorSpec(
        id=entry["id"],
        inputs=_read_inputs(entry, form),
        axes=entry["axes"],
        why=entry["why"],
        flags=entry["flags"],
        source=entry["source"],
        shapes=form.shapes,
        level=entry.get("level", "core"),
        tile=form.tile,
        relation=relation,
        cycle=entry.get("cycle"),
        after=entry["after"],
        decimal=entry["kind"] == "decimal",
        edition=entry.get("edition", 1),
    )


class UnreadVectors(Sequence[Vector]):
    """The vectors of a package, read when the first is used: to list conventions takes none."""

    def __init__(self, entries: list[Entry]) -> None:
        self._entries = entries

    @cached_property
    def _vectors(self) -> list[Vector]:
        vectors = [read_vector(entry) for entry in self._entries]
        self._entries = []
        return vectors

    @overload
    def __getitem__(self, index: int) -> Vector: ...
    @overload
    def __getitem__(self, index: slice) -> list[Vector]: ...
    def __getitem__(self, index: int | slice) -> Vector | list[Vector]:
        return self._vectors[index]

    def __len__(self) -> int:
        return len(self._vectors)

    def __iter__(self) -> Iterator[Vector]:
        return iter(self._vectors)


class _Form(NamedTuple):
    """The form of the arrays of a vector."""

    dtype: str
    shapes: Sequence[Sequence[int]]
    tile: int | None

    def decode(self, words: Sequence[str]) -> list[Array]:
        """Return one flat array a parameter."""
        arrays = []
        for array, shape in zip(words, self.shapes, strict=True):
            arrays.append(decode(array, self.dtype, [given_size(shape, self.tile)]))
        return arrays


def _read_inputs(entry: Entry, form: _Form) -> Inputs:
    settings = {name: _decode_setting(value) for name, value in entry["config"].items()}
    numbers = {name: settings.pop(name) for name in HYPERPARAMETERS if name in settings}
    load = None
    if "load" in entry:
        slots = {name: form.decode(words) for name, words in entry["load"].items() if name != "t"}
        load = (slots, list(entry["load"]["t"]))
    return Inputs(
        numbers=numbers,
        switches=settings,
        params=form.decode(entry["params"]),
        calls=[_decode_call(step, form) for step in entry["steps"]],
        load=load,
        form=entry.get("form"),
    )


def _decode_setting(value: Any) -> Any:
    if isinstance(value, list):
        return [_decode_group(group) for group in value]
    # Flags and counts stand there as they are.
    return decode_number(value) if isinstance(value, dict) else value


def _decode_group(group: Entry) -> Entry:
    """Return a group of parameters with its numbers; `params` is a list of counts."""
    numbers = {name: decode_number(group[name]) for name in group if name != "params"}
    return {"params": list(group["params"]), **numbers}


def _decode_call(step: Entry, form: _Form) -> Call:
    grads = []
    for grad, shape in zip(step["grads"], form.shapes, strict=True):
        grads.append(decode_grad(grad, form.dtype, shape, form.tile))
    return Call(grads, _number_of(step, "learning_rate"), _number_of(step, "scale"))


def _number_of(step: Entry, name: str) -> float | None:
    return decode_number(step[name]) if name in step else None
