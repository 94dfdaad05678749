"""Problems: the inputs of a vector, solved by the oracle and the bound at points of the axes.

A point is a convention and an arithmetic. For example, `Problem(spec).solve(point)` has the exact
parameters after every answered call if epsilon stands outside the root and all scalars are
binary64, with the largest error that a right Adam may have there.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Context, Decimal, localcontext
from functools import cached_property
from itertools import chain
from typing import Any, TypeVar

import numpy as np

from ..subject.accuracy import ORDINARY, Accuracy
from ..vectors.answer import Answer
from ..vectors.inputs import COMPLEX_DTYPES, Call, updates_of
from ..vectors.objections import wrong_scale
from ..vectors.slices import Grad, IndexedSlices, values_of
from ..vectors.spec import VectorSpec
from ..vectors.storage import WIDE, DeclaredStorage
from ..vectors.switches import ACCUMULATION, GROUPS, own_numbers
from ..vectors.words import Array
from . import reference
from .bound import Bound
from .exact_state import initial_state, states_after
from .formats import FORMATS
from .half.trajectory import HalfTrajectory, storage_at
from .nonfinite import check_finite, check_groups, check_moduli, check_sums, check_tile
from .point import Point
from .solution import QUANTITIES, Solution

# Digits of the decimals in the bound and the intervals: more than three times those of binary64, so
# that their own rounding is not seen. The oracle has 80.
DIGITS = 60

Item = TypeVar("Item")


class Problem:
    """The inputs of one vector as the oracle takes them, and the solutions found so far."""

    def __init__(self, spec: VectorSpec, accuracy: Accuracy = ORDINARY) -> None:
        """Check and convert the inputs.

        Raises:
            ValueError: the inputs have no answer that every right Adam gives.
        """
        self.spec = spec
        self._accuracy = accuracy
        self.dtype = spec.dtype
        settings: dict[str, Any] = {**spec.inputs.numbers, **spec.switches}
        # The oracle has no such thing: it is given the updates, as if each were a call.
        self._calls_per_update = settings.pop(ACCUMULATION, 1)
        # By parameter, the numbers of its group.
        self._own = own_numbers(settings.pop(GROUPS, ()), len(spec.shapes))
        self.config = reference.AdamConfig(**settings)
        self._configs = [replace(self.config, **numbers) for numbers in self._own]
        check_groups(self.config, self._configs)
        if wrong := wrong_scale(spec.inputs):
            raise ValueError(wrong)
        updates = self._updates()
        # By call and parameter. Dense gradients are flat: no rule of Adam asks for a shape.
        self._grads = [_as_float64(call) for call in updates]
        self._scales = [call.scale or 1.0 for call in updates]
        grads = list(chain.from_iterable(self._grads))
        self.nones = any(grad is None for grad in grads)
        self.slices = any(isinstance(grad, IndexedSlices) for grad in grads)
        check_finite(self.config, grads)
        if spec.inputs.is_complex:
            check_moduli(grads, self.dtype)
        check_sums(self.config, grads, self.dtype)
        check_tile(self.config, spec.tile)
        self._calls = self._exact_calls(updates)
        self._start = self._start_memory()
        self._solutions: dict[Point, Solution] = {}

    def _updates(self) -> Sequence[Call]:
        """Return the calls, or the updates in which several of them end."""
        calls = self.spec.inputs.calls
        if self._calls_per_update == 1:
            return calls
        if self.spec.cycle is not None and len(calls) % self._calls_per_update:
            raise ValueError(
                f"a cycle must be of whole updates of {self._calls_per_update} calls, "
                f"got {len(calls)} calls"
            )
        return updates_of(calls, self._calls_per_update, FORMATS[self.dtype].roundoff)

    def _exact_calls(self, updates: Sequence[Call]) -> list[reference.ExactCall]:
        calls = []
        for call in updates:
            exact = [reference.given_gradient(grad, call.scale or 1.0) for grad in call.grads]
            calls.append(reference.ExactCall(exact, call.learning_rate, call.is_skipped))
        return calls

    def _start_memory(self) -> list[reference.Memory]:
        inputs = self.spec.inputs
        start = reference.start(_flat(inputs.params), self.config.amsgrad)
        if not inputs.load:
            return start
        loaded, steps_taken = inputs.load
        # One column a slot, in the order of the fields of Memory.
        columns = [_decimals(loaded[name]) for name in QUANTITIES[1:] if name in loaded]
        rows = zip(steps_taken, start, *columns, strict=True)
        return [reference.Memory(t, memory.param, *slots) for t, memory, *slots in rows]

    @property
    def quantities(self) -> tuple[str, ...]:
        """What has answers: parameters and moments."""
        if self.config.amsgrad:
            return QUANTITIES
        return tuple(name for name in QUANTITIES if name != "v_max")

    @cached_property
    def _clipped_elements(self) -> int:
        """How many numbers a norm is taken of at most.

        Slices may name a row more than once: a gradient may have more numbers than its parameter.
        """
        total = 0
        by_param = zip(*self._grads, strict=True)
        for size, grads in zip(self.spec.sizes, by_param, strict=True):
            total += max(size, *(_count(grad) for grad in grads))
        return total

    def solve(self, point: Point) -> Solution:
        """Return the right results at one point.

        Raises:
            ValueError: something is divided by zero there, as 0 by 0 with epsilon 0.
        """
        if point.convention.epsilon == "both" and not self.config.epsilon_root:
            # The same by definition, so that it is solved once.
            outside = replace(point.convention, epsilon="outside")
            point = replace(point, convention=outside)
        if storage_at(self.spec, point) is not None:
            # Its steps are taken in float32, where many arithmetics are one.
            point = replace(point, arithmetic=point.arithmetic.for_dtype(WIDE))
        if point not in self._solutions:
            try:
                with localcontext(Context(prec=DIGITS)):
                    self._solutions[point] = self._solve(point)
            except ArithmeticError as error:
                raise ValueError(
                    f"vector {self.spec.id} must divide by no zero, got {error!r}"
                ) from None
        return self._solutions[point]

    def _solve(self, point: Point) -> Solution:
        storage = storage_at(self.spec, point)
        if storage is not None:
            of_scale = {scale: self._bounds(point, WIDE, scale) for scale in set(self._scales)}
            numbers = range(self.spec.call_count)
            by_call = [of_scale[self._repeated(self._scales, number)] for number in numbers]
            return self._half(storage).solve(point, by_call)
        update_count = self.spec.call_count // self._calls_per_update
        outcomes = reference.trajectory(
            self.config,
            point.convention,
            point.arithmetic,
            COMPLEX_DTYPES[self.dtype] if self.spec.inputs.is_complex else self._oracle_dtype,
            self._start,
            [self._repeated(self._calls, number) for number in range(update_count)],
            self._own,
        )
        bounds_of_scale = {
            scale: self._bounds(point, self.dtype, scale) for scale in set(self._scales)
        }
        # Each call leads from the states before it to those after it.
        states = [initial_state(memory) for memory in self._start]
        answered = []
        raising = []
        # Vectors count calls from 1.
        for call in range(1, self.spec.call_count + 1):
            number, waits = divmod(call, self._calls_per_update)
            # Between updates nothing changes.
            if not waits:
                outcome = outcomes[number - 1]
                grads = [_dense(grad) for grad in self._repeated(self._grads, number - 1)]
                bounds = bounds_of_scale[self._repeated(self._scales, number - 1)]
                states = states_after(states, outcome.entries, bounds, grads, self.dtype)
                if outcome.raises:
                    raising.append(call)
            if call in self.spec.after:
                answered.append(tuple(states))
        dtypes = dict.fromkeys(QUANTITIES, self.dtype)
        return Solution(tuple(answered), tuple(raising), dtypes)

    @property
    def _oracle_dtype(self) -> str:
        # The numbers of such vectors are exact in both, see `storage_at`.
        return WIDE if self.dtype == "bfloat16" else self.dtype

    def _half(self, storage: DeclaredStorage) -> HalfTrajectory:
        numbers = range(self.spec.call_count)
        rows = [self._repeated(self._grads, number) for number in numbers]
        return HalfTrajectory(
            spec=self.spec,
            storage=storage,
            config=self.config,
            own=self._own,
            start=[initial_state(memory) for memory in self._start],
            calls=[self._repeated(self._calls, number) for number in numbers],
            grads=[list(map(_dense, row)) for row in rows],
        )

    def _bounds(self, point: Point, dtype: str, scale: float) -> list[Bound]:
        """Return the bound of each parameter, in a step that is taken in ``dtype``.

        ``scale``: by which its gradients are multiplied.
        """
        by_config = {
            config: Bound(
                config,
                point.convention,
                FORMATS[dtype],
                point.arithmetic.for_dtype(dtype).correction,
                self._clipped_elements,
                self.spec.edition,
                self._accuracy,
                self.spec.inputs.is_complex,
                scale,
            )
            for config in set(self._configs)
        }
        return [by_config[config] for config in self._configs]

    def _repeated(self, calls: Sequence[Item], number: int) -> Item:
        """Return the call with this number of a cycle."""
        return calls[number % len(calls)]

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


def _as_float64(call: Call) -> list[Grad | None]:
    """Return dense gradients flat, and sparse ones with their rows, divided by their scale."""
    converted: list[Grad | None] = []
    for grad in call.grads:
        if grad is None:
            converted.append(None)
        elif isinstance(grad, IndexedSlices):
            converted.append(grad._replace(values=_without_scale(grad.values, call)))
        else:
            converted.append(_without_scale(grad, call).ravel())
    return converted


def _without_scale(array: Array, call: Call) -> Array:
    wide = array.astype(np.float64)
    # What is not finite in a call that is skipped reaches nothing.
    if call.is_skipped:
        wide[~np.isfinite(wide)] = 0
    return np.asarray(wide / (call.scale or 1.0))


def _flat(arrays: Sequence[Array]) -> list[list[float]]:
    return [array.astype(np.float64).ravel().tolist() for array in arrays]


def _decimals(arrays: Sequence[Array]) -> list[tuple[Decimal, ...]]:
    return [tuple(map(Decimal, numbers)) for numbers in _flat(arrays)]


def _dense(grad: Grad | None) -> Array | None:
    return None if isinstance(grad, IndexedSlices) else grad


def _count(grad: Grad | None) -> int:
    """Return how many numbers a gradient has."""
    return 0 if grad is None else values_of(grad).size
