"""Reading: a vector from the JSON object of a vector file, once and whole.

Only the intervals of answers stay as they are written until they are first used.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from .answer import read_answer
from .inputs import Call, Inputs
from .slices import decode_grad
from .spec import Entry, Relation, VectorSpec
from .switches import HYPERPARAMETERS
from .vector import Vector
from .words import Array, decode, decode_number, given_size


def read_vector(entry: Entry) -> Vector:
    """Return the vector that a vector file holds."""
    spec = read_spec(entry)
    # The same objects for all answers of a vector: a suite has thousands of them.
    form = (entry["dtype"], spec.shapes, spec.sizes)
    return Vector(spec, [read_answer(answer, *form) for answer in entry["answers"]])


def read_spec(entry: Entry) -> VectorSpec:
    """Return the specification that a vector file holds; answers are not read.

    Raises:
        ValueError: arrays do not fit the shapes, or a word has too few or too many digits.
    """
    form = _Form(entry["dtype"], entry["shapes"], entry.get("tile"))
    relation = None
    if "relation" in entry:
        relation = Relation(**entry["relation"])
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
    )


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
    )


def _decode_setting(value: Any) -> Any:
    return value if isinstance(value, bool) else decode_number(value)


def _decode_call(step: Entry, form: _Form) -> Call:
    grads = []
    for grad, shape in zip(step["grads"], form.shapes, strict=True):
        grads.append(decode_grad(grad, form.dtype, shape, form.tile))
    rate = None
    if "learning_rate" in step:
        rate = decode_number(step["learning_rate"])
    return Call(grads, rate)
