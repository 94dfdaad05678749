"""Jobs of `adamref.Adam` on a GPU, from arrays of the host: many in one launch."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from numba import cuda
from numpy.typing import NDArray

from ..job import Job
from ..table import GRAD, KEPT, NUMBERS, PARAM, SQUARE, TABLE_COLUMNS, V_MAX, M, V
from .host import address, check_device, stream_at
from .kernel import COUNTER_LENGTH, KernelKind, blocks_for_device
from .launch import launch

Array = NDArray[Any]
# Bytes: each array in a copy begins at a multiple. More than any access wants, and a line of the
# cache.
_ALIGNMENT = 256


def run(jobs: Sequence[Job]) -> None:
    """Step all jobs, in place: one copy to the device, one launch and one copy back for each kind.

    Raises:
        RuntimeError: there is no device.
    """
    check_device()
    kinds: dict[KernelKind, list[Job]] = defaultdict(list)
    for job in jobs:
        if job.param.size:
            kind = KernelKind(
                *job.dtypes,
                amsgrad=job.v_max is not None,
                squares=job.square is not None,
            )
            kinds[kind].append(job)
    for kind, members in kinds.items():
        _run(kind, members)


def _run(kind: KernelKind, jobs: Sequence[Job]) -> None:
    # First pack all arrays into one: the changed ones at its beginning, so that they come back
    # together.
    changed = _arrays((job.param, job.m, job.v, job.v_max, job.kept) for job in jobs)
    read_only = _arrays((job.grad, job.square) for job in jobs)
    numbers = np.array([job.numbers for job in jobs], kind.wide)
    sizes = [job.param.size for job in jobs]
    blocks = blocks_for_device(np.array(sizes))
    # With a counter of 0 each job takes the row of numbers in its row of the table.
    counter = np.zeros(COUNTER_LENGTH, np.int64)
    table = np.zeros((len(jobs), TABLE_COLUMNS), np.int64)
    packed = [*changed, *read_only, numbers, blocks, counter, table]
    starts = _starts(packed)
    device = cuda.device_array(starts[-1], np.uint8)
    base = address(device)
    addresses = {id(array): base + start for array, start in zip(packed, starts, strict=False)}
    # 0 for an array that there is not.
    addresses[id(None)] = 0
    for at, job in enumerate(jobs):
        table[at, PARAM] = addresses[id(job.param)]
        table[at, GRAD] = addresses[id(job.grad)]
        table[at, M] = addresses[id(job.m)]
        table[at, V] = addresses[id(job.v)]
        table[at, V_MAX] = addresses[id(job.v_max)]
        table[at, SQUARE] = addresses[id(job.square)]
        table[at, KEPT] = addresses[id(job.kept)]
        table[at, NUMBERS] = at
    host = np.empty(starts[-1], np.uint8)
    for array, start in zip(packed, starts, strict=False):
        host[start : start + array.nbytes] = _bytes(array)
    # Then copy, step, and copy back.
    device.copy_to_device(host)
    launch(
        kind,
        len(blocks),
        stream_at(0),
        addresses[id(table)],
        addresses[id(blocks)],
        addresses[id(numbers)],
        addresses[id(counter)],
    )
    back = host[: starts[len(changed)]]
    device[: back.size].copy_to_host(back)
    for array, start in zip(changed, starts, strict=False):
        _bytes(array)[:] = back[start : start + array.nbytes]


def _arrays(streams: Any) -> list[Array]:
    """Return the arrays of all jobs in one list, without those that there are not."""
    return [array for arrays in streams for array in arrays if array is not None]


def _starts(arrays: Sequence[Array]) -> list[int]:
    """Return where each array starts, one after another, and where the last one ends."""
    sizes = [array.nbytes + -array.nbytes % _ALIGNMENT for array in arrays]
    ends = np.cumsum(sizes)
    return [0, *ends.tolist()]


def _bytes(array: Array) -> Array:
    return array.reshape(-1).view(np.uint8)
