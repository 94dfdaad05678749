"""Roundings: how many each part of a step has, and how errors pass through an operation.

Each count is the longest chain of roundings in any order of operations that a correct Adam uses
there. `variants/orders.py` has these orders as code; README.md in this folder derives the counts.
"""

from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ..subject.accuracy import ORDINARY, Accuracy
from .exact_step import Radius
from .formats import ROUNDOFF, BinaryFormat
from .reference import Format

# Clipping by norm, besides one rounding for each element of the norm: division by the largest
# element before the sum, product with it after the root, the root, the slack that is added to the
# norm, the quotient of limit and norm, its product with the gradient.
ROUNDINGS_OF_CLIP = 6
# A scaled gradient: the reciprocal of the scale, and its product with the gradient.
ROUNDINGS_OF_UNSCALING = 2
QUOTIENTS_OF_UNSCALING = 1
# The coefficient of L2, its product with the parameter, and one in reserve. The sum counts apart.
ROUNDINGS_OF_L2 = 3
# m + (1 - beta) (g - m): the difference, and its product with 1 - beta. The sum counts apart.
ROUNDINGS_OF_LERP = 2
# From this weight on torch.lerp starts from the other end: g - beta (g - m).
LERP_TURNS = 0.5
# (1 - beta2) g g: two products, in any order.
PRODUCTS_OF_SQUARE = 2
# (sqrt(1 - beta2) g)^2: its product with g, which the square doubles, and the square.
PRODUCTS_BY_ROOT = 3
# |g|^2 by way of |g| = a sqrt(1 + (b / a)^2) with b <= a: the quotient, its square, the sum, the
# root, the product; all are doubled by the last square. Half of (b / a)^2 is lost in the sum.
ROUNDINGS_OF_MODULUS = 8
# Of these, with less accurate quotients and roots:
QUOTIENTS_OF_MODULUS = 1
ROOTS_OF_MODULUS = 2
# v_hat as a product: the reciprocal of 1 - beta2^t, that in the parameter's format, the product.
ROUNDINGS_OF_V_HAT = 3

# lr sqrt(1 - beta2^t) / (1 - beta1^t) m / d: the root, the product, the quotient, all that in the
# parameter's format, the product with m, the quotient by d.
ROUNDINGS_OF_UPDATE = 6
# On scalars, of these: the root, the product, the quotient; and the learning rate itself.
SCALAR_ROUNDINGS_OF_UPDATE = 4
# The root of the second moment, where the correction of v is part of the factor.
ROUNDINGS_OF_ROOT = 1
# sqrt(v) / (sqrt(1 - beta2^t) lr / (1 - beta1^t)): the root of v, the root of the correction, its
# product with the rate, that in the parameter's format, the quotient.
ROUNDINGS_OF_CORRECTED_ROOT = 5
# On scalars, of these: lr / (1 - beta1^t), the root, the product.
SCALAR_ROUNDINGS_OF_ROOT = 3
# epsilon / (lr / (1 - beta1^t)): two quotients, and the second in the parameter's format.
ROUNDINGS_OF_EPSILON = 3
SCALAR_ROUNDINGS_OF_EPSILON = 2

# Of these, quotients and roots, which a subject may declare to be less accurate:
# the division by the largest element, the quotient of limit and norm; the root of the norm,
QUOTIENTS_OF_CLIP = 2
ROOTS_OF_CLIP = 1
# the reciprocal,
QUOTIENTS_OF_V_HAT = 1
# with hat m / (d / (lr sqrt(1 - beta2^t) / (1 - beta1^t))),
QUOTIENTS_OF_UPDATE = 3
ROOTS_OF_UPDATE = 1
# the root of v,
ROOTS_OF_ROOT = 1
# those of sqrt(v) / (sqrt(1 - beta2^t) lr / (1 - beta1^t)),
QUOTIENTS_OF_CORRECTED_ROOT = 2
ROOTS_OF_CORRECTED_ROOT = 2
# either both quotients, or the root of 1 - beta2^t, by which epsilon is multiplied,
QUOTIENTS_OF_EPSILON = 2
ROOTS_OF_EPSILON = 1
# those of lr sqrt(1 - beta2^t) / (1 - beta1^t).
QUOTIENTS_OF_DECAY = 1
ROOTS_OF_DECAY = 1

# param (1 - rate): the difference, that in the parameter's format, the product.
ROUNDINGS_OF_DECAY_FACTOR = 3
# rate = weight_decay lr sqrt(1 - beta2^t) / (1 - beta1^t): the root, two products, the quotient,
# that in the parameter's format, the product with the parameter.
ROUNDINGS_OF_DECAY = 6

# Products of two errors are at most this many u of the errors of a moment.
SECOND_ORDER = 8

# Operations whose result may be subnormal and is then flushed to zero, each an error below L:
# the two products of E1 and their sum,
FLUSHES_OF_M = 3
# the same with the two products of the square,
FLUSHES_OF_V = 4
# the product of L2 and its sum,
FLUSHES_OF_L2 = 2
# the scaled epsilon, and its sum with the root.
FLUSHES_OF_DENOMINATOR = 2


