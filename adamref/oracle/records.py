"""The oracle's records: exact numbers, flat in C order."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

Numbers = tuple[Decimal, ...]

ZERO = Decimal(0)
ONE = Decimal(1)


def add(first: Numbers, second: Numbers) -> Numbers:
    """Return the sums, element by element."""
    return tuple(x + y for x, y in zip(first, second, strict=True))


def subtract(first: Numbers, second: Numbers) -> Numbers:
    """Return the differences, element by element."""
    return tuple(x - y for x, y in zip(first, second, strict=True))


def pick(numbers: Numbers, chosen: Sequence[int]) -> Numbers:
    """Return the numbers of some elements."""
    return tuple(numbers[element] for element in chosen)


class ExactSlices(NamedTuple):
    """A sparse gradient.

    Fields:
        values: the numbers of its slices, one slice after the other.
        indices: the row of each slice.
        rows: number of rows of the parameter.
        width: number of elements in a row.
    """

    # A float is used exactly, as the binary fraction that it is.
    values: Sequence[float | Decimal]
    indices: Sequence[int]
    rows: int
    width: int


class Summed(NamedTuple):
    """The sums behind each element of a sparse gradient.

    Fields:
        times: how many slices were summed.
        size: the sum of their magnitudes.
        squares: the sum of their squares.
        quanta: size in units of the smallest digit of any of them. A format with as many integers
            has exact sums.
    """

    times: tuple[int, ...]
    size: Numbers
    squares: Numbers
    quanta: Numbers

    def elements(self, chosen: Sequence[int]) -> "Summed":
        """Return the sums of some elements."""
        return Summed(
            tuple(self.times[element] for element in chosen),
            pick(self.size, chosen),
            pick(self.squares, chosen),
            pick(self.quanta, chosen),
        )


class Gradient(NamedTuple):
    """The gradient of one parameter, clipped, with an entry for each element.

    Fields:
        numbers: its elements; zero in rows without a slice.
        summed: the sums that they come from; None for a dense gradient.
        rows: the rows with a slice, in ascending order; none for a dense gradient.
        row_count: number of rows of the parameter; 0 for a dense gradient.
    """

    numbers: Numbers
    # The last three are of a sparse gradient, also where it is stepped as a dense one.
    summed: Summed | None = None
    rows: tuple[int, ...] = ()
    row_count: int = 0

    def elements(self, chosen: Sequence[int]) -> "Gradient":
        """Return the gradient of some elements."""
        summed = None if self.summed is None else self.summed.elements(chosen)
        return Gradient(pick(self.numbers, chosen), summed)


# As a caller gives it: dense and flat, sparse, or missing.
GivenGradient = Sequence[float | Decimal] | ExactSlices | None


class ExactCall(NamedTuple):
    """One call of step.

    Fields:
        grads: a gradient or None for each parameter, flat in C order.
        learning_rate: a new learning rate, or None.
        is_skipped: whether it changes nothing but the learning rate, as a call whose gradients
            overflowed under a loss scale.
    """

    grads: Sequence[GivenGradient]
    learning_rate: float | None = None
    is_skipped: bool = False


class Memory(NamedTuple):
    """One parameter between two steps: steps taken, and exact numbers, flat in C order.

    ``v_max`` is empty without AMSGrad.
    """

    t: int
    param: Numbers
    m: Numbers
    v: Numbers
    v_max: Numbers = ()


# A class of its own, because code that reads t must know whether it has one or many.
class RowMemory(NamedTuple):
    """One parameter between two steps, of which every row has its own t; else as `Memory`."""

    t: tuple[int, ...]
    param: Numbers
    m: Numbers
    v: Numbers
    v_max: Numbers = ()


AnyMemory = Memory | RowMemory


def slots_of(memory: AnyMemory) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Return the parameter and its moments: all numbers but t."""
    return memory.param, memory.m, memory.v, memory.v_max


def memory_of_elements(memory: AnyMemory, chosen: Sequence[int], t: int) -> Memory:
    """Return the memory of some elements, which have taken ``t`` steps."""
    # Empty without AMSGrad, where no element can be picked.
    v_max = pick(memory.v_max, chosen) if memory.v_max else ()
    return Memory(
        t,
        pick(memory.param, chosen),
        pick(memory.m, chosen),
        pick(memory.v, chosen),
        v_max,
    )


class Exact(NamedTuple):
    """One parameter after one step, with every number on the way there.

    Fields:
        after, before: the memory after and before the step.
        learning_rate, beta1, beta2, epsilon, epsilon_root: as rounded by the arithmetic.
        beta1_power, beta2_power: beta^t of a moment that is corrected, else 0; the bias correction
            is 1 - beta^t.
        clipped: the gradient after maximize and clipping.
        grad: the gradient of the objective, which enters the moments: with L2 added, unless L2 was
            added before clipping.
        v_used: the second moment in the denominator: v, or AMSGrad's maximum.
        denominator: root and epsilon.
        update: subtracted from the parameter.
        decay: subtracted from the parameter by decoupled decay.
        summed: the sums behind a sparse gradient; None for a dense one.
    """

    after: Memory
    before: Memory
    # The numbers that all elements share.
    learning_rate: Decimal
    beta1: Decimal
    beta2: Decimal
    epsilon: Decimal
    epsilon_root: Decimal
    beta1_power: Decimal
    beta2_power: Decimal
    # An entry for each element.
    clipped: Numbers
    grad: Numbers
    v_used: Numbers
    denominator: Numbers
    update: Numbers
    decay: Numbers
    summed: Summed | None = None


class ElementsStep(NamedTuple):
    """Elements of a parameter that took a step together, and their step."""

    elements: tuple[int, ...]
    step: Exact


class Split(NamedTuple):
    """One parameter after a step of some of its rows."""

    after: AnyMemory
    parts: tuple[ElementsStep, ...]


# One parameter after a call; a memory is a parameter that was skipped.
Entry = Exact | Split | Memory | RowMemory


class Outcome(NamedTuple):
    """The result of one call.

    Fields:
        raises: the call must raise, and so changes nothing.
        entries: one a parameter.
    """

    raises: bool
    entries: tuple[Entry, ...]
