"""The numbers of a step of TensorFlow 1, with beta1^t and beta2^t as running products."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

import numpy as np

from ..config import AdamConfig
from ..convention import Arithmetic
from ..graph.tensor import Tensor
from ..named_conventions import CONVENTIONS
from ..scalars import Scalars, scalars
from ..state import Array
from ..storage.checkpoint import CheckpointError
from ..variables.numbers import as_tensor, is_real, takes_a_number
from ..variables.recorder import open_graph
from ..variables.variable import Variable

TF1 = CONVENTIONS["tf1"].convention
Number = float | Array | Variable | Tensor | Callable[..., Any]

_BETAS = ("beta1", "beta2")
# TensorFlow makes tensors of the numbers, which rounds Python's numbers to float32. The tensors are
# then cast to the dtype of each variable.
_ARITHMETIC = Arithmetic.parse("TTTTT")


class StepNumbers(NamedTuple):
    """The numbers of one step.

    Fields:
        config: the four numbers of the user.
        powers: beta1^t and beta2^t of this step. next_powers: of the next step.
        next_steps: how many steps have been taken after this one; None if it is not known.
    """

    config: AdamConfig
    powers: list[Any]
    next_powers: list[Any]
    next_steps: int | None

    def scalars(self, dtype: "np.dtype[Any]") -> Scalars:
        """Return the numbers that all elements of a variable of ``dtype`` share."""
        # First rounded to the dtype of the variable; the scalars are then computed in binary64.
        beta1_power, beta2_power = (float(dtype.type(power)) for power in self.powers)
        return scalars(
            self.config,
            TF1,
            _ARITHMETIC,
            1,  # not used, because the powers are given
            dtype,
            (beta1_power, beta2_power),
        )


class Powers:
    """beta1^t and beta2^t of the next step, t counted from 1; empty before the first step.

    TensorFlow does not count the steps. ``steps`` is their count for functions that take it, and
    None after a state that has none was read.

    Rounding: each product once, in the dtype of the betas: float32 for Python's numbers.
    """

    # Of an older pickle.
    steps: int | None = None

    def __init__(self) -> None:
        self.variables: tuple[Variable, ...] = ()
        self.steps = 0

    def begin(self, settings: Mapping[str, Number]) -> list[Any]:
        """Return the powers of the next step, which are the betas before the first."""
        powers = [variable.array for variable in self.variables]
        return powers or [_read_number(beta, settings[beta], self.steps) for beta in _BETAS]

    def next_step(self, settings: Mapping[str, Number]) -> StepNumbers:
        """Return the numbers of the next step. Changes nothing.

        Args:
            settings: the numbers as the user set them, or functions that return them; a function
                of one argument gets the number of steps taken.

        Raises:
            ValueError: a number is outside its range, is no number, or a beta has changed its
                dtype.
        """
        # Before the first step, TensorFlow too calls functions for the betas once more than later.
        powers = self.begin(settings)
        steps = self.steps
        numbers = {name: _read_number(name, value, steps) for name, value in settings.items()}
        next_powers = []
        for beta, power in zip(_BETAS, powers, strict=True):
            dtype = numbers[beta].dtype
            # A product of two dtypes would be of the wider one, and the running product change its.
            if dtype != power.dtype:
                raise ValueError(f"{beta} must keep its dtype, {power.dtype}, got {dtype}")
            next_powers.append(power * numbers[beta])
        next_steps = None if steps is None else steps + 1
        return StepNumbers(_to_config(numbers), powers, next_powers, next_steps)

    def make(self, settings: Mapping[str, Number], block: AbstractContextManager[Any]) -> None:
        """Make both powers of the first step in a block, unless there are any."""
        if self.variables:
            return
        with block:
            self.assign(self.begin(settings), self.steps)
            graph = open_graph()
        if graph:
            graph.at_start(self._forget_steps)

    def _forget_steps(self) -> None:
        self.steps = 0

    def assign(self, powers: Sequence[Any], steps: int | None) -> None:
        """Change both powers, or make them. No powers: the state before the first step."""
        self.steps = steps
        # Variables are kept if they can be, because the user may hold them from variables().
        dtypes = [variable.dtype for variable in self.variables]
        if dtypes != [power.dtype for power in powers]:
            self.variables = tuple(
                Variable(power, name=f"{beta}_power", trainable=False)
                for beta, power in zip(_BETAS, powers, strict=False)
            )
        for variable, power in zip(self.variables, powers, strict=True):
            variable.store(power)

    def to_json(self) -> list[Any]:
        """Return the powers as JSON can hold them: pairs of a value and the name of its dtype."""
        saved = []
        for variable in self.variables:
            value = variable.numpy().item()
            saved.append([value, variable.dtype.name])
        return saved


def powers_from_json(saved: Any) -> list[Any]:
    """Return the powers that `Powers.to_json` wrote, for `Powers.assign`.

    Raises:
        CheckpointError: ``saved`` is something else.
    """
    # Everything is checked here, because a file may come from anywhere.
    try:
        # A number that is too large becomes an infinity, which is refused below.
        with np.errstate(over="ignore"):
            powers = [np.array(value, dtype) for value, dtype in saved]
    except (TypeError, ValueError, OverflowError) as error:
        raise CheckpointError(
            f"powers of a checkpoint must be numbers with dtypes, got {saved!r}: {error}"
        ) from None
    are_numbers = all(is_real(power.dtype) and not power.shape for power in powers)
    if len(powers) not in (0, 2) or not are_numbers:
        raise CheckpointError(f"powers of a checkpoint must be two numbers, or none, got {saved!r}")
    return check_powers(powers, saved)


def check_powers(powers: list[Any], saved: Any) -> list[Any]:
    """Return powers; raise CheckpointError unless they are products of betas."""
    # With 1 the next step would divide by zero.
    if not all(0 <= power < 1 for power in powers):
        raise CheckpointError(f"powers of a checkpoint must be in [0, 1), got {saved!r}")
    return powers


def steps_from_json(saved: Any) -> int | None:
    """Return a number of steps from a file; raise CheckpointError if it is none."""
    if saved is None:
        return None
    if type(saved) is not int or saved < 0:
        raise CheckpointError(f"steps of a checkpoint must be an integer >= 0, got {saved!r}")
    return saved


def check_settings(settings: Mapping[str, Number]) -> None:
    """Raise ValueError unless the numbers among the settings are in their ranges.

    Functions and Tensors are left alone: they are called, and their numbers checked, at each step.
    """
    numbers = {}
    for name, value in settings.items():
        if isinstance(value, Tensor) and name in _BETAS:
            raise ValueError(f"{name} must be a number or a function, got {value!r}")
        if not callable(value) and not isinstance(value, Tensor):
            numbers[name] = _read_number(name, value, None)
    _to_config(numbers)


def call_once(setting: Any) -> Any:
    """Return what a function without arguments returns, and anything else as it is.

    TensorFlow calls the functions of a step that is recorded when it is recorded.
    """
    return setting() if callable(setting) and not takes_a_number(setting) else setting


def _read_number(name: str, setting: Number, steps: int | None) -> Any:
    """Return a setting as TensorFlow makes a tensor of it: Python's floats as float32."""
    value = _call(name, setting, steps) if callable(setting) else setting
    # Of a Variable, this is its value now.
    tensor = value.array if isinstance(value, Variable) else as_tensor(value)
    if not is_real(tensor.dtype) or tensor.shape:
        got = f"one that returns {value!r}" if callable(setting) else repr(setting)
        raise ValueError(f"{name} must be one number, or a function that returns one, got {got}")
    # Powers are products, which NumPy makes in the order of bytes of the machine.
    return tensor.astype(tensor.dtype.newbyteorder("="), copy=False)


def _call(name: str, function: Callable[..., Any], steps: int | None) -> Any:
    if not takes_a_number(function):
        return function()
    if steps is None:
        raise ValueError(
            f"{name} must be a function without arguments after a state that counts no steps was "
            "read, got one that takes their number"
        )
    return function(steps)


def _to_config(numbers: Mapping[str, Any]) -> AdamConfig:
    """Return the config, which checks ranges, of numbers that have been rounded already."""
    arguments: dict[str, Any] = {name: float(value) for name, value in numbers.items()}
    return AdamConfig(**arguments)
