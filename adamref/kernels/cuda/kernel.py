"""The CUDA kernel: the rule of one element, walked over blocks of many parameters by threads.

Arrays come as addresses in a table on the device, so that a thousand parameters are one launch with four numbers.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numba import config, cuda
from numba.cuda import types

from ..element import Numbers, rule
from ..table import Table

if config.ENABLE_CUDASIM:
    from .simulated import access, function, operations
else:
    from .memory import access, function, operations

SIMULATED = bool(config.ENABLE_CUDASIM)
# Of a block of threads. The simulator starts a thread of Python for each.
THREADS = 4 if SIMULATED else 256
# Elements that a block of threads takes: four a thread, once or several times.
SMALLEST, LARGEST = 4 * THREADS, 16 * 4 * THREADS
_MOST = 8_192

ARGUMENTS = (types.int64,) * 4


class Kind(NamedTuple):
    """What a kernel is compiled for.

    Fields:
        param, grad, state: dtypes by name: of the parameter, of its gradient, of the moments.
        amsgrad, squares: whether there is a v_max, and whether there are squares of their own.
    """

    param: str
    grad: str
    state: str
    amsgrad: bool
    squares: bool


def blocks(sizes: "np.ndarray[Any, np.dtype[np.int64]]") -> Table:
    """Rows of (row of the table, first element, one after the last), which cover parameters of these sizes.

    A block starts at a multiple of `SMALLEST`. There are enough to keep a device busy, if there is enough to do.
    """
    total = int(sizes.sum())
    length = max(SMALLEST, min(LARGEST, -(-total // _MOST)))
    length += -length % SMALLEST
    counts = -(-sizes // length)
    at = np.repeat(np.arange(len(sizes)), counts)
    first = (np.arange(len(at)) - np.repeat(np.cumsum(counts) - counts, counts)) * length
    return np.stack([at, first, np.minimum(first + length, sizes[at])], axis=1).astype(np.int64)


@cache
def step_kernel(kind: Kind) -> Any:
    """The compiled kernel of a kind."""
    return cuda.jit(types.void(*ARGUMENTS))(step_function(kind))


@cache
def count_kernel() -> Any:
    """The compiled kernel of one thread that counts a step."""
    return cuda.jit(types.void(types.int64))(_count)


_integers = access("int64")
_integer, _put_integer = _integers.load, _integers.store


def _count(counter):  # type: ignore[no-untyped-def]
    _put_integer(counter, 0, _integer(counter, 0) + 1)


def step_function(kind: Kind) -> Callable[..., None]:
    """The kernel of a kind, as Numba compiles it for each device."""
    params, grads, states = access(kind.param), access(kind.grad), access(kind.state)
    load_param, store_param, load_params, store_params = params
    load_grad, load_grads = grads.load, grads.load4
    load_state, store_state, load_states, store_states = states
    element = _element(kind)
    amsgrad, squares, nothing = kind.amsgrad, kind.squares, np.dtype(kind.state).type(-np.inf)

    @function
    def one(n, i, to_param, to_grad, to_m, to_v, to_v_max, to_square):  # type: ignore[no-untyped-def]
        square = load_state(to_square, i) if squares else nothing
        largest = load_state(to_v_max, i) if amsgrad else nothing
        p, g, m, v = (
            load_param(to_param, i),
            load_grad(to_grad, i),
            load_state(to_m, i),
            load_state(to_v, i),
        )
        p, m, v, largest = element(n, p, g, square, m, v, largest)
        store_param(to_param, i, p)
        store_state(to_m, i, m)
        store_state(to_v, i, v)
        if amsgrad:
            store_state(to_v_max, i, largest)

    @function
    def four(n, i, to_param, to_grad, to_m, to_v, to_v_max, to_square):  # type: ignore[no-untyped-def]
        none = (nothing, nothing, nothing, nothing)
        s = load_states(to_square, i) if squares else none
        x = load_states(to_v_max, i) if amsgrad else none
        p, g, m, v = (
            load_params(to_param, i),
            load_grads(to_grad, i),
            load_states(to_m, i),
            load_states(to_v, i),
        )
        p0, m0, v0, x0 = element(n, p[0], g[0], s[0], m[0], v[0], x[0])
        p1, m1, v1, x1 = element(n, p[1], g[1], s[1], m[1], v[1], x[1])
        p2, m2, v2, x2 = element(n, p[2], g[2], s[2], m[2], v[2], x[2])
        p3, m3, v3, x3 = element(n, p[3], g[3], s[3], m[3], v[3], x[3])
        store_params(to_param, i, (p0, p1, p2, p3))
        store_states(to_m, i, (m0, m1, m2, m3))
        store_states(to_v, i, (v0, v1, v2, v3))
        if amsgrad:
            store_states(to_v_max, i, (x0, x1, x2, x3))

    return _walk(one, four, load_state)


def _element(kind: Kind) -> Any:
    """(numbers, param, grad, square, m, v, v_max) -> param, m, v, v_max; ``square`` counts where squares are given."""
    own, multiply, squares = rule(operations(kind.state)), operations(kind.state).mul, kind.squares
    entering, advance = function(own.entering), function(own.advance)

    @function
    def element(n, p, g, square, m, v, largest):  # type: ignore[no-untyped-def]
        g = entering(n, p, g)
        return advance(n, p, g, square if squares else multiply(g, g), m, v, largest)

    return element


def _walk(one: Any, four: Any, load_state: Any) -> Callable[..., None]:
    def step(table, blocks, numbers, counter):  # type: ignore[no-untyped-def]
        """One step of all elements of the blocks.

        Args:
            table: address of int64, a row a parameter, as in `table`.
            blocks: address of int64, a row a block of threads, as `blocks` has them.
            numbers: address of rows of `Numbers`, in the dtype of the moments.
            counter: address of three int64: t of this step, t of the first row of numbers, how many more rows there
                are. The last row is for all later steps too.
        """
        block = 3 * cuda.blockIdx.x
        row = 7 * _integer(blocks, block)
        first, stop = _integer(blocks, block + 1), _integer(blocks, block + 2)
        to_param, to_grad, to_m = (
            _integer(table, row),
            _integer(table, row + 1),
            _integer(table, row + 2),
        )
        to_v, to_v_max, to_square = (
            _integer(table, row + 3),
            _integer(table, row + 4),
            _integer(table, row + 5),
        )
        at = _integer(table, row + 6) + min(
            _integer(counter, 0) - _integer(counter, 1), _integer(counter, 2)
        )
        n = _numbers(load_state, numbers, 14 * at)
        lane = cuda.threadIdx.x
        rest = first
        if not (to_param | to_grad | to_m | to_v | to_v_max | to_square) & 15:
            rest = stop - (stop - first) % 4
            for i in range(first + 4 * lane, rest, 4 * THREADS):
                four(n, i, to_param, to_grad, to_m, to_v, to_v_max, to_square)
        for i in range(rest + lane, stop, THREADS):
            one(n, i, to_param, to_grad, to_m, to_v, to_v_max, to_square)

    return step


@function
def _numbers(load, address, at):  # type: ignore[no-untyped-def]
    return Numbers(
        load(address, at),
        load(address, at + 1),
        load(address, at + 2),
        load(address, at + 3),
        load(address, at + 4),
        load(address, at + 5),
        load(address, at + 6),
        load(address, at + 7),
        load(address, at + 8),
        load(address, at + 9),
        load(address, at + 10),
        load(address, at + 11),
        load(address, at + 12),
        load(address, at + 13),
    )
