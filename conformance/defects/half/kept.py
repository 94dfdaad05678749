"""What is kept of parameters between steps of half precision: lost, stale, or used wrongly."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from functools import wraps

from ..defect import Defect, Piece, wrong_half
from ..kit.half import RIGHT, HalfAdam
from ..kit.records import Array, State, Step
from .storages import COMPENSATED, MASTER

_Start = Callable[[HalfAdam, int, Array], Array]


def _param(adam: HalfAdam, number: int) -> Array:
    """Return a parameter as it is returned, in float32."""
    return adam.wide(adam.params[number])


def _keeps_float32(adam: HalfAdam) -> bool:
    return adam.kept.weights in ("master", "split")


# --- a float32 weight of each parameter


@wrong_half(
    "next_start",
    what="the float32 weights are made from the parameters again in every step",
    storage=MASTER,
)
def half_master_remade(adam: HalfAdam, number: int, weight: Array) -> Array:
    # Right: weight. The parameter has lost a part of it.
    start = RIGHT.next_start(adam, number, weight)
    return _param(adam, number) if _keeps_float32(adam) else start


@wrong_half(
    "restore",
    what="the float32 weights are made from the parameters again when they are restored",
    storage=MASTER,
)
def half_master_remade_at_restore(adam: HalfAdam, saved: State) -> State:
    return _of_params(adam, saved) if _keeps_float32(adam) else deepcopy(saved)


@wrong_half(
    "restore",
    what="the float32 weights of a used optimizer are not replaced when it is restored",
    storage=MASTER,
)
def half_master_not_restored(adam: HalfAdam, saved: State) -> State:
    state = deepcopy(saved)
    return replace(state, params=adam.state.params) if _keeps_float32(adam) else state


def _of_params(adam: HalfAdam, saved: State) -> State:
    """Return a saved state with weights that are made from the parameters."""
    state = deepcopy(saved)
    weights = [adam.wide(param) for param in state.memory["params"]]
    return replace(state, params=weights)


def _decay_of_param(adam: HalfAdam, step: Step, param: Array) -> Array:
    rounded = _param(adam, step.parameter)
    # Right: param, which is the weight.
    return param + (adam.right.decay(adam, step, rounded) - rounded)


def _l2_of_param(adam: HalfAdam, step: Step, param: Array, grad: Array) -> Array:
    return adam.right.add_l2(adam, step, _param(adam, step.parameter), grad)


half_decay_of_param = Defect(
    name="half-decay-of-param",
    what="weight decay looks at the rounded parameter, and not at its float32 weight",
    pieces={"decay": _decay_of_param, "add_l2": _l2_of_param},
    convention="torch-adamw",
    storage=MASTER,
)


# --- what rounding lost, in a second number


def _if_compensated(piece: str) -> Callable[[Piece], Piece]:
    """Return a decorator that leaves an Adam right if it keeps no compensation."""

    def decorate(function: _Start) -> _Start:
        @wraps(function)
        def start(adam: HalfAdam, number: int, weight: Array) -> Array:
            is_wrong = adam.kept.weights == "compensated"
            right: _Start = getattr(RIGHT, piece)
            return (function if is_wrong else right)(adam, number, weight)

        return start

    return decorate


@wrong_half("next_start", what="what rounding lost is subtracted, not added", storage=COMPENSATED)
@_if_compensated("next_start")
def half_compensation_sign(adam: HalfAdam, number: int, weight: Array) -> Array:
    # Right: the sum.
    return _param(adam, number) - adam.wide(adam.lost[number])


@wrong_half("next_start", what="what rounding lost is added twice", storage=COMPENSATED)
@_if_compensated("next_start")
def half_compensation_twice(adam: HalfAdam, number: int, weight: Array) -> Array:
    return _param(adam, number) + 2 * adam.wide(adam.lost[number])


@wrong_half("next_start", what="what rounding lost is kept, but never used", storage=COMPENSATED)
@_if_compensated("next_start")
def half_compensation_unused(adam: HalfAdam, number: int, weight: Array) -> Array:
    return _param(adam, number)


@wrong_half(
    "keep_lost",
    what="what rounding lost is added to what it lost before, which was used already",
    storage=COMPENSATED,
)
@_if_compensated("keep_lost")
def half_compensation_grows(adam: HalfAdam, number: int, weight: Array) -> Array:
    lost = weight - _param(adam, number)
    return (adam.wide(adam.lost[number]) + lost).astype(adam.dtype)


@wrong_half("restore", what="what rounding lost is not saved", storage=COMPENSATED)
def half_compensation_not_saved(adam: HalfAdam, saved: State) -> State:
    is_wrong = adam.kept.weights == "compensated"
    return _of_params(adam, saved) if is_wrong else deepcopy(saved)
