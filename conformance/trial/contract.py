"""Contract: what a subject must offer before its first step. `returned` checks what it hands back.

A broken contract raises Misbehaved with one sentence for the author of the subject. A feature that
the subject does not offer raises Lacking, and the vector counts as unsupported.
"""

from collections.abc import Callable
from copy import deepcopy
from functools import cached_property
from inspect import getattr_static
from typing import Any

from ..subject.subject import Subject, Unsupported, signature_of
from ..vectors.inputs import Inputs, count_in_form, in_form
from ..vectors.storage import STOCHASTIC
from ..vectors.switches import LOSS_SCALE
from ..vectors.vector import Vector
from ..vectors.words import Array
from .outcomes import Detail

# Features that a subject gets only if it declares them, with the words for a message.
_DECLARED = {
    "none": "None gradients",
    "sparse": "sparse gradients",
    "float16": "float16",
    "readonly": "read-only gradients",
    "grad_dtype": "gradients of another dtype",
    "indices_int32": "indices as int32",
    "mixed_dtypes": "parameters of several dtypes",
    "complex": "complex parameters",
    LOSS_SCALE: "scaled gradients",
}
# What `make` is given that rounds at random and takes it, so that a run can be repeated.
SEED = 20141222
# Why a switch is lacking.
NO_PARAMETER = "its signature has no such parameter"
NOT_SUPPORTED = "what it supports lacks it"
NO_PROGRAM = "a program cannot be asked for it"


class Misbehaved(Exception):
    """The subject broke the contract: in its signature, its arrays, its slots, or in hygiene."""

    def __init__(self, message: str, detail: Detail | None = None) -> None:
        super().__init__(message)
        self.detail = detail


class Lacking(Unsupported):
    """The subject has no way to be asked for this feature."""

    def __init__(self, feature: str, reason: str) -> None:
        super().__init__(reason)
        self.feature = feature


class Unanswered(Unsupported):
    """A file of answers has none for this run; nothing is known of what the subject can do."""


def require_asked(subject: Subject, vector: Vector, inputs: Inputs) -> None:
    """Raise Lacking or Misbehaved for what can be said without calling the subject."""
    given = subject.switches_for(inputs.switches)
    if missing := subject.lacks(given):
        raise Lacking(missing, f"{missing}: {NO_PARAMETER}")
    if lacking := _lacking_storage(subject, vector):
        raise lacking
    for feature, words in _DECLARED.items():
        # Whoever says what it keeps of a dtype takes it.
        known = subject.supports.union(subject.storage)
        if feature in vector.features and feature not in known:
            way_out = f'declare them with make.supports = {{"{feature}"}}'
            raise Lacking(feature, f"{words}: {way_out}")
    if subject.dtypes and vector.dtype not in subject.dtypes:
        raise Lacking(vector.dtype, f"{vector.dtype}: make.dtypes lacks it")
    relation = vector.relation
    if relation and relation.refuses and relation.refuses not in subject.refuses:
        way_out = f'declare it with make.refuses = {{"{relation.refuses}"}}'
        raise Lacking(f"refuse_{relation.refuses}", f"bad inputs: {way_out}")
    numbers = list(inputs.numbers.values())
    if mismatch := subject.mismatch(len(numbers) + 1, given):
        raise Misbehaved(
            f"make must take (params, learning_rate, beta1, beta2, epsilon); {mismatch}"
        )


def make_optimizer(subject: Subject, vector: Vector, inputs: Inputs) -> Any:
    """Return what the subject made, ready for its first step; a vector's state is loaded."""
    require_asked(subject, vector, inputs)
    given = subject.switches_for(inputs.switches)
    numbers = list(inputs.numbers.values())
    params = [in_form(param, inputs.form) for param in inputs.params]
    # Groups are lists, which a subject may keep or change.
    switches = deepcopy(given)
    if STOCHASTIC in subject.storage.get(vector.dtype, "") and subject.names("seed"):
        switches["seed"] = SEED
    optimizer = subject.make(params, *numbers, **switches)
    # Then what only the object shows that it made.
    step = step_of(optimizer)
    if "schedule" in vector.features and not _takes_rate(step):
        raise Lacking("schedule", "a changing learning rate: its step takes no learning_rate")
    if LOSS_SCALE in vector.features:
        _require_scale(step)
    if "save" in vector.features and not _saves(optimizer):
        raise Lacking("save", "to be saved: it has no save() and restore(saved)")
    if "add_group" in vector.features and not offers(optimizer, "add_group"):
        raise Lacking("add_group", "a group added later: it has no add_group(params, **numbers)")
    if inputs.load is not None:
        load_state(optimizer, inputs, subject)
    return optimizer


def _lacking_storage(subject: Subject, vector: Vector) -> Lacking | None:
    """Return what is missing if a vector is about a storage that the subject does not declare."""
    dtype = vector.dtype
    declared = subject.storage.get(dtype, "")
    if not vector.is_about_storage and STOCHASTIC in declared:
        return Lacking(dtype, f"{dtype}: parameters that are rounded at random have no answer here")
    if not vector.is_about_storage or declared:
        return None
    way_out = (
        f'declare what it keeps between steps with make.storage = {{"{dtype}": "weights=..."}}'
    )
    return Lacking(dtype, f"{dtype}: {way_out}")


def step_of(optimizer: Any) -> Callable[..., Any]:
    """Return the function that takes a step: a subject may return it instead of an object."""
    step = optimizer.step if offers(optimizer, "step") else optimizer
    if not callable(step):
        kind = type(optimizer).__name__
        raise Misbehaved(f"make must return an object with step(grads), or a function, got {kind}")
    return step  # type: ignore[no-any-return]


def offers(optimizer: Any, name: str) -> bool:
    """Return whether an optimizer has a method; raise what its own code raises."""
    if hasattr(optimizer, name):
        return True
    # A property that is there and raises AttributeError is a mistake, and not a missing feature.
    if isinstance(getattr_static(optimizer, name, None), (property, cached_property)):
        getattr(optimizer, name)
    return False


def _takes_rate(step: Callable[..., Any]) -> bool:
    signature = signature_of(step)
    return signature is not None and "learning_rate" in signature.parameters


def _require_scale(step: Callable[..., Any]) -> None:
    """Raise Misbehaved if a step that shall take a loss scale cannot be called with one."""
    signature = signature_of(step)
    if signature is None:
        return
    try:
        signature.bind(None, scale=1.0)
    except TypeError:
        raise Misbehaved(
            f'make.supports has "{LOSS_SCALE}", so step must take scale by name, as in '
            f"step(grads, learning_rate=None, scale=None); got step{signature}"
        ) from None


def _saves(optimizer: Any) -> bool:
    return offers(optimizer, "save") and offers(optimizer, "restore")


def load_state(optimizer: Any, inputs: Inputs, subject: Subject) -> None:
    """Give the subject the state from which the vector starts."""
    if not offers(optimizer, "load"):
        raise Lacking("load", "a state to start from: it has no load(params, slots, t)")
    assert inputs.load is not None
    slots, t = inputs.load
    params = [in_form(param, inputs.form) for param in inputs.params]
    copies: dict[str, list[Array]] = {}
    for name, arrays in slots.items():
        copies[name] = [in_form(array, inputs.form) for array in arrays]
    counts = [count_in_form(count, inputs.form) for count in t]
    if "one_t" not in subject.supports:
        optimizer.load(params, copies, counts)
    elif len(set(t)) > 1:
        raise Lacking("load", "parameters that start with different t: it has one t for all")
    else:
        optimizer.load(params, copies, counts[0])
