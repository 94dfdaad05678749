"""Hyperparameter: a number that a user sets, or a function or schedule that gives it."""

from math import inf
from typing import Any

import numpy as np

from ..graph.tensor import Tensor
from ..schedule import LearningRateSchedule, serialize
from ..variables.numbers import as_number, is_real, takes_a_number
from ..variables.variable import Variable

# Numbers that may also come from a function or a schedule.
HYPERPARAMETERS = ("learning_rate", "beta_1", "beta_2")
# Arguments that tf.keras compares with 0 when it is made.
_COMPARED = ("clipnorm", "clipvalue", "global_clipnorm", "decay", "lr")


class Hyperparameter:
    """A number, a function without arguments that returns one, or a schedule.

    Args:
        name: the attribute of the optimizer.
        owner: the name of the optimizer, a prefix of the Variable's name.
        setting: a number, a Variable, a function or a schedule.

    Raises:
        TypeError, ValueError: ``setting`` is not one number, or out of its range.
    """

    def __init__(self, name: str, owner: str, setting: Any) -> None:
        self.name = name
        self._variable_name = f"{owner}/{name}"
        self._setting: Any = None
        self.assign(setting)

    @property
    def is_function(self) -> bool:
        """Whether it is a function or a schedule, which no file can hold the code of."""
        return callable(self._setting)

    @property
    def is_schedule(self) -> bool:
        """Whether it is called with the number of steps taken, as schedules of others are too."""
        if isinstance(self._setting, LearningRateSchedule):
            return True
        return self.is_function and takes_a_number(self._setting)

    def read(self) -> Any:
        """Return a Variable or a schedule; of a function, return its result."""
        # This is TensorFlow's behaviour. A number is kept as the user gave it, in 64 bits, until it
        # is first read or used. From then on it is a float32 Variable: the user may hold it and
        # assign to it, and get_config() returns the rounded number.
        if isinstance(self._setting, float):
            self._setting = Variable(self._setting, name=self._variable_name, trainable=False)
        if self.is_function and not self.is_schedule:
            return self._setting()
        return self._setting

    def assign(self, setting: Any) -> None:
        """Set the number, function or schedule; a number is assigned to the Variable, if any."""
        if callable(setting) or isinstance(setting, Variable | Tensor):
            self._setting = setting
            return
        number = to_float(self.name, setting)
        check_range(self.name, number)
        if isinstance(self._setting, Variable):
            dtype = self._setting.dtype
            # In float32 a large number is infinite, which a step refuses; a file may hold any.
            with np.errstate(over="ignore"):
                self._setting.store(dtype.type(number))
        else:
            self._setting = number

    def take(self, other: "Hyperparameter") -> None:
        """Take the setting of ``other``, unless this is a function or a schedule."""
        if not self.is_function:
            self.assign(other._setting)

    @property
    def setting(self) -> Any:
        """The number, Variable, function or schedule, as it was set."""
        return self._setting

    def to_json(self) -> Any:
        """Return the setting as JSON can hold it; a function is called for its number."""
        if self.is_schedule:
            if hasattr(self._setting, "get_config"):
                return serialize(self._setting)
            # A function of the step has no class to name.
            return float(self._setting(0))
        if self.is_function:
            return float(self._setting())
        return float(self._setting)


def to_float(name: str, value: Any) -> float:
    """Return ``value`` as a Python float.

    Raises:
        TypeError, ValueError: it is not one number. The class is that of tf.keras.
    """
    array = np.asarray(value)
    if array.shape == () and is_real(array.dtype):
        return float(array)
    rule = "be one number"
    if name in HYPERPARAMETERS:
        rule += ", or a function or schedule that gives it"
    message = f"{name} must {rule}, got {value!r}"
    if name in _COMPARED:
        # tf.keras compares these with 0, which raises a TypeError for anything but a number.
        raise TypeError(message)
    # It makes a tensor of epsilon, which raises a TypeError for text only.
    if name == "epsilon" and isinstance(value, str | bytes):
        raise TypeError(message)
    # It looks for an initializer by the name of the others, and finds none for None.
    if name != "epsilon" and value is None:
        raise TypeError(message)
    raise ValueError(message)


def check_range(name: str, value: float) -> None:
    """Raise ValueError unless a beta is in [0, 1), and another number finite and at least 0."""
    if name in ("beta_1", "beta_2"):
        if not 0 <= value < 1:
            raise ValueError(f"{name} must be in [0, 1), got {value!r}")
    elif not 0 <= value < inf:
        raise ValueError(f"{name} must be finite and >= 0, got {value!r}")


def number_of_step(name: str, value: Any, dtype: "np.dtype[Any]") -> Any:
    """Return a hyperparameter in ``dtype``; a Python number by way of float32, as in TensorFlow.

    Raises:
        ValueError: ``value`` is not one number, or out of its range.
    """
    array = as_number(value)
    if array.shape != () or not is_real(array.dtype) or array.dtype.kind == "b":
        raise ValueError(f"{name} must give one number, got {value!r}")
    number = array.astype(dtype)[()]
    # After rounding, because a beta just below 1 may round to 1.
    check_range(name, float(number))
    return number
