"""Orders of operations: ways to write m, v, the update and weight decay.

In exact arithmetic, all functions of one group return the same. Rounded, they do not: for example,
`m + (1 - beta1) (g - m)` and `beta1 m + (1 - beta1) g` differ in the last digits.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .fma import fma

Array = Any  # of float32, float64 or, in wide registers, longdouble
Scalar = Any


class RoundedNumbers(NamedTuple):
    """The scalars of one step, rounded as the arithmetic and the variant say.

    Fields:
        beta1, one_minus_beta1, beta2, one_minus_beta2: of E1 and E2, in the working dtype.
        root_of_one_minus_beta2: the root of 1 - beta2, in the working dtype.
        bias_correction1, bias_correction2: 1 - beta^t.
        learning_rate, epsilon, epsilon_root, weight_decay: as set, in their formats.
        decay_scale: what decoupled decay multiplies weight_decay by.
        decay_rate: weight_decay times decay_scale, the part of the parameter that decay takes.
        work: rounds a scalar to the working dtype.
    """

    beta1: Scalar
    one_minus_beta1: Scalar
    beta2: Scalar
    one_minus_beta2: Scalar
    root_of_one_minus_beta2: Scalar
    learning_rate: Scalar
    bias_correction1: Scalar
    bias_correction2: Scalar
    epsilon: Scalar
    epsilon_root: Scalar
    weight_decay: Scalar
    decay_scale: Scalar
    decay_rate: Scalar
    work: Callable[[Any], Any]


# --- loss scale


def quotient_of_scale(grad: Array, scale: Scalar) -> Array:
    return grad / scale


def product_with_reciprocal(grad: Array, scale: Scalar) -> Array:
    return grad * (type(scale)(1) / scale)


# --- first moment, E1


def multiply_add_m(n: RoundedNumbers, m: Array, grad: Array) -> Array:
    return n.beta1 * m + n.one_minus_beta1 * grad


def lerp_m(n: RoundedNumbers, m: Array, grad: Array) -> Array:
    return m + n.one_minus_beta1 * (grad - m)


def two_branch_lerp_m(n: RoundedNumbers, m: Array, grad: Array) -> Array:
    """Return m as `torch.lerp` does, which starts from the nearer end."""
    if n.one_minus_beta1 < 0.5:
        return m + n.one_minus_beta1 * (grad - m)
    return grad - (grad - m) * (1 - n.one_minus_beta1)


def fma_m(n: RoundedNumbers, m: Array, grad: Array) -> Array:
    return fma(n.beta1, m, n.one_minus_beta1 * grad)


def fma_lerp_m(n: RoundedNumbers, m: Array, grad: Array) -> Array:
    return fma(n.one_minus_beta1, grad, fma(-n.one_minus_beta1, m, m))


# Three terms, in every order of their sums.


def sum_first_m(n: RoundedNumbers, m: Array, grad: Array) -> Array:
    return (m + n.one_minus_beta1 * grad) - n.one_minus_beta1 * m


def decay_first_m(n: RoundedNumbers, m: Array, grad: Array) -> Array:
    return (m - n.one_minus_beta1 * m) + n.one_minus_beta1 * grad


def change_first_m(n: RoundedNumbers, m: Array, grad: Array) -> Array:
    return m + (n.one_minus_beta1 * grad - n.one_minus_beta1 * m)


# --- second moment, E2


def square_first_v(n: RoundedNumbers, v: Array, grad: Array) -> Array:
    return n.beta2 * v + n.one_minus_beta2 * (grad * grad)


def scale_first_v(n: RoundedNumbers, v: Array, grad: Array) -> Array:
    return n.beta2 * v + (n.one_minus_beta2 * grad) * grad


def lerp_v(n: RoundedNumbers, v: Array, grad: Array) -> Array:
    return v + n.one_minus_beta2 * (grad * grad - v)


def fma_v(n: RoundedNumbers, v: Array, grad: Array) -> Array:
    return fma(n.one_minus_beta2 * grad, grad, n.beta2 * v)


def fma_lerp_v(n: RoundedNumbers, v: Array, grad: Array) -> Array:
    return fma(n.one_minus_beta2, grad * grad, fma(-n.one_minus_beta2, v, v))


def sum_first_v(n: RoundedNumbers, v: Array, grad: Array) -> Array:
    return (v + n.one_minus_beta2 * (grad * grad)) - n.one_minus_beta2 * v


def decay_first_v(n: RoundedNumbers, v: Array, grad: Array) -> Array:
    return (v - n.one_minus_beta2 * v) + n.one_minus_beta2 * (grad * grad)


def square_of_root_v(n: RoundedNumbers, v: Array, grad: Array) -> Array:
    """Return v with the root of 1 - beta2, which keeps the square of a large gradient finite."""
    scaled = n.root_of_one_minus_beta2 * grad
    return n.beta2 * v + scaled * scaled


# --- update, E3 to E5, with epsilon outside the bias correction or under the root


def as_printed(n: RoundedNumbers, m: Array, v: Array) -> Array:
    """Return the update as Algorithm 1 writes it."""
    m_hat = m / n.work(n.bias_correction1)
    v_hat = v / n.work(n.bias_correction2)
    return n.work(n.learning_rate) * m_hat / (_root(n, v_hat) + n.work(n.epsilon))


# The product with the rate rounds the quotient, not m_hat.
def rate_last(n: RoundedNumbers, m: Array, v: Array) -> Array:
    m_hat = m / n.work(n.bias_correction1)
    v_hat = v / n.work(n.bias_correction2)
    return n.work(n.learning_rate) * (m_hat / (_root(n, v_hat) + n.work(n.epsilon)))


def reciprocal(n: RoundedNumbers, m: Array, v: Array) -> Array:
    m_hat = m * n.work(1 / n.bias_correction1)
    v_hat = v * n.work(1 / n.bias_correction2)
    return n.work(n.learning_rate) * m_hat / (_root(n, v_hat) + n.work(n.epsilon))


def folded_rate(n: RoundedNumbers, m: Array, v: Array) -> Array:
    """Return the update with E3 in the rate, and E4 after the root is taken."""
    rate = n.work(n.learning_rate / n.bias_correction1)
    return rate * m / (_root_and_bias(n, v) + n.work(n.epsilon))


def folded_reciprocal_root(n: RoundedNumbers, m: Array, v: Array) -> Array:
    """Return the update as DeepSpeed computes it on the CPU."""
    if n.epsilon_root:
        return rate_last(n, m, v)
    rate = n.work(n.learning_rate / n.bias_correction1)
    root = np.sqrt(v) * n.work(1 / np.sqrt(n.bias_correction2))
    return rate * (m / (root + n.work(n.epsilon)))


def folded_denominator(n: RoundedNumbers, m: Array, v: Array) -> Array:
    """Return the update with the rate in the denominator, as torch does when it is capturable."""
    rate = n.learning_rate / n.bias_correction1
    # A rate of 0 cannot be divided by.
    if n.epsilon_root or not rate:
        return folded_rate(n, m, v)
    return m / (np.sqrt(v) / n.work(np.sqrt(n.bias_correction2) * rate) + n.work(n.epsilon / rate))


def scaled_epsilon(n: RoundedNumbers, m: Array, v: Array) -> Array:
    """Return the update with E4 in the rate and, to make up for it, in epsilon."""
    root_of_bias2 = np.sqrt(n.bias_correction2)
    inside = v + n.work(n.epsilon_root * n.bias_correction2) if n.epsilon_root else v
    rate = n.work(n.learning_rate * root_of_bias2 / n.bias_correction1)
    return rate * m / (np.sqrt(inside) + n.work(n.epsilon * root_of_bias2))


# --- update with epsilon-hat: the bias correction is all in the rate


def hat(n: RoundedNumbers, m: Array, v: Array) -> Array:
    return _hat_rate(n) * m / (np.sqrt(v) + n.work(n.epsilon))


def hat_rate_last(n: RoundedNumbers, m: Array, v: Array) -> Array:
    return _hat_rate(n) * (m / (np.sqrt(v) + n.work(n.epsilon)))


# The rate is in the denominator: two quotients and no product.
def hat_folded(n: RoundedNumbers, m: Array, v: Array) -> Array:
    return m / ((np.sqrt(v) + n.work(n.epsilon)) / _hat_rate(n))


def _hat_rate(n: RoundedNumbers) -> Array:
    return n.work(n.learning_rate * np.sqrt(n.bias_correction2) / n.bias_correction1)


def _root(n: RoundedNumbers, v_hat: Array) -> Array:
    return np.sqrt(v_hat + n.work(n.epsilon_root)) if n.epsilon_root else np.sqrt(v_hat)


def _root_and_bias(n: RoundedNumbers, v: Array) -> Array:
    # An epsilon under the root must be added to v_hat, so E4 comes first.
    if n.epsilon_root:
        return _root(n, v / n.work(n.bias_correction2))
    return np.sqrt(v) / n.work(np.sqrt(n.bias_correction2))


# --- weight decay: L2 in the gradient, or a part of the parameter


def sum_l2(n: RoundedNumbers, param: Array, grad: Array) -> Array:
    return grad + n.work(n.weight_decay) * param


def fma_l2(n: RoundedNumbers, param: Array, grad: Array) -> Array:
    return fma(np.full_like(param, n.weight_decay), param, grad)


def decay_factor(n: RoundedNumbers, param: Array) -> Array:
    return param * n.work(1 - n.decay_rate)


def decay_difference(n: RoundedNumbers, param: Array) -> Array:
    return param - n.work(n.decay_rate) * param


def decay_fma(n: RoundedNumbers, param: Array) -> Array:
    return fma(np.full_like(param, -n.decay_rate), param, param)


# Three roundings of single products, where the others multiply scalars in a wider format first.
def decay_chain(n: RoundedNumbers, param: Array) -> Array:
    return param - param * n.work(n.weight_decay) * n.work(n.decay_scale)
