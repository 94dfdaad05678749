"""Right Adams at any point of the axes, from which wrong Adams are made.

For example, the pieces of `tf1` are those of Algorithm 1, but epsilon is divided by the root of
1 - beta2^t, and a call without any gradient raises. Start with `pieces_of`.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ...truth.point import UNSUPPORTED, Point
from ...truth.reference import CONVENTIONS, DEFAULT_EPSILON, Arithmetic, Convention, Format
from ...vectors.switches import LIMITS
from .clipping import clip_of
from .complex_numbers import AdamOfParts, squared_modulus
from .editable import EditableAdam, Pieces
from .paper import PAPER
from .records import Array, Grads, Hyperparameters, Slots, Step
from .sparse import (
    ignore_empty,
    note_squares,
    step_own_rows,
    step_own_rows_by_own_t,
    sum_of_squares,
)

# Fields of `Pieces` and their functions; `replace` refuses other names.
Changes = dict[str, Any]


def build_named(name: str, convention: str, **changes: Any) -> type[EditableAdam]:
    """Return the Adam of a named convention, with some pieces changed, as a subject."""
    named = CONVENTIONS[convention]
    point = Point(named.convention, Arithmetic.parse(named.arithmetics[0]))
    subject = build(name, point, **changes)
    subject.convention = convention
    return subject


def build(name: str, point: Point, **changes: Any) -> type[EditableAdam]:
    """Return the Adam at a point of the axes, with some pieces changed, as a subject."""
    adam = EditableAdam
    supports = set(adam.supports)
    if point.convention.sparse == UNSUPPORTED:
        supports.remove("sparse")
    if point.convention.complex != UNSUPPORTED:
        supports.add("complex")
        adam = AdamOfParts
    # A class of its own, because a subject's name is the name of its class or function.
    members = {
        "pieces": replace(pieces_of(point), **changes),
        "switches": _switches_of(point.convention),
        "supports": frozenset(supports),
    }
    return type(name, (adam,), members)


def _switches_of(convention: Convention) -> frozenset[str]:
    """Return the switches that a convention has at all."""
    names = ("amsgrad", "weight_decay", "maximize")
    switches = {name for name in names if getattr(convention, name) != UNSUPPORTED}
    if convention.clip != UNSUPPORTED:
        switches.update(LIMITS)
    if convention.epsilon == "both":
        switches.add("epsilon_root")
    return frozenset(switches)


def pieces_of(point: Point) -> Pieces:
    """Return the pieces of Algorithm 1 with those that a convention and an arithmetic change."""
    convention = point.convention
    arithmetic = point.arithmetic
    changes: Changes = {
        **_number_pieces(convention, arithmetic),
        **_bias_pieces(convention, arithmetic),
        **_epsilon_pieces(convention),
        **_decay_pieces(convention, arithmetic),
        **_counting_pieces(convention),
        **_sparse_pieces(convention),
    }
    if convention.clip != UNSUPPORTED:
        changes["clip"] = clip_of(convention)
    if convention.amsgrad == "max_corrected":
        changes["largest"] = _largest_corrected
    if convention.complex == "modulus":
        changes["second_moment"] = squared_modulus
    return replace(PAPER, **changes)


def _number_pieces(convention: Convention, arithmetic: Arithmetic) -> Changes:
    def numbers(given: Hyperparameters) -> Hyperparameters:
        epsilon = given.epsilon
        if epsilon == 0 and convention.epsilon_zero == "default":
            epsilon = DEFAULT_EPSILON
        return Hyperparameters(
            learning_rate=_cast(arithmetic.learning_rate, given.learning_rate),
            beta1=_cast(arithmetic.moment_beta, given.beta1),
            beta2=_cast(arithmetic.moment_beta, given.beta2),
            epsilon=_cast(arithmetic.epsilon, epsilon),
        )

    def schedule(adam: EditableAdam, learning_rate: float) -> float:
        return _cast(arithmetic.learning_rate, learning_rate)

    return {"numbers": numbers, "schedule": schedule}


def _cast(form: Format, number: float) -> float:
    """Return a number in binary32, if that is its format."""
    return float(np.float32(number)) if form == Format.BINARY32 else number


def _bias_pieces(convention: Convention, arithmetic: Arithmetic) -> Changes:
    def bias(adam: EditableAdam, step: Step, beta: float, moment: str) -> float:
        # AMSGrad may correct other moments than plain Adam.
        corrected = convention.bias_correction
        if adam.amsgrad:
            corrected = convention.amsgrad_bias_correction
        if corrected not in ("both", moment):
            return 1.0
        if arithmetic.power_beta == Format.PARAMETER:
            base = float(adam.state.params[0].dtype.type(beta))
        else:
            base = _cast(arithmetic.power_beta, beta)
        return 1 - base**step.t

    def bias1(adam: EditableAdam, step: Step, beta: float) -> float:
        return bias(adam, step, beta, "first")

    def bias2(adam: EditableAdam, step: Step, beta: float) -> float:
        return bias(adam, step, beta, "second")

    return {"bias1": bias1, "bias2": bias2}


def _largest_corrected(
    adam: EditableAdam, step: Step, v_max: Array, v: Array
) -> tuple[Array, Array]:
    """Return AMSGrad's maximum of v_hat; E4 divides by the correction, which is undone here."""
    bias2 = adam.pieces.bias2(adam, step, adam.beta2)
    v_max = np.maximum(v_max, v / bias2)
    return v_max, v_max * bias2


