"""One subject through one vector: what it returned, or why there is nothing to compare."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from .subject import Subject, Unsupported, described, signature_of
from .vectors import Call, Vector
from .words import Array

Grads = list[Array | None]


class Misbehaved(Exception):
    """The subject broke the contract: wrong number, shape or dtype of arrays."""


class Snapshot(NamedTuple):
    """What the subject held after an answered call: parameters, and the slots it shows; an entry may be None."""

    params: list[Array]
    slots: dict[str, list[Array | None]]


class Run(NamedTuple):
    """One run of one vector.

    Fields:
        status: `ran`, `unsupported`, `misbehaved` or `errored`.
        reason: for people, where there is nothing to compare.
        snapshots: call -> what was held after it, for each answered call that returned.
        raised: call -> the exception, for calls without any gradient.
    """

    vector: Vector
    status: str
    reason: str
    snapshots: dict[int, Snapshot]
    raised: dict[int, str]


def run(subject: Subject, vector: Vector) -> Run:
    """Run ``subject`` through ``vector``; nothing that it does gets out of here but an interrupt from the keyboard."""
    raised: dict[int, str] = {}
    snapshots: dict[int, Snapshot] = {}
    try:
        _trajectory(subject, vector, snapshots, raised)
    except Unsupported as reason:
        return Run(vector, "unsupported", str(reason) or "the subject says so", {}, {})
    except Misbehaved as error:
        return Run(vector, "misbehaved", str(error), snapshots, raised)
    except (Exception, SystemExit) as error:
        return Run(vector, "errored", described(error), snapshots, raised)
    return Run(vector, "ran", "", snapshots, raised)


def _trajectory(subject: Subject, vector: Vector, snapshots: dict[int, Snapshot], raised: dict[int, str]) -> None:
    if missing := subject.lacks(vector.switches):
        raise Unsupported(f"{missing}: its signature has no such parameter")
    if "none" in vector.features and "none" not in subject.supports:
        raise Unsupported('None gradients: declare them with make.supports = {"none"}')
    numbers = vector.numbers
    four = [numbers[name] for name in ("learning_rate", "beta1", "beta2", "epsilon")]
    if refusal := subject.refuses(len(four) + 1, vector.switches):
        raise Misbehaved(f"make must take (params, learning_rate, beta1, beta2, epsilon); {refusal}")
    made = subject.make([param.copy() for param in vector.params], *four, **vector.switches)
    step = _step_of(made)
    if "schedule" in vector.features and not _takes_rate(step):
        raise Unsupported("a changing learning rate: its step takes no learning_rate")
    if vector.load is not None:
        _load(made, vector)
    for number, call in enumerate(vector.calls, 1):
        try:
            returned = step(
                _copies(call), **({} if call.learning_rate is None else {"learning_rate": call.learning_rate})
            )
        except (Exception, SystemExit) as error:
            if isinstance(error, Unsupported) or any(grad is not None for grad in call.grads):
                raise
            raised[number] = described(error)
            continue
        params = _accepted(returned, vector, number)
        if number in vector.after:
            snapshots[number] = Snapshot(params, _slots(made, vector))


def _step_of(made: Any) -> Callable[..., Any]:
    step = getattr(made, "step", made)
    if not callable(step):
        raise Misbehaved(f"make must return an object with step(grads), or a function, got {type(made).__name__}")
    return step  # type: ignore[no-any-return]


def _takes_rate(step: Callable[..., Any]) -> bool:
    signature = signature_of(step)
    return signature is not None and "learning_rate" in signature.parameters


def _load(made: Any, vector: Vector) -> None:
    if not hasattr(made, "load"):
        raise Unsupported("a state to start from: it has no load(params, slots, t)")
    assert vector.load is not None
    slots, t = vector.load
    copies = {name: [array.copy() for array in arrays] for name, arrays in slots.items()}
    made.load([param.copy() for param in vector.params], copies, list(t))


def _copies(call: Call) -> Grads:
    """Fresh arrays, which the subject may keep or overwrite."""
    return [None if grad is None else grad.copy() for grad in call.grads]


def _accepted(returned: Any, vector: Vector, number: int) -> list[Array]:
    """Copies of what step returned, once it has the form that the contract asks for."""
    due = len(vector.params)
    if isinstance(returned, (str, bytes, np.ndarray)) or not isinstance(returned, Sequence):
        raise Misbehaved(f"step {number} must return a list of {due} arrays, got {type(returned).__name__}")
    if len(returned) != due:
        raise Misbehaved(f"step {number} must return {due} arrays, one a parameter, got {len(returned)}")
    arrays = [np.array(array) for array in returned]
    for at, (array, param) in enumerate(zip(arrays, vector.params, strict=True)):
        if array.shape != param.shape:
            raise Misbehaved(f"step {number} must return parameter {at} in shape {param.shape}, got {array.shape}")
        if array.dtype != param.dtype:
            hint = "; raise conformance.Unsupported for what it cannot do" if array.dtype.kind == "f" else ""
            raise Misbehaved(f"step {number} must return parameter {at} as {param.dtype}, got {array.dtype}{hint}")
    return arrays


def _slots(made: Any, vector: Vector) -> dict[str, list[Array | None]]:
    if not hasattr(made, "slots"):
        return {}
    shown = made.slots()
    if not isinstance(shown, dict):
        raise Misbehaved(f"slots() must return a dict of lists under m, v and v_max, got {type(shown).__name__}")
    slots: dict[str, list[Array | None]] = {}
    for name, entries in shown.items():
        arrays = [None if entry is None else np.array(entry) for entry in entries]
        if name not in ("m", "v", "v_max"):
            raise Misbehaved(f"slots must be named m, v or v_max, got {name!r}")
        if len(arrays) != len(vector.params):
            raise Misbehaved(
                f"slots[{name!r}] must have {len(vector.params)} entries, one a parameter, got {len(arrays)}"
            )
        for at, (array, param) in enumerate(zip(arrays, vector.params, strict=True)):
            if array is not None and array.shape != param.shape:
                raise Misbehaved(f"slots[{name!r}][{at}] must have shape {param.shape}, got {array.shape}")
            if array is not None and array.dtype.kind != "f":
                raise Misbehaved(f"slots[{name!r}][{at}] must hold floats, got {array.dtype}")
        slots[name] = arrays
    return slots
