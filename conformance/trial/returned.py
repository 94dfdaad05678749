"""Returned arrays: the checks on what `step` and `slots` hand back, and the copies of it."""

from collections.abc import Sequence
from itertools import islice
from typing import Any

import numpy as np

from ..subject.messages import shown
from ..vectors.inputs import Inputs, model_in_form, out_of_form
from ..vectors.words import Array
from .arrays import copy_of
from .contract import Misbehaved, offers
from .watch import Watch

_SLOTS = ("m", "v", "v_max")
# Text, buffers and arrays are sequences to Python too.
_NO_LISTS = (str, bytes, bytearray, memoryview, np.ndarray)


def accept_params(returned: Any, inputs: Inputs, call: int, watch: Watch | None) -> list[Array]:
    """Return copies of the arrays that ``step`` returned, once they have the right form."""
    models = [model_in_form(param, inputs.form) for param in inputs.params]
    count = len(models)
    if not _is_list(returned):
        kind = type(returned).__name__
        raise Misbehaved(f"step {call} must return a list of {count} arrays, got {kind}")
    entries = _read(returned, count)
    if len(entries) != count:
        got = _count_text(entries, count)
        raise Misbehaved(f"step {call} must return {count} arrays, one a parameter, got {got}")
    # Copied at once, because the subject may return the same arrays from every step.
    pairs = zip(entries, models, strict=True)
    arrays = [copy_of(entry, param.shape) for entry, param in pairs]
    for number, (array, param) in enumerate(zip(arrays, models, strict=True)):
        name = f"step {call} must return parameter {number}"
        if array.shape != param.shape:
            raise Misbehaved(f"{name} in shape {param.shape}, got {array.shape}")
        if array.dtype != param.dtype:
            hint = ""
            # Another float format is a limit of the subject more often than a mistake.
            if array.dtype.kind in "fc" or array.dtype == "bfloat16":
                hint = "; raise conformance.Unsupported for what it cannot do"
            raise Misbehaved(f"{name} as {param.dtype}, got {array.dtype}{hint}")
    if watch is not None:
        watch.receive(f"the parameters of step {call}", entries, arrays)
    return [out_of_form(array, inputs.form) for array in arrays]


def accept_slots(
    optimizer: Any, inputs: Inputs, call: int, watch: Watch | None
) -> dict[str, list[Array | None]]:
    """Return copies of the moments that the subject shows; empty if it shows none."""
    if not offers(optimizer, "slots"):
        return {}
    answer = optimizer.slots()
    if not isinstance(answer, dict):
        kind = type(answer).__name__
        raise Misbehaved(f"slots() must return a dict of lists under m, v and v_max, got {kind}")
    models = [model_in_form(param, inputs.form) for param in inputs.params]
    slots: dict[str, list[Array | None]] = {}
    received: dict[str, list[Any]] = {}
    # More than one name too many need not be read.
    for key, listed in islice(answer.items(), len(_SLOTS) + 1):
        name = _name_of(key)
        received[name] = _entries_of(name, listed, len(models))
        pairs = zip(received[name], models, strict=True)
        slots[name] = [_copy_entry(entry, param) for entry, param in pairs]
        _check_slot(name, slots[name], models)
    # Overwritten only now, because two slots may share their memory.
    for name, entries in received.items():
        if watch is not None:
            watch.receive(f"slots()[{name!r}] after step {call}", entries, slots[name])
    for arrays in slots.values():
        for number, array in enumerate(arrays):
            if array is not None:
                arrays[number] = out_of_form(array, inputs.form)
    return slots


def _name_of(key: Any) -> str:
    if not isinstance(key, str) or str.__str__(key) not in _SLOTS:
        raise Misbehaved(f"slots must be named m, v or v_max, got {shown(key)}")
    return str.__str__(key)


def _entries_of(name: str, listed: Any, count: int) -> list[Any]:
    """Return the entries of a slot, one a parameter."""
    place = f"slots[{name!r}]"
    if not _is_list(listed):
        raise Misbehaved(f"{place} must be a list of arrays, got {type(listed).__name__}")
    entries = _read(listed, count)
    if len(entries) != count:
        got = _count_text(entries, count)
        raise Misbehaved(f"{place} must have {count} entries, one a parameter, got {got}")
    return entries


def _copy_entry(entry: Any, param: Array) -> Array | None:
    return None if entry is None else copy_of(entry, param.shape)


def _check_slot(name: str, arrays: Sequence[Array | None], params: Sequence[Array]) -> None:
    """Raise Misbehaved unless a slot has an array of floats or None for each parameter."""
    for number, (array, param) in enumerate(zip(arrays, params, strict=True)):
        if array is None:
            continue
        place = f"slots[{name!r}][{number}]"
        if array.shape != param.shape:
            raise Misbehaved(f"{place} must have shape {param.shape}, got {array.shape}")
        # Moments may be wider than the parameter, so any float will do. Those of a complex
        # parameter may be real, if both parts share them.
        # Half precision often has moments in other formats than the parameter.
        if array.dtype.kind not in ("f", param.dtype.kind) and array.dtype != "bfloat16":
            raise Misbehaved(f"{place} must hold floats, got {array.dtype}")


def _is_list(returned: Any) -> bool:
    return isinstance(returned, Sequence) and not isinstance(returned, _NO_LISTS)


def _read(returned: Sequence[Any], count: int) -> list[Any]:
    """Return the entries, which are read once, because each reading may give others."""
    # One entry too many tells enough: a sequence of the subject's own may never end.
    return list(islice(returned, count + 1))


def _count_text(entries: Sequence[Any], count: int) -> str:
    return "more" if len(entries) > count else str(len(entries))
