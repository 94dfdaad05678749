"""Groups of parameters that `FusedAdam` steps in one launch, because they are of one kind."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ...halves.storage import Storage
from ..job import StreamDtypes
from ..table import BLOCK_COLUMNS, KEPT, PARAM, TABLE_COLUMNS, V_MAX, M, Table, V
from .device_array import DeviceArray
from .host import Stream, address, upload, zeros
from .kernel import KernelKind, blocks_for_device
from .launch import launch, launch_count
from .step_numbers import StepRows

# Column of a table -> the array whose address is there.
_COLUMNS = {PARAM: "params", M: "m", V: "v", V_MAX: "v_max", KEPT: "kept"}
# Bytes of a row of blocks.
_BLOCK_BYTES = BLOCK_COLUMNS * np.dtype(np.int64).itemsize


class DeviceStreams(NamedTuple):
    """The arrays that steps change, one entry a parameter.

    Fields:
        params: arrays of the caller.
        storages: how each is kept.
        m, v: device arrays of Numba; a bfloat16 is a uint16 there.
        v_max: as v; None without AMSGrad.
        kept: what is kept besides a parameter; None where nothing is.
    """

    params: list[DeviceArray]
    storages: list[Storage]
    m: tuple[Any, ...]
    v: tuple[Any, ...]
    v_max: tuple[Any, ...] | None
    kept: tuple[Any, ...]

    def by_name(self) -> list[tuple[str, DeviceArray]]:
        """Return all arrays with their names, as in ``params[0]``."""
        arrays = []
        for at in range(len(self.params)):
            arrays += [(f"{name}[{at}]", array) for name, array in self.of_param(at).items()]
        return arrays

    def of_param(self, at: int) -> dict[str, DeviceArray]:
        """Return a parameter and its state by their names, without what there is not."""
        param = self.params[at]
        formats = self.storages[at].formats(param.dtype)
        arrays = {
            "m": (self.m[at], formats.m),
            "v": (self.v[at], formats.v),
            "v_max": (None if self.v_max is None else self.v_max[at], formats.v),
            "kept": (self.kept[at], formats.kept),
        }
        found = {"params": param}
        for name, (array, dtype) in arrays.items():
            if array is not None:
                assert dtype is not None
                found[name] = DeviceArray(address(array), dtype, param.shape)
        return found

    def kind_of(self, at: int, grad: str) -> KernelKind:
        """Return the kind of a parameter, with a gradient of dtype ``grad``."""
        dtypes = StreamDtypes.of(self.storages[at], self.params[at].dtype, grad)
        return KernelKind(*dtypes, amsgrad=self.v_max is not None, squares=False)


class LaunchGroup(NamedTuple):
    """Parameters of one kind.

    Fields:
        kind: what the kernel is compiled for.
        members: the numbers of the parameters.
        table: addresses, on the host.
        device_table, device_blocks: what the kernel reads.
        block_count: rows of ``device_blocks`` that are blocks.
    """

    kind: KernelKind
    members: list[int]
    table: Table
    device_table: Any
    device_blocks: Any
    block_count: int


def group_params(
    streams: DeviceStreams, grads: Sequence[str], rows: StepRows, stream: Stream
) -> list[LaunchGroup]:
    """Return the parameters by kind, for gradients of these dtypes."""
    kinds: dict[KernelKind, list[int]] = defaultdict(list)
    for at, grad in enumerate(grads):
        kinds[streams.kind_of(at, grad)].append(at)
    return [_group(kind, members, streams, rows, stream) for kind, members in kinds.items()]


def _group(
    kind: KernelKind, members: list[int], streams: DeviceStreams, rows: StepRows, stream: Stream
) -> LaunchGroup:
    # Each step fills in the gradients. All parameters share the numbers from row 0 on.
    table = np.zeros((len(members), TABLE_COLUMNS), np.int64)
    for row, at in zip(table, members, strict=True):
        arrays = streams.of_param(at)
        for column, name in _COLUMNS.items():
            if name in arrays:
                row[column] = arrays[name].address
    sizes = [streams.params[at].size for at in members]
    blocks = blocks_for_device(np.array(sizes))
    device_table = zeros(table.shape, "int64", stream)
    upload(device_table, table, stream)
    # Two rows more, for a launch that steps nothing and for a counter that counts nothing.
    device_blocks = zeros((len(blocks) + 2, BLOCK_COLUMNS), "int64", stream)
    if len(blocks):
        upload(device_blocks[: len(blocks)], blocks, stream)
    # The work that a kernel needs at its first launch must not happen in a capture: launch both
    # now.
    empty_block = address(device_blocks) + _BLOCK_BYTES * len(blocks)
    numbers = rows.rows(kind.wide)
    launch(kind, 1, stream, address(device_table), empty_block, numbers, rows.counter)
    launch_count(stream, empty_block + _BLOCK_BYTES)
    return LaunchGroup(kind, members, table, device_table, device_blocks, len(blocks))
