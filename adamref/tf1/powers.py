"""The numbers of a step of TensorFlow 1, and beta1^t and beta2^t, which it carries along as running products."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..config import AdamConfig
from ..convention import Arithmetic
from ..named_conventions import CONVENTIONS
from ..scalars import Scalars, scalars
from ..state import Array
from ..storage.checkpoint import CheckpointError
from ..variables.numbers import natural
from ..variables.variable import Variable

TF1 = CONVENTIONS["tf1"].convention
Number = float | Array | Variable | Callable[[], Any]

_BETAS = ("beta1", "beta2")
# TensorFlow makes tensors of the numbers, which rounds Python's to float32, and casts these to the variable's dtype.
_ARITHMETIC = Arithmetic.parse("TTTTT")


class Prepared(NamedTuple):
    """The numbers of one step, and beta1^t and beta2^t of this step and of the next."""

    config: AdamConfig
    powers: list[Any]
    after: list[Any]

    def scalars(self, dtype: "np.dtype[Any]") -> Scalars:
        """What all elements of a variable of ``dtype`` share."""
        power1, power2 = (float(dtype.type(power)) for power in self.powers)
        return scalars(self.config, TF1, _ARITHMETIC, 1, dtype, (power1, power2))


class Powers:
    """beta1^t and beta2^t of the next step, t counted from 1; nothing before the first.

    Rounding: each product once, in the dtype of the betas: float32 for Python's numbers.
    """

    def __init__(self) -> None:
        self.variables: tuple[Variable, ...] = ()

    def prepare(self, given: Mapping[str, Number]) -> Prepared:
        """What the next step needs. Changes nothing.

        Args:
            given: the numbers as the user set them, or functions that return them.

        Raises:
            ValueError: one is outside its range, is no number, or a beta has changed its dtype.
        """
        # TensorFlow too calls functions for the betas once before the first step, and then once a step.
        powers = [power._array for power in self.variables] or [
            number(name, given[name]) for name in _BETAS
        ]
        numbers = {name: number(name, value) for name, value in given.items()}
        for name, power in zip(_BETAS, powers, strict=True):
            if numbers[name].dtype != power.dtype:
                raise ValueError(
                    f"{name} must keep its dtype, {power.dtype}, got {numbers[name].dtype}"
                )
        after = [power * numbers[name] for name, power in zip(_BETAS, powers, strict=True)]
        return Prepared(config(numbers), powers, after)

    def assign(self, powers: Sequence[Any]) -> None:
        """Change the two, or make them; none is the state before the first step."""
        if [variable.dtype for variable in self.variables] != [power.dtype for power in powers]:
            self.variables = tuple(
                Variable(power, name=f"{name}_power", trainable=False)
                for name, power in zip(_BETAS, powers, strict=False)
            )
        for variable, power in zip(self.variables, powers, strict=True):
            variable.assign(power)

    def saved(self) -> list[Any]:
        """The two as JSON can hold them."""
        return [[variable.numpy().item(), variable.dtype.name] for variable in self.variables]


def read_powers(saved: Any) -> list[Any]:
    """What `Powers.assign` takes, from what `Powers.saved` gave.

    Raises:
        CheckpointError: it did not.
    """
    try:
        powers = [np.array(value, dtype) for value, dtype in saved]
    except (TypeError, ValueError) as error:
        raise CheckpointError(
            f"powers of a checkpoint must be numbers with dtypes, got {saved!r}: {error}"
        ) from None
    if len(powers) not in (0, 2) or any(
        power.dtype.kind not in "iuf" or power.shape for power in powers
    ):
        raise CheckpointError(f"powers of a checkpoint must be two numbers, or none, got {saved!r}")
    return powers


def number(name: str, value: Number) -> Any:
    """A number as TensorFlow makes a tensor of it: Python's floats as float32, arrays as they are."""
    given = value() if callable(value) else value
    found = natural(given)
    if found.dtype.kind not in "iubf" or found.shape:
        got = f"one that returns {given!r}" if callable(value) else repr(given)
        raise ValueError(f"{name} must be one number, or a function that returns one, got {got}")
    return found


def config(numbers: Mapping[str, Any]) -> AdamConfig:
    """Numbers that have been rounded already, checked for their ranges."""
    return AdamConfig(**{name: float(value) for name, value in numbers.items()})  # type: ignore[arg-type]
