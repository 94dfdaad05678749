"""Relations: what a run with changed inputs must have in common with the run it was made from.

For example, if all parameters and gradients change their sign, all results must change their sign
and keep their bits. `scale` and `negate` hold bit for bit, whatever the order of operations, as
long as nothing overflows or is subnormal. The others hold within the bound, because an Adam may
treat the last elements of an array differently. `refuse` adds bad calls that must raise; nothing
has changed after them, so all bits are those of the first run.

The inputs of a lifetime stay as they are: the run itself uses other objects of the same class.
`resume` saves and restores in the middle, `reload` loads into an object that took calls before,
`beside` has other objects that take calls in turn, `again` follows one that is gone. `late` is made
without the parameters of the last group, which is added in the middle.

`mixed` makes every second parameter a float64, and rounds its results at the end.

Source: adamref. The rule is elementwise, and has no scale of its own besides epsilon.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from .inputs import Inputs
from .slices import Grad, IndexedSlices
from .spec import Relation
from .switches import COMPLEX, GROUPS, LOSS_SCALE
from .vector import Vector
from .words import Array

# An entry a parameter; None for a gradient that is missing, or a slot that is not there yet.
Arrays = list[Array | None]


@dataclass(frozen=True)
class Transformation:
    """How a relation changes inputs, and how the results are changed back.

    Attributes:
        bitwise: whether both runs must return the same bits.
        change: returns the inputs of the second run.
        undo: returns the arrays of a quantity (`params`, `m`, ...) as they were without the change.
        excludes: the features of a vector that the change would not reach.
    """

    bitwise: bool
    change: Callable[[Inputs, Relation], Inputs]
    undo: Callable[[Arrays, str, Vector], Arrays]
    excludes: frozenset[str] = frozenset({"load", "sparse"})


# scale: gradients and epsilon times a power of two.


def _scale(inputs: Inputs, relation: Relation) -> Inputs:
    assert relation.power is not None
    power = relation.power
    changed = _with_grads(inputs, lambda grads: _each(grads, lambda grad: np.ldexp(grad, power)))
    epsilon = inputs.numbers["epsilon"] * 2.0**power
    return changed._replace(numbers=inputs.numbers | {"epsilon": epsilon})


def _unscale(arrays: Arrays, quantity: str, vector: Vector) -> Arrays:
    assert vector.relation is not None
    assert vector.relation.power is not None
    # m has the scale of a gradient, v and v_max that of its square.
    times = {"params": 0, "m": 1, "v": 2, "v_max": 2}[quantity]
    power = -vector.relation.power * times
    return _each(arrays, lambda array: np.ldexp(array, power))


# negate: parameters and gradients with the other sign.


def _negate(inputs: Inputs, _relation: Relation) -> Inputs:
    changed = _with_grads(inputs, lambda grads: _each(grads, np.negative))
    return changed._replace(params=[np.asarray(-param) for param in inputs.params])


def _negate_back(arrays: Arrays, quantity: str, _vector: Vector) -> Arrays:
    # A square has no sign.
    return arrays if quantity in ("v", "v_max") else _each(arrays, np.negative)


# reverse: the last parameter first, and in each the last element first.


def _reverse(inputs: Inputs, _relation: Relation) -> Inputs:
    params = [_flip(param) for param in inputs.params[::-1]]
    return _with_grads(inputs, _reverse_arrays)._replace(params=params)


def _reverse_back(arrays: Arrays, _quantity: str, _vector: Vector) -> Arrays:
    return _reverse_arrays(arrays)


def _reverse_arrays(arrays: Arrays) -> Arrays:
    return _each(arrays[::-1], _flip)


def _flip(array: Array) -> Array:
    # NumPy makes a scalar of an array without axes, which some libraries refuse.
    return np.asarray(np.flip(array).copy())


# split: every element a parameter of its own.


def _split(inputs: Inputs, _relation: Relation) -> Inputs:
    sizes = [param.size for param in inputs.params]

    def split(grads: Arrays) -> Arrays:
        parts: Arrays = []
        for grad, size in zip(grads, sizes, strict=True):
            # A missing gradient is missing for each element.
            if grad is None:
                parts += [None for _ in range(size)]
            else:
                parts += _elements(grad)
        return parts

    params = list(chain.from_iterable(_elements(param) for param in inputs.params))
    return _with_grads(inputs, split)._replace(params=params)


def _elements(array: Array) -> list[Array]:
    return list(array.reshape(-1, 1))


def _join(arrays: Arrays, _quantity: str, vector: Vector) -> Arrays:
    parts = iter(arrays)
    joined: Arrays = []
    for param in vector.params:
        elements = [next(parts) for _ in range(param.size)]
        present = [element for element in elements if element is not None]
        if len(present) < len(elements):
            joined.append(None)
            continue
        # The empty array in front has the dtype where there is no element at all.
        whole = np.concatenate([param.reshape(-1)[:0], *present])
        joined.append(whole.reshape(param.shape))
    return joined


# refuse: the same inputs, with bad ones between them.


def _add_refusals(inputs: Inputs, relation: Relation) -> Inputs:
    return inputs._replace(refuses=relation.refuses)


# form: the same numbers, handed over in another form.


def _set_form(inputs: Inputs, relation: Relation) -> Inputs:
    return inputs._replace(form=relation.form)


# Lifetimes: the same inputs; `trial.objects` makes and uses the other objects.


def _keep_inputs(inputs: Inputs, _relation: Relation) -> Inputs:
    return inputs


def _keep_arrays(arrays: Arrays, _quantity: str, _vector: Vector) -> Arrays:
    return arrays


# mixed: every second parameter has more digits, all of which a right result has to spare.


def _widen(inputs: Inputs, _relation: Relation) -> Inputs:
    params = _widen_every_second(inputs.params)
    changed = _with_grads(inputs, _widen_every_second)
    return changed._replace(params=[param for param in params if param is not None])


def _widen_every_second(arrays: Sequence[Array | None]) -> Arrays:
    wide: Arrays = list(arrays)
    for place in range(1, len(wide), 2):
        array = wide[place]
        wide[place] = None if array is None else array.astype(np.float64)
    return wide


def _narrow(arrays: Arrays, _quantity: str, vector: Vector) -> Arrays:
    return _each(arrays, lambda array: array.astype(vector.dtype))


# late: a group that is not there yet is as one without a gradient.


def _add_late(arrays: Arrays, quantity: str, vector: Vector) -> Arrays:
    added: Arrays = [*vector.params[len(arrays) :]]
    if quantity != "params":
        added = [None for _ in added]
    return [*arrays, *added]


def _each(arrays: Arrays, change: Callable[[Array], Array]) -> Arrays:
    changed: Arrays = []
    for array in arrays:
        changed.append(None if array is None else np.asarray(change(array)))
    return changed


def _with_grads(inputs: Inputs, change: Callable[[Arrays], Arrays]) -> Inputs:
    calls = []
    for call in inputs.calls:
        dense = [_dense(grad) for grad in call.grads]
        grads: list[Grad | None] = [*change(dense)]
        calls.append(call._replace(grads=grads))
    return inputs._replace(calls=calls)


def _dense(grad: Grad | None) -> Array | None:
    # `Transformation.excludes` keeps sparse gradients away.
    assert not isinstance(grad, IndexedSlices)
    return grad


_WITH_A_SCALE = frozenset(
    {
        *("load", "sparse", "epsilon_root", "weight_decay", COMPLEX),
        *("clipvalue", "clipnorm", "global_clipnorm", GROUPS),
    }
)
# Groups name parameters by their numbers.
_NUMBERED = frozenset({"load", "sparse", GROUPS})
# What a second run cannot reach.
_PLAIN_DENSE = frozenset({"load", "sparse", COMPLEX})
RELATIONS = {
    "scale": Transformation(True, _scale, _unscale, _WITH_A_SCALE),
    "negate": Transformation(True, _negate, _negate_back),
    "reverse": Transformation(False, _reverse, _reverse_back, _NUMBERED),
    # The norm of one element is not that of its parameter.
    "split": Transformation(False, _split, _join, _NUMBERED | {"clipnorm", COMPLEX}),
    "resume": Transformation(False, _keep_inputs, _keep_arrays, frozenset()),
    "form": Transformation(False, _set_form, _keep_arrays, frozenset({COMPLEX})),
    # A bad call whose gradients are not finite may be skipped instead.
    "refuse": Transformation(True, _add_refusals, _keep_arrays, frozenset({COMPLEX, LOSS_SCALE})),
    # A learning rate is not loaded.
    "reload": Transformation(False, _keep_inputs, _keep_arrays, frozenset({"schedule"})),
    "beside": Transformation(False, _keep_inputs, _keep_arrays, frozenset()),
    "again": Transformation(False, _keep_inputs, _keep_arrays, frozenset()),
    "mixed": Transformation(False, _widen, _narrow, _PLAIN_DENSE),
    "late": Transformation(False, _keep_inputs, _add_late, _PLAIN_DENSE),
}
