"""Schedules: learning rates that depend on the step, with the numbers of tf.keras.optimizers.schedules.

A schedule computes in the dtype of its first learning rate: binary32 for a Python number, else that of the NumPy
number. A step is an integer or an array of them, and the first is 0; what comes back has the shape of the step.

Rounding: each operation once, in the order written, in that dtype. pow, cos and log are taken in binary64 and rounded
once, where TensorFlow calls the C library's function of that dtype: most numbers have the same bits, the others are one
unit in the last place of that function apart. TensorFlow flushes subnormal numbers to zero.
Source: tf_keras 2.21.0, optimizers/schedules/learning_rate_schedule.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np

from .variables.numbers import cast, given, rounded


class LearningRateSchedule:
    """What a schedule is: called with a step it returns a learning rate. Override `__call__`, and `get_config`."""

    def __call__(self, step: Any) -> Any:
        """The learning rate of ``step``."""
        raise NotImplementedError(
            f"__call__(self, step) must be overridden, got {type(self).__name__} without it"
        )

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this schedule again."""
        raise NotImplementedError(
            f"get_config(self) must be overridden, got {type(self).__name__} without it"
        )

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The schedule that ``config`` was taken from."""
        return cls(**config)


class _Recorded(LearningRateSchedule):
    """A schedule whose fields are its arguments, which are numbers, or arrays of them, but for a few."""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if name not in ("staircase", "cycle", "name") and (name, value) != (
                "warmup_target",
                None,
            ):
                self._check(name, value)

    def _check(self, name: str, value: Any) -> None:
        """Raise ValueError unless an argument is a number, and one that can be divided by if it is to be."""
        which, array = f"{name} of {type(self).__name__}", given(value)
        if array.dtype.kind not in "biuf":
            raise ValueError(f"{which} must be a number, got {value!r}")
        if name in ("decay_steps", "first_decay_steps") and not array.all():
            raise ValueError(f"{which} must not be 0, got {value!r}")

    def get_config(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class _Decay(_Recorded):
    """A schedule that decays with step / decay_steps, which ``staircase`` rounds down."""

    initial_learning_rate: Any
    decay_steps: Any
    decay_rate: Any
    staircase: bool = False
    name: str | None = None

    def _numbers(self, step: Any) -> tuple[Any, Any, Any]:
        """The initial rate, the decay rate, and the quotient."""
        rate, decay_steps, decay_rate, step = cast(
            self.initial_learning_rate, self.decay_steps, self.decay_rate, step
        )
        quotient = step / decay_steps
        return rate, decay_rate, np.floor(quotient) if self.staircase else quotient


class ExponentialDecay(_Decay):
    """rate = initial_learning_rate decay_rate^(step / decay_steps); with ``staircase`` the exponent is rounded down."""

    @np.errstate(all="ignore")
    def __call__(self, step: Any) -> Any:
        rate, decay_rate, exponent = self._numbers(step)
        return rate * rounded(np.power, decay_rate, exponent)


class InverseTimeDecay(_Decay):
    """rate = initial_learning_rate / (1 + decay_rate step / decay_steps); ``staircase`` rounds the quotient down."""

    @np.errstate(all="ignore")
    def __call__(self, step: Any) -> Any:
        rate, decay_rate, quotient = self._numbers(step)
        return rate / (1 + decay_rate * quotient)


@dataclass(frozen=True, eq=False)
class PiecewiseConstantDecay(_Recorded):
    """values[0] up to and with step boundaries[0], values[1] up to and with boundaries[1], and so on; then values[-1].

    Raises:
        TypeError: one of the two is no list.
        ValueError: there is not one value more than boundaries, or the boundaries do not increase; one is no number.
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
        if any(
            low >= high for low, high in zip(self.boundaries[:-1], self.boundaries[1:], strict=True)
        ):
            raise ValueError(f"boundaries must increase, got {self.boundaries}")

    def __call__(self, step: Any) -> Any:
        # The boundaries take the dtype of the step, not the other way round.
        step = given(step)
        values, boundaries = (
            cast(*self.values),
            [given(boundary).astype(step.dtype) for boundary in self.boundaries],
        )
        return np.asarray(values)[np.searchsorted(np.asarray(boundaries, step.dtype), step)]


@dataclass(frozen=True, eq=False)
class PolynomialDecay(_Recorded):
    """rate = (initial_learning_rate - end_learning_rate) (1 - step / decay_steps)^power + end_learning_rate.

    A step beyond decay_steps counts as decay_steps; with ``cycle`` decay_steps is multiplied until it reaches the step.
    """

    initial_learning_rate: Any
    decay_steps: Any
    end_learning_rate: Any = 0.0001
    power: Any = 1.0
    cycle: bool = False
    name: str | None = None

    @np.errstate(all="ignore")
    def __call__(self, step: Any) -> Any:
        rate, decay_steps, end, power, step = cast(
            self.initial_learning_rate, self.decay_steps, self.end_learning_rate, self.power, step
        )
        if self.cycle:
            decay_steps = decay_steps * np.where(
                step == 0, rate.dtype.type(1), np.ceil(step / decay_steps)
            )
        else:
            step = np.minimum(step, decay_steps)
        return (rate - end) * rounded(np.power, 1 - step / decay_steps, power) + end


