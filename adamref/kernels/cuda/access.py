"""Access: how CUDA kernels read and write the elements of arrays, on a device or in Numba's simulator of one."""

from collections.abc import Callable
from typing import Any, NamedTuple


class Access(NamedTuple):
    """Functions for one storage; its halves are float32 between them.

    Fields:
        load: (address, index) -> element.
        store: (address, index, element). Rounding: to a half once, to nearest, ties to even.
        load4: (address, index) -> the four elements from ``index`` on, which lie at a multiple of 16 bytes, or of 8
            where they are no more than that.
        store4: (address, index, four elements), as `load4`.
    """

    load: Callable[..., Any]
    store: Callable[..., Any]
    load4: Callable[..., Any]
    store4: Callable[..., Any]
