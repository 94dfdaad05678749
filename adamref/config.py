"""AdamConfig: the numbers and switches a user sets, checked once."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from math import inf
from numbers import Real
from typing import Any

import numpy as np


@dataclass(frozen=True, kw_only=True, slots=True)
class AdamConfig:
    """The numbers and switches that a user sets. The convention decides what each switch does.

    Args:
        learning_rate: step size, in units of the parameter.
        beta1: decay rate of the first moment.
        beta2: decay rate of the second moment.
        epsilon: term of the denominator, in units of the gradient.
        epsilon_root: second term, under the root, in units of the gradient squared; the
            ``eps_root`` of optax.
        amsgrad: divide by the largest second moment so far.
        maximize: ascend instead of descend.
        weight_decay: strength of the pull towards zero; 0 turns it off.
        clipvalue: largest magnitude of an element of a gradient; None sets no limit.
        clipnorm: largest Euclidean norm of the gradient of one parameter; None sets no limit.
        global_clipnorm: largest norm of all gradients of a step together; None sets no limit.

    Numbers and switches of NumPy become Python's, with the same value.

    Raises:
        ValueError: a number is outside its range, is no number, or would be rounded by a float; a
            switch is neither True nor False.

    Source: Kingma & Ba, arXiv:1412.6980v9, Algorithm 1 (the defaults of the first four).
    """

    learning_rate: float = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    epsilon_root: float = 0.0
    amsgrad: bool = False
    maximize: bool = False
    weight_decay: float = 0.0
    clipvalue: float | None = None
    clipnorm: float | None = None
    global_clipnorm: float | None = None

    def __post_init__(self) -> None:
        # First of all, Python's own numbers: those of NumPy compare in their own format, to which
        # the limits below would be rounded, and no file can hold them.
        for name in ("learning_rate", "beta1", "beta2", "epsilon", "epsilon_root", "weight_decay"):
            self._convert(name, float, python_float)
        for name in ("clipvalue", "clipnorm", "global_clipnorm"):
            if getattr(self, name) is not None:
                self._convert(name, float, python_float)
        for name in ("amsgrad", "maximize"):
            self._convert(name, bool, python_bool)
        # Then ranges. All rules accept rather than refuse, because a NaN fails every comparison.
        for name in ("learning_rate", "epsilon", "epsilon_root"):
            value = getattr(self, name)
            _require(name, value, 0 <= value < inf, "be finite and >= 0")
        for name in ("beta1", "beta2"):
            value = getattr(self, name)
            _require(name, value, 0 <= value < 1, "be in [0, 1)")
        # Below 0 it pushes away from zero, which frameworks allow.
        decay = self.weight_decay
        _require("weight_decay", decay, -inf < decay < inf, "be finite")
        for name in ("clipvalue", "clipnorm", "global_clipnorm"):
            value = getattr(self, name)
            _require(
                name,
                value,
                value is None or 0 < value < inf,
                "be finite and > 0, or None for no limit",
            )

    def _convert(self, name: str, kind: type, convert: Callable[[str, Any], Any]) -> None:
        value = getattr(self, name)
        if type(value) is not kind:
            # The only way to set a field of a frozen class.
            object.__setattr__(self, name, convert(name, value))


def python_float(name: str, value: Any) -> float:
    """Return a number as Python's float, with the same value.

    Args:
        name: of the argument, for errors.
        value: a number of Python or NumPy, or an array without axes.

    Raises:
        ValueError: it is no number, or a float would round it.
    """
    number = _without_numpy(value)
    # True is a number to Python, but hardly what somebody meant.
    is_number = isinstance(number, Real | Decimal) and not isinstance(number, bool)
    _require(name, value, is_number, "be a number")
    try:
        converted = float(number)
        # A NaN is equal to nothing; the ranges refuse it.
        is_same = converted == number or converted != converted
    except (ArithmeticError, ValueError):
        is_same = False
    if not is_same:
        raise ValueError(
            f"{name} must be a number that a float holds exactly, got {value!r}; float() rounds it"
        )
    return converted


def python_bool(name: str, value: Any) -> bool:
    """Return a switch as Python's bool.

    Raises:
        ValueError: it is neither True nor False, of Python or NumPy.
    """
    switch = _without_numpy(value)
    # No other value has a truth that may be relied on: that of the text "False" is True.
    _require(name, value, isinstance(switch, bool), "be True or False")
    return bool(switch)


def _without_numpy(value: Any) -> Any:
    """Return a number of NumPy, or an array without axes, as Python's; all else as it is."""
    is_single = isinstance(value, np.generic | np.ndarray) and not value.shape
    return value.item() if is_single else value


def _require(name: str, value: object, holds: bool, rule: str) -> None:
    if not holds:
        raise ValueError(f"{name} must {rule}, got {value!r}")
