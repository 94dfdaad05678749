"""Relations: what a run with changed inputs must have in common with the run it was made from.

Two hold bit for bit, whatever the order of operations: gradients and epsilon times a power of two, as long as nothing
overflows or is subnormal, and all signs turned around. The others hold within the bound, for an Adam may treat the
elements in the tail of an array differently: another order of parameters and elements, and every element a parameter
of its own. To be saved and restored in the middle must change nothing either.

Source: adamref, for the rule is elementwise and, but for epsilon, without a scale.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .inputs import Call, Inputs
from .slices import Grad, IndexedSlices
from .vector import Vector
from .words import Array

# Beyond them epsilon or a square may leave the range of float32.
_POWERS = 60
Shown = list[Array | None]  # an entry a parameter; None for a slot that is not there yet


class Transformation(NamedTuple):
    """How inputs are changed, and how what comes of them is changed back.

    Fields:
        bitwise: both runs have the same bits.
        inputs: the changed ones. back: the arrays of `params`, `m`, ... as they would be without the change.
        without: features of a vector whose inputs cannot be changed so.
    """

    bitwise: bool
    inputs: Callable[[Inputs, int], Inputs]
    back: Callable[[Shown, str, Vector], Shown]
    without: frozenset[str] = frozenset({"load", "sparse"})


def _scaled(inputs: Inputs, power: int) -> Inputs:
    scaled = _with_grads(inputs, lambda grads: _each(grads, lambda grad: np.ldexp(grad, power)))
    return scaled._replace(
        numbers=inputs.numbers | {"epsilon": inputs.numbers["epsilon"] * 2.0**power}
    )


def _unscaled(arrays: Shown, of: str, vector: Vector) -> Shown:
    assert vector.relation is not None
    power = -int(vector.relation.power or 0) * {"params": 0, "m": 1}.get(of, 2)
    return _each(arrays, lambda array: np.ldexp(array, power))


def _negated(inputs: Inputs, _: int) -> Inputs:
    turned = _with_grads(inputs, lambda grads: _each(grads, np.negative))
    return turned._replace(params=[np.asarray(-param) for param in inputs.params])


def _negated_back(arrays: Shown, of: str, _: Vector) -> Shown:
    return arrays if of in ("v", "v_max") else _each(arrays, np.negative)


def _reversed(inputs: Inputs, _: int) -> Inputs:
    return _with_grads(inputs, _turned)._replace(
        params=[p for p in _turned(list(inputs.params)) if p is not None]
    )


def _turned(arrays: Shown) -> Shown:
    """The last parameter first, and in each the last element first."""
    return _each(arrays[::-1], lambda array: np.flip(array).copy())


def _split(inputs: Inputs, _: int) -> Inputs:
    def apart(arrays: Shown) -> Shown:
        pairs = zip(arrays, inputs.params, strict=True)
        return [
            x for a, p in pairs for x in ([None] * p.size if a is None else list(a.reshape(-1, 1)))
        ]

    params = [x for x in apart(list(inputs.params)) if x is not None]
    return _with_grads(inputs, apart)._replace(params=params)


def _joined(arrays: Shown, _: str, vector: Vector) -> Shown:
    parts, joined = iter(arrays), Shown()
    for param in vector.params:
        own = [next(parts) for _ in range(param.size)]
        whole = [
            param.reshape(-1)[:0],
            *(part for part in own if part is not None),
        ]  # there may be no element at all
        joined.append(np.concatenate(whole).reshape(param.shape) if len(whole) > len(own) else None)
    return joined


def _each(arrays: Shown, change: Callable[[Array], Any]) -> Shown:
    return [None if array is None else np.asarray(change(array)) for array in arrays]


def _with_grads(inputs: Inputs, change: Callable[[Shown], Shown]) -> Inputs:
    calls = [
        Call([*change([_dense(grad) for grad in call.grads])], call.learning_rate)
        for call in inputs.calls
    ]
    return inputs._replace(calls=calls)


def _dense(grad: Grad | None) -> Array | None:
    assert not isinstance(grad, IndexedSlices)  # `without` says so
    return grad


def _reversed_back(arrays: Shown, _of: str, _vector: Vector) -> Shown:
    return _turned(arrays)


_SCALED = frozenset(
    {"load", "sparse", "epsilon_root", "weight_decay", "clipvalue", "clipnorm", "global_clipnorm"}
)
RELATIONS = {
    "scale": Transformation(True, _scaled, _unscaled, _SCALED),
    "negate": Transformation(True, _negated, _negated_back),
    "reverse": Transformation(False, _reversed, _reversed_back),
    "split": Transformation(False, _split, _joined, frozenset({"load", "sparse", "clipnorm"})),
    "resume": Transformation(
        False, lambda inputs, _: inputs, lambda arrays, *_: arrays, frozenset()
    ),
}


def objection(vector: Vector) -> str:
    """Why no second run of ``vector`` can be made as its relation says, in a sentence; empty if one can."""
    if vector.relation is None:
        return ""
    calls = vector.spec.call_count
    kind, power, after = vector.relation.kind, vector.relation.power, vector.relation.after
    if kind == "scale" and not (power and abs(power) <= _POWERS):
        return f"relation scale must have a power from -{_POWERS} to {_POWERS}, other than 0, got {power}"
    if kind == "resume" and not (after and after < calls):
        return f"relation resume must have after, a call from 1 to {calls - 1} that another one follows, got {after}"
    if found := RELATIONS[kind].without & vector.features:
        return f"relation {kind} must stand without what it does not change with the inputs, got {min(found)}"
    return ""
