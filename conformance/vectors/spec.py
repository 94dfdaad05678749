"""Specification of a vector: its inputs and everything that is known before there are answers.

A recipe, a search or a vector file makes a `VectorSpec`. `VectorSpec.to_entry` writes it as the
JSON object of a vector file, `read_spec` reads it back, and nothing else knows that form. For
example, the learning rate 0.5 is `{"word": "3fe0000000000000", "about": "0.5"}` in the file and
`spec.inputs.numbers["learning_rate"]` in Python.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from .inputs import Call, Inputs
from .slices import Grad, IndexedSlices, about_grad, decode_grad, encode_grad
from .switches import HYPERPARAMETERS
from .words import about, decode, decode_number, encode, encode_number, given_size

Entry = dict[str, Any]
Shape = tuple[int, ...]
Item = TypeVar("Item")

# With these betas beta^t and 1 - beta^t are exact in binary32 up to this step.
_EXACT_BETAS = (0.0, 0.25, 0.5, 0.75)
_EXACT_STEPS = 12


@dataclass(frozen=True)
class Relation:
    """How the second run of a vector changes the inputs of the first.

    Attributes:
        kind: a key of `relations.RELATIONS`.
        power: the power of two by which `scale` multiplies gradients and epsilon.
        after: the call after which `resume` saves and restores.
    """

    kind: str
    power: int | None = None
    after: int | None = None

    def to_entry(self) -> Entry:
        """Return the relation as a vector file holds it."""
        fields = {"kind": self.kind, "power": self.power, "after": self.after}
        return {name: value for name, value in fields.items() if value is not None}


@dataclass(frozen=True, kw_only=True, eq=False)
class VectorSpec:
    """A vector without its answers.

    Attributes:
        id: topic, dtype and name, as in `basic.f32.mixed`.
        inputs: given to the subject. Arrays may be flat. With `tile` they are flat and have only
            the elements that are repeated; with `cycle` the calls are those that are repeated.
        axes: axis -> the values that have answers.
        why: the purpose, in one sentence.
        flags: the kinds of mistakes that it finds; flags.json explains them.
        source: where the inputs come from.
        shapes: of the parameters; left out, they are the shapes of the arrays.
        level: `core`, or `full` for a vector that is long or large.
        tile: the most elements of an array that are given; larger arrays repeat them.
        relation: the second run, if there is one.
        cycle: the number of calls, where `inputs` has fewer and they are repeated.
        after: the calls, from 1, after which there are answers; left out, it is all calls.
        decimal: whether answers depend on the arithmetic; left out, the betas decide.
    """

    id: str
    inputs: Inputs
    axes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    why: str = ""
    flags: Sequence[str] = ()
    source: str = ""
    shapes: Sequence[Sequence[int]] = ()
    level: str = "core"
    tile: int | None = None
    relation: Relation | None = None
    cycle: int | None = None
    after: Sequence[int] = ()
    decimal: bool | None = None

    def __post_init__(self) -> None:
        inputs = self.inputs
        shapes = self.shapes or [param.shape for param in inputs.params]
        after = self.after or range(1, len(inputs.calls) + 1)
        numbers = {name: float(value) for name, value in inputs.numbers.items()}
        # The class is frozen, so the normal forms are filled in past its __setattr__.
        object.__setattr__(self, "inputs", inputs._replace(numbers=numbers))
        object.__setattr__(self, "shapes", tuple(tuple(shape) for shape in shapes))
        object.__setattr__(self, "after", tuple(after))
        if self.decimal is None:
            object.__setattr__(self, "decimal", not self._has_exact_powers())

    def _has_exact_powers(self) -> bool:
        steps_before = max(self.inputs.load[1], default=0) if self.inputs.load else 0
        betas = (self.inputs.numbers["beta1"], self.inputs.numbers["beta2"])
        exact = all(beta in _EXACT_BETAS for beta in betas)
        return exact and self.call_count + steps_before <= _EXACT_STEPS

    @property
    def topic(self) -> str:
        """The file that the vector belongs to, without its ending."""
        return self.id.partition(".")[0]

    @cached_property
    def dtype(self) -> str:
        """The dtype of parameters, gradients and moments."""
        return self.inputs.params[0].dtype.name

    @property
    def kind(self) -> str:
        """`dyadic` where one answer serves every arithmetic, else `decimal`."""
        return "decimal" if self.decimal else "dyadic"

    @property
    def tier(self) -> str:
        """`step` from a loaded state, `relation` with a second run, else `trajectory`."""
        if self.inputs.load:
            return "step"
        return "relation" if self.relation else "trajectory"

    @property
    def call_count(self) -> int:
        """The number of calls, repeated ones included."""
        return len(self.inputs.calls) if self.cycle is None else self.cycle

    @cached_property
    def switches(self) -> dict[str, float | bool]:
        """The settings that are on besides Adam's own four: flags first, then numbers."""
        settings = self.inputs.switches.items()
        flags: dict[str, float | bool] = {name: True for name, value in settings if value is True}
        numbers = {name: value for name, value in settings if not isinstance(value, bool)}
        return flags | {name: float(value) for name, value in numbers.items()}

    @cached_property
    def sizes(self) -> list[int]:
        """How many elements of each parameter are given."""
        return [given_size(shape, self.tile) for shape in self.shapes]

    @cached_property
    def features(self) -> frozenset[str]:
        """What a subject must be able to do, besides plain steps, to run this."""
        calls = self.inputs.calls
        grads = [grad for call in calls for grad in call.grads]
        needs = {self.dtype, *self.switches}
        if any(grad is None for grad in grads):
            needs.add("none")
        if any(isinstance(grad, IndexedSlices) for grad in grads):
            needs.add("sparse")
        if self.inputs.load:
            needs.add("load")
        if any(call.learning_rate is not None for call in calls):
            needs.add("schedule")
        if self.relation and self.relation.kind == "resume":
            needs.add("save")
        return frozenset(needs)

    def to_entry(self) -> Entry:
        """Return the vector as a vector file holds it, without answers."""
        inputs = self.inputs
        entry: Entry = {
            "id": self.id,
            "flags": list(self.flags),
            "why": self.why,
            "source": self.source,
            "tier": self.tier,
        }
        if self.level != "core":
            entry["level"] = self.level
        entry["kind"] = self.kind
        entry["dtype"] = self.dtype
        config = {**inputs.numbers, **inputs.switches}
        entry["config"] = {name: _encode_setting(value) for name, value in config.items()}
        entry["shapes"] = [list(shape) for shape in self.shapes]
        if self.tile is not None:
            entry["tile"] = self.tile
        if self.relation:
            entry["relation"] = self.relation.to_entry()
        entry["params"] = [encode(param) for param in inputs.params]
        entry["params_about"] = [about(param) for param in inputs.params]
        if inputs.load:
            slots, steps_taken = inputs.load
            words = {name: [encode(array) for array in arrays] for name, arrays in slots.items()}
            entry["load"] = {"t": list(steps_taken), **words}
        entry["steps"] = [_encode_call(call) for call in inputs.calls]
        if self.cycle is not None:
            entry["cycle"] = self.cycle
        entry["after"] = list(self.after)
        entry["axes"] = {axis: list(values) for axis, values in self.axes.items()}
        return entry


