"""What optimizers are given: pairs of a gradient and its variable, and lists of variables."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..sparse import IndexedSlices, as_dense, as_grad
from ..state import Array
from .numbers import fitting
from .traced import Operand
from .variable import FLOATS, Variable

Pair = tuple[Any, Variable]

_RULE = "grads_and_vars must be pairs of a gradient and a Variable"


def checked(grads_and_vars: Iterable[Pair]) -> list[Pair]:
    """The pairs that have a gradient.

    Raises:
        TypeError: something is not a pair with a Variable.
        ValueError: there are no pairs, or none has a gradient; a pair has more or less than two parts.
    """
    pairs = paired(grads_and_vars)
    if not pairs:
        raise ValueError("grads_and_vars must hold a variable, got no pairs")
    found = [(grad, variable) for grad, variable in pairs if grad is not None]
    if not found:
        names = ", ".join(
            variable.name if isinstance(variable, Variable) else shown(variable)
            for _, variable in pairs
        )
        raise ValueError(
            f"some variable must have a gradient, got None for {names}; see what the loss reads"
        )
    for _, variable in found:
        if not isinstance(variable, Variable):
            raise TypeError(f"{_RULE}, got {shown(variable)} as one")
    return found


def paired(grads_and_vars: Iterable[Pair]) -> list[Pair]:
    """The pairs, whatever is in them.

    Raises:
        TypeError: something is not a pair.
        ValueError: a pair has more or less than two parts.
    """
    if not isinstance(grads_and_vars, Iterable):
        raise TypeError(f"{_RULE}, got {shown(grads_and_vars)}")
    return [_checked_pair(pair) for pair in grads_and_vars]


def _checked_pair(pair: Any) -> Pair:
    try:
        parts = list(pair)
    except TypeError:  # of an array without dimensions too
        raise TypeError(f"{_RULE}, got {shown(pair)}; write [(gradient, variable)]") from None
    if len(parts) != 2:
        raise ValueError(f"{_RULE}, got {len(parts)} parts: {shown(pair)}")
    return parts[0], parts[1]


def fitted(grad: Any, variable: Variable) -> Array:
    """A gradient as an array of the shape and dtype of its variable; of slices, the sum that they stand for.

    Raises:
        ValueError: it does not fit, or the variable is not of floats.
    """
    if variable.dtype not in FLOATS:
        raise ValueError(
            f"a variable must be of floats to be changed by a gradient, got {shown(variable)}"
        )
    given = as_grad(grad)
    if isinstance(given, IndexedSlices):
        try:
            return as_dense(
                given._replace(values=fitting("values", grad.values, variable.dtype)),
                variable._array,
            )
        except ValueError as error:
            raise ValueError(f"slices must be of {variable.name}: {error}") from None
    array: Array = fitting(f"the gradient of {variable.name}", grad, variable.dtype)
    if array.shape != variable.shape:
        raise ValueError(
            f"the gradient of {variable.name} must have its shape {variable.shape}, got {array.shape}"
        )
    return array


def check_variables(name: str, variables: object) -> None:
    """Raise TypeError for a Variable, and ValueError for anything else that is not a list of them: as TensorFlow."""
    if isinstance(variables, Operand):
        raise TypeError(
            f"{name} must be a list of Variables, got {shown(variables)}; write [variable]"
        )
    if not isinstance(variables, list | tuple):
        raise ValueError(f"{name} must be a list of Variables, got {shown(variables)}")  # noqa: TRY004
    for variable in variables:
        if not isinstance(variable, Variable):
            raise ValueError(f"{name} must be a list of Variables, got {shown(variable)} in it")  # noqa: TRY004


def check_name(name: object) -> None:
    """Raise ValueError for no name of an optimizer, and TypeError for one that is no string: as TensorFlow."""
    if not name:
        raise ValueError(f"name must not be empty, got {name!r}")
    if not isinstance(name, str):
        raise TypeError(f"name must be a string, got {name!r}")


def check_locking(use_locking: object) -> None:
    """Raise TypeError unless ``use_locking`` is a bool, or None, which is False: as TensorFlow."""
    if not isinstance(use_locking, bool | None):
        raise TypeError(f"use_locking must be True or False, got {use_locking!r}")


def check_step(global_step: object) -> None:
    """Raise TypeError or ValueError unless ``global_step`` is None or something to add 1 to."""
    if global_step is None:
        return
    if not isinstance(global_step, Variable) or global_step.dtype == np.bool:
        raise TypeError(f"global_step must be a Variable of a number, got {shown(global_step)}")
    if global_step.shape:
        raise ValueError(f"global_step must be a scalar, got shape {global_step.shape}")


def shown(value: object) -> str:
    """``value`` for a message: arrays and Variables, which may be long, by their shapes and names."""
    if isinstance(value, tuple):
        return f"({', '.join(map(shown, value))})"
    if isinstance(value, Variable):
        return f"<Variable {value.name!r} shape={value.shape} dtype={value.dtype}>"
    return (
        f"array of {value.dtype} in shape {value.shape}"
        if isinstance(value, np.ndarray)
        else repr(value)
    )
