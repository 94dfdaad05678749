"""Moments without rounding: numbers of so few digits that float32 holds every sum of them.

Half precision has few digits, and halves and quarters of such numbers meet ties of rounding often.
There the bound would leave open which way a tie goes, though no right Adam has rounded before.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import numpy as np

from ...vectors.words import Array
from ..exact_state import ExactState
from ..exact_step import Radius
from ..formats import FORMATS
from ..reference import AdamConfig, Convention, Memory

# The roots of 1 and 1/4.
_EXACT_ROOTS = (1.0, 0.5)
_UNITS = round(1 / FORMATS["float32"].roundoff)


def without_exact_errors(
    config: AdamConfig,
    convention: Convention,
    before: ExactState,
    after: ExactState,
    grad: Array | None,
) -> ExactState:
    """Return the state after a step with no error at moments that every right Adam has exactly.

    Args:
        config: of the parameter, with betas that are exact in every format.
        convention: how weights decay.
        before: the step.
        after: the step.
        grad: given for the step, flat; None where it is sparse or missing.
    """
    clips = any((config.clipvalue, config.clipnorm, config.global_clipnorm))
    adds_l2 = bool(config.weight_decay) and convention.weight_decay == "l2"
    if grad is None or clips or adds_l2 or not isinstance(before.memory, Memory):
        return after
    if before.radii.m.all() and before.radii.v.all() and not config.amsgrad:
        # Everything has been rounded already.
        return after
    grads = [Fraction(number) for number in grad.tolist()]
    squares = [number * number for number in grads]
    m_error = _open_errors(before.memory.m, before.radii.m, grads, config.beta1, after.radii.m)
    v_error = after.radii.v
    # Else sqrt(1 - beta2) g, which some Adams square, is rounded.
    if float(1 - config.beta2) ** 0.5 in _EXACT_ROOTS:
        v_error = _open_errors(before.memory.v, before.radii.v, squares, config.beta2, v_error)
    radii = after.radii._replace(m=m_error, v=v_error)
    if config.amsgrad and convention.amsgrad == "max_raw":
        # The larger of two exact numbers.
        is_exact = (v_error == 0) & (before.radii.v_max == 0)
        radii = radii._replace(v_max=np.where(is_exact, 0.0, radii.v_max))
    return after._replace(radii=radii)


def _open_errors(
    old: Sequence[Decimal],
    radius: Radius,
    new: Sequence[Fraction],
    beta: float,
    errors: Radius,
) -> Radius:
    """Return the errors of beta old + (1 - beta) new, 0 where no order of operations rounds."""
    left = []
    weights = [Fraction(beta), 1 - Fraction(beta)]
    for moment, error, term, open_error in zip(old, radius, new, errors, strict=True):
        terms = [Fraction(moment), term]
        is_exact = error == 0 and _has_exact_sums(terms, weights)
        left.append(0.0 if is_exact else float(open_error))
    return np.array(left, np.float64)


def _has_exact_sums(terms: Sequence[Fraction], weights: Sequence[Fraction]) -> bool:
    """Return whether all sums of products of the terms and weights have at most 24 bits."""
    finest_term = max(term.denominator for term in terms)
    finest = finest_term * max(weight.denominator for weight in weights)
    # Any partial sum, as of old - new or of old - (1 - beta) old, is below all four products.
    largest = 2 * sum(abs(term) for term in terms)
    return largest * finest <= _UNITS
