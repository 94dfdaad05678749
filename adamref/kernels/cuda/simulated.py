"""The parts of `memory` in NumPy, for Numba's CUDA simulator, which has the memory of the host.

The threads of the simulator run Python, which would compute float32 in binary64. NumPy's numbers
keep their format.
"""

from collections.abc import Callable
from ctypes import c_char
from typing import Any

import numpy as np

from ...halves.packing import QUIET_NAN, UPPER
from ..element import Operations
from ..packing import HalfOperations
from .access import ALIGNMENT, LANES, Access

# NumPy has no bfloat16: its bits are integers.
_WORDS: dict[str, Any] = {
    "int64": np.int64,
    "float32": np.float32,
    "float64": np.float64,
    "float16": np.float16,
    "bfloat16": np.uint16,
    "uint16": np.uint16,
}
_HALF_A_UNIT = 0x7FFF  # a little less: a tie goes up only where the kept bits are odd


def function(python: Callable[..., Any]) -> Any:
    """Return a function for kernels to call: here ``python`` itself."""
    return python


def operations(dtype: str) -> Operations:  # noqa: ARG001
    """Return the operations of float32 or float64, which NumPy chooses by its operands."""
    return Operations(
        add=_without_warnings(np.add),
        sub=_without_warnings(np.subtract),
        mul=_without_warnings(np.multiply),
        div=_without_warnings(np.divide),
        sqrt=_without_warnings(np.sqrt),
    )


def half_operations(dtype: str) -> HalfOperations:
    """Return what packing needs for parameters of ``dtype``."""

    def rounded(value: Any) -> Any:
        half = _narrow(dtype, np.array([value]))
        return _widen(dtype, half)[0]

    return HalfOperations(
        rounded,
        bits=lambda value: value.view(np.uint32),
        number=lambda bits: bits.view(np.float32),
    )


def access(storage: str) -> Access:
    """Return the access to elements of ``storage``."""
    dtype = np.dtype(_WORDS[storage])

    def view(address: int, index: int, count: int) -> Any:
        start = int(address) + int(index) * dtype.itemsize
        size = count * dtype.itemsize
        assert start % min(size, ALIGNMENT) == 0, "a device would end the process"
        memory = (c_char * size).from_address(start)
        return np.frombuffer(memory, dtype)

    def load(address: int, index: int) -> Any:
        element = view(address, index, 1)
        return _widen(storage, element)[0]

    def store(address: int, index: int, value: Any) -> None:
        element = view(address, index, 1)
        element[:] = _narrow(storage, np.array([value]))

    def load4(address: int, index: int) -> tuple[Any, ...]:
        elements = view(address, index, LANES)
        return tuple(_widen(storage, elements))

    def store4(address: int, index: int, values: tuple[Any, ...]) -> None:
        elements = view(address, index, LANES)
        elements[:] = _narrow(storage, np.array(values))

    return Access(load, store, load4, store4)


def _without_warnings(ufunc: Callable[..., Any]) -> Callable[..., Any]:
    def operation(*args: Any) -> Any:
        # Set for each operation, because it holds for a thread, and kernels run in new threads.
        with np.errstate(all="ignore"):
            return ufunc(*args)

    return operation


def _widen(storage: str, values: Any) -> Any:
    if storage == "bfloat16":
        bits = values.astype(np.uint32) << UPPER
        return bits.view(np.float32)
    wide = {"float16": np.float32, "uint16": np.uint32}
    return values.astype(wide[storage]) if storage in wide else values


@np.errstate(all="ignore")
def _narrow(storage: str, values: Any) -> Any:
    """Return values as they are stored. Rounding: to a half to nearest, ties to even."""
    if storage != "bfloat16":
        return values.astype(_WORDS[storage])
    bits = values.view(np.uint32)
    odd = bits >> UPPER & 1
    rounded = bits + (_HALF_A_UNIT + odd)
    quiet = bits | QUIET_NAN
    return np.where(np.isnan(values), quiet, rounded) >> UPPER
