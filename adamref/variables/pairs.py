"""Checks of the gradients, variables and names that users hand to an optimizer.

Where TensorFlow refuses an argument, the class of the error is TensorFlow's.
"""

from collections.abc import Iterable, Mapping, ValuesView
from typing import Any

import numpy as np

from ..gradients.conversion import as_grad
from ..gradients.indexed_slices import IndexedSlices, dense_array
from ..state import Array
from .numbers import require_dtype
from .traced import Operand
from .variable import FLOATS, Variable

Pair = tuple[Any, Variable]


class MalformedArgument(TypeError, ValueError):
    """An argument is not of Variables, or of pairs with them.

    It is both, because the pages say TypeError where the classes raise ValueError.
    """


_RULE = "grads_and_vars must be pairs of a gradient and a Variable"


def pairs_with_gradients(grads_and_vars: Iterable[Pair]) -> list[Pair]:
    """Return the pairs that have a gradient.

    Raises:
        TypeError: something is not a pair with a Variable.
        ValueError: there are no pairs, or none has a gradient; a pair has more or less than two
            parts.
    """
    pairs = read_pairs(grads_and_vars)
    if not pairs:
        raise ValueError("No variables provided: grads_and_vars must hold a variable, got no pairs")
    filled = [(grad, variable) for grad, variable in pairs if grad is not None]
    if not filled:
        raise no_gradients(variable for _, variable in pairs)
    for _, variable in filled:
        if not isinstance(variable, Variable):
            raise TypeError(f"{_RULE}, got {describe(variable)} as one")
    return filled


def no_gradients(variables: Iterable[object]) -> ValueError:
    """Return the error for a step in which no variable has a gradient."""
    names = ", ".join(map(_name, variables))
    return ValueError(
        f"No gradients provided for any variable: one must have a gradient, got None for {names}; "
        "see what the loss reads"
    )


def _name(variable: object) -> str:
    return variable.name if isinstance(variable, Variable) else describe(variable)


def read_pairs(grads_and_vars: Iterable[Pair]) -> list[Pair]:
    """Return the pairs, with anything in them.

    Raises:
        TypeError: something is not a pair.
        ValueError: a pair has more or less than two parts.
    """
    if not isinstance(grads_and_vars, Iterable):
        raise TypeError(f"{_RULE}, got {describe(grads_and_vars)}")
    return [_read_pair(pair) for pair in grads_and_vars]


def _read_pair(pair: Any) -> Pair:
    try:
        parts = list(pair)
    # An array without dimensions is Iterable too, and raises only here.
    except TypeError:
        raise TypeError(f"{_RULE}, got {describe(pair)}; write [(gradient, variable)]") from None
    if len(parts) != 2:
        raise MalformedArgument(f"{_RULE}, got {len(parts)} parts: {describe(pair)}")
    return parts[0], parts[1]


def dense_gradient(grad: Any, variable: Variable) -> Array:
    """Return a gradient as an array of the shape and dtype of its variable; slices are summed.

    Raises:
        ValueError: it does not fit, or the variable is not of floats.
    """
    if variable.dtype not in FLOATS:
        raise ValueError(
            f"a variable must be of floats to be changed by a gradient, got {describe(variable)}"
        )
    # Tensors and arrays of other libraries become arrays of NumPy, or slices of them.
    arrays = as_grad(grad)
    if isinstance(arrays, IndexedSlices):
        try:
            values = require_dtype("values", grad.values, variable.dtype)
            return dense_array(variable.array, arrays._replace(values=values))
        except ValueError as error:
            raise ValueError(f"slices must be of {variable.name}: {error}") from None
    array: Array = require_dtype(f"the gradient of {variable.name}", grad, variable.dtype)
    if array.shape != variable.shape:
        raise ValueError(
            f"the gradient of {variable.name} must have its shape {variable.shape}, "
            f"got {array.shape}"
        )
    return array


