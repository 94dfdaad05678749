"""Orders of operations: ways to write m, v, the step and weight decay that are the same in exact arithmetic."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .fma import fma

Array = Any  # of float32, float64 or, in wide registers, longdouble
Scalar = Any


class Numbers(NamedTuple):
    """The scalars of one step. Those of E1 and E2 in the working dtype, the others in the format of operations.

    Fields:
        rate: what decoupled decay takes of the parameter: weight_decay times decay_lr.
    """

    beta1: Scalar
    rest1: Scalar
    beta2: Scalar
    rest2: Scalar
    lr: Scalar
    bias1: Scalar
    bias2: Scalar
    epsilon: Scalar
    root: Scalar
    rate: Scalar
    weight_decay: Scalar
    decay_lr: Scalar
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


def folded_reciprocal_root(n: Numbers, m: Array, w: Array) -> Array:
    """As DeepSpeed on the CPU."""
    if n.root:
        return rate_last(n, m, w)
    return n.work(n.lr / n.bias1) * (
        m / (np.sqrt(w) * n.work(1 / np.sqrt(n.bias2)) + n.work(n.epsilon))
    )


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


def l2_sum(n: Numbers, p: Array, g: Array) -> Array:
    return g + n.work(n.weight_decay) * p


def l2_fused(n: Numbers, p: Array, g: Array) -> Array:
    return fma(np.full_like(p, n.weight_decay), p, g)


def decay_factor(n: Numbers, p: Array) -> Array:
    return p * n.work(1 - n.rate)


def decay_difference(n: Numbers, p: Array) -> Array:
    return p - n.work(n.rate) * p


def decay_fused(n: Numbers, p: Array) -> Array:
    return fma(np.full_like(p, -n.rate), p, p)


def decay_chain(n: Numbers, p: Array) -> Array:
    return p - p * n.work(n.weight_decay) * n.work(n.decay_lr)
