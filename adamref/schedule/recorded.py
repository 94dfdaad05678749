"""LearningRateSchedule, and schedules that remember their arguments."""

from collections.abc import Callable
from dataclasses import fields
from functools import wraps
from typing import Any, Self

import numpy as np

from ..variables.numbers import as_number, is_real
from ..variables.traced import recorder_of


def rate_of_step(call: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Return a ``__call__`` without warnings, which is recorded if the step is of a graph."""

    @wraps(call)
    def rate(schedule: Any, step: Any) -> Any:
        graph = recorder_of([step])
        if graph:
            return graph.record(schedule, (step,), {})
        with np.errstate(all="ignore"):
            return call(schedule, step)

    return rate


class LearningRateSchedule:
    """A function of the step that returns a learning rate.

    A class of your own overrides `__call__`, and `get_config` to be part of a config.
    """

    def __call__(self, step: Any) -> Any:
        """Return the learning rate of ``step``."""
        raise NotImplementedError(
            f"__call__(self, step) must be overridden, got {type(self).__name__} without it"
        )

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make this schedule again."""
        raise NotImplementedError(
            f"get_config(self) must be overridden, got {type(self).__name__} without it"
        )

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Return the schedule that ``config`` was taken from."""
        return cls(**config)


# Arguments that are no numbers, and arguments that the step is divided by. A divisor of 0 would
# make every rate NaN or infinite, and is refused at once.
_SWITCHES = ("staircase", "cycle")
_NO_NUMBERS = (*_SWITCHES, "name")
_DIVISORS = ("decay_steps", "first_decay_steps")


class RecordedSchedule(LearningRateSchedule):
    """A schedule whose fields are its arguments; most are numbers, or arrays of numbers."""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            # The text "False" would count as true.
            if name in _SWITCHES and not isinstance(value, bool | np.bool):
                raise ValueError(
                    f"{name} of {type(self).__name__} must be True or False, got {value!r}"
                )
            has_no_warmup = name == "warmup_target" and value is None
            if name not in _NO_NUMBERS and not has_no_warmup:
                self._check(name, value)

    def _check(self, name: str, value: Any) -> None:
        """Raise ValueError unless an argument is a number, and not 0 if it is a divisor."""
        argument = f"{name} of {type(self).__name__}"
        array = as_number(value)
        if not is_real(array.dtype):
            raise ValueError(f"{argument} must be a number, got {value!r}")
        if self._divides_by(name) and not array.all():
            raise ValueError(f"{argument} must not be 0, got {value!r}")

    def _divides_by(self, name: str) -> bool:
        """Return whether the step is divided by an argument."""
        return name in _DIVISORS

    def get_config(self) -> dict[str, Any]:
        # Only subclasses are dataclasses, which mypy cannot know.
        names = [field.name for field in fields(self)]  # type: ignore[arg-type]
        return {name: getattr(self, name) for name in names}
