"""The rows that slices name: each once, with its slices in the order in which they came."""

from typing import Any, NamedTuple

import numba
import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from ..cpu.compiled import compiled
from ..cpu.memory import load, store
from ..table import GRAD, PARAM, SQUARE, V_MAX, M, V

Rows = NDArray[np.int64]

# Elements of a row that are worked on at once: all that they need stays in the nearest cache.
BLOCK = 1_024
# Bytes of the scratch of a lane: two blocks of float64.
SCRATCH = 2 * BLOCK * 8
# Rows that a lane takes at once, then as many of the next lane: rows that missed much are dealt out evenly.
DEALT = 16
# How many rows ahead memory is asked for, and of how many bytes of a row: the processor foresees the rest.
AHEAD, MOST = 2, 1_024
# The column of addresses in which the size of an element is.
SIZE = 6


class Named(NamedTuple):
    """Rows that are named, in the order in which each was named first.

    Fields:
        rows: which they are. order: where their slices are, row after row.
        starts: where in ``order`` those of each row begin, and one number more: where the last end.
    """

    rows: Rows
    order: Rows
    starts: Rows


def _named(indices, seen):  # type: ignore[no-untyped-def]
    count = 0
    rows, order = np.empty(len(indices), np.int64), np.empty(len(indices), np.int64)
    starts = np.zeros(len(indices) + 1, np.int64)
    for index in indices:
        if seen[index] < 0:
            seen[index], rows[count] = count, index
            count += 1
        starts[seen[index] + 1] += 1
    for at in range(count):
        starts[at + 1] += starts[at]
    for at in range(len(indices)):
        own = seen[indices[at]]
        order[starts[own]] = at
        starts[own] += 1
    for at in range(count, 0, -1):
        starts[at] = starts[at - 1]
    starts[0] = 0
    seen[rows[:count]] = -1
    return rows[:count], order, starts[: count + 1]


_named_compiled = compiled(_named)


def named(indices: NDArray[Any], seen: Rows) -> Named:
    """The rows in ``indices``, in time that does not depend on how many others there are.

    Args:
        indices: in range.
        seen: -1 for every row of the table; so it is left.
    """
    return Named(*_named_compiled(indices.astype(np.int64, copy=False), seen))


def in_range(rows: Any, count: int) -> Rows:
    """Numbers of rows, of any shape.

    Raises:
        ValueError: there is no such row among ``count``.
    """
    at = np.asarray(rows)
    at = at if at.size else at.astype(np.int64)  # an empty list has no dtype of its own
    if at.dtype.kind not in "iu":
        raise ValueError(f"rows must be integers, got {at.dtype}")
    wrong = at[(at < 0) | (at >= count)]
    if wrong.size:
        raise ValueError(f"rows must be in [0, {count}), got {wrong[0]}")
    return at.astype(np.int64)


def scratch() -> NDArray[np.uint8]:
    """Room for as many lanes as there may ever be."""
    return np.zeros(numba.config.NUMBA_NUM_THREADS * SCRATCH, np.uint8)


def lanes(wide: bool) -> int:
    """How many lanes rows are dealt to: one a thread."""
    return int(numba.get_num_threads()) if wide else 1


@njit
def summed(named, at, streams, lane, start, stop, width, zero, state):  # type: ignore[no-untyped-def]
    """Sum the slices of a row, in their order, and say where the sums are: what stands for element 0 of the table.

    Takes:
        named: as `Named`. at: which row of it.
        streams: addresses, as `streams` in `replay`. lane: whose scratch is used.
        start, stop: which elements of the table, `BLOCK` at most. width: elements of a row.
        zero, state: 0 and the `STORAGE` of all.
    """
    rows, order, starts = named
    size = streams[SIZE]
    to_sum = streams[SQUARE] + lane * SCRATCH - start * size
    for slot in range(starts[at], starts[at + 1]):
        values = streams[GRAD] + (order[slot] - rows[at]) * width * size
        if slot == starts[at]:
            for i in range(np.uintp(start), np.uintp(stop)):
                store(
                    to_sum, i, state, SQUARE, zero + load(values, i, state, GRAD)
                )  # -0 becomes 0, as in a sum
        else:
            for i in range(np.uintp(start), np.uintp(stop)):
                store(
                    to_sum,
                    i,
                    state,
                    SQUARE,
                    load(to_sum, i, state, SQUARE) + load(values, i, state, GRAD),
                )
    return to_sum


@intrinsic  # type: ignore[untyped-decorator]
def _fetch(_typing: Any, address: Any) -> Any:
    """Ask for the line of the cache that ``address`` is in, to be written to."""

    def codegen(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        name, of = (
            "llvm.prefetch.p0i8",
            ir.FunctionType(ir.VoidType(), [byte, number, number, number]),
        )
        function = cgutils.get_or_insert_function(builder.module, of, name)
        builder.call(function, [builder.inttoptr(args[0], byte), number(1), number(3), number(1)])
        return context.get_dummy_value()

    return types.none(address), codegen


@njit
def ahead(rows, at, lanes, width, streams, amsgrad):  # type: ignore[no-untyped-def]
    """Ask for a row that this lane comes to soon: rows are all over the memory, and nobody else can foresee them."""
    after = at + AHEAD
    if after % DEALT < AHEAD:
        after += (lanes - 1) * DEALT
    if after >= len(rows):
        return
    size = min(width * streams[SIZE], MOST)
    begin = rows[after] * width * streams[SIZE]
    for line in range(0, size, 64):
        _fetch(streams[PARAM] + begin + line)
        _fetch(streams[M] + begin + line)
        _fetch(streams[V] + begin + line)
        if amsgrad is not None:
            _fetch(streams[V_MAX] + begin + line)
