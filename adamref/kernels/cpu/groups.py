"""Groups of parameters that `FusedAdam` steps in one call, because they are of one kind."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...config import AdamConfig
from ...convention import Arithmetic, Convention
from ...halves.storage import Storage
from ...scalars import scalars
from ...state import ParamArrays
from ..element import kernel_numbers
from ..job import StreamDtypes
from ..table import KEPT, PARAM, TABLE_COLUMNS, V_MAX, M, Table, V, address
from .constants import constants_of
from .launch import Walk, blocks_of, is_wide, walk_kind

Array = NDArray[Any]


class Streams(NamedTuple):
    """The arrays that steps change, one entry a parameter.

    Fields:
        params, m, v: of each parameter.
        v_max: None without AMSGrad.
        kept: what is kept besides a parameter; None where nothing is.
    """

    params: tuple[Array, ...]
    m: tuple[Array, ...]
    v: tuple[Array, ...]
    v_max: tuple[Array, ...] | None
    kept: tuple[Array | None, ...]

    def of_param(self, at: int) -> ParamArrays:
        """Return the parameter with this number, and its state."""
        v_max = None if self.v_max is None else self.v_max[at]
        return ParamArrays(self.params[at], self.m[at], self.v[at], v_max, self.kept[at])

    def by_name(self) -> list[tuple[str, Array]]:
        """Return all arrays with their names, as in ``params[0]``."""
        arrays = []
        for name, stream in zip(self._fields, self, strict=True):
            for at, array in enumerate(stream or ()):
                if array is not None:
                    arrays.append((f"{name}[{at}]", array))
        return arrays


class ParamGroup(NamedTuple):
    """Parameters of one kind.

    Fields:
        members: the numbers of the parameters.
        walk: what the kernel takes. wide: whether it is worth all threads.
    """

    members: list[int]
    walk: Walk
    wide: bool


def group_params(
    streams: Streams,
    storages: Sequence[Storage],
    grads: Sequence[Array],
    config: AdamConfig,
    convention: Convention,
    arithmetic: Arithmetic,
) -> list[ParamGroup]:
    """Return the parameters by kind, for gradients of the dtypes of ``grads``."""
    kinds: dict[StreamDtypes, list[int]] = defaultdict(list)
    for at, (grad, storage) in enumerate(zip(grads, storages, strict=True)):
        dtypes = StreamDtypes.of(storage, streams.params[at].dtype.name, grad.dtype.name)
        kinds[dtypes].append(at)
    groups = []
    for dtypes, members in kinds.items():
        dtype = np.dtype(dtypes.wide)
        sizes = [streams.params[at].size for at in members]
        # The kernel overwrites what changes with t in each step; here it is of step 1.
        first = scalars(config, convention, arithmetic, 1, dtype)
        numbers = kernel_numbers(config, convention, first)
        constants = constants_of(config, convention, arithmetic, dtype)
        walk = Walk(
            table=_table(streams, members),
            blocks=blocks_of(sizes),
            numbers=np.array([numbers], dtype),
            constants=np.array(constants),
            kind=walk_kind(dtypes, amsgrad=config.amsgrad, squares=False),
        )
        groups.append(ParamGroup(members, walk, is_wide(sizes)))
    return groups


def _table(streams: Streams, members: list[int]) -> Table:
    """Return the addresses of parameters; `FusedAdam` fills in the gradients."""
    # There are no squares, and all parameters share the only row of numbers: both columns are 0.
    table = np.zeros((len(members), TABLE_COLUMNS), np.int64)
    for row, at in zip(table, members, strict=True):
        arrays = streams.of_param(at)
        row[PARAM] = address(arrays.param)
        row[M] = address(arrays.m)
        row[V] = address(arrays.v)
        row[V_MAX] = address(arrays.v_max)
        row[KEPT] = address(arrays.kept)
    return table
