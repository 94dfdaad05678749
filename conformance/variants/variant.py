"""A variant: one right way to order the operations of Adam."""

from collections.abc import Callable
from typing import NamedTuple

from .orders import Array, RoundedNumbers, Scalar, decay_factor, quotient_of_scale, sum_l2

Order = Callable[[RoundedNumbers, Array, Array], Array]


class Variant(NamedTuple):
    """A right Adam, as the functions of `orders` that it is made of.

    Fields:
        name: the name in reports and tests.
        first_moment, second_moment: E1 and E2.
        update: E3 to E5, with epsilon outside the bias correction or under the root.
        hat_update: the same with epsilon-hat.
        l2: how L2 is added to the gradient.
        unscale: how a gradient is divided by its loss scale.
        decay: how decoupled decay is taken off the parameter.
        running_product: beta^t is a running product instead of a power.
        wide: the arrays of a step are in wider registers, and rounded when they are stored.
        narrow: every scalar of a step is in the format of the correction, not only beta^t and
            1 - beta^t; torch's capturable.
        fused_step: the parameter is updated by one fused multiply-add.
        joins_decay: decay is added to m_hat / denominator before both are scaled by the learning
            rate, where the result is the same.
    """

    name: str
    first_moment: Order
    second_moment: Order
    update: Order
    hat_update: Order
    l2: Order = sum_l2
    decay: Callable[[RoundedNumbers, Array], Array] = decay_factor
    unscale: Callable[[Array, Scalar], Array] = quotient_of_scale
    running_product: bool = False
    wide: bool = False
    narrow: bool = False
    fused_step: bool = False
    joins_decay: bool = False
