"""Schedules that fall by a power, in inverse proportion, in steps, or as a polynomial."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..variables.numbers import as_number, cast_to_first, round_once
from .recorded import RecordedSchedule, rate_of_step

# Schedules are equal only to themselves (eq=False), because fields may be arrays. Overflow makes a
# rate inf without a warning (errstate), as in TensorFlow.


@dataclass(frozen=True, eq=False)
class _Decay(RecordedSchedule):
    """A schedule of the quotient step / decay_steps, which ``staircase`` rounds down."""

    initial_learning_rate: Any
    decay_steps: Any
    decay_rate: Any
    staircase: bool = False
    name: str | None = None

    def _numbers(self, step: Any) -> tuple[Any, Any, Any]:
        """Return the initial rate, the decay rate, and the quotient."""
        rate, decay_steps, decay_rate, step = cast_to_first(
            self.initial_learning_rate,
            self.decay_steps,
            self.decay_rate,
            step,
        )
        quotient = step / decay_steps
        if self.staircase:
            quotient = np.floor(quotient)
        return rate, decay_rate, quotient


class ExponentialDecay(_Decay):
    """rate = initial_learning_rate decay_rate^(step / decay_steps).

    ``staircase`` rounds the exponent down.
    """

    @rate_of_step
    def __call__(self, step: Any) -> Any:
        rate, decay_rate, exponent = self._numbers(step)
        return rate * round_once(np.power, decay_rate, exponent)


class InverseTimeDecay(_Decay):
    """rate = initial_learning_rate / (1 + decay_rate step / decay_steps).

    ``staircase`` rounds step / decay_steps down.
    """

    @rate_of_step
    def __call__(self, step: Any) -> Any:
        rate, decay_rate, quotient = self._numbers(step)
        return rate / (1 + decay_rate * quotient)


@dataclass(frozen=True, eq=False)
class PiecewiseConstantDecay(RecordedSchedule):
    """A list of rates, each for some steps.

    The rate is values[0] up to and including step boundaries[0], then values[1] up to and including
    boundaries[1], and so on; values[-1] after the last boundary.

    Raises:
        TypeError: ``boundaries`` or ``values`` is no list.
        ValueError: there is not one value more than boundaries, or the boundaries do not increase;
            an entry is no number.
    """

    boundaries: Sequence[Any]
    values: Sequence[Any]
    name: str | None = None

    def __post_init__(self) -> None:
        for name, numbers in (("boundaries", self.boundaries), ("values", self.values)):
            if not hasattr(numbers, "__len__"):
                raise TypeError(
                    f"{name} of PiecewiseConstantDecay must be a list of numbers, got {numbers!r}"
                )
            for number in numbers:
                self._check(name, number)
        if len(self.boundaries) != len(self.values) - 1:
            lengths = f"{len(self.boundaries)} and {len(self.values)}"
            raise ValueError(f"boundaries must be one fewer than values, got {lengths}")
        pairs = zip(self.boundaries[:-1], self.boundaries[1:], strict=True)
        if any(low >= high for low, high in pairs):
            raise ValueError(f"boundaries must increase, got {self.boundaries}")

    def __call__(self, step: Any) -> Any:
        values = cast_to_first(*self.values)
        # The boundaries take the dtype of the step, not the other way round.
        step = as_number(step)
        boundaries = [as_number(boundary).astype(step.dtype) for boundary in self.boundaries]
        # searchsorted counts the boundaries below the step, so that a boundary has the rate before.
        index = np.searchsorted(np.asarray(boundaries, step.dtype), step)
        return np.asarray(values)[index]


@dataclass(frozen=True, eq=False)
class PolynomialDecay(RecordedSchedule):
    """rate = (initial_rate - end_rate) (1 - step / decay_steps)^power + end_rate.

    A step beyond decay_steps counts as decay_steps; with ``cycle`` decay_steps is multiplied until
    it reaches the step.
    """

    initial_learning_rate: Any
    decay_steps: Any
    end_learning_rate: Any = 0.0001
    power: Any = 1.0
    cycle: bool = False
    name: str | None = None

    @rate_of_step
    def __call__(self, step: Any) -> Any:
        rate, decay_steps, end, power, step = cast_to_first(
            self.initial_learning_rate,
            self.decay_steps,
            self.end_learning_rate,
            self.power,
            step,
        )
        if self.cycle:
            # Step 0 is in the first cycle, though its quotient is 0.
            cycles = np.ceil(step / decay_steps)
            decay_steps = decay_steps * np.where(step == 0, rate.dtype.type(1), cycles)
        else:
            step = np.minimum(step, decay_steps)
        rest = round_once(np.power, 1 - step / decay_steps, power)
        return (rate - end) * rest + end
