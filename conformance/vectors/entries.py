"""Entries: the inputs of a run as a vector file holds them."""

from collections.abc import Mapping, Sequence
from typing import Any

from .inputs import Call, Inputs
from .slices import Grad, about_grad, encode_grad
from .words import about, encode, encode_number

Entry = dict[str, Any]
# What has betas of which every power is exact in binary32, for so many steps.
_EXACT, _EXACTLY = (0.0, 0.25, 0.5, 0.75), 12


def written(
    name: str,
    inputs: Inputs,
    axes: Mapping[str, Sequence[str]],
    shapes: Sequence[Sequence[int]] = (),
    **rest: Any,
) -> Entry:
    """The vector ``name`` without its answers.

    Args:
        name: its id.
        inputs: what a subject is given; arrays may be flat where ``shapes`` says what they are.
        axes: axis -> the values that have answers.
        shapes: of the parameters, where theirs is another.
        rest: why, flags, source, level, tile, relation, cycle, after; a vector without them has them empty or not.
    """
    config = {**inputs.numbers, **inputs.switches}
    calls = rest.get("cycle", len(inputs.calls))
    last = calls + max(inputs.load[1] if inputs.load else [0], default=0)
    exact = all(inputs.numbers[beta] in _EXACT for beta in ("beta1", "beta2"))
    entry: Entry = {
        "id": name,
        "flags": list(rest.get("flags", ())),
        "why": rest.get("why", ""),
        "source": rest.get("source", ""),
        "tier": "step" if inputs.load else "relation" if "relation" in rest else "trajectory",
        **{key: rest[key] for key in ("level",) if key in rest},
        "kind": "dyadic" if exact and last <= _EXACTLY else "decimal",
        "dtype": inputs.params[0].dtype.name,
        "config": {
            k: v if isinstance(v, bool) else encode_number(float(v)) for k, v in config.items()
        },
        "shapes": [list(shape) for shape in shapes or [param.shape for param in inputs.params]],
        **{key: rest[key] for key in ("tile", "relation") if key in rest},
        "params": [encode(param) for param in inputs.params],
        "params_about": [about(param) for param in inputs.params],
    }
    if inputs.load:
        slots, t = inputs.load
        entry["load"] = {
            "t": list(t),
            **{name: [encode(array) for array in arrays] for name, arrays in slots.items()},
        }
    entry["steps"] = [_step(call) for call in inputs.calls]
    entry |= {key: rest[key] for key in ("cycle",) if key in rest}
    entry["after"] = list(rest.get("after") or range(1, len(inputs.calls) + 1))
    entry["axes"] = {axis: list(values) for axis, values in axes.items()}
    return entry


def _step(call: Call) -> Entry:
    rate = (
        {} if call.learning_rate is None else {"learning_rate": encode_number(call.learning_rate)}
    )
    return {
        "grads": [_or_none(encode_grad, g) for g in call.grads],
        "about": [_or_none(about_grad, g) for g in call.grads],
        **rate,
    }


def _or_none(form: Any, grad: Grad | None) -> Any:
    return None if grad is None else form(grad)
