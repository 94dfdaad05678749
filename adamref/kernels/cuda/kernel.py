"""The CUDA kernel: the rule of one element, walked over blocks of many parameters by threads.

Arrays come as addresses in a table on the device, so that a thousand parameters are one launch with
four numbers. Each thread takes four neighbouring elements at once, where arrays are aligned.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numba import config, cuda
from numba.cuda import types

from ..element import NUMBER_COLUMNS, numbers_reader, rule
from ..packing import packing
from ..table import (
    BLOCK_COLUMNS,
    FIRST,
    GRAD,
    KEPT,
    NUMBERS,
    PARAM,
    ROW,
    SQUARE,
    STOP,
    TABLE_COLUMNS,
    V_MAX,
    M,
    Table,
    V,
)
from .access import ALIGNMENT, LANES

if config.ENABLE_CUDASIM:
    from .simulated import access, function, half_operations, operations
else:
    from .memory import access, function, half_operations, operations

SIMULATED = bool(config.ENABLE_CUDASIM)
# Threads that take a block together. The simulator starts a thread of Python for each.
THREADS = 4 if SIMULATED else 256
# Elements of a block: once for each thread, or several times.
_MOST_TURNS = 16
SMALLEST = LANES * THREADS
LARGEST = _MOST_TURNS * SMALLEST
# Blocks that keep any device busy; only parameters with more elements get longer blocks.
_MOST_BLOCKS = 8_192

# Four addresses: table, blocks, numbers, counter.
ARGUMENTS = (types.int64,) * 4

# Places in the counter: t of this step, t of the first row of numbers, and how many rows follow it.
COUNTER_LENGTH = 3
T, FIRST_T, MORE_ROWS = range(COUNTER_LENGTH)


class KernelKind(NamedTuple):
    """What a kernel is compiled for.

    Fields:
        param ... wide: as in `StreamDtypes`.
        amsgrad: whether there is a v_max.
        squares: whether v takes squares of their own.
    """

    param: str
    grad: str
    m: str
    v: str
    kept: str | None
    wide: str
    amsgrad: bool
    squares: bool


def blocks_for_device(sizes: "np.ndarray[Any, np.dtype[np.int64]]") -> Table:
    """Return the blocks that cover parameters of these sizes, as rows with the columns of a block.

    A block starts at a multiple of `SMALLEST`. There are enough blocks to keep a device busy, if
    there are enough elements.
    """
    total = int(sizes.sum())
    length = _ceil_div(total, _MOST_BLOCKS)
    length = max(SMALLEST, min(LARGEST, length))
    length += -length % SMALLEST
    counts = _ceil_div(sizes, length)
    # Of each block the row of its parameter, and how many blocks of this parameter are before it.
    row = np.repeat(np.arange(len(sizes)), counts)
    before = np.repeat(np.cumsum(counts) - counts, counts)
    first = (np.arange(len(row)) - before) * length
    stop = np.minimum(first + length, sizes[row])
    blocks = np.stack([row, first, stop], axis=1)
    return blocks.astype(np.int64)


def _ceil_div(count: Any, size: int) -> Any:
    return -(-count // size)


@cache
def step_kernel(kind: KernelKind) -> Any:
    """Return the compiled kernel of a kind."""
    return cuda.jit(types.void(*ARGUMENTS))(step_function(kind))


@cache
def count_kernel() -> Any:
    """Return the compiled kernel of one thread that counts a step."""
    return cuda.jit(types.void(types.int64))(_count)


_integers = access("int64")
_load_integer = _integers.load
_store_integer = _integers.store


def _count(counter):
    _store_integer(counter, T, _load_integer(counter, T) + 1)


def step_function(kind: KernelKind) -> Callable[..., None]:
    """Return the kernel of a kind, as Numba compiles it for each device."""
    # Numba compiles closures over functions, and not over records of them.
    load_param, store_param, load_params, store_params = access(kind.param)
    load_grad, _, load_grads, _ = access(kind.grad)
    load_m, store_m, load_ms, store_ms = access(kind.m)
    load_v, store_v, load_vs, store_vs = access(kind.v)
    load_wide, _, load_wides, _ = access(kind.wide)
    load_kept, store_kept, load_kepts, store_kepts = access(kind.kept or kind.wide)
    step_element = _element_function(kind)
    amsgrad = kind.amsgrad
    squares = kind.squares
    keeps = kind.kept is not None
    nothing = np.dtype(kind.wide).type(-np.inf)
    none_kept = np.uint32(0) if kind.kept == "uint16" else nothing

    @function
    def step_one(n, i, to_param, to_grad, to_m, to_v, to_v_max, to_square, to_kept):
        # Numba leaves out the branches of switches that are off.
        square = load_wide(to_square, i) if squares else nothing
        largest = load_v(to_v_max, i) if amsgrad else nothing
        k = load_kept(to_kept, i) if keeps else none_kept
        p = load_param(to_param, i)
        g = load_grad(to_grad, i)
        m = load_m(to_m, i)
        v = load_v(to_v, i)
        p, k, m, v, largest = step_element(n, p, k, g, square, m, v, largest)
        store_param(to_param, i, p)
        store_m(to_m, i, m)
        store_v(to_v, i, v)
        if amsgrad:
            store_v(to_v_max, i, largest)
        if keeps:
            store_kept(to_kept, i, k)

    @function
    def step_four(n, i, to_param, to_grad, to_m, to_v, to_v_max, to_square, to_kept):
        no_lanes = (nothing, nothing, nothing, nothing)
        none_keep = (none_kept, none_kept, none_kept, none_kept)
        s = load_wides(to_square, i) if squares else no_lanes
        x = load_vs(to_v_max, i) if amsgrad else no_lanes
        k = load_kepts(to_kept, i) if keeps else none_keep
        p = load_params(to_param, i)
        g = load_grads(to_grad, i)
        m = load_ms(to_m, i)
        v = load_vs(to_v, i)
        # Written out, because Numba cannot fill a tuple in a loop.
        p0, k0, m0, v0, x0 = step_element(n, p[0], k[0], g[0], s[0], m[0], v[0], x[0])
        p1, k1, m1, v1, x1 = step_element(n, p[1], k[1], g[1], s[1], m[1], v[1], x[1])
        p2, k2, m2, v2, x2 = step_element(n, p[2], k[2], g[2], s[2], m[2], v[2], x[2])
        p3, k3, m3, v3, x3 = step_element(n, p[3], k[3], g[3], s[3], m[3], v[3], x[3])
        store_params(to_param, i, (p0, p1, p2, p3))
        store_ms(to_m, i, (m0, m1, m2, m3))
        store_vs(to_v, i, (v0, v1, v2, v3))
        if amsgrad:
            store_vs(to_v_max, i, (x0, x1, x2, x3))
        if keeps:
            store_kepts(to_kept, i, (k0, k1, k2, k3))

    return _walk(step_one, step_four, load_wide)


def _element_function(kind: KernelKind) -> Any:
    """Return a function of one element.

    It takes numbers, param, kept, grad, square, m, v, v_max; it returns param, kept, m, v, v_max.
    """
    exact = operations(kind.wide)
    element_rule = rule(exact)
    objective_gradient = function(element_rule.objective_gradient)
    advance = function(element_rule.advance)
    packed = packing(kind.kept, exact, half_operations(kind.param))
    unpack = function(packed.unpack)
    pack = function(packed.pack)
    multiply = exact.mul
    squares = kind.squares

    @function
    def step_element(n, p, k, g, square, m, v, largest):
        p = unpack(p, k)
        g = objective_gradient(n, p, g)
        if not squares:
            square = multiply(g, g)
        p, m, v, largest = advance(n, p, g, square, m, v, largest)
        p, k = pack(p)
        return p, k, m, v, largest

    return step_element


def _walk(step_one: Any, step_four: Any, load_wide: Any) -> Callable[..., None]:
    numbers_at = function(numbers_reader(load_wide))

    def step(table, blocks, numbers, counter):
        """Take one step of all elements of the blocks.

        Args:
            table: address of int64, a row for each parameter, with the columns of a table.
            blocks: address of int64, a row for each block, with the columns of a block.
            numbers: address of rows of `KernelNumbers`, in the dtype that is computed in.
            counter: address of three int64, at the places `T`, `FIRST_T` and `MORE_ROWS`. The last
                row of numbers is right for all later steps too.
        """
        # First find the block, and the arrays of its parameter.
        block = BLOCK_COLUMNS * cuda.blockIdx.x
        row = TABLE_COLUMNS * _load_integer(blocks, block + ROW)
        first = _load_integer(blocks, block + FIRST)
        stop = _load_integer(blocks, block + STOP)
        to_param = _load_integer(table, row + PARAM)
        to_grad = _load_integer(table, row + GRAD)
        to_m = _load_integer(table, row + M)
        to_v = _load_integer(table, row + V)
        to_v_max = _load_integer(table, row + V_MAX)
        to_square = _load_integer(table, row + SQUARE)
        to_kept = _load_integer(table, row + KEPT)
        # Then the numbers of this step.
        t = _load_integer(counter, T)
        first_t = _load_integer(counter, FIRST_T)
        more_rows = _load_integer(counter, MORE_ROWS)
        at = _load_integer(table, row + NUMBERS) + min(t - first_t, more_rows)
        n = numbers_at(numbers, NUMBER_COLUMNS * at)
        # Then four elements a thread, if no array is unaligned, and the rest one by one.
        thread = cuda.threadIdx.x
        rest = first
        all_bits = to_param | to_grad | to_m | to_v | to_v_max | to_square | to_kept
        if not all_bits & (ALIGNMENT - 1):
            rest = stop - (stop - first) % LANES
            for i in range(first + LANES * thread, rest, LANES * THREADS):
                step_four(n, i, to_param, to_grad, to_m, to_v, to_v_max, to_square, to_kept)
        for i in range(rest + thread, stop, THREADS):
            step_one(n, i, to_param, to_grad, to_m, to_v, to_v_max, to_square, to_kept)

    return step
