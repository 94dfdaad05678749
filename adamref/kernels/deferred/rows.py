"""The rows that slices name: each once, with its slices in the order in which they came.

Slices of the rows 7, 42, 7 give the rows 7, 42; slices 0 and 2 belong to row 7, slice 1 to row 42.
"""

from typing import Any, NamedTuple

import numba
import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from ..cpu.compiled import compile_strict
from ..cpu.memory import load, store
from ..table import GRAD, SQUARE, Array, address

Rows = NDArray[np.int64]

# Elements of a row that are worked on together: all that they need stays in the nearest cache.
BLOCK = 1_024
# Bytes of the scratch of a lane: two blocks of float64.
WIDE_BYTES = 8
SCRATCH = 2 * BLOCK * WIDE_BYTES
# Rows that a lane takes before the next lane takes as many. Neighbouring rows often missed equally
# many steps, so this deals the work out evenly.
DEALT = 16
# How many rows ahead memory is asked for.
AHEAD = 2
# Bytes of a row that are asked for; the processor foresees the rest by itself.
MOST_FETCHED = 1_024
_LINE = 64


class NamedRows(NamedTuple):
    """Rows that slices name, in the order in which each was named first.

    Fields:
        rows: their numbers.
        order: the numbers of their slices, row after row.
        starts: where in ``order`` the slices of each row begin, and, at last, where they all end.
            Empty for rows without slices.
    """

    rows: Rows
    order: Rows
    starts: Rows

    @classmethod
    def without_slices(cls, rows: Rows) -> "NamedRows":
        nothing = np.zeros(0, np.int64)
        return cls(rows, nothing, nothing)


class Task(NamedTuple):
    """What is done to rows, in integers: where the arrays are, and to which step rows are brought.

    Fields:
        param, m, v, v_max: addresses of the arrays that are stepped; v_max is 0 without AMSGrad.
        values: address of the slices.
        scratch: address of the memory of all lanes.
        item_bytes: bytes of an element.
        width: elements of a row.
        steps: steps of the history that the rows will have taken. With slices, the last of them has
            their gradient.
    """

    param: int
    values: int
    m: int
    v: int
    v_max: int
    scratch: int
    item_bytes: int
    width: int
    steps: int

    @classmethod
    def of(
        cls,
        table: tuple[Array, Array, Array, Array | None],
        values: Array | None,
        scratch: NDArray[np.uint8],
        steps: int,
    ) -> "Task":
        """Return a task, from the parameter, m, v and v_max of a table and the other arrays."""
        param, m, v, v_max = table
        return cls(
            param=address(param),
            values=address(values),
            m=address(m),
            v=address(v),
            v_max=address(v_max),
            scratch=address(scratch),
            item_bytes=param.itemsize,
            width=param[0].size if len(param) else 0,
            steps=steps,
        )


def _group(indices, place):
    """Return the fields of `NamedRows`; ``place`` is -1 for every row, before and afterwards."""
    count = 0
    rows = np.empty(len(indices), np.int64)
    order = np.empty(len(indices), np.int64)
    starts = np.zeros(len(indices) + 1, np.int64)
    # First give each row a place, and count its slices one place further on.
    for index in indices:
        if place[index] < 0:
            place[index] = count
            rows[count] = index
            count += 1
        starts[place[index] + 1] += 1
    # Then turn counts into starts.
    for at in range(count):
        starts[at + 1] += starts[at]
    # Put each slice where its row has got to. Afterwards each start is where the next row began.
    for at in range(len(indices)):
        row_place = place[indices[at]]
        order[starts[row_place]] = at
        starts[row_place] += 1
    for at in range(count, 0, -1):
        starts[at] = starts[at - 1]
    starts[0] = 0
    place[rows[:count]] = -1
    return rows[:count], order, starts[: count + 1]


_group_compiled = compile_strict(_group)


