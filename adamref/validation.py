"""Checks of one step: features and gradients of the convention, shapes and dtypes of arrays."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .clip import clips_l2
from .config import AdamConfig
from .convention import Convention
from .dtypes import step_dtype, storage_of
from .gradients.indexed_slices import Grad, IndexedSlices, check_slices
from .halves.storage import Storage, T
from .state import AdamState, Array, dtype_like, dtype_name

# feature -> a named convention that has it, for the errors of `check_features`.
_HAS = {
    "amsgrad": "paper",
    "weight_decay": "torch",
    "maximize": "torch",
    "epsilon_root": "optax",
}
# Conventions of a library that refuses a decay below 0, which pushes away from zero.
_DECAY_FROM_0 = ("torch", "torch-adamw", "torch-capturable")


def copies_of(params: Sequence[Array] | Array) -> list[Array]:
    """Return a copy of each parameter. Raise TypeError if they are one array."""
    # Its rows, or numbers, would be taken for parameters.
    if isinstance(params, np.ndarray):
        raise TypeError(
            "params must be a list with an array for each parameter, got one array of shape "
            f"{params.shape}; write [params]"
        )
    return [np.array(param) for param in params]


def check_features(config: AdamConfig, convention: Convention) -> None:
    """Raise ValueError if ``config`` turns on a feature, or a number, that ``convention`` lacks.

    Raise TypeError if it is no AdamConfig, whose numbers and switches have been checked.
    """
    if not isinstance(config, AdamConfig):
        raise TypeError(
            f"config must be an AdamConfig, got {config!r}; make one: AdamConfig(learning_rate=...)"
        )
    if config.weight_decay < 0 and convention.name in _DECAY_FROM_0:
        raise ValueError(
            f"weight_decay must be >= 0 in convention {convention.name!r}, as in PyTorch, got "
            f"{config.weight_decay!r}; set it to 0 or choose another convention, e.g. 'optax'"
        )
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


def check_grads(
    config: AdamConfig,
    convention: Convention,
    params: Sequence[Array],
    states: Sequence[AdamState],
    grads: Sequence[Grad | None],
    storages: Sequence[Storage | None],
) -> None:
    """Raise ValueError unless the convention accepts the gradients of a call and they fit."""
    if len(grads) != len(params):
        raise ValueError(f"grads must have one entry a parameter, {len(params)}, got {len(grads)}")
    # First the rules of the convention, then shapes and dtypes.
    missing = [index for index, grad in enumerate(grads) if grad is None]
    if missing and convention.none_gradient == "error":
        raise ValueError(
            f"convention {convention.name!r} accepts no missing gradients; "
            f"grads[{missing[0]}] is None. "
            "Pass an array of zeros or choose another convention, e.g. 'paper'."
        )
    if grads and len(missing) == len(grads) and convention.all_none == "error":
        raise ValueError(
            f"convention {convention.name!r} accepts no step without a gradient; "
            f"all {len(grads)} grads are None. Pass at least one array."
        )
    rows = zip(params, states, grads, storages, strict=True)
    for index, (param, state, grad, storage) in enumerate(rows):
        if grad is not None:
            check_arrays(config, state, param, grad, storage)
        if isinstance(grad, IndexedSlices):
            check_sparse(convention, f"grads[{index}] is IndexedSlices")
            if clips_l2(config, convention):
                raise ValueError(
                    f"convention {convention.name!r} adds L2 before clipping, which needs dense "
                    f"gradients; grads[{index}] is IndexedSlices. Pass a dense array."
                )


def check_step(
    config: AdamConfig,
    convention: Convention,
    state: AdamState,
    param: Array,
    grad: Grad,
    storage: Storage | str | None,
) -> Storage:
    """Return how the parameter is kept; the arguments are those of `step`.

    Raises:
        ValueError: the convention does not accept them, or they do not fit.
    """
    check_features(config, convention)
    own = storage_of(param, storage, state.m.dtype if storage is None else None)
    check_arrays(config, state, param, grad, own)
    if isinstance(grad, IndexedSlices):
        check_sparse(convention, "grad is IndexedSlices")
    elif isinstance(state.t, np.ndarray):
        check_sparse(convention, "state.t has a count for each row")
    return own


def check_sparse(convention: Convention, found: str) -> None:
    """Raise ValueError if a convention accepts no sparse gradients; ``found`` says what has one."""
    if convention.sparse == "unsupported":
        raise ValueError(
            f"convention {convention.name!r} accepts no sparse gradients; {found}. "
            "Pass a dense array or choose another convention, e.g. 'paper'."
        )


def check_arrays(
    config: AdamConfig,
    state: AdamState,
    param: Array,
    grad: Grad,
    storage: Storage | None = None,
) -> None:
    """Raise ValueError unless gradient and state fit the parameter, and how it is kept.

    ``storage`` is one that `storage_of` returned; None follows from the dtype of m.
    """
    own = storage or storage_of(param, None, state.m.dtype)
    formats = own.formats(dtype_name(param.dtype))
    dtype = step_dtype(param, own)
    if isinstance(grad, IndexedSlices):
        check_slices(param, grad, dtype)
    else:
        _check_array("grad", grad, param, (param.dtype, dtype))
    v = dtype_like(param, formats.v)
    _check_array("state.m", state.m, param, (dtype_like(param, formats.m),))
    _check_array("state.v", state.v, param, (v,))
    if state.v_max is not None:
        _check_array("state.v_max", state.v_max, param, (v,))
    if (state.kept is None) != (formats.kept is None):
        raise ValueError(
            f"state.kept must be {formats.kept or None} for storage {own}, got "
            f"{None if state.kept is None else state.kept.dtype}"
        )
    if state.kept is not None:
        assert formats.kept is not None
        _check_array("state.kept", state.kept, param, (dtype_like(param, formats.kept),))
    if (state.v_max is not None) != config.amsgrad:
        raise ValueError(
            "state.v_max must be an array if amsgrad is on, and None if it is off, "
            f"got amsgrad={config.amsgrad}"
        )


def check_corrections(config: AdamConfig, t: int, of_m: Any, of_v: Any) -> None:
    """Raise ValueError unless 1 / (1 - beta^t) is finite, in the dtype of the moments."""
    # Half precision ends at 65504, and 1 / (1 - beta2) is beyond it for beta2 close to 1.
    if not np.isfinite(of_m * of_v):
        raise ValueError(
            f"beta1 and beta2 must leave 1 / (1 - beta^t) finite in {of_m.dtype}, "
            f"got {config.beta1} and {config.beta2} at t = {t}; keep the moments in float32"
        )


def check_operations(backend: str, storages: Sequence[Storage], params: Sequence[Array]) -> None:
    """Raise ValueError if a compiled backend does not compute in the dtype of a step."""
    for param, storage in zip(params, storages, strict=True):
        if backend != "numpy" and param.dtype == "float16" and storage.operations == T:
            # In half precision each operation would have to be rounded, which compilers do not.
            raise ValueError(
                f"state_dtype must be 'float32' for float16 parameters on backend "
                f"{backend!r}, got float16"
            )


def _check_array(name: str, array: Array, param: Array, dtypes: tuple[object, ...]) -> None:
    """Raise ValueError unless an array has the shape of ``param`` and one of the dtypes."""
    if array.shape != param.shape:
        raise ValueError(f"{name} must have the shape of param {param.shape}, got {array.shape}")
    if array.dtype not in dtypes:
        raise ValueError(f"{name} must have the dtype of param, {dtypes[-1]}, got {array.dtype}")
