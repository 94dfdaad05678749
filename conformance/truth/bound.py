"""The bound: how far a correct Adam may be from the exact result, element by element.

It holds for every order of operations that computes a convention in a format: multiply-add or
lerp, fused or not, one division or two, epsilon scaled or not, wider registers, subnormals flushed
to zero. It is no tolerance: each term is the error of an operation that some correct Adam performs,
carried from step to step. For example, a parameter that only zero gradients have reached has the
bound 0.

README.md in this folder derives the terms, under the same names. `moment_errors` has B1 to B3, and
`roundings` says how many roundings each part of a step has.

    u     unit roundoff of the format; u_op of the format of the scalar operations
    L     smallest normal number of the format, `tiny`
    e(x)  error of rounding the known number x to the format
    r_i   relative error of the bias correction 1 - beta_i^t
    E_x   error of x, a radius

    B1  E_m    m = beta1 m + (1 - beta1) g
    B2  E_v    v = beta2 v + (1 - beta2) g^2
    B3  E_max  AMSGrad's maximum
    B4  E_d    d = sqrt(v_hat + epsilon_root) + epsilon
    B5  E_D    D = a m / d, where a is the learning rate with its corrections
    B6  E_p    param - D, and decoupled decay
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..subject.accuracy import ORDINARY, Accuracy
from ..vectors.spec import EDITION
from . import roundings as counts
from .exact_step import ExactStep, Radius
from .formats import BinaryFormat
from .moment_errors import (
    first_moment_error,
    gradient_error,
    maximum_error,
    second_moment_error,
)
from .reference import AdamConfig, Convention, Format
from .roundings import ScalarErrors, error_of_quotient, error_of_root


class Radii(NamedTuple):
    """The errors of one parameter: float64 arrays, flat in C order."""

    param: Radius
    m: Radius
    v: Radius
    v_max: Radius


def no_error(elements: int) -> Radii:
    """Return the radii before the first step, where every number is given exactly."""
    return Radii(*(np.zeros(elements) for _ in Radii._fields))


@dataclass(frozen=True, slots=True)
class Bound:
    """The bound for one configuration.

    Args:
        config: what the user set.
        convention: where epsilon stands, what AMSGrad takes the maximum of.
        format: of the parameters.
        correction: the format of the operations on scalars, as the arithmetic names it.
        clipped_elements: how many elements the norms of clipping are taken over.
        edition: 1 for the bound of the first vectors, which has fewer orders of operations.
        accuracy: of quotients and roots, as a subject declares it.
        is_complex: whether elements are real and imaginary parts in turn.
        scale: by which the gradients of the step were multiplied.

    Raises:
        ValueError: L2 is added before clipping. Its sum with the gradient may cancel, and then the
            relative error of the norm has no limit.

    Slices that are summed before they are clipped must have exact sums, because a norm passes the
    error of one sum on to all elements. `Problem` checks it.
    """

    config: AdamConfig
    convention: Convention
    format: BinaryFormat
    correction: Format
    clipped_elements: int = 0
    edition: int = EDITION
    accuracy: Accuracy = ORDINARY
    is_complex: bool = False
    scale: float = 1.0

    def __post_init__(self) -> None:
        l2 = self.convention.weight_decay == "l2" and self.config.weight_decay != 0
        if l2 and self.convention.clip_when == "after_l2":
            raise ValueError(
                "clip_when must be 'before_l2' with L2, got 'after_l2': "
                "sums may cancel to any error"
            )

    def after(
        self,
        step: ExactStep,
        before: Radii,
    ) -> Radii:
        """Return the radii after ``step``, from the radii ``before`` it.

        Rounding: computed in float64. Its own error is far below the second-order terms of E_m
        and E_v.
        """
        e_m, e_v = self._moment_errors(step, before)
        e_used = e_v
        e_max = before.v_max
        if self.config.amsgrad:
            corrected = self.convention.amsgrad == "max_corrected"
            e_max = maximum_error(step, before.v_max, e_v, self._scalars, corrected)
            e_used = e_max
        # With m exactly 0, or a learning rate of 0, every order of operations subtracts zeros.
        stands_still = (e_m + np.abs(step.new_m) == 0) | (step.learning_rate == 0)
        e_update = np.where(stands_still, 0, self._update_error(step, e_m, e_used))
        return Radii(self._param_error(step, before, e_update), e_m, e_v, e_max)

    def _moment_errors(
        self,
        step: ExactStep,
        before: Radii,
    ) -> tuple[Radius, Radius]:
        """Return E_m and E_v: B1 and B2."""
        scalars = self._scalars
        rules = (self.config, self.convention, scalars)
        e_g = gradient_error(step, before.param, *rules, self.clipped_elements, self.scale)
        first = first_moment_error(step, before.m, e_g, scalars, self.edition)
        v_takes: str = self.convention.duplicates
        if self.is_complex and self.convention.complex == "modulus":
            v_takes = "modulus"
        second = second_moment_error(step, before.v, e_g, scalars, v_takes, self.edition)
        with_second_order = 1 + counts.SECOND_ORDER * self.format.roundoff
        # While an element has met only zeros, every order of operations returns exact zeros.
        m_is_zero = (before.m == 0) & (step.m == 0) & (step.grad == 0) & (e_g == 0)
        # Of a complex number v may be more than 0 where one component has met only zeros.
        v_is_zero = m_is_zero & (before.v == 0) & (step.v == 0) & (step.new_v == 0)
        e_m = np.where(m_is_zero, 0, with_second_order * first)
        e_v = np.where(v_is_zero, 0, with_second_order * second)
        return e_m, e_v

    def _denominator_error(
        self,
        step: ExactStep,
        e_w: Radius,
    ) -> Radius:
        """Return E_d, from the error of the second moment that is used: B4."""
        u = self.format.roundoff
        scalars = self._scalars
        # Relative errors. With hat all corrections are in the factor of B5.
        of_epsilon = counts.SCALAR_ROUNDINGS_OF_EPSILON * scalars.excess
        of_root = counts.ROUNDINGS_OF_ROOT * u + scalars.inaccuracy(roots=counts.ROOTS_OF_ROOT)
        if not self._is_hat:
            of_epsilon = counts.ROUNDINGS_OF_EPSILON * u + of_epsilon
            of_epsilon = of_epsilon + max(
                scalars.inaccuracy(quotients=counts.QUOTIENTS_OF_EPSILON),
                scalars.inaccuracy(roots=counts.ROOTS_OF_EPSILON),
            )
            of_root = counts.ROUNDINGS_OF_CORRECTED_ROOT * u + scalars.inaccuracy(
                counts.QUOTIENTS_OF_CORRECTED_ROOT, counts.ROOTS_OF_CORRECTED_ROOT
            )
        of_root = of_root + counts.SCALAR_ROUNDINGS_OF_ROOT * scalars.excess
        scale = 1.0
        if not self._is_hat and not self._maximum_is_corrected:
            scale = 1 / (1 - step.beta2_power)
            # Half of r_2, because the correction stands under the root.
            of_root = of_root + scalars.correction(step.t, step.beta2_power) / 2
        # First the number under the root, then the root, then the sum with epsilon.
        square = scale * step.v_used + step.epsilon_root
        e_square = scale * e_w
        if step.epsilon_root:
            e_square = e_square + scalars.rounding(step.epsilon_root)
            e_square = e_square + of_epsilon * step.epsilon_root
            e_square = e_square + u * square
        error = error_of_root(square, e_square) + of_root * np.sqrt(square)
        error = error + scalars.rounding(step.epsilon) + of_epsilon * step.epsilon
        last_rounding = u * step.denominator
        return error + last_rounding + counts.FLUSHES_OF_DENOMINATOR * self.format.tiny

    def _update_error(
        self,
        step: ExactStep,
        e_m: Radius,
        e_w: Radius,
    ) -> Radius:
        """Return E_D, infinite if the denominator may be 0: B5."""
        scalars = self._scalars
        factor = step.learning_rate / (1 - step.beta1_power)
        relative = counts.ROUNDINGS_OF_UPDATE * self.format.roundoff
        inaccuracy = scalars.inaccuracy(counts.QUOTIENTS_OF_UPDATE, counts.ROOTS_OF_UPDATE)
        relative = relative + inaccuracy
        relative = relative + scalars.correction(step.t, step.beta1_power)
        if self._is_hat:
            factor = factor * np.sqrt(1 - step.beta2_power)
            relative = relative + scalars.correction(step.t, step.beta2_power) / 2
        relative = relative + counts.SCALAR_ROUNDINGS_OF_UPDATE * scalars.excess
        # The relative error is all that the factor, m and the quotient add to E_m and E_d.
        e_d = self._denominator_error(step, e_w)
        least_d = step.denominator - e_d
        with np.errstate(divide="ignore", invalid="ignore"):
            e_product = factor * (e_m * (1 + relative) + np.abs(step.new_m) * relative)
            error = error_of_quotient(e_product, step.update, e_d, least_d)
            # Flushed: the result, the product a m, and m before its product with a.
            flushed = self.format.tiny * (1 + (1 + factor) / least_d)
            error = error + flushed
        return np.where(least_d > 0, error, np.inf)

    def _param_error(
        self,
        step: ExactStep,
        before: Radii,
        e_update: Radius,
    ) -> Radius:
        """Return E_p: B6."""
        e_decay = self._decay_error(step)
        is_moved = (e_update != 0) | (step.update != 0) | (e_decay != 0)
        largest = np.abs(step.new_param) + before.param + e_update
        last_rounding = self.format.roundoff * largest + self.format.tiny
        # Decay shrinks the error that is there already. A negative decay stretches it, and so
        # does a decay that takes more than twice the parameter.
        stretch = max(1.0, abs(1 - self._decay_rate(step)))
        e_step = stretch * e_update + e_decay + last_rounding
        return stretch * before.param + np.where(is_moved, e_step, 0)

    def _decay_error(self, step: ExactStep) -> Radius:
        """Return the error of decoupled decay itself."""
        if not self.config.weight_decay or self.convention.weight_decay != "decoupled":
            return np.zeros_like(step.decay)
        u = self.format.roundoff
        base = np.abs(step.param)
        if self.convention.decay_when == "after":
            base = base + np.abs(step.update)
        relative = counts.ROUNDINGS_OF_DECAY * u
        if self.convention.decay_scale == "lr_t":
            of_first = self._scalars.correction(step.t, step.beta1_power)
            of_second = self._scalars.correction(step.t, step.beta2_power) / 2
            relative += of_first + of_second
            relative += self._scalars.inaccuracy(counts.QUOTIENTS_OF_DECAY, counts.ROOTS_OF_DECAY)
        return counts.ROUNDINGS_OF_DECAY_FACTOR * u * base + relative * np.abs(step.decay)

    def _decay_rate(self, step: ExactStep) -> float:
        """Return the part of a parameter that decoupled decay takes."""
        if self.convention.weight_decay != "decoupled":
            return 0.0
        rate = step.learning_rate
        if self.convention.decay_scale == "one":
            rate = 1.0
        elif self.convention.decay_scale == "lr_t":
            root = float(np.sqrt(1 - step.beta2_power))
            rate = step.learning_rate * root / (1 - step.beta1_power)
        return self.config.weight_decay * rate

    @property
    def _scalars(self) -> ScalarErrors:
        return ScalarErrors(self.format, self.correction, self.accuracy)

    @property
    def _is_hat(self) -> bool:
        return self.convention.epsilon == "hat"

    @property
    def _maximum_is_corrected(self) -> bool:
        return self.config.amsgrad and self.convention.amsgrad == "max_corrected"
