"""Contract: the checks on all that a subject hands to the judge.

A broken contract raises Misbehaved with one sentence for the author of the subject. A feature that
the subject does not offer raises Lacking, and the vector counts as unsupported.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..subject.subject import Subject, Unsupported, signature_of
from ..vectors.inputs import Call, Inputs
from ..vectors.slices import Grad
from ..vectors.vector import Vector
from ..vectors.words import Array
from .outcomes import Detail

# Features that a subject gets only if it declares them, with the words for a message.
_DECLARED = {"none": "None gradients", "sparse": "sparse gradients", "float16": "float16"}
_SLOTS = ("m", "v", "v_max")


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


def make_optimizer(subject: Subject, vector: Vector, inputs: Inputs) -> Any:
    """Return what the subject made, ready for its first step; a vector's state is loaded."""
    # First what can be said without calling the subject.
    if missing := subject.lacks(inputs.switches):
        raise Lacking(missing, f"{missing}: its signature has no such parameter")
    for feature, words in _DECLARED.items():
        if feature in vector.features and feature not in subject.supports:
            way_out = f'declare them with make.supports = {{"{feature}"}}'
            raise Lacking(feature, f"{words}: {way_out}")
    numbers = list(inputs.numbers.values())
    if refusal := subject.refuses(len(numbers) + 1, inputs.switches):
        raise Misbehaved(
            f"make must take (params, learning_rate, beta1, beta2, epsilon); {refusal}"
        )
    params = [param.copy() for param in inputs.params]
    optimizer = subject.make(params, *numbers, **inputs.switches)
    # Then what only the object shows that it made.
    step = step_of(optimizer)
    if "schedule" in vector.features and not _takes_rate(step):
        raise Lacking("schedule", "a changing learning rate: its step takes no learning_rate")
    if "save" in vector.features and not _saves(optimizer):
        raise Lacking("save", "to be saved: it has no save() and restore(saved)")
    if inputs.load is not None:
        _load(optimizer, inputs)
    return optimizer


def step_of(optimizer: Any) -> Callable[..., Any]:
    """Return the function that takes a step: a subject may return it instead of an object."""
    step = getattr(optimizer, "step", optimizer)
    if not callable(step):
        kind = type(optimizer).__name__
        raise Misbehaved(f"make must return an object with step(grads), or a function, got {kind}")
    return step  # type: ignore[no-any-return]


def copy_grads(call: Call) -> list[Grad | None]:
    """Return fresh arrays, which the subject may keep or overwrite."""
    return [_copy_grad(grad) for grad in call.grads]


def accept_params(returned: Any, inputs: Inputs, call: int) -> list[Array]:
    """Return copies of the arrays that ``step`` returned, once they have the right form."""
    count = len(inputs.params)
    # Text and arrays are sequences to Python too.
    if isinstance(returned, (str, bytes, np.ndarray)) or not isinstance(returned, Sequence):
        kind = type(returned).__name__
        raise Misbehaved(f"step {call} must return a list of {count} arrays, got {kind}")
    if len(returned) != count:
        raise Misbehaved(
            f"step {call} must return {count} arrays, one a parameter, got {len(returned)}"
        )
    # Copied at once, because the subject may return the same arrays from every step.
    arrays = [np.array(array) for array in returned]
    pairs = zip(arrays, inputs.params, strict=True)
    for number, (array, param) in enumerate(pairs):
        name = f"step {call} must return parameter {number}"
        if array.shape != param.shape:
            raise Misbehaved(f"{name} in shape {param.shape}, got {array.shape}")
        if array.dtype != param.dtype:
            hint = ""
            # Another float format is a limit of the subject more often than a mistake.
            if array.dtype.kind == "f":
                hint = "; raise conformance.Unsupported for what it cannot do"
            raise Misbehaved(f"{name} as {param.dtype}, got {array.dtype}{hint}")
    return arrays


def accept_slots(optimizer: Any, inputs: Inputs) -> dict[str, list[Array | None]]:
    """Return copies of the moments that the subject shows; empty if it shows none."""
    if not hasattr(optimizer, "slots"):
        return {}
    shown = optimizer.slots()
    if not isinstance(shown, dict):
        kind = type(shown).__name__
        raise Misbehaved(f"slots() must return a dict of lists under m, v and v_max, got {kind}")
    slots: dict[str, list[Array | None]] = {}
    for name, entries in shown.items():
        # Copied at once, because the subject may update them in place in the next step.
        arrays = [_copy_entry(entry) for entry in entries]
        _check_slot(name, arrays, inputs)
        slots[name] = arrays
    return slots


def _check_slot(name: Any, arrays: Sequence[Array | None], inputs: Inputs) -> None:
    """Raise Misbehaved unless a slot has its name, and an array or None for each parameter."""
    if name not in _SLOTS:
        raise Misbehaved(f"slots must be named m, v or v_max, got {name!r}")
    count = len(inputs.params)
    if len(arrays) != count:
        raise Misbehaved(
            f"slots[{name!r}] must have {count} entries, one a parameter, got {len(arrays)}"
        )
    for number, (array, param) in enumerate(zip(arrays, inputs.params, strict=True)):
        if array is None:
            continue
        place = f"slots[{name!r}][{number}]"
        if array.shape != param.shape:
            raise Misbehaved(f"{place} must have shape {param.shape}, got {array.shape}")
        # Moments may be wider than the parameter, so any float will do.
        if array.dtype.kind != "f":
            raise Misbehaved(f"{place} must hold floats, got {array.dtype}")


def _copy_grad(grad: Grad | None) -> Grad | None:
    return None if grad is None else grad.copy()


def _copy_entry(entry: Any) -> Array | None:
    return None if entry is None else np.array(entry)


def _takes_rate(step: Callable[..., Any]) -> bool:
    signature = signature_of(step)
    return signature is not None and "learning_rate" in signature.parameters


def _saves(optimizer: Any) -> bool:
    return hasattr(optimizer, "save") and hasattr(optimizer, "restore")


def _load(optimizer: Any, inputs: Inputs) -> None:
    """Give the subject the state from which the vector starts."""
    if not hasattr(optimizer, "load"):
        raise Lacking("load", "a state to start from: it has no load(params, slots, t)")
    assert inputs.load is not None
    slots, t = inputs.load
    params = [param.copy() for param in inputs.params]
    copies: dict[str, list[Array]] = {}
    for name, arrays in slots.items():
        copies[name] = [array.copy() for array in arrays]
    optimizer.load(params, copies, list(t))
