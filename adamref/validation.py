"""Checks of one step: features of the convention, shapes and dtypes of the arrays."""

from .config import AdamConfig
from .convention import Convention
from .dtypes import state_dtypes
from .sparse import Grad, IndexedSlices, check_slices
from .state import AdamState, Array

# feature -> a named convention that has it, for the errors of `check_features`.
_HAS = {
    "amsgrad": "paper",
    "weight_decay": "torch",
    "maximize": "torch",
    "epsilon_root": "optax",
}


def check_features(config: AdamConfig, convention: Convention) -> None:
    """Raise ValueError if ``config`` turns on a feature that ``convention`` lacks."""
    supported = {
        "amsgrad": convention.amsgrad != "unsupported",
        "weight_decay": convention.weight_decay != "unsupported",
        "maximize": convention.maximize != "unsupported",
        "epsilon_root": convention.epsilon == "both",
    }
    for name, example in _HAS.items():
        value = getattr(config, name)
        if value and not supported[name]:
            # The value that turns a feature off: False or 0, of the type of the field.
            off = False if isinstance(value, bool) else 0
            raise ValueError(
                f"convention {convention.name!r} has no {name}; got {name}={value!r}. "
                f"Set it to {off} or choose another convention, e.g. {example!r}."
            )


def check_arrays(config: AdamConfig, state: AdamState, param: Array, grad: Grad) -> None:
    """Raise ValueError unless gradient and state fit the parameter."""
    allowed = state_dtypes(param)
    wide = state.m.dtype
    if wide not in allowed:
        raise ValueError(
            f"state.m must have the dtype of param, {' or '.join(allowed)}, got {wide}"
        )
    if isinstance(grad, IndexedSlices):
        check_slices(param, grad, wide)
    else:
        _check_array("grad", grad, param, (param.dtype, wide))
    _check_array("state.m", state.m, param, (wide,))
    _check_array("state.v", state.v, param, (wide,))
    if state.v_max is not None:
        _check_array("state.v_max", state.v_max, param, (wide,))
    if (state.v_max is not None) != config.amsgrad:
        raise ValueError(
            "state.v_max must be an array if amsgrad is on, and None if it is off, "
            f"got amsgrad={config.amsgrad}"
        )


def _check_array(name: str, array: Array, param: Array, dtypes: tuple[object, ...]) -> None:
    """Raise ValueError unless an array has the shape of ``param`` and one of the dtypes."""
    if array.shape != param.shape:
        raise ValueError(f"{name} must have the shape of param {param.shape}, got {array.shape}")
    if array.dtype not in dtypes:
        raise ValueError(f"{name} must have the dtype of param, {dtypes[-1]}, got {array.dtype}")