def error_of_root(square: Radius, error: Radius) -> Radius:
    """Return the largest error of sqrt(x) for x within ``error`` of ``square``.

    Both limits are exact: sqrt(a) - sqrt(b) = (a - b) / (sqrt(a) + sqrt(b)), and it is at most
    sqrt|a - b|.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        least_root = np.sqrt(np.maximum(square - error, 0))
        by_conjugate = np.where(error == 0, 0, error / (np.sqrt(square) + least_root))
    return np.asarray(np.minimum(by_conjugate, np.sqrt(error)))


def error_of_quotient(
    error: Radius,
    quotient: Radius,
    error_of_divisor: Radius,
    least_divisor: Radius,
) -> Radius:
    """Return the largest error of a / d for a within ``error`` and d within ``error_of_divisor``.

    Exact: a'/d' - a/d = (a' - a - (a/d) (d' - d)) / d', and d' is at least ``least_divisor``.
    """
    return (error + np.abs(quotient) * error_of_divisor) / least_divisor


class BetaWeights(NamedTuple):
    """beta and 1 - beta of one moment, with the errors of rounding them to the format.

    Fields:
        error_of_squared_root: how far the square of sqrt(1 - beta), rounded, is from 1 - beta.
    """

    beta: float
    rest: float
    error_of_beta: float
    error_of_rest: float
    error_of_squared_root: float


def error_of_products(
    weights: BetaWeights,
    old: Radius,
    new: Radius,
    u: float,
    products: int = 1,
) -> Radius:
    """Return the error of beta old + (1 - beta) new before its sum is rounded.

    ``products``: the roundings of (1 - beta) new.
    """
    # A fused multiply-add may subtract (1 - beta) old from old, so its error may stand at old too.
    of_old = max(weights.error_of_beta, weights.error_of_rest) * old
    of_new = weights.error_of_rest * new
    return of_old + of_new + u * (weights.beta * old + products * weights.rest * new)


def error_of_three_terms(
    weights: BetaWeights,
    old: Radius,
    new: Radius,
    rounded: Radius,
    u: float,
) -> Radius:
    """Return the error of old + (1 - beta) new - (1 - beta) old before the last sum is rounded.

    Args:
        weights: of the moment.
        old: the moment before the step.
        new: what enters it, with its sign.
        rounded: the magnitude of ``new``, times the roundings of its product with 1 - beta.
        u: the unit roundoff.
    """
    taken = weights.rest * old
    added = weights.rest * new
    # Any two of the three may be summed first.
    by_pairs = [np.abs(old + added), np.abs(old - taken), np.abs(added - taken)]
    first_sum: Radius = np.maximum.reduce(by_pairs)
    products: Radius = weights.rest * (rounded + np.abs(old))
    return weights.error_of_rest * np.abs(new - old) + u * (products + first_sum)


def error_of_mix(weights: BetaWeights, gap: Radius, u: float) -> Radius:
    """Return the error of new - beta (new - old) before its last sum; ``gap`` is |new - old|."""
    of_weight = max(weights.error_of_beta, weights.error_of_rest)
    return (of_weight + ROUNDINGS_OF_LERP * u * weights.beta) * gap


def kept_error(beta: float, radius: Radius) -> Radius:
    """Return what a moment keeps of its error: nothing if beta is 0, even of an infinite error."""
    return beta * radius if beta else np.zeros_like(radius)


class ScalarErrors(NamedTuple):
    """The errors of scalars, which all elements share.

    Fields:
        format: of the parameter.
        operations: the format of the operations on scalars, as the arithmetic names it.
        accuracy: of quotients and roots.
    """

    format: BinaryFormat
    operations: Format
    accuracy: Accuracy = ORDINARY

    def rounding(self, number: float) -> float:
        """Return e(x), the error of rounding a known number to the format of the parameter."""
        return self.format.error(Fraction(number))

    def weights(self, beta: float) -> BetaWeights:
        """Return beta and 1 - beta with the errors of rounding them."""
        return _weights(self.format, beta)

    @property
    def roundoff(self) -> float:
        """u_op, the unit roundoff of the operations on scalars."""
        return ROUNDOFF.get(self.operations, self.format.roundoff)

    @property
    def excess(self) -> float:
        """u_op if it is larger than u, else 0: the u of the format counts finer scalars."""
        if self.roundoff <= self.format.roundoff:
            return 0.0
        return self.roundoff

    def inaccuracy(self, quotients: int = 0, roots: int = 0) -> float:
        """Return the relative error that less accurate quotients and roots add; 0 in most."""
        more = self.accuracy.more_roundings(quotients, roots)
        # Any of them may be one on scalars.
        return more * (self.format.roundoff + self.excess)

    def correction(
        self,
        t: int,
        power: float,
    ) -> float:
        """Return r_i, the relative error of 1 - beta^t; 0 if the moment is not corrected.

        However the power is taken, it has at most t - 1 roundings; the difference has one more.
        """
        if not power:
            return 0.0
        return self.roundoff * ((t - 1) * power + 1) / (1 - power)


# The same in every step.
@lru_cache(maxsize=1 << 10)
def _weights(number_format: BinaryFormat, beta: float) -> BetaWeights:
    exact = Fraction(beta)
    rest = 1 - exact
    return BetaWeights(
        beta=beta,
        rest=1 - beta,
        error_of_beta=number_format.error(exact),
        error_of_rest=number_format.error(rest),
        error_of_squared_root=number_format.error_of_squared_root(rest),
    )