def group_by_row(indices: NDArray[Any], place: Rows) -> NamedRows:
    """Return the rows in ``indices``, in time that does not depend on the size of the table.

    Args:
        indices: of slices, in range.
        place: -1 for every row of the table; the same afterwards.
    """
    return NamedRows(*_group_compiled(indices.astype(np.int64, copy=False), place))


def row_numbers(rows: Any, count: int) -> Rows:
    """Return ``rows`` as numbers of rows, in the same shape.

    Raises:
        ValueError: they are not integers in [0, ``count``).
    """
    numbers = np.asarray(rows)
    if not numbers.size:
        # An empty list is float64 in NumPy.
        return numbers.astype(np.int64)
    if numbers.dtype.kind not in "iu":
        raise ValueError(f"rows must be integers, got {numbers.dtype}")
    wrong = numbers[(numbers < 0) | (numbers >= count)]
    if wrong.size:
        raise ValueError(f"rows must be in [0, {count}), got {wrong[0]}")
    return numbers.astype(np.int64)


def new_scratch() -> NDArray[np.uint8]:
    """Return room for as many lanes as there may ever be."""
    return np.zeros(numba.config.NUMBA_NUM_THREADS * SCRATCH, np.uint8)


@njit
def sum_slices(named, at, lane, task, start, stop, zero, state):
    """Sum the slices of a row, in their order, into the scratch.

    Takes:
        named: `NamedRows`. at: place of the row in it.
        lane: the lane that the scratch belongs to. task: `Task`.
        start, stop: the elements of the table, at most `BLOCK`.
        zero, state: 0, and the `STORAGE` of all arrays.

    Returns:
        The address that element 0 of the table would have if all sums lay in the scratch.
    """
    to_sum = task.scratch + lane * SCRATCH - start * task.item_bytes
    row_bytes = task.width * task.item_bytes
    for slot in range(named.starts[at], named.starts[at + 1]):
        # Shifted by rows, so that an element has the same index in the slice and in the table.
        rows_apart = named.order[slot] - named.rows[at]
        values = task.values + rows_apart * row_bytes
        if slot == named.starts[at]:
            # Adding to 0 turns -0 into 0, as in a sum.
            for i in range(np.uintp(start), np.uintp(stop)):
                total = zero + load(values, i, state, GRAD)
                store(to_sum, i, state, SQUARE, total)
        else:
            for i in range(np.uintp(start), np.uintp(stop)):
                total = load(to_sum, i, state, SQUARE)
                total = total + load(values, i, state, GRAD)
                store(to_sum, i, state, SQUARE, total)
    return to_sum


@intrinsic  # type: ignore[untyped-decorator]
def _fetch(_typing: Any, place: Any) -> Any:
    """Ask for the line of the cache that ``place`` is in, to be written to."""

    def codegen(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        byte = ir.IntType(8).as_pointer()
        number = ir.IntType(32)
        signature = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        function = cgutils.get_or_insert_function(builder.module, signature, "llvm.prefetch.p0i8")
        # LLVM's arguments: for writing, into all caches, of data.
        write = number(1)
        locality = number(3)
        data = number(1)
        pointer = builder.inttoptr(args[0], byte)
        builder.call(function, [pointer, write, locality, data])
        return context.get_dummy_value()

    return types.none(place), codegen


@njit
def fetch_ahead(rows, at, lane_count, task, amsgrad):
    """Ask for a row that this lane comes to soon.

    Rows lie all over the memory, and the processor cannot foresee them.
    """
    after = at + AHEAD
    # Beyond the rows that are dealt to this lane, skip the rows that are dealt to the others.
    if after % DEALT < AHEAD:
        after += (lane_count - 1) * DEALT
    if after >= len(rows):
        return
    row_bytes = task.width * task.item_bytes
    begin = rows[after] * row_bytes
    for line in range(0, min(row_bytes, MOST_FETCHED), _LINE):
        _fetch(task.param + begin + line)
        _fetch(task.m + begin + line)
        _fetch(task.v + begin + line)
        if amsgrad is not None:
            _fetch(task.v_max + begin + line)
