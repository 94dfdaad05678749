"""What optimizers are given: pairs of a gradient and its variable, and lists of variables."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from .sparse import IndexedSlices, as_grad, dense
from .state import Array
from .traced import Operand
from .variable import FLOATS, Variable, fitting

Pair = tuple[Any, Variable]


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
        names = ", ".join(str(getattr(variable, "name", variable)) for _, variable in pairs)
        raise ValueError(f"some variable must have a gradient, got None for {names}; see what the loss reads")
    for _, variable in found:
        if not isinstance(variable, Variable):
            raise TypeError(f"grads_and_vars must be pairs of a gradient and a Variable, got {variable!r} as one")
    return found


def paired(grads_and_vars: Iterable[Pair]) -> list[Pair]:
    """The pairs, whatever is in them.

    Raises:
        TypeError: something is not a pair.
        ValueError: a pair has more or less than two parts.
    """
    if not isinstance(grads_and_vars, Iterable):
        raise TypeError(f"grads_and_vars must be pairs of a gradient and a Variable, got {grads_and_vars!r}")
    return [_checked_pair(pair) for pair in grads_and_vars]


def _checked_pair(pair: Any) -> Pair:
    if not isinstance(pair, Iterable):
        raise TypeError(f"grads_and_vars must be pairs of a gradient and a Variable, got {pair!r}")
    parts = list(pair)
    if len(parts) != 2:
        raise ValueError(f"grads_and_vars must be pairs of a gradient and a Variable, got {len(parts)} parts: {pair!r}")
    return parts[0], parts[1]


def fitted(grad: Any, variable: Variable) -> Array:
    """A gradient as an array of the shape and dtype of its variable; of slices, the sum that they stand for.

    Raises:
        ValueError: it does not fit, or the variable is not of floats.
    """
    if variable.dtype not in FLOATS:
        raise ValueError(f"a variable must be of floats to be changed by a gradient, got {variable!r}")
    given = as_grad(grad)
    if isinstance(given, IndexedSlices):
        try:
            return dense(given._replace(values=fitting("values", grad.values, variable.dtype)), variable._array)
        except ValueError as error:
            raise ValueError(f"slices must be of {variable.name}: {error}") from None
    array: Array = fitting(f"the gradient of {variable.name}", grad, variable.dtype)
    if array.shape != variable.shape:
        raise ValueError(f"the gradient of {variable.name} must have its shape {variable.shape}, got {array.shape}")
    return array


def check_variables(name: str, variables: object) -> None:
    """Raise TypeError for a Variable, and ValueError for anything else that is not a list of them: as TensorFlow."""
    if isinstance(variables, Operand):
        raise TypeError(f"{name} must be a list of Variables, got {variables!r}; write [variable]")
    if not isinstance(variables, list | tuple):
        raise ValueError(f"{name} must be a list of Variables, got {variables!r}")  # noqa: TRY004
    for variable in variables:
        if not isinstance(variable, Variable):
            raise ValueError(f"{name} must be a list of Variables, got {variable!r} in it")  # noqa: TRY004


def check_step(global_step: object) -> None:
    """Raise TypeError or ValueError unless ``global_step`` is None or something to add 1 to."""
    if global_step is None:
        return
    if not isinstance(global_step, Variable) or global_step.dtype == np.bool:
        raise TypeError(f"global_step must be a Variable of a number, got {global_step!r}")
    if global_step.shape:
        raise ValueError(f"global_step must be a scalar, got shape {global_step.shape}")
