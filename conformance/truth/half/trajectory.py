"""Trajectories of Adams that round what they keep, one step after the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from ...vectors.slices import IndexedSlices
from ...vectors.spec import VectorSpec
from ...vectors.storage import ALL_NATIVE, STOCHASTIC, WIDE, DeclaredStorage
from ...vectors.switches import ACCUMULATION
from ...vectors.words import Array
from .. import reference
from ..bound import Bound, no_error
from ..exact_state import ExactState, states_after
from ..formats import is_binary32
from ..point import Point
from ..solution import Solution
from .exact_moments import without_exact_errors
from .stored import at_zero, dtypes_of, round_to, store


@dataclass(frozen=True, kw_only=True)
class HalfTrajectory:
    """What a trajectory of half precision starts from.

    Attributes:
        spec: the vector.
        storage: what is kept.
        config: what the user set.
        own: by parameter, the numbers of its group.
        start: the states before the first step.
        calls: of the oracle, one for each call.
        grads: for each call the dense gradients in float64, flat; None for others.
    """

    spec: VectorSpec
    storage: DeclaredStorage
    config: reference.AdamConfig
    own: Sequence[Mapping[str, Any]]
    start: Sequence[ExactState]
    calls: Sequence[reference.ExactCall]
    grads: Sequence[Sequence[Array | None]]

    def solve(self, point: Point, bounds_of_calls: Sequence[Sequence[Bound]]) -> Solution:
        """Return the results at a point.

        ``bounds_of_calls``: for each call those of steps in float32.

        Raises:
            ValueError: a number overflows where it is stored.
        """
        # Every step starts from numbers that were stored, so each is a trajectory of its own.
        config = self.config
        rules = point.convention, point.arithmetic, WIDE
        # Also in float32 nothing else is right where every operation is exact.
        is_exact = _is_exact(self.spec, point)
        states = list(self.start)
        shown = [state.memory.param for state in states]
        answered = []
        raising = []
        inputs = zip(self.calls, self.grads, bounds_of_calls, strict=True)
        for number, (call, grads, bounds) in enumerate(inputs, 1):
            if call.learning_rate is not None:
                config = replace(config, learning_rate=call.learning_rate)
            if self.storage.weights == STOCHASTIC:
                # What is stored is known to nobody, and a step does not depend on it.
                states = [at_zero(state) for state in states]
            memories = [_memory_of(state) for state in states]
            outcome = reference.trajectory(config, *rules, memories, [call], self.own)[0]
            stepped = states_after(states, outcome.entries, bounds, grads, WIDE)
            states = self._sharpened(point, bounds, states, stepped, grads)
            if outcome.raises:
                raising.append(number)
            if is_exact:
                states = [self._without_error(state) for state in states]
                self._check_exact(states, shown)
            kept = [store(self.storage, state, self.spec.dtype) for state in states]
            states = [one.carried for one in kept]
            shown = [one.shown.memory.param for one in kept]
            if number in self.spec.after:
                answered.append(tuple(one.shown for one in kept))
        dtypes = dtypes_of(self.storage, self.spec.dtype)
        return Solution(tuple(answered), tuple(raising), dtypes)

    def _sharpened(
        self,
        point: Point,
        bounds: Sequence[Bound],
        before: Sequence[ExactState],
        after: Sequence[ExactState],
        grads: Sequence[Array | None],
    ) -> list[ExactState]:
        """Return the states after a step, without errors where nothing is rounded."""
        rows = zip(bounds, before, after, grads, strict=True)
        sharpened = []
        for bound, old, new, grad in rows:
            state = without_exact_errors(bound.config, point.convention, old, new, grad)
            sharpened.append(state)
        return sharpened

    def _without_error(self, state: ExactState) -> ExactState:
        """Return a state after operations that are all exact."""
        return state._replace(radii=no_error(len(state.memory.param)))

    def _check_exact(self, states: Sequence[ExactState], shown: Sequence[Any]) -> None:
        """Raise ValueError if a right Adam rounds before it stores a parameter.

        In float32 the weight must be a number of it. In T an Adam that keeps what rounding lost
        computes the change since the last stored parameter.
        """
        is_wide = self.storage.operations == WIDE
        if not is_wide and self.storage.weights == "rounded":
            return
        for state, old in zip(states, shown, strict=True):
            for new, before in zip(state.memory.param, old, strict=True):
                number = Fraction(new)
                if is_wide and not is_binary32(number):
                    raise ValueError(f"a weight must be exact in float32, got {float(number)}")
                change = number - Fraction(before)
                if not is_wide and round_to(change, self.spec.dtype) != change:
                    raise ValueError(f"a change must be exact in T, got {float(change)}")


def _memory_of(state: ExactState) -> reference.Memory:
    # `store` has refused what has a t for each row.
    assert isinstance(state.memory, reference.Memory)
    return state.memory


def storage_at(spec: VectorSpec, point: Point) -> DeclaredStorage | None:
    """Return what is kept at a point, or None if each number is kept as it is computed.

    Raises:
        ValueError: there is no right result, or none that the bound can give.
    """
    code = dict(point.storage).get(spec.dtype)
    if code is None:
        if spec.dtype == "bfloat16" or spec.dtype in spec.axes:
            raise ValueError(f"a point must have a storage for {spec.dtype}, got none")
        return None
    if ACCUMULATION in spec.switches:
        raise ValueError("half precision must have an update for each call, got several calls")
    storage = DeclaredStorage.parse(code)
    if storage.weights == STOCHASTIC and spec.switches:
        raise ValueError(
            "steps must not depend on parameters that are rounded at random, "
            f"got {next(iter(spec.switches))}"
        )
    if storage.operations == WIDE or _is_exact(spec, point):
        return storage
    if code == ALL_NATIVE and spec.call_count == 1 and not spec.decimal:
        # The bound of the format holds for one step.
        return None
    raise ValueError(
        f"steps must be exact in {spec.dtype} where every operation is rounded to it; "
        "take beta1, beta2 and epsilon 0, and powers of two for gradients and learning rate"
    )


def _is_exact(spec: VectorSpec, point: Point) -> bool:
    """Return whether every operation of a step is exact at a point."""
    return point.convention.epsilon_zero == "as_given" and _has_exact_steps(spec)


def _has_exact_steps(spec: VectorSpec) -> bool:
    """Return whether every operation of a step is exact but the difference that is stored.

    With betas and epsilon 0 a step is lr g / sqrt(g g), which is exact for powers of two.
    """
    numbers = spec.inputs.numbers
    if numbers["beta1"] or numbers["beta2"] or numbers["epsilon"] or spec.switches:
        return False
    powers = [np.float64(numbers["learning_rate"])]
    for call in spec.inputs.calls:
        if call.learning_rate is not None:
            powers.append(np.float64(call.learning_rate))
        for grad in call.grads:
            if grad is None or isinstance(grad, IndexedSlices):
                return False
            powers += list(grad.astype(np.float64).ravel())
    return all(_is_moderate_power(number) for number in powers)


def _is_moderate_power(number: np.float64) -> bool:
    """Return whether a number is a power of two whose square is normal in float16."""
    fraction, exponent = np.frexp(abs(number))
    return bool(fraction == _HALF and abs(exponent) <= _MODERATE)


# The fraction of a power of two in `frexp`, and exponents that half precision can double.
_HALF = 0.5
_MODERATE = 6
