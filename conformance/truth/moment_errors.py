"""Errors of the gradient and of the moments: B1, B2 and B3 of the bound.

`bound` has the definitions, README.md the derivation, `roundings` the counts.
"""

from math import frexp

import numpy as np

from . import roundings as counts
from .exact_step import ExactStep, Radius, SliceSums
from .reference import AdamConfig, Convention
from .roundings import (
    ScalarErrors,
    error_of_mix,
    error_of_products,
    error_of_three_terms,
    kept_error,
)


def gradient_error(
    step: ExactStep,
    e_param: Radius,
    config: AdamConfig,
    convention: Convention,
    scalars: ScalarErrors,
    clipped_elements: int,
    scale: float = 1.0,
) -> Radius:
    """Return E_g, of the gradient that enters the moments: flushes, scale, slices, clipping, L2."""
    u = scalars.format.roundoff
    tiny = scalars.format.tiny
    size = np.abs(step.clipped)
    if step.slices is not None:
        size = step.slices.size
    # A subnormal gradient may be flushed to zero.
    error = np.where(size < tiny, size, 0)
    if step.slices is not None:
        # So may each sum of two slices.
        sums = np.maximum(step.slices.times - 1, 0)
        error = error + tiny * sums * (size > 0)
    error = error + _unscaling_error(scale, config, scalars) * size
    for limit in (config.clipnorm, config.global_clipnorm):
        if limit is not None:
            # A norm may be taken by a chain of roots, with a rounding for each element.
            roundings = clipped_elements + counts.ROUNDINGS_OF_CLIP
            # Flushed: the product with g; g / norm before its product with the limit; g times
            # the limit before its quotient by the norm, which is at least the limit.
            flushed = tiny * (1 + limit + 1 / limit)
            inaccuracy = scalars.inaccuracy(counts.QUOTIENTS_OF_CLIP, counts.ROOTS_OF_CLIP)
            error = error + (roundings * u + inaccuracy) * size + flushed
    if config.clipvalue is not None:
        # The limit itself is rounded to the format.
        error = error + u * size
    if config.weight_decay and convention.weight_decay == "l2":
        rounded = counts.ROUNDINGS_OF_L2 * u * np.abs(step.param)
        pull = abs(config.weight_decay) * (e_param + rounded)
        of_sum = u * np.abs(step.grad)
        error = error + pull + of_sum + counts.FLUSHES_OF_L2 * tiny
    return error


def _unscaling_error(scale: float, config: AdamConfig, scalars: ScalarErrors) -> float:
    """Return the relative error of a clipped gradient that was divided by a loss scale."""
    if scale == 1:
        return 0.0
    mantissa, _ = frexp(scale)
    error = scalars.inaccuracy(quotients=counts.QUOTIENTS_OF_UNSCALING)
    # A power of two, and the product with its reciprocal, are exact.
    if mantissa != 1 / 2:
        error += counts.ROUNDINGS_OF_UNSCALING * scalars.format.roundoff
    # The norm may be off by as much as the elements that are divided by it.
    norms = sum(limit is not None for limit in (config.clipnorm, config.global_clipnorm))
    return error * 2.0**norms


def first_moment_error(
    step: ExactStep,
    e_m: Radius,
    e_g: Radius,
    scalars: ScalarErrors,
    edition: int,
) -> Radius:
    """Return E_m after the step, but for second-order terms: B1."""
    u = scalars.format.roundoff
    w = scalars.weights(step.beta1)
    m = np.abs(step.m)
    g = _gradient_size(step)
    gap = np.abs(step.grad - step.m)
    # beta m + (1 - beta) g, or m + (1 - beta) (g - m).
    as_sum = error_of_products(w, m, g, u)
    as_lerp = (w.error_of_rest + counts.ROUNDINGS_OF_LERP * u * w.rest) * gap
    error = np.maximum(as_sum, as_lerp)
    if w.rest >= counts.LERP_TURNS:
        # g - beta (g - m).
        from_g = (w.error_of_rest + counts.ROUNDINGS_OF_LERP * u * w.beta) * gap
        error = np.maximum(error, from_g)
    if scalars.accuracy.mix:
        # The same with any weight.
        error = np.maximum(error, error_of_mix(w, gap, u))
    if edition > 1:
        error = np.maximum(error, error_of_three_terms(w, step.m, step.grad, g, u))
    if step.slices is not None:
        # The slices may be added one by one, after (1 - beta) m is subtracted from m.
        largest_sum = w.beta * m + w.rest * g
        error = error + _summing_error(step.slices, largest_sum, u) + u * (w.rest * m)
    carried = kept_error(w.beta, e_m) + w.rest * e_g
    last_rounding = u * np.abs(step.new_m)
    return carried + error + last_rounding + counts.FLUSHES_OF_M * scalars.format.tiny


