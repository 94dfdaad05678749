"""What a step may be asked for: features of the convention, shapes and dtypes of the arrays."""

from .config import AdamConfig
from .convention import Convention
from .dtypes import state_dtypes
from .sparse import Grad, IndexedSlices, check_slices
from .state import AdamState, Array


def check_features(config: AdamConfig, convention: Convention) -> None:
    """Raise ValueError if ``config`` turns on what ``convention`` does not have."""
    for name, has in (
        ("amsgrad", convention.amsgrad != "unsupported"),
        ("weight_decay", convention.weight_decay != "unsupported"),
        ("maximize", convention.maximize != "unsupported"),
        ("epsilon_root", convention.epsilon == "both"),
    ):
        value = getattr(config, name)
        if value and not has:
            raise ValueError(f"{name} must be off in a convention that has none, got {value!r}")


def check_arrays(config: AdamConfig, state: AdamState, param: Array, grad: Grad) -> None:
    """Raise ValueError unless gradient and state fit the parameter."""
    allowed, wide = state_dtypes(param), state.m.dtype
    if wide not in allowed:
        raise ValueError(
            f"state.m must have the dtype of param, {' or '.join(allowed)}, got {wide}"
        )
    if isinstance(grad, IndexedSlices):
        check_slices(param, grad, wide)
    dense = None if isinstance(grad, IndexedSlices) else grad
    for name, array in (
        ("grad", dense),
        ("state.m", state.m),
        ("state.v", state.v),
        ("state.v_max", state.v_max),
    ):
        if array is None:
            continue
        if array.shape != param.shape:
            raise ValueError(
                f"{name} must have the shape of param {param.shape}, got {array.shape}"
            )
        if array.dtype != wide and (name != "grad" or array.dtype != param.dtype):
            raise ValueError(f"{name} must have the dtype of param, {wide}, got {array.dtype}")
    if (state.v_max is not None) != config.amsgrad:
        raise ValueError(
            f"state.v_max must be an array just when amsgrad is on, got amsgrad={config.amsgrad}"
        )
