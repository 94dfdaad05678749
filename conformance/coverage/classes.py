"""Classes: how the values of a feature are divided into levels.

Each function names the level of one value, as `beta_class(0.999)` is "near one". The names stand in
`model`, which says what they mean together.
"""

import numpy as np
from numpy.typing import NDArray

from ..vectors.slices import Grad, IndexedSlices, values_of
from ..vectors.words import Array
from .life import Life

# Names of levels, one for each element of a parameter.
Names = NDArray[np.str_]

# Betas that are multiples of 1/64 have short powers in every format.
_DYADIC = 64
# Beyond these powers of two a gradient is tiny or huge beside every epsilon that people use.
_TINY = 2.0**-30
_HUGE = 2.0**30
# More slices of one row than a register or an unrolled loop holds.
_MANY_SLICES = 8
# A run of missing gradients that is longer than the history that an optimizer may keep.
_LONG_PAUSE = 3
_BLOCKS = (1024, 64, 8, 4)
# Calls of their own: the first two, and those where masks and counters start again.
_SINGLE_T = (1, 2, 64, 256)
_T_RANGES = (
    (10, "3 to 9"),
    (100, "10 to 99"),
    (1000, "100 to 999"),
    (2**14, "from 1000"),
    (2**16, "from 2^14"),
    (2**24, "from 2^16"),
    (2**31, "from 2^24"),
)


def beta_class(beta: float) -> str:
    """Name a beta by how it is written, and by how near it is to 0 and 1."""
    if beta == 0:
        return "zero"
    if beta < 0.1:
        return "tiny"
    if beta >= 0.99:
        return "near one"
    if (beta * _DYADIC).is_integer():
        return "dyadic"
    return "decimal" if round(beta, 2) == beta else "long decimal"


def order_class(beta1: float, beta2: float) -> str:
    """Name the larger beta; two that are equal have no level."""
    if beta1 == beta2:
        return ""
    return "beta1 is larger" if beta1 > beta2 else "beta2 is larger"


def epsilon_class(epsilon: float) -> str:
    """Name the size of epsilon."""
    if epsilon == 0:
        return "zero"
    if epsilon < 1e-12:
        return "tiny"
    return "large" if epsilon >= 0.1 else "ordinary"


def rate_class(rate: float) -> str:
    """Name the size of a learning rate."""
    if rate == 0:
        return "zero"
    if rate < 1e-5:
        return "tiny"
    return "above one" if rate > 1 else "ordinary"


def schedule_class(life: Life) -> str:
    """Name what happens to the learning rate in the present call."""
    *_, before, now = life.rates
    if now == before:
        if life.given is not None:
            return "given again"
        return "never changed" if set(life.rates) == {now} else "changed before"
    if now == 0:
        return "changes to zero"
    return "changes back" if now in life.rates[:-1] else "changes"


def amsgrad_class(life: Life, param: int) -> str | Names:
    """Name whether AMSGrad is on, and where v is below its maximum."""
    if "amsgrad" not in life.switches:
        return "off"
    return np.where(life.fallen[param], "v has fallen", "v is the largest")


def limit_class(life: Life, param: int, limit: str) -> str:
    """Name whether a limit is on, and whether it makes the gradient of a parameter smaller."""
    value = life.switches.get(limit)
    if not value:
        return "off"
    own = _numbers(life.grads[param])
    if own is None:
        return "does not clip"
    if limit == "clipvalue":
        measure = float(np.abs(own).max(initial=0))
    elif limit == "clipnorm":
        measure = _norm([own])
    else:
        measure = _norm([grad for grad in map(_numbers, life.grads) if grad is not None])
    return "clips" if measure > value else "does not clip"


def _numbers(grad: Grad | None) -> Array | None:
    if grad is None:
        return None
    return values_of(grad).astype(np.float64)


def _norm(grads: list[Array]) -> float:
    squares = [float(np.sum(np.square(grad))) for grad in grads]
    return float(np.sqrt(sum(squares)))


def count_class(count: int) -> str:
    """Name a number of parameters."""
    if count <= 1:
        return "one"
    if count < 10:
        return "few"
    return "tens" if count < 100 else "hundreds"


def position_class(param: int, count: int) -> str:
    """Name the place of a parameter among the others."""
    if param == 0:
        return "first"
    return "last" if param == count - 1 else "middle"


def size_class(size: int) -> str:
    """Name a number of elements by the blocks that it fills."""
    if size <= 1:
        return "one" if size else "none"
    if size > 2**16:
        return "beyond 2^16"
    if size % 64 in (1, 63):
        return "next to a block"
    for block in _BLOCKS:
        if size % block == 0:
            return f"blocks of {block}"
    return "no block"


def gradient_class(grad: Grad | None) -> str:
    """Name the kind of a gradient."""
    if grad is None:
        return "missing"
    if not isinstance(grad, IndexedSlices):
        return "dense"
    if not grad.indices.size:
        return "no rows"
    most = int(np.bincount(grad.indices).max())
    if most == 1:
        return "rows"
    return "repeated rows" if most <= _MANY_SLICES else "rows repeated often"


def history_class(life: Life, param: int) -> str:
    """Name which gradients a parameter had before the present call."""
    had = [call[param] for call in life.had]
    if not had:
        return "first call"
    if all(had):
        return "all"
    if not any(had):
        return "none"
    if had[-1]:
        return "a pause earlier"
    return "a pause" if any(had[-_LONG_PAUSE:]) else "a long pause"


def magnitude_class(grad: Grad | None) -> str | Names:
    """Name the magnitude of every element of a dense gradient."""
    if grad is None or isinstance(grad, IndexedSlices):
        return ""
    size = np.abs(grad.astype(np.float64))
    ranges = [size == 0, size < _TINY, size <= _HUGE, np.isfinite(size)]
    return np.select(ranges, ["zero", "tiny", "ordinary", "huge"], "not finite")


def t_class(t: int) -> str:
    """Name the number of a call."""
    if t in _SINGLE_T:
        return str(t)
    for limit, name in _T_RANGES:
        if t < limit:
            return name
    return "from 2^31"
