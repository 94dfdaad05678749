"""The rule of `adamref.step` for one element, in operations that a compiler must keep as they are.

No operation may be fused, reordered or widened. A backend supplies the operations: on processors
they are Python's operators, on CUDA they are functions that name their rounding. Conventions differ
only in the numbers, so the rule has no branch on a convention.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from ..config import AdamConfig
from ..convention import Convention
from ..scalars import Scalars

Element = Any


class KernelNumbers(NamedTuple):
    """The numbers that all elements of a parameter share in one step.

    They are `Scalars`, with every switch turned into a number to multiply by.

    Fields:
        beta1 ... decay_factor_after: as in `Scalars`.
        sign: factor of the gradient: -1 for ascent, else 1.
        before_max: factor of v before AMSGrad takes the maximum.
        after_max: factor of the maximum. One of the two is `inverse_bias_correction2`, and the
            other is 1.
    """

    beta1: Element
    one_minus_beta1: Element
    beta2: Element
    one_minus_beta2: Element
    inverse_bias_correction1: Element
    learning_rate: Element
    epsilon: Element
    epsilon_root: Element
    l2: Element
    decay_factor_before: Element
    decay_factor_after: Element
    sign: Element
    before_max: Element
    after_max: Element


# Kernels get the numbers as a row of an array. Numba compiles these column numbers in as constants.
NUMBER_COLUMNS = len(KernelNumbers._fields)
COLUMN = KernelNumbers(*range(NUMBER_COLUMNS))


def kernel_numbers(config: AdamConfig, convention: Convention, s: Scalars) -> KernelNumbers:
    """Return the numbers of a step, in the dtype of its scalars."""
    one = s.beta1.dtype.type(1)
    before_max = one
    after_max = s.inverse_bias_correction2
    if config.amsgrad and convention.amsgrad == "max_corrected":
        before_max = s.inverse_bias_correction2
        after_max = one
    return KernelNumbers(
        beta1=s.beta1,
        one_minus_beta1=s.one_minus_beta1,
        beta2=s.beta2,
        one_minus_beta2=s.one_minus_beta2,
        inverse_bias_correction1=s.inverse_bias_correction1,
        learning_rate=s.learning_rate,
        epsilon=s.epsilon,
        epsilon_root=s.epsilon_root,
        l2=s.l2,
        decay_factor_before=s.decay_factor_before,
        decay_factor_after=s.decay_factor_after,
        sign=-one if config.maximize else one,
        before_max=before_max,
        after_max=after_max,
    )


def numbers_reader(read: Callable[[Any, Any], Element]) -> Callable[..., KernelNumbers]:
    """Return the function (rows, first) -> `KernelNumbers` of the row that begins at ``first``.

    Args:
        read: (rows, index) -> number at that index, as the backend compiles it.
    """

    def numbers_at(rows, first):
        return KernelNumbers(
            beta1=read(rows, first + COLUMN.beta1),
            one_minus_beta1=read(rows, first + COLUMN.one_minus_beta1),
            beta2=read(rows, first + COLUMN.beta2),
            one_minus_beta2=read(rows, first + COLUMN.one_minus_beta2),
            inverse_bias_correction1=read(rows, first + COLUMN.inverse_bias_correction1),
            learning_rate=read(rows, first + COLUMN.learning_rate),
            epsilon=read(rows, first + COLUMN.epsilon),
            epsilon_root=read(rows, first + COLUMN.epsilon_root),
            l2=read(rows, first + COLUMN.l2),
            decay_factor_before=read(rows, first + COLUMN.decay_factor_before),
            decay_factor_after=read(rows, first + COLUMN.decay_factor_after),
            sign=read(rows, first + COLUMN.sign),
            before_max=read(rows, first + COLUMN.before_max),
            after_max=read(rows, first + COLUMN.after_max),
        )

    return numbers_at


class Operations(NamedTuple):
    """Operations of one format, each rounded once to nearest, ties to even."""

    add: Callable[[Element, Element], Element]
    sub: Callable[[Element, Element], Element]
    mul: Callable[[Element, Element], Element]
    div: Callable[[Element, Element], Element]
    sqrt: Callable[[Element], Element]


class Rule(NamedTuple):
    """Two functions of one element.

    Fields:
        objective_gradient: (n, param, grad) -> the gradient that enters the moments.
        advance: (n, param, grad, square, m, v, v_max) -> param, m, v, v_max.
            Without AMSGrad, v_max is -inf.
    """

    objective_gradient: Callable[..., Element]
    advance: Callable[..., tuple[Element, Element, Element, Element]]


def rule(operations: Operations) -> Rule:
    """Return `adamref.step` for one element, with the equations E1 to E5 of `step.step`."""
    add, sub, mul, div, sqrt = operations

    def objective_gradient(n, param, grad):
        grad = mul(n.sign, grad)
        # Without L2 nothing is added, not even 0: 0 times an infinite parameter is NaN.
        return add(grad, mul(n.l2, param)) if n.l2 else grad

    def advance(n, param, grad, square, m, v, v_max):
        m = add(mul(n.beta1, m), mul(n.one_minus_beta1, grad))  # E1
        v = add(mul(n.beta2, v), mul(n.one_minus_beta2, square))  # E2
        m_hat = mul(n.inverse_bias_correction1, m)  # E3
        candidate = mul(n.before_max, v)
        # A NaN wins, as in np.maximum.
        v_max = v_max if v_max >= candidate or v_max != v_max else candidate
        v_hat = mul(n.after_max, v_max)  # E4
        root = sqrt(add(v_hat, n.epsilon_root))
        denominator = add(root, n.epsilon)
        update = div(mul(n.learning_rate, m_hat), denominator)
        param = sub(mul(n.decay_factor_before, param), update)  # E5
        param = mul(n.decay_factor_after, param)
        return param, m, v, v_max

    return Rule(objective_gradient, advance)
