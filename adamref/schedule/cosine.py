"""Schedules that fall along a half wave of the cosine."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..variables.numbers import as_number, cast_to_first, round_once
from .recorded import RecordedSchedule, rate_of_step


@dataclass(frozen=True, eq=False)
class CosineDecay(RecordedSchedule):
    """rate = initial_learning_rate ((1 - alpha) (1 + cos(pi step / decay_steps)) / 2 + alpha).

    A step beyond decay_steps counts as decay_steps. With ``warmup_target`` the rate rises to it in
    a straight line for ``warmup_steps`` steps, and then decays from there. Without steps of decay
    it is NaN after the warmup.
    """

    initial_learning_rate: Any
    decay_steps: Any
    alpha: Any = 0.0
    name: str | None = None
    warmup_target: Any = None
    warmup_steps: Any = 0

    @rate_of_step
    def __call__(self, step: Any) -> Any:
        rate, decay_steps, warmup_steps, step = cast_to_first(
            self.initial_learning_rate,
            self.decay_steps,
            self.warmup_steps,
            step,
        )
        if self.warmup_target is None:
            fraction = np.minimum(step, decay_steps) / decay_steps
            return self._decay(rate, fraction)
        target = as_number(self.warmup_target).astype(rate.dtype)
        # The decay begins after the warmup, and so do its steps.
        step = np.minimum(step, decay_steps + warmup_steps)
        # Both branches are computed, because a step may be an array with elements in each.
        rising = (target - rate) * (step / warmup_steps) + rate
        falling = self._decay(target, (step - warmup_steps) / decay_steps)
        return np.where(step < warmup_steps, rising, falling)[()]

    def _divides_by(self, name: str) -> bool:
        # A warmup may come without a decay.
        return super()._divides_by(name) and self.warmup_target is None

    def _decay(self, rate: Any, fraction: Any) -> Any:
        # A Python float, which leaves the dtype of the rate as it is.
        alpha = float(self.alpha)
        height = 0.5 * _one_plus_cosine(fraction)
        return rate * ((1 - alpha) * height + alpha)


@dataclass(frozen=True, eq=False)
class CosineDecayRestarts(RecordedSchedule):
    """CosineDecay that starts again and again.

    The first period has ``first_decay_steps`` steps and the rate ``initial_learning_rate``. Each
    period is ``t_mul`` times as long as the period before, and has ``m_mul`` times its rate.
    """

    initial_learning_rate: Any
    first_decay_steps: Any
    t_mul: Any = 2.0
    m_mul: Any = 1.0
    alpha: Any = 0.0
    name: str | None = None

    @rate_of_step
    def __call__(self, step: Any) -> Any:
        rate, first_decay_steps, t_mul, m_mul, alpha, step = cast_to_first(
            self.initial_learning_rate,
            self.first_decay_steps,
            self.t_mul,
            self.m_mul,
            self.alpha,
            step,
        )
        # In units of the first period; below, the fraction of the present period that has passed.
        fraction = step / first_decay_steps
        if t_mul == 1:
            restarts = np.floor(fraction)
            fraction = fraction - restarts
        else:
            # The start of period n is the geometric sum (1 - t_mul^n) / (1 - t_mul), solved for n.
            power = round_once(np.log, 1 - fraction * (1 - t_mul))
            restarts = np.floor(power / round_once(np.log, t_mul))
            length = round_once(np.power, t_mul, restarts)
            start = (1 - length) / (1 - t_mul)
            fraction = (fraction - start) / length
        height = 0.5 * round_once(np.power, m_mul, restarts)
        return rate * ((1 - alpha) * (height * _one_plus_cosine(fraction)) + alpha)


def _one_plus_cosine(fraction: Any) -> Any:
    """Return 1 + cos(pi fraction)."""
    # pi is rounded first, as TensorFlow does: the cosine is of that number.
    pi = fraction.dtype.type(np.pi)
    return 1 + round_once(np.cos, pi * fraction)
