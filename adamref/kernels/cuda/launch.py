"""Launches of the CUDA kernels."""

import warnings
from functools import lru_cache
from typing import Any

from .host import Stream
from .kernel import SIMULATED, THREADS, KernelKind, count_kernel, step_kernel

# Configured kernels that are kept: a process has few kinds and few numbers of blocks.
_CONFIGURATIONS = 256


def launch(
    kind: KernelKind,
    block_count: int,
    stream: Stream,
    table: int,
    blocks: int,
    numbers: int,
    counter: int,
) -> None:
    """Step ``block_count`` blocks of elements; the last four arguments are those of the kernel."""
    if block_count:
        kernel = _configured(step_kernel(kind), block_count, THREADS, stream)
        kernel(table, blocks, numbers, counter)


def launch_count(stream: Stream, counter: int) -> None:
    """Add one to the integer at ``counter``."""
    _configured(count_kernel(), 1, 1, stream)(counter)


def _configure(kernel: Any, block_count: int, threads: int, stream: Stream) -> Any:
    with warnings.catch_warnings():
        # Numba says that few blocks use little of a device.
        warnings.simplefilter("ignore")
        return kernel[block_count, threads, stream]


# In the simulator a kernel has only one configuration, the last one.
_configured = _configure if SIMULATED else lru_cache(maxsize=_CONFIGURATIONS)(_configure)
