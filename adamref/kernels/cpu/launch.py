"""Launches on processors: alone or in parallel, as the size asks for and as other callers allow."""

from collections.abc import Sequence
from typing import Any

import numba
from numpy.typing import NDArray

from ..table import Table
from . import kernel
from .blocks import blocks
from .threads import threads

Array = NDArray[Any]

# From how many elements on it is worth to wake other threads; measured.
PARALLEL = 20_000


def launch(
    wide: bool, table: Table, rows: Table, own: Array, constants: Array | None, t: int, kind: Any
) -> None:
    """Walk the blocks ``rows`` of a table, in parallel if ``wide`` and no other caller does."""
    if wide:
        threads.run(kernel.parallel, kernel.serial, table, rows, own, constants, t, *kind)
    else:
        kernel.serial(table, rows, own, constants, t, *kind)


def dealt(sizes: Sequence[int]) -> tuple[bool, Table]:
    """Whether parameters of these sizes are many elements, and their blocks."""
    return sum(sizes) >= PARALLEL, blocks(sizes, numba.get_num_threads())


def names(*arrays: Array) -> tuple[str, ...]:
    """The dtypes of arrays."""
    return tuple(array.dtype.name for array in arrays)
