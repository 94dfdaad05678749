"""What one step computes, before anything is assigned."""

import warnings
from dataclasses import replace
from typing import Any

import numpy as np

from ..clip import clip
from ..config import AdamConfig
from ..convention import Arithmetic
from ..gradients.conversion import as_grad
from ..gradients.indexed_slices import Grad, IndexedSlices
from ..named_conventions import CONVENTIONS
from ..state import AdamState, Array
from ..step import step
from ..validation import check_arrays
from ..variables.numbers import require_dtype
from ..variables.pairs import Pair, apply_constraint, no_gradients, require_variable
from ..variables.variable import Variable
from .settings import Settings
from .weights import Weights

# An epsilon of 0 is replaced when an optimizer is made. A 0 that is assigned later is used.
_TFKERAS = CONVENTIONS["tfkeras"].convention
_CONVENTION = replace(_TFKERAS, epsilon_zero="as_given").with_name("tfkeras")
# config_of_step has rounded the numbers; the correction is left, in the dtype of the Variable.
_ARITHMETIC = Arithmetic.parse("ddddT")


def after_step(
    settings: Settings,
    weights: Weights,
    pairs: list[Pair],
) -> dict[Variable, tuple[Array, AdamState]]:
    """Return the Variables and their states after a step. Changes nothing.

    Raises:
        ValueError: a gradient does not fit its Variable, or a hyperparameter is out of its range.
    """
    # Without pairs there is no step, and no function is called.
    if not pairs:
        return {}
    variables = [variable for _, variable in pairs]
    for variable in variables:
        weights.check_known(variable)
    grads = [_gradient_like(grad, variable) for grad, variable in pairs]
    _check_shapes(settings, weights, variables, grads)
    taken = int(weights.steps_taken)
    if taken < 0:
        raise ValueError(f"iterations must be >= 0, got {taken}")
    # The user's own Variable may be narrow.
    dtype = weights.steps_taken.dtype
    if taken == np.iinfo(dtype).max:
        raise ValueError(f"iterations must be below {taken}, the largest {dtype}, got {taken}")
    # One config for each dtype: TensorFlow calls a function once for each, and rounds to it.
    configs: dict[Any, AdamConfig] = {}
    for variable in variables:
        if variable.dtype not in configs:
            configs[variable.dtype] = settings.config_of_step(taken, variable.dtype)
    if settings.numbers["global_clipnorm"] is not None and len(configs) > 1:
        dtypes = ", ".join(map(str, configs))
        raise ValueError(f"grads_and_vars must be of one dtype with global_clipnorm, got {dtypes}")
    # Any of the configs will do: the limits are the same in all.
    any_config = next(iter(configs.values()))
    clipped: list[Any] = clip(any_config, _CONVENTION, grads)
    after: dict[Variable, tuple[Array, AdamState]] = {}
    for variable, grad in zip(variables, clipped, strict=True):
        # A Variable that is named twice takes its second gradient from the end of the first.
        start = (variable.array, weights.state(variable, settings.amsgrad))
        param, state = after.get(variable, start)
        config = configs[variable.dtype]
        param, moved = step(config, state, param, grad, _CONVENTION, _ARITHMETIC)
        # Both are one step: t is the same.
        after[variable] = (apply_constraint(variable, param, grad), moved._replace(t=state.t))
    return after


def _check_shapes(
    settings: Settings,
    weights: Weights,
    variables: list[Variable],
    grads: list[Grad],
) -> None:
    """Raise ValueError unless each gradient fits its Variable and its slots."""
    # First of all checks, so that a wrong gradient is found before a function is called.
    switches = AdamConfig(amsgrad=settings.amsgrad)
    for variable, grad in zip(variables, grads, strict=True):
        state = weights.state(variable, settings.amsgrad)
        check_arrays(switches, state, variable.array, grad)


def with_gradients(pairs: list[Pair]) -> list[Pair]:
    """Return the pairs with a gradient; a warning names the Variables without.

    Raises:
        TypeError: something stands in the place of a Variable.
        ValueError: there are pairs, and none has a gradient.
    """
    missing = [require_variable(variable) for grad, variable in pairs if grad is None]
    filled = [(grad, require_variable(variable)) for grad, variable in pairs if grad is not None]
    if missing and not filled:
        raise no_gradients(missing)
    if missing:
        names = ", ".join(variable.name for variable in missing)
        # Level 3 is the caller of apply_gradients.
        warnings.warn(f"variables without a gradient stay as they are: {names}", stacklevel=3)
    return filled


def all_gradients(grads: list[Grad | None], variables: list[Variable]) -> list[Grad]:
    """Return the gradients; raise ValueError if a Variable has no gradient."""
    pairs = zip(grads, variables, strict=True)
    missing = [variable.name for grad, variable in pairs if grad is None]
    if missing:
        raise ValueError(
            f"loss must depend on all params, got one that does not on {', '.join(missing)}"
        )
    return [grad for grad in grads if grad is not None]


def _gradient_like(grad: Any, variable: Variable) -> Grad:
    """Return a gradient as arrays of the dtype of its Variable; only Python's are converted."""
    arrays = as_grad(grad)
    if isinstance(arrays, IndexedSlices):
        values = require_dtype("values", grad.values, variable.dtype)
        return arrays._replace(values=values)
    array: Array = require_dtype(f"the gradient of {variable.name}", grad, variable.dtype)
    return array
