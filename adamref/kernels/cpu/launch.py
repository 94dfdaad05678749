"""Launches on processors: on one thread or on all, depending on the size and on other callers."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from numpy.typing import NDArray

from ..job import StreamDtypes
from ..table import Table
from . import kernel
from .blocks import blocks_for_threads
from .memory import STORAGE
from .threads import threads

Array = NDArray[Any]

# The number of elements from which on waking other threads is worth it; measured.
PARALLEL = 20_000


class WalkKind(NamedTuple):
    """What the kernel is compiled for.

    Fields:
        param, grad, m, v: `STORAGE` of the arrays; v_max has that of v.
        kept: `STORAGE` of what is kept besides the parameter; None where nothing is.
        wide: `STORAGE` of what is computed.
        amsgrad: True, or None where there is no v_max.
        squares: True, or None where v takes the square of the gradient.
    """

    param: Any
    grad: Any
    m: Any
    v: Any
    kept: Any
    wide: Any
    amsgrad: bool | None
    squares: bool | None


def walk_kind(dtypes: StreamDtypes, *, amsgrad: bool, squares: bool) -> WalkKind:
    """Return the kind for arrays of these dtypes."""
    return WalkKind(
        param=STORAGE[dtypes.param],
        grad=STORAGE[dtypes.grad],
        m=STORAGE[dtypes.m],
        v=STORAGE[dtypes.v],
        kept=None if dtypes.kept is None else STORAGE[dtypes.kept],
        wide=STORAGE[dtypes.wide],
        amsgrad=amsgrad or None,
        squares=squares or None,
    )


class Walk(NamedTuple):
    """Parameters of one kind, as the kernel takes them.

    Fields:
        table: a row for each parameter. blocks: which elements are walked.
        numbers: rows as `KernelNumbers`.
        constants: as `Constants`, from which the kernel makes the numbers; None if they are made.
        kind: what the kernel is compiled for.
    """

    table: Table
    blocks: Table
    numbers: Array
    constants: Array | None
    kind: WalkKind


def launch(walk: Walk, t: int, wide: bool) -> None:
    """Step all elements; on all threads if ``wide``, unless another caller uses them."""
    table, blocks, numbers, constants, kind = walk
    if wide:
        threads.run(kernel.parallel, kernel.serial, table, blocks, numbers, constants, t, *kind)
    else:
        kernel.serial(table, blocks, numbers, constants, t, *kind)


def is_wide(sizes: Sequence[int]) -> bool:
    """Return whether parameters of these sizes are worth all threads."""
    return sum(sizes) >= PARALLEL


def blocks_of(sizes: Sequence[int]) -> Table:
    """Return the blocks that cover parameters of these sizes, for the threads that there are."""
    return blocks_for_threads(sizes, threads.count())
