"""The bound: how far a correct Adam may be from the exact result, element by element.

It holds for every order of operations that computes a convention in a format: multiply-add or lerp, fused or not, one
division or two, epsilon scaled or not, wider registers, subnormals flushed. It is not a tolerance: each term below is
the rounding error of an operation that some correct Adam performs, carried from step to step.

    u     unit roundoff of the format, u_op that of the scalar operations; L the smallest normal number
    e(x)  |fl(x) - x|, the error of rounding the known number x
    r_i   u_op ((t - 1) beta_i^t + 1) / (1 - beta_i^t), relative error of a bias correction however the power is taken

    B1  E_m: m = beta1 m + (1 - beta1) g, as m + (1 - beta1)(g - m), or as g - beta1 (g - m) if beta1 <= 1/2; fused,
        (1 - beta1) m is subtracted from m, so the error of 1 - beta1 may stand at m too
        the sum of k slices, and k of them added to beta1 m one by one, have k - 1 roundings more; a sum that every
        order gives exactly is squared as it is
    B2  E_v: v = beta2 v + (1 - beta2) g^2, either product first, or as v + (1 - beta2)(g^2 - v)
    B3  E_max: the maximum is monotone, so it has the winner's error, or the larger where the two may change places
    B4  E_d: d = sqrt(v_hat + epsilon_root) + epsilon
    B5  E_D: D = a m / d with a the learning rate and its corrections
    B6  E_p: param - D, and decay
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from .exact_step import Radius, Step
from .formats import ROUNDOFF, Format
from .reference import AdamConfig, Convention


class Radii(NamedTuple):
    """The largest errors that a correct subject may show in one parameter; float64 arrays, flat in C order."""

    param: Radius
    m: Radius
    v: Radius
    v_max: Radius


def no_error(elements: int) -> Radii:
    """The radii before the first step, where every number is given exactly."""
    return Radii(*(np.zeros(elements) for _ in Radii._fields))


@dataclass(frozen=True, slots=True)
class Bound:
    """The bound for one configuration.

    Args:
        config: what the user set.
        convention: where epsilon stands, what AMSGrad takes the maximum of.
        format: of the parameters.
        op: the format of the operations on scalars, `d`, `s` or `T`.
        clipped_elements: how many elements the norms of clipping are taken over. Slices that are summed before they are
            clipped must have exact sums: what a sum may be off, a norm passes on to all elements.
    """

    config: AdamConfig
    convention: Convention
    format: Format
    op: str
    clipped_elements: int = 0

    def __post_init__(self) -> None:
        l2 = self.convention.weight_decay == "l2" and self.config.weight_decay != 0
        if l2 and self.convention.clip_when == "after_l2":
            raise ValueError(
                "clip_when must be 'before_l2' with L2, got 'after_l2': sums may cancel to any error"
            )

    def after(self, step: Step, before: Radii) -> Radii:
        """The radii after ``step``, from those ``before`` it.

        Rounding: computed in float64, whose own error is far below the second-order terms that are added to E_m, E_v.
        """
        u, grow = self.format.roundoff, 1 + 8 * self.format.roundoff
        e_g = self._gradient(step, before)
        fresh = (before.m == 0) & (step.m == 0) & (step.grad == 0) & (e_g == 0)
        e_m = np.where(fresh, 0, grow * self._first(step, before, e_g))
        e_v = np.where(
            fresh & (before.v == 0) & (step.v == 0), 0, grow * self._second(step, before, e_g)
        )
        e_chosen, e_max = e_v, before.v_max
        if self.config.amsgrad:
            e_chosen = e_max = self._maximum(step, before.v_max, e_v)
        still = (e_m + np.abs(step.new_m) == 0) | (step.learning_rate == 0)
        e_update = np.where(still, 0, self._update(step, e_m, e_chosen))
        e_decay = self._decay(step)
        moved = (e_update != 0) | (step.update != 0) | (e_decay != 0)
        last = u * (np.abs(step.new_param) + before.param + e_update) + self.format.tiny
        # Decay shrinks the error that is there already; one that makes weights grow, or overshoots, stretches it.
        stretch = max(1.0, abs(1 - self._rate(step)))
        e_param = stretch * before.param + np.where(moved, stretch * e_update + e_decay + last, 0)
        return Radii(e_param, e_m, e_v, e_max)

    def _gradient(self, step: Step, before: Radii) -> Radius:
        """Error of the gradient that enters the moments: flushed subnormals, clipping, L2."""
        u, tiny, size = self.format.roundoff, self.format.tiny, np.abs(step.clipped)
        if step.slices is not None:
            size = step.slices.size
        error = np.where(size < tiny, size, 0)
        if step.slices is not None:
            error = error + tiny * np.maximum(step.slices.times - 1, 0) * (size > 0)
        for limit in (self.config.clipnorm, self.config.global_clipnorm):
            if limit is not None:  # a norm may be taken by n roots, one after the other
                error = (
                    error + (self.clipped_elements + 6) * u * size + tiny * (1 + limit + 1 / limit)
                )
        if self.config.clipvalue is not None:
            error = error + u * size
        decay = self.config.weight_decay
        if decay and self.convention.weight_decay == "l2":
            pull = abs(decay) * (before.param + 3 * u * np.abs(step.param))
            error = error + pull + u * np.abs(step.grad) + 2 * tiny
        return error

    def _first(self, step: Step, before: Radii, e_g: Radius) -> Radius:
        u, tiny = self.format.roundoff, self.format.tiny
        beta, rest, e_beta, e_rest = self._beta(step.beta1)
        m, g, gap = np.abs(step.m), self._size(step), np.abs(step.grad - step.m)
        error = np.maximum(  # B1
            max(e_beta, e_rest) * m + e_rest * g + u * (beta * m + rest * g),
            (e_rest + 2 * u * rest) * gap,
        )
        if rest >= 0.5:
            error = np.maximum(error, (e_rest + 2 * u * beta) * gap)
        error = error + self._repeats(step, beta * m + rest * g) + self._scattered(step, rest * m)
        return _kept(beta, before.m) + rest * e_g + error + u * np.abs(step.new_m) + 3 * tiny

    def _second(self, step: Step, before: Radii, e_g: Radius) -> Radius:
        u, tiny = self.format.roundoff, self.format.tiny
        beta, rest, e_beta, e_rest = self._beta(step.beta2)
        g, v, square = np.abs(step.grad), step.v, step.grad * step.grad
        separate: Radius | float = 0.0
        if step.slices and self.convention.duplicates == "sum_of_squares":
            g, square = step.slices.size, step.slices.squares
            separate = self._repeats(step, beta * v + 2 * rest * square)
        elif step.slices:
            inexact = step.slices.quanta > 1 / u
            e_g = e_g + np.where(inexact, self._repeats(step, self._size(step)), 0)
        error = np.maximum(  # B2
            max(e_beta, e_rest) * v + e_rest * square + u * (beta * v + 2 * rest * square),
            (e_rest + 2 * u * rest) * np.abs(square - v) + u * rest * square,
        )
        error = error + separate + self._scattered(step, rest * v)
        carried = _kept(beta, before.v) + rest * e_g * (2 * g + e_g)
        return carried + error + u * step.new_v + tiny * (4 + g)

    def _size(self, step: Step) -> Radius:
        """The magnitude of a gradient, or of what it is summed from."""
        extra = 0 if step.slices is None else step.slices.size - np.abs(step.clipped)
        return np.asarray(np.abs(step.grad) + extra)

    def _repeats(self, step: Step, partial: Radius) -> Radius | float:
        """What summing the slices of a row costs, if no sum on the way is larger than ``partial``."""
        return (
            0.0
            if step.slices is None
            else np.maximum(step.slices.times - 1, 0) * self.format.roundoff * partial
        )

    def _scattered(self, step: Step, taken: Radius) -> Radius | float:
        """What it costs to subtract (1 - beta) of a moment before the slices are added to it."""
        return 0.0 if step.slices is None else self.format.roundoff * taken

    def _maximum(self, step: Step, e_max: Radius, e_v: Radius) -> Radius:
        seen, e_seen = step.new_v, e_v
        if self.convention.amsgrad == "max_corrected":
            bias2 = 1 - step.power2
            seen = seen / bias2
            e_seen = (
                e_v / bias2
                + (self._correction(step.t, step.power2) + 3 * self.format.roundoff) * seen
            )
        old = step.v_max
        apart = np.abs(old - seen) > e_max + e_seen
        winner = np.where(old > seen, e_max, e_seen)
        return np.where(apart, winner, np.maximum(e_max, e_seen))  # B3

    def _update(self, step: Step, e_m: Radius, e_w: Radius) -> Radius:
        u, tiny = self.format.roundoff, self.format.tiny
        hat = self.convention.epsilon == "hat"
        r1, r2 = self._correction(step.t, step.power1), self._correction(step.t, step.power2)
        excess = max(self._op_roundoff() - u, 0.0) and self._op_roundoff()
        factor = step.learning_rate / (1 - step.power1) * (np.sqrt(1 - step.power2) if hat else 1)
        scaled = hat or (self.config.amsgrad and self.convention.amsgrad == "max_corrected")
        scale = 1.0 if scaled else 1 / (1 - step.power2)
        relative = 6 * u + r1 + (r2 / 2 if hat else 0) + 4 * excess
        of_root = (1 if hat else 5) * u + 3 * excess + (0 if scaled else r2 / 2)
        of_epsilon = (0 if hat else 3) * u + 2 * excess

        inside, square = step.epsilon_root, scale * step.chosen + step.epsilon_root
        e_square = scale * e_w
        if inside:
            e_square = e_square + self._of(inside) + of_epsilon * inside + u * square
        root = np.sqrt(square)
        with np.errstate(divide="ignore", invalid="ignore"):
            e_root = np.where(
                e_square == 0, 0, e_square / (root + np.sqrt(np.maximum(square - e_square, 0)))
            )
        e_root, d = (
            np.minimum(e_root, np.sqrt(e_square)),
            step.denominator,
        )  # |sqrt a - sqrt b| <= sqrt |a - b|
        e_d = (
            e_root
            + of_root * root
            + self._of(step.epsilon)
            + of_epsilon * step.epsilon
            + u * d
            + 2 * tiny
        )  # B4
        low = d - e_d
        with np.errstate(divide="ignore", invalid="ignore"):
            moment = factor * (e_m * (1 + relative) + np.abs(step.new_m) * relative)
            error = (moment + np.abs(step.update) * e_d) / low + tiny * (
                1 + (1 + factor) / low
            )  # B5
        return np.where(low > 0, error, np.inf)

    def _decay(self, step: Step) -> Radius:
        if not self.config.weight_decay or self.convention.weight_decay != "decoupled":
            return np.zeros_like(step.decay)
        u = self.format.roundoff
        base = np.abs(step.param)
        if self.convention.decay_when == "after":
            base = base + np.abs(step.update)
        relative = 6 * u
        if self.convention.decay_scale == "lr_t":
            relative += (
                self._correction(step.t, step.power1) + self._correction(step.t, step.power2) / 2
            )
        return 3 * u * base + relative * np.abs(step.decay)  # B6

    def _rate(self, step: Step) -> float:
        """What decoupled decay takes of a parameter."""
        if self.convention.weight_decay != "decoupled":
            return 0.0
        lr_t = step.learning_rate * float(np.sqrt(1 - step.power2)) / (1 - step.power1)
        scale = {"lr": step.learning_rate, "one": 1.0, "lr_t": lr_t}[self.convention.decay_scale]
        return self.config.weight_decay * scale

    def _beta(self, beta: float) -> tuple[float, float, float, float]:
        """beta, 1 - beta, and what rounding them to the format costs."""
        exact = Fraction(beta)
        return beta, 1 - beta, self.format.error(exact), self.format.error(1 - exact)

    def _of(self, number: float) -> float:
        return self.format.error(Fraction(number))

    def _op_roundoff(self) -> float:
        return ROUNDOFF.get(self.op, self.format.roundoff)

    def _correction(self, t: int, power: float) -> float:
        """r_i; nothing where nothing is corrected."""
        return self._op_roundoff() * ((t - 1) * power + 1) / (1 - power) if power else 0.0


def _kept(beta: float, radius: Radius) -> Radius:
    """What a moment keeps of its error: nothing where beta is 0, even of an infinite one."""
    return beta * radius if beta else np.zeros_like(radius)