def apply_constraint(variable: Variable, param: Array, grad: Any) -> Array:
    """Return a variable after a step as its constraint lets it be.

    Raises:
        RuntimeError: the gradient is sparse, as in TensorFlow.
        ValueError: the constraint returns another shape or dtype.
    """
    if variable.constraint is not None and isinstance(as_grad(grad), IndexedSlices):
        raise RuntimeError(
            f"Cannot use a constraint function on a sparse variable, got slices of {variable.name}"
        )
    array: Array = variable.constrain(param)
    return array


def check_variables(name: str, variables: object) -> None:
    """Raise MalformedArgument for anything but a list of Variables."""
    if isinstance(variables, Operand):
        raise MalformedArgument(
            f"{name} must be a list of Variables, got {describe(variables)}; write [variable]"
        )
    rule = f"{name} must be a list of Variables"
    if not isinstance(variables, list | tuple):
        raise MalformedArgument(f"{rule}, got {describe(variables)}")
    for variable in variables:
        if not isinstance(variable, Variable):
            raise MalformedArgument(f"{rule}, got {describe(variable)} in it")


def check_names(variables: object) -> None:
    """Raise MalformedArgument for anything but a dictionary of Variables that is not empty."""
    if not isinstance(variables, Mapping) or not variables:
        raise MalformedArgument(
            "variables must be a dictionary of Variables by their names in the file, got "
            f"{variables!r}; write {{name: variable}}"
        )
    check_variables("variables", list(variables.values()))
    if len(set(variables.values())) < len(variables):
        raise MalformedArgument(f"variables must differ, got one twice among {list(variables)}")


def flatten(name: str, variables: Any) -> list[Variable]:
    """Return the Variables in nested lists, tuples, dictionaries and views of dictionaries.

    Raises:
        MalformedArgument: there is something else.
    """
    if isinstance(variables, Mapping):
        # The order of tf.nest.
        variables = [variables[key] for key in sorted(variables)]
    if isinstance(variables, list | tuple | ValuesView):
        return [variable for part in variables for variable in flatten(name, part)]
    if not isinstance(variables, Variable):
        raise MalformedArgument(f"{name} must hold Variables, got {describe(variables)}")
    return [variables]


def require_variable(var: Any) -> Variable:
    """Return ``var``; raise TypeError unless it is a Variable."""
    if not isinstance(var, Variable):
        raise TypeError(f"var must be a Variable, got {describe(var)}")
    return var


def check_name(name: object) -> None:
    """Raise ValueError for an empty name of an optimizer, and TypeError for one that is no str."""
    if not name:
        raise ValueError(f"name must not be empty, got {name!r}")
    if not isinstance(name, str):
        raise TypeError(f"name must be a string, got {name!r}")


def check_locking(use_locking: object) -> None:
    """Raise TypeError unless ``use_locking`` is a bool, or None, which counts as False."""
    if not isinstance(use_locking, bool | None):
        raise TypeError(f"use_locking must be True or False, got {use_locking!r}")


def check_step(global_step: object) -> None:
    """Raise TypeError or ValueError unless ``global_step`` is None or can be counted up."""
    if global_step is None:
        return
    if not isinstance(global_step, Variable) or global_step.dtype == np.bool:
        raise TypeError(f"global_step must be a Variable of a number, got {describe(global_step)}")
    if global_step.shape:
        raise ValueError(f"global_step must be a scalar, got shape {global_step.shape}")


def describe(value: object) -> str:
    """Return ``value`` for a message: arrays and Variables may be long, so by shape and name."""
    if isinstance(value, tuple):
        return f"({', '.join(map(describe, value))})"
    if isinstance(value, Variable):
        return f"<Variable {value.name!r} shape={value.shape} dtype={value.dtype}>"
    if isinstance(value, np.ndarray):
        return f"array of {value.dtype} in shape {value.shape}"
    return repr(value)