def _epsilon_pieces(convention: Convention) -> Changes:
    """Return the places of epsilon; Algorithm 1 has it outside the root."""

    def given(adam: EditableAdam, step: Step) -> float:
        return adam.epsilon

    def root(adam: EditableAdam, step: Step) -> float:
        return adam.epsilon_root

    def zero(adam: EditableAdam, step: Step) -> float:
        return 0.0

    def hat(adam: EditableAdam, step: Step) -> float:
        # sqrt(v_hat) + epsilon / sqrt(bias2) is (sqrt(v) + epsilon) / sqrt(bias2). The quotient
        # stays a np.float64, so that the sum is taken in float64.
        quotient: float = adam.epsilon / np.sqrt(adam.pieces.bias2(adam, step, adam.beta2))
        return quotient

    if convention.epsilon == "inside":
        return {"epsilon_inside": given, "epsilon_outside": zero}
    if convention.epsilon == "hat":
        return {"epsilon_inside": root, "epsilon_outside": hat}
    return {"epsilon_inside": root, "epsilon_outside": given}


def _decay_pieces(convention: Convention, arithmetic: Arithmetic) -> Changes:
    """Return what weight decay does to the gradient, or to the parameter before or after."""

    def weight_decay(adam: EditableAdam) -> float:
        return _cast(arithmetic.learning_rate, adam.weight_decay)

    def add_l2(adam: EditableAdam, step: Step, param: Array, grad: Array) -> Array:
        return grad + adam.pieces.weight_decay(adam) * param

    def rate(adam: EditableAdam, step: Step) -> float:
        return float(adam.pieces.weight_decay(adam) * _decay_scale(adam, step, convention))

    def decay(adam: EditableAdam, step: Step, param: Array) -> Array:
        return param * (1 - rate(adam, step))

    def change(adam: EditableAdam, step: Step, param: Array, m_hat: Array, update: Array) -> Array:
        return update + rate(adam, step) * (param - update)

    # Exactly one of the three places, or none.
    if convention.weight_decay == "l2":
        return {"weight_decay": weight_decay, "add_l2": add_l2}
    if convention.weight_decay != "decoupled":
        return {"weight_decay": weight_decay}
    if convention.decay_when == "before":
        return {"weight_decay": weight_decay, "decay": decay}
    return {"weight_decay": weight_decay, "change": change}


def _decay_scale(adam: EditableAdam, step: Step, convention: Convention) -> float:
    """Return the number that weight decay is multiplied by."""
    if convention.decay_scale == "one":
        return 1.0
    if convention.decay_scale == "lr":
        return step.learning_rate
    bias1 = adam.pieces.bias1(adam, step, adam.beta1)
    bias2 = adam.pieces.bias2(adam, step, adam.beta2)
    return float(step.learning_rate * np.sqrt(bias2) / bias1)


def _counting_pieces(convention: Convention) -> Changes:
    """Return what t counts, and what happens in calls in which gradients are missing."""

    def begin(adam: EditableAdam, grads: Grads) -> None:
        if convention.all_none == "error" and all(grad is None for grad in grads):
            raise ValueError("grads must hold a gradient, got None for every parameter")
        if convention.none_gradient == "error" and any(grad is None for grad in grads):
            raise ValueError("grads must not hold None, got None")

    def counts_empty_call(adam: EditableAdam) -> bool:
        return convention.all_none == "count"

    changes: Changes = {"begin": begin, "counts_empty_call": counts_empty_call}
    # A parameter that counts its missing gradients too counts calls.
    if convention.step_scope == "parameter" and convention.none_gradient != "skip_but_count":
        changes |= {"step_number": _gradients_of_the_parameter, "load": _load_counts}
    return changes


def _gradients_of_the_parameter(adam: EditableAdam, step: Step) -> int:
    return adam.state.gradients[step.parameter]


def _load_counts(adam: EditableAdam, slots: Slots, t: Sequence[int]) -> tuple[Slots, Sequence[int]]:
    adam.state.gradients = [int(count) for count in t]
    return slots, t


def _sparse_pieces(convention: Convention) -> Changes:
    """Return the rows that a sparse gradient moves, and what of it enters v."""
    changes: Changes = {}
    if convention.sparse in ("lazy_global_t", "lazy_tensor_t"):
        changes["sparse_step"] = step_own_rows
    elif convention.sparse == "lazy_row_t":
        changes["sparse_step"] = step_own_rows_by_own_t
    if convention.duplicates == "sum_of_squares":
        changes |= {"dense_gradient": note_squares, "second_moment": sum_of_squares}
    if convention.empty_sparse == "ignored":
        changes["gradient"] = ignore_empty
    return changes