def read_spec(entry: Entry) -> VectorSpec:
    """Return the specification that a vector file holds; answers are not read.

    Raises:
        ValueError: arrays do not fit the shapes, or a word has too few or too many digits.
    """
    dtype, shapes, tile = entry["dtype"], entry["shapes"], entry.get("tile")
    sizes = [given_size(shape, tile) for shape in shapes]

    def flat(words: Sequence[str]) -> list[Any]:
        pairs = zip(words, sizes, strict=True)
        return [decode(array, dtype, [size]) for array, size in pairs]

    settings = {name: _decode_setting(value) for name, value in entry["config"].items()}
    numbers = {name: settings.pop(name) for name in HYPERPARAMETERS if name in settings}
    load = None
    if "load" in entry:
        slots = {name: flat(words) for name, words in entry["load"].items() if name != "t"}
        load = (slots, list(entry["load"]["t"]))
    calls = [_decode_call(step, dtype, shapes, tile) for step in entry["steps"]]
    relation = Relation(**entry["relation"]) if "relation" in entry else None
    return VectorSpec(
        id=entry["id"],
        inputs=Inputs(numbers, settings, flat(entry["params"]), calls, load),
        axes=entry["axes"],
        why=entry["why"],
        flags=entry["flags"],
        source=entry["source"],
        shapes=shapes,
        level=entry.get("level", "core"),
        tile=tile,
        relation=relation,
        cycle=entry.get("cycle"),
        after=entry["after"],
        decimal=entry["kind"] == "decimal",
    )


def _encode_setting(value: float | bool) -> Any:
    return value if isinstance(value, bool) else encode_number(float(value))


def _decode_setting(value: Any) -> Any:
    return value if isinstance(value, bool) else decode_number(value)


def _encode_call(call: Call) -> Entry:
    entry = {
        "grads": [_or_none(encode_grad, grad) for grad in call.grads],
        "about": [_or_none(about_grad, grad) for grad in call.grads],
    }
    if call.learning_rate is not None:
        entry["learning_rate"] = encode_number(call.learning_rate)
    return entry


def _decode_call(
    step: Entry, dtype: str, shapes: Sequence[Sequence[int]], tile: int | None
) -> Call:
    pairs = zip(step["grads"], shapes, strict=True)
    grads = [decode_grad(grad, dtype, shape, tile) for grad, shape in pairs]
    rate = decode_number(step["learning_rate"]) if "learning_rate" in step else None
    return Call(grads, rate)


def _or_none(encode_one: Callable[[Grad], Item], grad: Grad | None) -> Item | None:
    return None if grad is None else encode_one(grad)
