"""Hyperparameters as tf.keras has them: attributes that hold a number, or what gives one."""

import warnings
from collections.abc import Mapping
from math import inf
from typing import Any, Self

import numpy as np

from ..config import AdamConfig
from ..convention import DEFAULT_EPSILON
from ..schedule import LearningRateSchedule, deserialize, serialize
from ..variables.numbers import given
from ..variables.variable import Variable

_LIMITS = ("clipnorm", "clipvalue", "global_clipnorm")
_OPTIONS = (*_LIMITS, "decay", "lr")


class Hyper:
    """An attribute that is a number, a function without arguments that returns one, or a schedule.

    A number is kept as given until it is first read or used. From then on it is a float32 Variable, and assigning
    a number to the attribute assigns it to the Variable. A function is called whenever the attribute is read.

    Args:
        name: the key in the owner's ``_hyper``.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, owner: Any, kind: Any = None) -> Any:
        if owner is None:
            return self
        value = owner._hyper[self.name]
        if isinstance(value, float):
            value = owner._hyper[self.name] = Variable(
                value, name=f"{owner._name}/{self.name}", trainable=False
            )
        return value() if callable(value) and not isinstance(value, LearningRateSchedule) else value

    def __set__(self, owner: Any, value: Any) -> None:
        if callable(value) or isinstance(value, Variable):
            owner._hyper[self.name] = value
            return
        number = _real(self.name, value)
        _check_number(self.name, number)
        before = owner._hyper.get(self.name)
        if isinstance(before, Variable):
            before.assign(before.dtype.type(number))
        else:
            owner._hyper[self.name] = number


class Checked:
    """An attribute that is a number, or None for no limit, and is checked when it is set."""

    def __set_name__(self, owner: Any, name: str) -> None:
        self.name = name

    def __get__(self, owner: Any, kind: Any = None) -> Any:
        return self if owner is None else owner.__dict__[self.name]

    def __set__(self, owner: Any, value: Any) -> None:
        number = None if value is None and self.name in _LIMITS else _real(self.name, value)
        arguments: dict[str, Any] = {self.name: number}
        AdamConfig(**arguments)  # for its checks
        owner.__dict__[self.name] = number


class Settings:
    """What a user sets of an optimizer: `Adam` of keras.py describes it."""

    _name: str
    epsilon = Checked()
    # The largest norm of each gradient, magnitude of an element, and norm of all gradients; None is no limit.
    clipnorm = Checked()
    clipvalue = Checked()
    global_clipnorm = Checked()
    learning_rate = Hyper("learning_rate")
    lr = Hyper("learning_rate")
    beta_1 = Hyper("beta_1")
    beta_2 = Hyper("beta_2")

    def __init__(
        self,
        learning_rate: Any,
        beta_1: Any,
        beta_2: Any,
        epsilon: float | None,
        amsgrad: bool,
        options: dict[str, Any],
    ) -> None:
        for name in options.keys() - set(_OPTIONS):
            raise TypeError(f"keyword arguments must be of {', '.join(_OPTIONS)}, got {name}")
        if "lr" in options:
            warnings.warn("lr is deprecated, use learning_rate", stacklevel=3)
            _real("lr", options["lr"])
        self._hyper: dict[str, Any] = {}
        self.learning_rate, self.beta_1, self.beta_2 = (
            options.get("lr", learning_rate),
            beta_1,
            beta_2,
        )
        self._decay = _real("decay", options.get("decay", 0.0))
        _check_number("decay", self._decay)
        self.epsilon, self.amsgrad = epsilon or DEFAULT_EPSILON, amsgrad
        self.clipnorm, self.clipvalue, self.global_clipnorm = (
            options.get(name) for name in _LIMITS
        )
        if self.clipnorm is not None and self.global_clipnorm is not None:
            both = f"{self.clipnorm} and {self.global_clipnorm}"
            raise ValueError(f"only one of clipnorm and global_clipnorm must be given, got {both}")

    @property
    def decay(self) -> Any:
        """What was given to the constructor, in float32; it cannot be changed."""
        return np.float32(self._decay)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this optimizer again, as JSON can hold them; a function is called for its number."""
        return {
            "name": self._name,
            **{name: limit for name, limit in self._limits().items() if limit is not None},
            **{name: _plain(value) for name, value in self._hyper.items()},
            "decay": self._decay,
            "epsilon": self.epsilon,
            "amsgrad": self.amsgrad,
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None
    ) -> Self:
        """The optimizer, without its state, that ``config`` was taken from.

        Args:
            config: what `get_config` returns.
            custom_objects: the user's own classes of schedules, by name.

        Raises:
            TypeError, ValueError: as for the constructor, ``config`` is no dictionary, or the class of its schedule is
                unknown.
        """
        if not isinstance(config, Mapping):
            raise TypeError(
                f"config must be a dictionary, as get_config returns it, got {config!r}"
            )
        arguments = dict(config)
        if "lr" in arguments:
            arguments["learning_rate"] = arguments.pop("lr")
        if isinstance(arguments.get("learning_rate"), dict):
            arguments["learning_rate"] = deserialize(arguments["learning_rate"], custom_objects)
        return cls(**arguments)

    def _take(self, other: "Settings") -> None:
        """Take the numbers of ``other``, and of functions and schedules those that stand where this one has none."""
        for name, value in other._hyper.items():
            if not callable(self._hyper[name]):
                setattr(self, name, value)
        for name in ("epsilon", "_decay", *_LIMITS):
            setattr(self, name, getattr(other, name))

    def _limits(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _LIMITS}

    @np.errstate(all="ignore")
    def _config(self, iterations: int, dtype: "np.dtype[Any]") -> AdamConfig:
        """The numbers of the step after ``iterations`` for variables of ``dtype``."""
        taken = dtype.type(iterations)
        rate = self.learning_rate
        rate = _scalar(
            "learning_rate", rate(taken) if isinstance(rate, LearningRateSchedule) else rate, dtype
        )
        if self._decay:
            rate = rate / (1 + given(self._decay).astype(dtype) * taken)
        return AdamConfig(
            learning_rate=float(rate),
            beta1=float(_scalar("beta_1", self.beta_1, dtype)),
            beta2=float(_scalar("beta_2", self.beta_2, dtype)),
            epsilon=self.epsilon,
            amsgrad=bool(self.amsgrad),
            **self._limits(),
        )