@dataclass(frozen=True, eq=False)
class CosineDecay(_Recorded):
    """rate = initial_learning_rate ((1 - alpha) (1 + cos(pi step / decay_steps)) / 2 + alpha).

    A step beyond decay_steps counts as decay_steps. With ``warmup_target`` the rate rises to it in a straight line for
    ``warmup_steps`` steps, and then decays from there.
    """

    initial_learning_rate: Any
    decay_steps: Any
    alpha: Any = 0.0
    name: str | None = None
    warmup_target: Any = None
    warmup_steps: Any = 0

    @np.errstate(all="ignore")
    def __call__(self, step: Any) -> Any:
        rate, decay_steps, warmup_steps, step = cast(
            self.initial_learning_rate, self.decay_steps, self.warmup_steps, step
        )
        if self.warmup_target is None:
            return self._decayed(rate, np.minimum(step, decay_steps) / decay_steps)
        target = given(self.warmup_target).astype(rate.dtype)
        step = np.minimum(step, decay_steps + warmup_steps)
        rising = (target - rate) * (step / warmup_steps) + rate
        return np.where(
            step < warmup_steps, rising, self._decayed(target, (step - warmup_steps) / decay_steps)
        )[()]

    def _decayed(self, rate: Any, fraction: Any) -> Any:
        alpha = float(self.alpha)
        return rate * ((1 - alpha) * (0.5 * _one_plus_cosine(fraction)) + alpha)


@dataclass(frozen=True, eq=False)
class CosineDecayRestarts(_Recorded):
    """CosineDecay that starts again: a period is ``t_mul`` times as long as the one before, its rate ``m_mul`` times.

    The first period has ``first_decay_steps`` steps and the rate ``initial_learning_rate``.
    """

    initial_learning_rate: Any
    first_decay_steps: Any
    t_mul: Any = 2.0
    m_mul: Any = 1.0
    alpha: Any = 0.0
    name: str | None = None

    @np.errstate(all="ignore")
    def __call__(self, step: Any) -> Any:
        rate, first_decay_steps, t_mul, m_mul, alpha, step = cast(
            self.initial_learning_rate,
            self.first_decay_steps,
            self.t_mul,
            self.m_mul,
            self.alpha,
            step,
        )
        fraction = step / first_decay_steps  # of the first period; then of the present one
        if t_mul == 1:
            restarts = np.floor(fraction)
            fraction = fraction - restarts
        else:
            restarts = np.floor(
                rounded(np.log, 1 - fraction * (1 - t_mul)) / rounded(np.log, t_mul)
            )
            length = rounded(np.power, t_mul, restarts)
            fraction = (fraction - (1 - length) / (1 - t_mul)) / length
        height = 0.5 * rounded(np.power, m_mul, restarts)
        return rate * ((1 - alpha) * (height * _one_plus_cosine(fraction)) + alpha)


_KINDS: tuple[type[LearningRateSchedule], ...] = (
    CosineDecay,
    CosineDecayRestarts,
    ExponentialDecay,
    InverseTimeDecay,
    PiecewiseConstantDecay,
    PolynomialDecay,
)


def serialize(learning_rate_schedule: LearningRateSchedule) -> dict[str, Any]:
    """``{"class_name": ..., "config": ...}``, which JSON can hold; tf_keras 2.21 adds where the class is registered."""
    return {
        "class_name": type(learning_rate_schedule).__name__,
        "config": learning_rate_schedule.get_config(),
    }


def deserialize(
    config: dict[str, Any], custom_objects: dict[str, Any] | None = None
) -> LearningRateSchedule:
    """The schedule that `serialize` was given; ``custom_objects`` are the classes of the user's own, by name.

    Raises:
        ValueError: the class is not known, or ``config`` does not say it.
    """
    kinds = {kind.__name__: kind for kind in _KINDS} | (custom_objects or {})
    name = config.get("class_name")
    if name not in kinds:
        raise ValueError(
            f"class_name must be one of {', '.join(kinds)}, got {name!r}; name others in custom_objects"
        )
    schedule: LearningRateSchedule = kinds[name].from_config(config["config"])
    return schedule


def _one_plus_cosine(fraction: Any) -> Any:
    """1 + cos(pi fraction)."""
    return 1 + rounded(np.cos, fraction.dtype.type(np.pi) * fraction)