def second_moment_error(
    step: ExactStep,
    e_v: Radius,
    e_g: Radius,
    scalars: ScalarErrors,
    v_takes: str,
    edition: int,
) -> Radius:
    """Return E_v after the step, but for second-order terms: B2.

    ``v_takes``: the square of a sum of slices (`sum_then_square`), the `sum_of_squares` of slices,
    or the squared `modulus` of a complex number.
    """
    u = scalars.format.roundoff
    w = scalars.weights(step.beta2)
    v = step.v
    g = np.abs(step.grad)
    square = step.grad * step.grad
    of_squares: Radius | float = 0.0
    roundings_of_square = 1
    if v_takes == "modulus":
        square = _of_both_parts(square)
        roundings_of_square = counts.ROUNDINGS_OF_MODULUS
        # Both squares may be added one by one.
        of_squares = u * (w.beta * v + w.rest * square)
        inaccuracy = scalars.inaccuracy(counts.QUOTIENTS_OF_MODULUS, counts.ROOTS_OF_MODULUS)
        of_squares = of_squares + inaccuracy * w.rest * square
    elif step.slices is not None and v_takes == "sum_of_squares":
        g = step.slices.size
        square = step.slices.squares
        largest_sum = w.beta * v + counts.PRODUCTS_OF_SQUARE * w.rest * square
        of_squares = _summing_error(step.slices, largest_sum, u)
    elif step.slices is not None:
        # Every order of a sum is exact if the sum is a small multiple of one digit.
        is_inexact = step.slices.quanta > 1 / u
        of_sum = _summing_error(step.slices, _gradient_size(step), u)
        e_g = e_g + np.where(is_inexact, of_sum, 0)
    # beta v + (1 - beta) g^2, or v + (1 - beta) (g^2 - v) with the rounding of g^2.
    products = counts.PRODUCTS_OF_SQUARE - 1 + roundings_of_square
    as_sum = error_of_products(w, v, square, u, products)
    gap = np.abs(square - v)
    of_difference = (w.error_of_rest + counts.ROUNDINGS_OF_LERP * u * w.rest) * gap
    of_square = roundings_of_square * u * w.rest * square
    as_lerp = of_difference + of_square
    error = np.maximum(as_sum, as_lerp)
    if scalars.accuracy.mix:
        # g^2 - beta (g^2 - v), with the rounding of g^2.
        error = np.maximum(error, error_of_mix(w, gap, u) + of_square)
    if edition > 1:
        error = np.maximum(error, error_of_three_terms(w, v, square, products * square, u))
        # (sqrt(1 - beta) g)^2 with the rounded root.
        by_root = w.error_of_beta * v + w.error_of_squared_root * square
        products = counts.PRODUCTS_BY_ROOT - 1 + roundings_of_square
        by_root = by_root + u * (w.beta * v + products * w.rest * square)
        # The square doubles the error of the root.
        by_root = by_root + 2 * scalars.inaccuracy(roots=1) * w.rest * square
        error = np.maximum(error, by_root)
    error = error + of_squares
    if step.slices is not None:
        # As in B1: (1 - beta) v may be subtracted from v first.
        error = error + u * (w.rest * v)
    # (g + E_g)^2 - g^2 = E_g (2 g + E_g).
    of_grad = w.rest * e_g * (2 * g + e_g)
    last_rounding = u * step.new_v
    # (1 - beta) g may be flushed before its product with g.
    flushed = scalars.format.tiny * (counts.FLUSHES_OF_V + g)
    if v_takes == "modulus":
        of_grad = _of_both_parts(of_grad)
        flushed = _of_both_parts(flushed)
    return kept_error(w.beta, e_v) + of_grad + error + last_rounding + flushed


def _of_both_parts(numbers: Radius) -> Radius:
    """Return for both parts of each complex number the sum of what each of them has."""
    sums = numbers.reshape(-1, 2).sum(axis=1)
    return np.repeat(sums, 2)


def maximum_error(
    step: ExactStep,
    e_max: Radius,
    e_v: Radius,
    scalars: ScalarErrors,
    corrected: bool,
) -> Radius:
    """Return E_max after the step: B3. ``corrected``: the maximum is taken over v_hat."""
    seen = step.new_v
    e_seen = e_v
    if corrected:
        correction = 1 - step.beta2_power
        seen = seen / correction
        of_correction = scalars.correction(step.t, step.beta2_power)
        relative = of_correction + counts.ROUNDINGS_OF_V_HAT * scalars.format.roundoff
        relative = relative + scalars.inaccuracy(counts.QUOTIENTS_OF_V_HAT)
        e_seen = e_v / correction + relative * seen
    # The maximum is monotone, so it has the error of the winner. Where the two may change places,
    # it has the larger error of both.
    is_clear = np.abs(step.v_max - seen) > e_max + e_seen
    of_winner = np.where(step.v_max > seen, e_max, e_seen)
    return np.where(is_clear, of_winner, np.maximum(e_max, e_seen))


def _gradient_size(step: ExactStep) -> Radius:
    """Return the magnitude of a gradient, or of the slices that it is summed from."""
    if step.slices is None:
        return np.abs(step.grad)
    # L2 is added after the sum.
    return np.abs(step.grad) + (step.slices.size - np.abs(step.clipped))


def _summing_error(slices: SliceSums, largest_sum: Radius, u: float) -> Radius:
    """Return the error of summing k slices: k - 1 roundings of at most ``largest_sum``."""
    return np.maximum(slices.times - 1, 0) * u * largest_sum
