"""Honest variants: right Adams in other orders of operations. The bound must accept every one of them.

Each is a choice of how to write m, v and the step; `VARIANTS` combines them as real libraries do.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .fma import fma
from .truth import AdamConfig, Arithmetic, Convention

Array = Any  # of float32, float64 or, in wide registers, longdouble
Scalar = Any


class Numbers(NamedTuple):
    """The scalars of one step. Those of E1 and E2 in the working dtype, the others in the format of operations."""

    beta1: Scalar
    rest1: Scalar
    beta2: Scalar
    rest2: Scalar
    lr: Scalar
    bias1: Scalar
    bias2: Scalar
    epsilon: Scalar
    root: Scalar
    work: Callable[[Any], Any]


def multiply_add_m(n: Numbers, m: Array, g: Array) -> Array:
    return n.beta1 * m + n.rest1 * g


def lerp_m(n: Numbers, m: Array, g: Array) -> Array:
    return m + n.rest1 * (g - m)


def two_branch_lerp_m(n: Numbers, m: Array, g: Array) -> Array:
    return m + n.rest1 * (g - m) if n.rest1 < 0.5 else g - (g - m) * (1 - n.rest1)


def fused_m(n: Numbers, m: Array, g: Array) -> Array:
    return fma(n.beta1, m, n.rest1 * g)


def fused_lerp_m(n: Numbers, m: Array, g: Array) -> Array:
    return fma(n.rest1, g, fma(-n.rest1, m, m))


def square_first_v(n: Numbers, v: Array, g: Array) -> Array:
    return n.beta2 * v + n.rest2 * (g * g)


def scaled_first_v(n: Numbers, v: Array, g: Array) -> Array:
    return n.beta2 * v + (n.rest2 * g) * g


def lerp_v(n: Numbers, v: Array, g: Array) -> Array:
    return v + n.rest2 * (g * g - v)


def fused_v(n: Numbers, v: Array, g: Array) -> Array:
    return fma(n.rest2 * g, g, n.beta2 * v)


def fused_lerp_v(n: Numbers, v: Array, g: Array) -> Array:
    return fma(n.rest2, g * g, fma(-n.rest2, v, v))


def corrected(n: Numbers, m: Array, w: Array) -> Array:
    """Algorithm 1 as printed."""
    m_hat, v_hat = m / n.work(n.bias1), w / n.work(n.bias2)
    return n.work(n.lr) * m_hat / (_root(v_hat, n) + n.work(n.epsilon))


def rate_last(n: Numbers, m: Array, w: Array) -> Array:
    m_hat, v_hat = m / n.work(n.bias1), w / n.work(n.bias2)
    return n.work(n.lr) * (m_hat / (_root(v_hat, n) + n.work(n.epsilon)))


def reciprocal(n: Numbers, m: Array, w: Array) -> Array:
    m_hat, v_hat = m * n.work(1 / n.bias1), w * n.work(1 / n.bias2)
    return n.work(n.lr) * m_hat / (_root(v_hat, n) + n.work(n.epsilon))


def folded_rate(n: Numbers, m: Array, w: Array) -> Array:
    """The root corrected after it is taken, the rate before it is used."""
    return n.work(n.lr / n.bias1) * m / (_corrected_root(w, n) + n.work(n.epsilon))


def folded_denominator(n: Numbers, m: Array, w: Array) -> Array:
    size = n.lr / n.bias1
    if n.root or not size:
        return folded_rate(n, m, w)
    return m / (np.sqrt(w) / n.work(np.sqrt(n.bias2) * size) + n.work(n.epsilon / size))


def scaled_epsilon(n: Numbers, m: Array, w: Array) -> Array:
    root2 = np.sqrt(n.bias2)
    under = np.sqrt(w + n.work(n.root * n.bias2)) if n.root else np.sqrt(w)
    return n.work(n.lr * root2 / n.bias1) * m / (under + n.work(n.epsilon * root2))


def hat(n: Numbers, m: Array, w: Array) -> Array:
    return n.work(n.lr * np.sqrt(n.bias2) / n.bias1) * m / (np.sqrt(w) + n.work(n.epsilon))


def hat_rate_last(n: Numbers, m: Array, w: Array) -> Array:
    return n.work(n.lr * np.sqrt(n.bias2) / n.bias1) * (m / (np.sqrt(w) + n.work(n.epsilon)))


def hat_folded(n: Numbers, m: Array, w: Array) -> Array:
    return m / ((np.sqrt(w) + n.work(n.epsilon)) / n.work(n.lr * np.sqrt(n.bias2) / n.bias1))


def _root(v_hat: Array, n: Numbers) -> Array:
    return np.sqrt(v_hat + n.work(n.root)) if n.root else np.sqrt(v_hat)


def _corrected_root(w: Array, n: Numbers) -> Array:
    return _root(w / n.work(n.bias2), n) if n.root else np.sqrt(w) / n.work(np.sqrt(n.bias2))


class Variant(NamedTuple):
    """A right Adam: how it writes m, v, the step with epsilon outside the correction, and the step with epsilon-hat.

    Fields:
        product: beta^t as a running product instead of a power.
        wide: in wider registers, rounded only when stored.
        narrow: every scalar of a step in the format of operations, not only beta^t and 1 - beta^t; torch's capturable.
        fused_step: the parameter is updated by one fused multiply-add.
    """

    name: str
    m: Callable[[Numbers, Array, Array], Array]
    v: Callable[[Numbers, Array, Array], Array]
    step: Callable[[Numbers, Array, Array], Array]
    hat_step: Callable[[Numbers, Array, Array], Array]
    product: bool = False
    wide: bool = False
    narrow: bool = False
    fused_step: bool = False


VARIANTS = (
    Variant("multiply-add", multiply_add_m, square_first_v, corrected, hat),
    Variant("multiply-add, rate last", multiply_add_m, square_first_v, rate_last, hat_rate_last),
    Variant("scaled gradient first", multiply_add_m, scaled_first_v, folded_rate, hat),
    Variant("lerp", lerp_m, lerp_v, scaled_epsilon, hat),
    Variant("two-branch lerp", two_branch_lerp_m, scaled_first_v, folded_rate, hat),
    Variant("two-branch lerp, folded denominator", two_branch_lerp_m, scaled_first_v, folded_denominator, hat_folded),
    Variant("fused multiply-add", fused_m, fused_v, corrected, hat, fused_step=True),
    Variant("fused lerp", fused_lerp_m, fused_lerp_v, folded_rate, hat_rate_last),
    Variant("fused lerp of m alone", fused_lerp_m, square_first_v, scaled_epsilon, hat, fused_step=True),
    Variant("wide registers", multiply_add_m, square_first_v, corrected, hat, wide=True),
    Variant("wide registers, lerp", lerp_m, lerp_v, scaled_epsilon, hat_folded, wide=True),
    Variant("folded learning rate", multiply_add_m, square_first_v, folded_rate, hat_rate_last),
    Variant("scaled epsilon", multiply_add_m, square_first_v, scaled_epsilon, hat),
    Variant("reciprocal", multiply_add_m, square_first_v, reciprocal, hat_folded),
    Variant("narrow scalars", two_branch_lerp_m, scaled_first_v, folded_denominator, hat_folded, narrow=True),
    Variant("running products", multiply_add_m, square_first_v, corrected, hat, product=True),
    Variant("running products, lerp", lerp_m, lerp_v, folded_rate, hat_rate_last, product=True),
)


class Trial:
    """An honest variant on one flat array.

    Args:
        variant: the order of operations.
        config: the numbers.
        convention: epsilon and AMSGrad.
        arithmetic: the formats of the scalars.
        param: the starting point; its dtype is the format.
    """

    def __init__(
        self, variant: Variant, config: AdamConfig, convention: Convention, arithmetic: Arithmetic, param: Array
    ) -> None:
        self.variant, self.config, self.convention = variant, config, convention
        self.dtype = param.dtype
        wider: dict[Any, Any] = {np.dtype(np.float32): np.float64, np.dtype(np.float64): np.longdouble}
        self.work: Any = wider[param.dtype] if variant.wide else param.dtype.type
        formats: dict[str, Any] = {"d": np.float64, "s": np.float32, "T": param.dtype.type}
        self.formats = tuple(formats[letter] for letter in arithmetic.code)
        self.param, self.t = param, 0
        self.m, self.v, self.v_max = (np.zeros_like(param) for _ in range(3))
        op = self.formats[4]
        self.powers = [op(1), op(1)]

    def step(self, grad: Array) -> Array:
        """One step; returns the parameter."""
        self.t += 1
        n, work = self._numbers(), self.work
        g, p = grad.astype(work), self.param.astype(work)
        m = self.variant.m(n, self.m.astype(work), g)
        v = self.variant.v(n, self.v.astype(work), g)
        w, v_max, n = self._chosen(n, v)
        update = (self.variant.hat_step if self.convention.epsilon == "hat" else self.variant.step)(n, m, w)
        fused = self.variant.fused_step and not self.variant.wide
        param = fma(work(-1), update, p) if fused else p - update
        self.param, self.m, self.v, self.v_max = (x.astype(self.dtype) for x in (param, m, v, v_max))
        return self.param

    def _chosen(self, n: Numbers, v: Array) -> tuple[Array, Array, Numbers]:
        old = self.v_max.astype(self.work)
        if not self.config.amsgrad:
            return v, old, n
        if self.convention.amsgrad == "max_raw":
            v_max = np.maximum(old, v)
            return v_max, v_max, n
        v_max = np.maximum(old, v / n.work(n.bias2))
        return v_max, v_max, n._replace(bias2=type(n.bias2)(1))

    def _numbers(self) -> Numbers:
        config, work = self.config, self.work
        to_lr, to_epsilon, to_rest, to_power, op = self.formats
        bases = [op(to_power(beta)) for beta in (config.beta1, config.beta2)]
        if self.variant.product:
            self.powers = [op(power * base) for power, base in zip(self.powers, bases, strict=True)]
        else:
            self.powers = [op(float(base) ** self.t) for base in bases]
        beta1, beta2 = float(to_rest(config.beta1)), float(to_rest(config.beta2))
        inside = self.convention.epsilon == "inside"
        scalar: Any = op if self.variant.narrow else np.promote_types(op, self.dtype).type
        return Numbers(
            beta1=work(beta1),
            rest1=work(1 - beta1),
            beta2=work(beta2),
            rest2=work(1 - beta2),
            lr=scalar(to_lr(config.learning_rate)),
            bias1=scalar(op(1) - self.powers[0]),
            bias2=scalar(op(1) - self.powers[1]),
            epsilon=to_epsilon(0 if inside else config.epsilon),
            root=to_epsilon(config.epsilon if inside else config.epsilon_root),
            work=work,
        )
