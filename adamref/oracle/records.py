"""The oracle's records: exact numbers, flat in C order."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

Numbers = tuple[Decimal, ...]

ZERO, ONE = Decimal(0), Decimal(1)


class Slices(NamedTuple):
    """A sparse gradient: the numbers of its slices, one after the other, the row of each, and the parameter's shape."""

    values: Sequence[float | Decimal]
    indices: Sequence[int]
    rows: int
    width: int


class Summed(NamedTuple):
    """What each element of a sparse gradient was summed from.

    Fields:
        times: how many slices. size: the sum of their magnitudes. squares: the sum of their squares.
        quanta: size in units of the smallest digit of any of them: a format with as many integers has exact sums.
    """

    times: tuple[int, ...]
    size: Numbers
    squares: Numbers
    quanta: Numbers


class Gradient(NamedTuple):
    """The gradient of one parameter, clipped, with an entry for each element.

    Fields:
        numbers: what it is; zero in rows without a slice.
        summed: what they were summed from; None for a dense gradient.
        rows: which rows have a slice, in ascending order. of: how many rows there are.
    """

    numbers: Numbers
    summed: Summed | None = None
    rows: tuple[int, ...] = ()
    of: int = 0


Given = Sequence[float] | Slices | None


class Call(NamedTuple):
    """One call of step: a gradient or None for each parameter, flat in C order, and a new learning rate or None."""

    grads: Sequence[Given]
    learning_rate: float | None = None


class Memory(NamedTuple):
    """One parameter between two steps: exact numbers, flat in C order. ``v_max`` is empty without AMSGrad.

    ``t`` has one count a row where rows count for themselves.
    """

    t: int | tuple[int, ...]
    param: Numbers
    m: Numbers
    v: Numbers
    v_max: Numbers = ()


class Exact(NamedTuple):
    """One parameter after one step, with every number on the way there.

    Fields:
        after: the memory after the step; before: the one before it.
        learning_rate, beta1, beta2, epsilon, epsilon_root: as rounded by the arithmetic.
        power1, power2: beta^t of the moments that are corrected, else 0; the correction is 1 - power.
        clipped: the gradient after maximize and clipping. grad: what enters the moments: with L2 added, unless L2
            was added before clipping.
        chosen: the second moment in the denominator: v, or AMSGrad's maximum.
        denominator: root and epsilon. update: what is subtracted. decay: what decoupled decay subtracts.
        summed: what a sparse gradient was summed from; None for a dense one.
    """

    after: Memory
    before: Memory
    learning_rate: Decimal
    beta1: Decimal
    beta2: Decimal
    epsilon: Decimal
    epsilon_root: Decimal
    power1: Decimal
    power2: Decimal
    clipped: Numbers
    grad: Numbers
    chosen: Numbers
    denominator: Numbers
    update: Numbers
    decay: Numbers
    summed: Summed | None = None


class Split(NamedTuple):
    """One parameter after a step of some of its rows: each part is (which elements, their step)."""

    after: Memory
    parts: tuple[tuple[tuple[int, ...], Exact], ...]


class Outcome(NamedTuple):
    """What one call does: an entry a parameter, a Memory for a skipped one. A call that must raise changes nothing."""

    raises: bool
    entries: tuple[Exact | Split | Memory, ...]
