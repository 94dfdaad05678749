"""The dtypes that a parameter may have, and the dtypes of its moments."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .convention import Format
from .halves.storage import PLAIN, Storage
from .state import Array, dtype_like, dtype_name

# dtype of a parameter -> dtypes that its moments may have; the usual one first.
_STATES = {
    "float16": ("float16", "float32"),
    "bfloat16": ("float32",),
    "float32": ("float32",),
    "float64": ("float64",),
}
# dtype of a parameter -> dtype of the moments in kernels, which compute in no half precision.
KERNEL_STATES = {name: allowed[-1] for name, allowed in _STATES.items()}
# Format of a scalar -> its type. T is missing here: it is the dtype that `type_of` is given.
_SCALAR_TYPES: dict[Format, Any] = {Format.BINARY64: np.float64, Format.BINARY32: np.float32}
# dtype -> bytes of one number.
ITEM_BYTES = {"float16": 2, "bfloat16": 2, "uint16": 2, "float32": 4, "float64": 8}


def state_dtypes(param: Array, name: str = "param") -> tuple[str, ...]:
    """Return the dtypes that the moments of a parameter may have, the usual one first.

    Args:
        param: the parameter.
        name: its name in an error.

    Raises:
        ValueError: Adam is not defined for the dtype of ``param``.
    """
    # A dtype in foreign byte order has the same name as the native one.
    allowed = _STATES.get(dtype_name(param.dtype)) if param.dtype.isnative else None
    if allowed is None:
        raise ValueError(
            f"{name} must be float16, bfloat16, float32 or float64, in native byte order, "
            f"got {param.dtype}"
        )
    return allowed


def storage_of(
    param: Array, storage: Storage | str | None = None, state_dtype: Any = None
) -> Storage:
    """Return how a parameter is kept: `PLAIN` unless it is of half precision.

    Args:
        param: the parameter.
        storage: of halves; None follows from ``state_dtype``.
        state_dtype: of m and v; None is the usual one without a storage, and any with one.

    Raises:
        ValueError: the parameter cannot be kept so, or the two do not agree.
        TypeError: ``storage`` is neither a Storage nor a text.
    """
    allowed = state_dtypes(param)
    name = dtype_name(param.dtype)
    wanted = None if state_dtype is None else dtype_name(np.dtype(state_dtype))
    if storage is None:
        wanted = wanted or allowed[0]
        if wanted not in allowed:
            raise ValueError(
                f"state.m must have the dtype of param, {' or '.join(allowed)}, got {wanted}"
            )
        return PLAIN if wanted == name else Storage()
    own = parsed_storage(storage).for_dtype(name)
    m = own.formats(name).m
    v = own.formats(name).v
    if wanted not in (None, m) or wanted not in (None, v):
        raise ValueError(
            f"state_dtype must agree with storage, {own} for {name}, got {wanted}; leave it out"
        )
    return own


def storages_of(
    params: Sequence[Array], storage: Storage | None, moments: Sequence[Any]
) -> list[Storage]:
    """Return how parameters are kept; without a storage it follows from their first moments.

    Raises:
        ValueError: the lists have other lengths, or a parameter cannot be kept so.
    """
    storages = []
    for param, m in zip(params, moments, strict=True):
        state_dtype = np.asarray(m).dtype if storage is None else None
        storages.append(storage_of(param, storage, state_dtype))
    return storages


def parsed_storage(storage: Storage | str) -> Storage:
    """Return a storage that may be given as a text."""
    return storage if isinstance(storage, Storage) else Storage.parse(storage)


def step_dtype(param: Array, storage: Storage) -> "np.dtype[Any]":
    """Return the dtype in which a parameter takes its steps."""
    return dtype_like(param, storage.formats(dtype_name(param.dtype)).operations)


def type_of(number_format: Format, dtype: "np.dtype[Any]") -> Any:
    """Return the NumPy type of a format; T is the dtype of the moments, ``dtype``."""
    return _SCALAR_TYPES.get(number_format, dtype.type)
