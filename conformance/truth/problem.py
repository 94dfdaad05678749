"""Problems: the inputs of a vector, solved by the oracle and the bound at points of the axes.

A point is a convention and an arithmetic. For example, `Problem(spec).solve(point)` has the exact
parameters after every answered call if epsilon stands outside the root and all scalars are
binary64, with the largest error that a right Adam may have there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Context, Decimal, localcontext
from functools import cached_property
from math import prod
from typing import Any

import numpy as np

from ..vectors.answer import Answer
from ..vectors.slices import Grad, IndexedSlices, exact_sums
from ..vectors.spec import VectorSpec
from ..vectors.words import Array
from . import reference
from .bound import Bound
from .exact_state import ExactState, initial_state, state_after
from .formats import FORMATS
from .intervals import Cell, cell
from .point import Point

QUANTITIES = ("params", "m", "v", "v_max")
# Digits of the exact arithmetic. Sixty are more than three times those of binary64.
DIGITS = 60

# By answered call and parameter.
Cells = tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, eq=False)
class Solution:
    """The right results at one point of the axes.

    Attributes:
        states: for each answered call the exact state of each parameter.
        raising: the calls that must raise.
        dtype: of the parameters.
    """

    states: tuple[tuple[ExactState, ...], ...]
    raising: tuple[int, ...]
    dtype: str
    _cells: dict[str, Cells] = field(default_factory=dict, repr=False)

    @property
    def decides(self) -> bool:
        """Whether some element moved far enough to tell right from wrong."""
        return any(state.decides for row in self.states for state in row)

    def cells(self, quantity: str) -> Cells:
        """Return the intervals of one quantity; equal cells are the same answer.

        Raises:
            ValueError: a bound is infinite.
            OverflowError: an exact result is out of the range of the dtype.
        """
        if quantity not in self._cells:
            self._cells[quantity] = tuple(
                tuple(self._cell(state, quantity) for state in row) for row in self.states
            )
        return self._cells[quantity]

    def _cell(self, state: ExactState, quantity: str) -> Cell:
        # The oracle speaks of one parameter, a vector of all of them.
        slot = "param" if quantity == "params" else quantity
        exact = getattr(state.memory, slot)
        radius = getattr(state.radii, slot)
        return cell(exact, radius, getattr(state.classes, quantity), self.dtype)

    def answer(self, quantity: str, when: dict[str, list[str]], spec: VectorSpec) -> Answer:
        """Return the answer for one quantity."""
        rows = self.cells(quantity)
        grid = tuple(tuple(cell.interval(self.dtype) for cell in row) for row in rows)
        return Answer(quantity, when, spec.shapes, source=grid)


class Problem:
    """The inputs of one vector as the oracle takes them, and the solutions found so far."""

    def __init__(self, spec: VectorSpec) -> None:
        """Check and convert the inputs.

        Raises:
            ValueError: the inputs have no answer that every right Adam gives.
        """
        self.spec = spec
        self.dtype = spec.dtype
        self.config = reference.AdamConfig(**spec.inputs.numbers, **spec.switches)  # type: ignore[arg-type]
        self._grads = [[_as_float64(grad) for grad in call.grads] for call in spec.inputs.calls]
        grads = [grad for grads in self._grads for grad in grads]
        self.nones = any(grad is None for grad in grads)
        self.slices = any(isinstance(grad, IndexedSlices) for grad in grads)
        _check_finite(self.config, grads)
        _check_sums(self.config, grads, self.dtype)
        _check_tile(self.config, spec.tile)
        self._calls = self._exact_calls()
        self._start = self._start_memory()
        self._solutions: dict[Point, Solution] = {}

    def _exact_calls(self) -> list[reference.ExactCall]:
        pairs = zip(self.spec.inputs.calls, self._grads, strict=True)
        return [
            reference.ExactCall([_exact(grad) for grad in grads], call.learning_rate)
            for call, grads in pairs
        ]

    def _start_memory(self) -> list[reference.Memory]:
        start = reference.start(_flat(self.spec.inputs.params), self.config.amsgrad)
        if not self.spec.inputs.load:
            return start
        slots, steps_taken = self.spec.inputs.load
        moments = [
            [tuple(Decimal(element) for element in array) for array in _flat(slots[name])]
            for name in QUANTITIES[1:]
            if name in slots
        ]
        columns = zip(steps_taken, start, *moments, strict=True)
        return [reference.Memory(t, memory.param, *slots) for t, memory, *slots in columns]

    @property
    def quantities(self) -> tuple[str, ...]:
        """What has answers: parameters and moments."""
        without_maximum = tuple(name for name in QUANTITIES if name != "v_max")
        return QUANTITIES if self.config.amsgrad else without_maximum

    @cached_property
    def _clipped_elements(self) -> int:
        """How many numbers a norm is taken of at most."""
        columns = zip(self.spec.sizes, zip(*self._grads, strict=True), strict=True)
        return sum(max(size, *(_count(grad) for grad in column)) for size, column in columns)

    def solve(self, point: Point) -> Solution:
        """Return the right results at one point.

        Raises:
            ValueError: something is divided by zero there, as 0 by 0 with epsilon 0.
        """
        if point.convention.epsilon == "both" and not self.config.epsilon_root:
            # The same by definition.
            point = replace(point, convention=replace(point.convention, epsilon="outside"))
        if point not in self._solutions:
            with localcontext(Context(prec=DIGITS)):
                try:
                    self._solutions[point] = self._solve(point)
                except ArithmeticError as error:
                    raise ValueError(
                        f"vector {self.spec.id} must divide by no zero, got {error!r}"
                    ) from None
        return self._solutions[point]

    def _solve(self, point: Point) -> Solution:
        axes = point.convention
        arithmetic = point.arithmetic
        numbers = range(self.spec.call_count)
        calls = [self._calls[number % len(self._calls)] for number in numbers]
        outcomes = reference.trajectory(
            self.config, axes, arithmetic, self.dtype, self._start, calls
        )
        correction = arithmetic.for_dtype(self.dtype).correction
        elements = self._clipped_elements
        bound = Bound(self.config, axes, FORMATS[self.dtype], correction, elements)
        states = [initial_state(memory) for memory in self._start]
        answered = []
        raising = []
        for number, outcome in enumerate(outcomes, 1):
            grads = self._grads[(number - 1) % len(self._grads)]
            columns = zip(states, outcome.entries, grads, strict=True)
            states = [
                state_after(state, entry, bound, _dense(grad), self.dtype)
                for state, entry, grad in columns
            ]
            if number in self.spec.after:
                answered.append(tuple(states))
            if outcome.raises:
                raising.append(number)
        return Solution(tuple(answered), tuple(raising), self.dtype)

    @property
    def decides(self) -> bool:
        """Whether some element moved far enough at one of the points that were asked for."""
        return any(solution.decides for solution in self._solutions.values())

    def answers_at(self, point: Point) -> list[Answer]:
        """Return the answers at one point.

        Raises:
            ValueError: a bound is infinite, so the input tells nothing there.
        """
        with localcontext(Context(prec=DIGITS)):
            solution = self.solve(point)
            try:
                answers = [solution.answer(name, {}, self.spec) for name in self.quantities]
            except OverflowError:
                raise ValueError(
                    f"vector {self.spec.id} must stay in the range of {self.dtype}, but leaves it"
                ) from None
        if solution.raising:
            answers.append(Answer("calls", {}, self.spec.shapes, raising=solution.raising))
        return answers


def _as_float64(grad: Grad | None) -> Grad | None:
    """Return a dense gradient flat, and a sparse one with its rows."""
    if grad is None:
        return None
    if isinstance(grad, IndexedSlices):
        return grad._replace(values=grad.values.astype(np.float64))
    return np.asarray(grad).astype(np.float64).ravel()


def _flat(arrays: Sequence[Array]) -> list[list[float]]:
    return [np.asarray(array).astype(np.float64).ravel().tolist() for array in arrays]


def _exact(grad: Grad | None) -> Any:
    """Return a gradient for the oracle."""
    if grad is None:
        return None
    if isinstance(grad, IndexedSlices):
        rows, width = grad.dense_shape[0], prod(grad.dense_shape[1:])
        return reference.ExactSlices(
            grad.values.ravel().tolist(), grad.indices.tolist(), rows, width
        )
    # Where a gradient is not finite only the class of the result is asked for.
    return np.where(np.isfinite(grad), grad, 0).tolist()


def _dense(grad: Grad | None) -> Array | None:
    return None if isinstance(grad, IndexedSlices) else grad


def _count(grad: Grad | None) -> int:
    """Return how many numbers a gradient has."""
    return 0 if grad is None else _values(grad).size


def _values(grad: Grad) -> Array:
    return grad.values if isinstance(grad, IndexedSlices) else grad


def _check_finite(config: reference.AdamConfig, grads: Sequence[Grad | None]) -> None:
    """Raise ValueError if an infinity or NaN would reach other elements, or is in a slice."""
    finite = all(np.isfinite(_values(grad)).all() for grad in grads if grad is not None)
    slices = [grad for grad in grads if isinstance(grad, IndexedSlices)]
    if not all(np.isfinite(grad.values).all() for grad in slices):
        raise ValueError("values of a sparse gradient must be finite, got an infinity or NaN")
    for name in ("weight_decay", "clipvalue", "clipnorm", "global_clipnorm"):
        value = getattr(config, name)
        if value and not finite:
            raise ValueError(f"{name} must be off where gradients are not finite, got {value!r}")


def _check_sums(config: reference.AdamConfig, grads: Sequence[Grad | None], dtype: str) -> None:
    """Raise ValueError if slices may be summed before they are clipped and the sum may round."""
    slices = [grad for grad in grads if isinstance(grad, IndexedSlices)]
    clips = config.clipvalue or config.clipnorm or config.global_clipnorm
    if clips and not all(exact_sums(grad, FORMATS[dtype].roundoff) for grad in slices):
        raise ValueError(f"slices of a row must have exact sums where they are clipped, in {dtype}")


def _check_tile(config: reference.AdamConfig, tile: int | None) -> None:
    """Raise ValueError if norms are clipped of arrays that are given in part."""
    if tile is not None and (config.clipnorm or config.global_clipnorm):
        raise ValueError(
            "tile cannot be combined with clipnorm or global_clipnorm "
            f"(got tile={tile}): the norm would cover one tile only"
        )
