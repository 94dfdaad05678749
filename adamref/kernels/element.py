"""The rule of `adamref.step` for one element, in operations that a compiler must not fuse, reorder or widen.

Whatever compiles it supplies these: on processors they are the operators, on CUDA functions that name their rounding.
Conventions differ in nothing but the numbers, so there is no branch on one.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from ..config import AdamConfig
from ..convention import Convention
from ..scalars import Scalars

Element = Any


class Numbers(NamedTuple):
    """What all elements of a parameter share in one step: `Scalars` with its choices as numbers.

    Fields:
        beta1 ... keep_after: as in `Scalars`.
        sign: what the gradient is multiplied by: -1 for ascent.
        before_max, after_max: what v is multiplied by before AMSGrad takes the maximum, and the maximum after it: one
            is correct2 and the other 1.
    """

    beta1: Element
    beta1_rest: Element
    beta2: Element
    beta2_rest: Element
    correct1: Element
    learning_rate: Element
    epsilon: Element
    epsilon_root: Element
    l2: Element
    keep_before: Element
    keep_after: Element
    sign: Element
    before_max: Element
    after_max: Element


def numbers(config: AdamConfig, convention: Convention, s: Scalars) -> Numbers:
    """The numbers of a step, in the dtype of its scalars."""
    one = s.beta1.dtype.type(1)
    corrected_first = config.amsgrad and convention.amsgrad == "max_corrected"
    before, after = (s.correct2, one) if corrected_first else (one, s.correct2)
    shared = {name: getattr(s, name) for name in Numbers._fields if name in Scalars._fields}
    return Numbers(
        **shared, sign=-one if config.maximize else one, before_max=before, after_max=after
    )


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
        entering: (n, param, grad) -> the gradient that enters the moments.
        advance: (n, param, grad, square, m, v, v_max) -> param, m, v, v_max; without AMSGrad v_max is -inf.
    """

    entering: Callable[..., Element]
    advance: Callable[..., tuple[Element, Element, Element, Element]]


def rule(operations: Operations) -> Rule:
    """`step.entering` and `step.advance`, with the equations E1 to E5 of `step.step`."""
    add, sub, mul, div, sqrt = operations

    def entering(n, param, grad):  # type: ignore[no-untyped-def]
        grad = mul(n.sign, grad)
        # Not by adding 0: 0 times an infinite parameter is NaN.
        return add(grad, mul(n.l2, param)) if n.l2 else grad

    def advance(n, param, grad, square, m, v, v_max):  # type: ignore[no-untyped-def]
        m = add(mul(n.beta1, m), mul(n.beta1_rest, grad))  # E1
        v = add(mul(n.beta2, v), mul(n.beta2_rest, square))  # E2
        m_hat = mul(n.correct1, m)  # E3
        seen = mul(n.before_max, v)
        v_max = v_max if v_max >= seen or v_max != v_max else seen  # NaN wins, as in np.maximum
        v_hat = mul(n.after_max, v_max)  # E4
        update = div(mul(n.learning_rate, m_hat), add(sqrt(add(v_hat, n.epsilon_root)), n.epsilon))
        param = mul(n.keep_after, sub(mul(n.keep_before, param), update))  # E5
        return param, m, v, v_max

    return Rule(entering, advance)
