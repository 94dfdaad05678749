"""Access: how CUDA kernels read and write elements, on a device or in Numba's simulator."""

from collections.abc import Callable
from typing import Any, NamedTuple

# Elements that `load4` and `store4` take together, and the most bytes of one access.
LANES = 4
ALIGNMENT = 16


class Access(NamedTuple):
    """Functions for one storage. Between a load and a store, halves are float32.

    Fields:
        load: (address, index) -> element.
        store: (address, index, element). Rounding: to a half once, to nearest, ties to even.
        load4: (address, index) -> the four elements from ``index`` on. They lie at a multiple of 16
            bytes, or of all their bytes if these are fewer.
        store4: (address, index, four elements), as `load4`.
    """

    load: Callable[..., Any]
    store: Callable[..., Any]
    load4: Callable[..., Any]
    store4: Callable[..., Any]