def _real(name: str, value: Any) -> float:
    """``value`` as a Python float.

    Raises:
        TypeError, ValueError: it is not one number. Which of them: tf.keras compares its keywords with 0, makes a
            tensor of epsilon and looks for an initializer behind the others.
    """
    array = np.asarray(value)
    if array.shape == () and array.dtype.kind in "biuf":
        return float(array)
    other_type = name in _OPTIONS or (
        isinstance(value, str | bytes) if name == "epsilon" else value is None
    )
    ways = (
        ", or a function or schedule that gives it"
        if name in ("learning_rate", "beta_1", "beta_2")
        else ""
    )
    raise (TypeError if other_type else ValueError)(
        f"{name} must be one number{ways}, got {value!r}"
    )


def _check_number(name: str, value: float) -> None:
    beta = name.startswith("beta")
    if not 0 <= value < (1 if beta else inf):
        raise ValueError(
            f"{name} must be {'in [0, 1)' if beta else 'finite and >= 0'}, got {value!r}"
        )


def _scalar(name: str, value: Any, dtype: "np.dtype[Any]") -> Any:
    """What a hyperparameter has given, in ``dtype``: a Python number by way of float32, as TensorFlow takes it."""
    array = given(value)
    if array.shape != () or array.dtype.kind not in "iuf":
        raise ValueError(f"{name} must give one number, got {value!r}")
    number = array.astype(dtype)[()]
    _check_number(name, float(number))
    return number


def _plain(hyper: Any) -> Any:
    """A hyperparameter as JSON can hold it."""
    if isinstance(hyper, LearningRateSchedule):
        return serialize(hyper)
    return float(hyper() if callable(hyper) else hyper)
