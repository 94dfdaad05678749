"""Jobs of `adamref.Adam` on a GPU, from arrays of the host: many in one launch, with the bits of `adamref.step`."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from numba import cuda
from numpy.typing import NDArray

from ..job import Job
from .host import address, check_device, stream_at
from .kernel import Kind, blocks
from .launch import launch

Array = NDArray[Any]
# Of an array in what is copied: more than any access wants, and a line of the device's cache.
_ALIGNMENT = 256


def run(jobs: Sequence[Job]) -> None:
    """Step all jobs, in place: one copy to the device, one launch and one copy back for each kind of them.

    Raises:
        RuntimeError: there is no device.
    """
    check_device()
    kinds: dict[Kind, list[Job]] = defaultdict(list)
    for job in jobs:
        if job.param.size:
            param, grad, state = (array.dtype.name for array in (job.param, job.grad, job.m))
            kinds[Kind(param, grad, state, job.v_max is not None, job.square is not None)].append(
                job
            )
    for kind, members in kinds.items():
        _run(kind, members)


def _run(kind: Kind, jobs: Sequence[Job]) -> None:
    changed = [
        array for job in jobs for array in (job.param, job.m, job.v, job.v_max) if array is not None
    ]
    read = [array for job in jobs for array in (job.grad, job.square) if array is not None]
    own = np.array([job.numbers for job in jobs], kind.state)
    rows, counter = blocks(np.array([job.param.size for job in jobs])), np.zeros(3, np.int64)
    table = np.zeros((len(jobs), 7), np.int64)
    packed = [*changed, *read, own, rows, counter, table]
    starts = _starts(packed)
    device = cuda.device_array(starts[-1], np.uint8)
    base = address(device)
    found = {id(array): base + start for array, start in zip(packed, starts, strict=False)}
    for at, job in enumerate(jobs):
        streams = (job.param, job.grad, job.m, job.v, job.v_max, job.square)
        table[at] = [*(0 if array is None else found[id(array)] for array in streams), at]
    host = np.empty(starts[-1], np.uint8)
    for array, start in zip(packed, starts, strict=False):
        host[start : start + array.nbytes] = _bytes(array)
    device.copy_to_device(host)
    launch(
        kind, len(rows), stream_at(0), *(found[id(array)] for array in (table, rows, own, counter))
    )
    back = host[: starts[len(changed)]]
    device[: back.size].copy_to_host(back)
    for array, start in zip(changed, starts, strict=False):
        _bytes(array)[:] = back[start : start + array.nbytes]


def _starts(arrays: Sequence[Array]) -> list[int]:
    """Where each array starts when they are put one after the other; at the end, where all of them end."""
    ends = np.cumsum([array.nbytes + -array.nbytes % _ALIGNMENT for array in arrays])
    return [0, *ends.tolist()]


def _bytes(array: Array) -> Array:
    return array.reshape(-1).view(np.uint8)
