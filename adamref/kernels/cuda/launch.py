"""Launches of the CUDA kernels."""

import warnings
from functools import lru_cache
from typing import Any

from .host import Stream
from .kernel import SIMULATED, THREADS, Kind, count_kernel, step_kernel


def launch(
    kind: Kind, count: int, stream: Stream, table: int, blocks: int, numbers: int, counter: int
) -> None:
    """Step ``count`` blocks of elements; the other arguments are those of the kernel."""
    if count:
        _configured(step_kernel(kind), count, THREADS, stream)(table, blocks, numbers, counter)


def count(stream: Stream, counter: int) -> None:
    """Add one to the integer at ``counter``."""
    _configured(count_kernel(), 1, 1, stream)(counter)


def _configure(kernel: Any, blocks: int, threads: int, stream: Stream) -> Any:
    with warnings.catch_warnings():
        # Numba says that few blocks use little of a device.
        warnings.simplefilter("ignore")
        return kernel[blocks, threads, stream]


# In the simulator a kernel has one configuration, the last.
_configured = _configure if SIMULATED else lru_cache(maxsize=256)(_configure)
