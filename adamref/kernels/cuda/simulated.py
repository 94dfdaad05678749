"""The parts of `memory` in NumPy, for Numba's CUDA simulator, whose device memory is the host's.

Its threads run Python, which would compute float32 in binary64; NumPy's numbers keep their format.
"""

from collections.abc import Callable
from ctypes import c_char
from typing import Any

import numpy as np

from ..element import Operations
from .access import Access

_STORED: dict[str, Any] = {
    "int64": np.int64,
    "float32": np.float32,
    "float64": np.float64,
    "float16": np.float16,
}


def function(python: Callable[..., Any]) -> Any:
    """A function for kernels to call, as it is."""
    return python


def operations(dtype: str) -> Operations:  # noqa: ARG001
    """The operations of float32 or float64, which are those of the numbers that come."""
    return Operations(
        *(_quiet(ufunc) for ufunc in (np.add, np.subtract, np.multiply, np.divide, np.sqrt))
    )


def access(storage: str) -> Access:
    """How elements of ``storage`` are accessed."""
    dtype = np.dtype(_STORED.get(storage, np.uint16))  # NumPy has no bfloat16

    def view(address: int, index: int, count: int) -> Any:
        start, size = int(address) + int(index) * dtype.itemsize, count * dtype.itemsize
        assert start % min(size, 16) == 0, "a device would end the process"
        memory = (c_char * size).from_address(start)
        return np.frombuffer(memory, dtype)

    def load(address: int, index: int) -> Any:
        return _widened(storage, view(address, index, 1))[0]

    def store(address: int, index: int, value: Any) -> None:
        view(address, index, 1)[:] = _narrowed(storage, np.array([value]))

    def load4(address: int, index: int) -> tuple[Any, ...]:
        return tuple(_widened(storage, view(address, index, 4)))

    def store4(address: int, index: int, values: tuple[Any, ...]) -> None:
        view(address, index, 4)[:] = _narrowed(storage, np.array(values))

    return Access(load, store, load4, store4)


def _quiet(ufunc: Callable[..., Any]) -> Callable[..., Any]:
    def operation(*args: Any) -> Any:
        with np.errstate(all="ignore"):  # of this thread, which is not the caller's
            return ufunc(*args)

    return operation


def _widened(storage: str, values: Any) -> Any:
    if storage == "bfloat16":
        return (values.astype(np.uint32) << 16).view(np.float32)
    return values.astype(np.float32) if storage == "float16" else values


@np.errstate(all="ignore")
def _narrowed(storage: str, values: Any) -> Any:
    if storage != "bfloat16":
        return values.astype(_STORED[storage])
    bits = values.view(np.uint32)
    rounded = bits + (0x7FFF + (bits >> 16 & 1))
    return np.where(np.isnan(values), bits | 0x00400000, rounded) >> 16
