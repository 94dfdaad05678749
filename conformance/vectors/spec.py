"""Specification of a vector: its inputs and everything that is known before there are answers.

A recipe, a search or a vector file makes a `VectorSpec`. `VectorSpec.to_entry` writes it as the
JSON object of a vector file, `reading` reads it back, and nothing else knows that form. For
example, the learning rate 0.5 is `{"word": "3fe0000000000000", "about": "0.5"}` in the file and
`spec.inputs.numbers["learning_rate"]` in Python.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from .inputs import Call, Inputs, Switches, features_of
from .slices import Grad, about_grad, encode_grad
from .switches import ACCUMULATION, COMPLEX, DECLARED_FORMS, GROUPS, MIXED
from .words import about, encode, encode_number, given_size

Entry = dict[str, Any]
Item = TypeVar("Item")

# With these betas beta^t and 1 - beta^t are exact in binary32 up to this step.
_EXACT_BETAS = (0.0, 0.25, 0.5, 0.75)
_EXACT_STEPS = 12
# Of the bound, with which new answers are derived; vectors/README.md says what the editions are.
EDITION = 2


@dataclass(frozen=True)
class Relation:
    """How the second run of a vector changes the inputs of the first.

    Attributes:
        kind: a key of `relations.RELATIONS`.
        power: the power of two by which `scale` multiplies gradients and epsilon.
        after: the call after which `resume` saves and restores, or `late` adds the last group.
        refuses: the bad inputs that `refuse` adds, one of `switches.REFUSALS`.
        form: how `form` hands over the same numbers, one of `switches.FORMS`.
        also_after: an earlier call after which `resume` saves too. That state is restored first.
        used: whether the object that `resume` restores into takes calls of its own before.
        other: what is different about the other object: names in `inputs.DIFFERENCES`.
    """

    kind: str
    power: int | None = None
    after: int | None = None
    also_after: int | None = None
    used: bool = False
    other: Sequence[str] = ()
    refuses: str | None = None
    form: str | None = None

    @property
    def feature(self) -> str | None:
        """What a subject must be able to do for the second run alone, or None."""
        if self.kind == "resume":
            return "save"
        if self.kind == "late":
            return "add_group"
        if self.kind == "mixed":
            return MIXED
        if self.form in DECLARED_FORMS:
            return self.form
        return f"refuse_{self.refuses}" if self.refuses else None

    @property
    def details(self) -> list[str]:
        """What is special about it: `twice`, `used`, and what is different about the other."""
        details = list(self.other)
        if self.used:
            details.insert(0, "used")
        if self.also_after is not None:
            details.insert(0, "twice")
        return details

    @property
    def name(self) -> str:
        """The kind and what is special about it, as in `resume (twice, numbers)`."""
        return f"{self.kind} ({', '.join(self.details)})" if self.details else self.kind

    def to_entry(self) -> Entry:
        """Return the relation as a vector file holds it."""
        fields = {**asdict(self), "used": self.used or None, "other": list(self.other) or None}
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
        edition: of the bound, from which its answers are derived.
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
    edition: int = EDITION

    def __post_init__(self) -> None:
        inputs = self.inputs
        numbers = {name: float(value) for name, value in inputs.numbers.items()}
        shapes = self.shapes or [param.shape for param in inputs.params]
        after = self.after or range(1, len(inputs.calls) + 1)
        self._fill("inputs", inputs._replace(numbers=numbers))
        self._fill("shapes", tuple(tuple(shape) for shape in shapes))
        self._fill("after", tuple(after))
        # Last, because it needs the others.
        if self.decimal is None:
            self._fill("decimal", not self._has_exact_powers())

    def _fill(self, name: str, value: Any) -> None:
        # The way past the frozen __setattr__, taken only while the object is made.
        object.__setattr__(self, name, value)

    def _has_exact_powers(self) -> bool:
        # A loaded state starts late, with the powers of its t.
        steps_before = 0
        if self.inputs.load:
            steps_before = max(self.inputs.load[1], default=0)
        last_step = steps_before + self.call_count
        return last_step <= _EXACT_STEPS and all(beta in _EXACT_BETAS for beta in self.betas)

    @property
    def betas(self) -> list[float]:
        """Every beta1 and beta2, those of groups too."""
        settings = [self.inputs.numbers, *self.inputs.switches.get(GROUPS, ())]
        names = ("beta1", "beta2")
        return [numbers[name] for numbers in settings for name in names if name in numbers]

    @property
    def topic(self) -> str:
        """The file that the vector belongs to, without its ending."""
        return self.id.partition(".")[0]

    @cached_property
    def dtype(self) -> str:
        """The dtype of parameters and gradients."""
        return self.inputs.params[0].dtype.name

    @property
    def kind(self) -> str:
        """`dyadic` where one answer serves every arithmetic, else `decimal`."""
        return "decimal" if self.decimal else "dyadic"

    @property
    def tier(self) -> str:
        """`relation` with a second run, `step` from a loaded state, else `trajectory`."""
        if self.relation:
            return "relation"
        return "step" if self.inputs.load else "trajectory"

    @property
    def call_count(self) -> int:
        """The number of calls, repeated ones included."""
        return len(self.inputs.calls) if self.cycle is None else self.cycle

    # Cached, because a suite is filtered by these over and over.
    @cached_property
    def switches(self) -> Switches:
        """The settings that are on besides Adam's own four: flags first, then the others."""
        flags: Switches = {}
        others: Switches = {}
        for name, value in self.inputs.switches.items():
            if name in (ACCUMULATION, GROUPS):
                others[name] = value
            elif not isinstance(value, bool):
                others[name] = float(value)
            elif value:
                flags[name] = value
        # A subject that lacks several is told the first of them, so the order is part of a report.
        return flags | others

    @cached_property
    def sizes(self) -> list[int]:
        """How many elements of each parameter are given."""
        return [given_size(shape, self.tile) for shape in self.shapes]

    @cached_property
    def features(self) -> frozenset[str]:
        """What a subject must be able to do, besides plain steps, to run this."""
        # Each of these is a name in `switches.FEATURES`.
        needs = {self.dtype, *self.switches, *features_of(self.inputs.calls)}
        if self.inputs.is_complex:
            needs.add(COMPLEX)
        if self.inputs.load:
            needs.add("load")
        if self.relation and self.relation.feature:
            needs.add(self.relation.feature)
        return frozenset(needs)

    def to_entry(self) -> Entry:
        """Return the vector as a vector file holds it, without answers."""
        # The fields stand in the order of the frozen files; usual values are left out.
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
        # Frozen vectors without the field keep the bound that they were published with.
        if self.edition != 1:
            entry["edition"] = self.edition
        entry["dtype"] = self.dtype
        if self.inputs.form is not None:
            entry["form"] = self.inputs.form
        entry["config"] = self._config_entry()
        entry["shapes"] = [list(shape) for shape in self.shapes]
        if self.tile is not None:
            entry["tile"] = self.tile
        if self.relation:
            entry["relation"] = self.relation.to_entry()
        entry["params"] = [encode(param) for param in self.inputs.params]
        entry["params_about"] = [about(param) for param in self.inputs.params]
        if self.inputs.load:
            entry["load"] = self._load_entry()
        entry["steps"] = [_encode_call(call) for call in self.inputs.calls]
        if self.cycle is not None:
            entry["cycle"] = self.cycle
        entry["after"] = list(self.after)
        entry["axes"] = {axis: list(values) for axis, values in self.axes.items()}
        return entry

    def _config_entry(self) -> Entry:
        # In the order in which they were given, unlike `switches`.
        config = {**self.inputs.numbers, **self.inputs.switches}
        return {name: _encode_setting(name, value) for name, value in config.items()}

    def _load_entry(self) -> Entry:
        assert self.inputs.load is not None
        slots, steps_taken = self.inputs.load
        entry: Entry = {"t": list(steps_taken)}
        for name, arrays in slots.items():
            entry[name] = [encode(array) for array in arrays]
        return entry


def _encode_setting(name: str, value: Any) -> Any:
    # Only counts are numbers of JSON.
    if isinstance(value, bool) or name in (ACCUMULATION, "params"):
        return value
    if name == GROUPS:
        return [_encode_group(group) for group in value]
    return encode_number(float(value))


def _encode_group(group: Mapping[str, Any]) -> Entry:
    return {name: _encode_setting(name, value) for name, value in group.items()}


def _encode_call(call: Call) -> Entry:
    entry = {
        # The decimals under `about` are for people; nothing reads them.
        "grads": [_or_none(encode_grad, grad) for grad in call.grads],
        "about": [_or_none(about_grad, grad) for grad in call.grads],
    }
    if call.learning_rate is not None:
        entry["learning_rate"] = encode_number(call.learning_rate)
    if call.scale is not None:
        entry["scale"] = encode_number(call.scale)
    return entry


def _or_none(encode_one: Callable[[Grad], Item], grad: Grad | None) -> Item | None:
    return None if grad is None else encode_one(grad)
