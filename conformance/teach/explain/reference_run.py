"""The reference through the calls of a vector: what stood before and after each call.

Teaching is not judging: here the numbers of the reference are shown, and nothing is measured by it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from adamref import Adam, AdamConfig, AdamState, Convention
from adamref.clip import clip

from ...judge.selection import UsageError
from ...truth.formats import FORMATS
from ...truth.reference import Arithmetic
from ...vectors.inputs import Call, updates_of
from ...vectors.slices import Grad, IndexedSlices
from ...vectors.switches import ACCUMULATION, GROUPS, own_numbers
from ...vectors.vector import Vector
from ...vectors.words import Array


class ReferenceStates(NamedTuple):
    """The parameters and their states between two calls."""

    params: list[Array]
    states: list[AdamState]


class Taken(NamedTuple):
    """One call of the reference.

    Fields:
        number: of the call, from 1.
        call: what was given.
        before, after: the snapshots around it.
        config: with the learning rate of the call.
        own: the numbers of each parameter's group.
        refusal: why it raised; empty if it did not.
        waits_for: with accumulation, the call that makes the update; 0 if this one does.
    """

    number: int
    call: Call
    before: ReferenceStates
    after: ReferenceStates
    config: AdamConfig
    own: list[dict[str, Any]]
    refusal: str = ""
    waits_for: int = 0

    def config_of(self, param: int) -> AdamConfig:
        """Return the config of one parameter."""
        return replace(self.config, **self.own[param])


def take_calls(
    vector: Vector, convention: Convention, arithmetic: Arithmetic, storage: str | None
) -> Iterator[Taken]:
    """Yield every call of a vector, as the reference takes it.

    Raises:
        UsageError: the convention lacks what the vector needs.
    """
    settings = dict(vector.switches)
    steps = settings.pop(ACCUMULATION, 1)
    groups = settings.pop(GROUPS, [])
    if vector.inputs.is_complex and convention.complex != "components":
        raise UsageError(
            "convention must have complex components for complex parameters here, "
            f"got {convention.name} with {convention.complex}; take torch"
        )
    try:
        numbers: dict[str, Any] = {**vector.spec.inputs.numbers, **settings}
        config = AdamConfig(**numbers)
        adam = Adam(
            vector.params,
            config,
            convention,
            arithmetic,
            groups=groups,
            storage=storage,
        )
    except ValueError as error:
        raise UsageError(str(error)) from None
    # A run may start from moments and a t that are given.
    if vector.load is not None:
        _load(adam, vector)
    own = own_numbers(groups, len(vector.params))
    before = _snapshot(adam)
    for number, call in enumerate(vector.calls, 1):
        # Calls until the one that makes the update; 0 at that one.
        waits = -number % steps
        refusal = ""
        if steps > 1 and not waits:
            call = _update_of(vector, number, steps)
        if not waits:
            refusal = _take(adam, call)
        after = _snapshot(adam)
        waits_for = number + waits if waits else 0
        yield Taken(
            number,
            call,
            before,
            after,
            adam.config,
            own,
            refusal,
            waits_for,
        )
        before = after


def limit_arrays(
    config: AdamConfig, convention: Convention, arrays: Sequence[Array | None]
) -> list[Array | None]:
    """Return gradients after the clips that a config sets."""
    clipped: Any = clip(config, convention, arrays)
    return list(clipped)


def _take(adam: Adam, call: Call) -> str:
    """Take one call, and return why it raised; empty if it did not."""
    try:
        adam.step(call.grads, call.learning_rate, call.scale)  # type: ignore[arg-type]
    except ValueError as error:
        # Only a missing gradient may be refused: all else is the mistake of whoever asks.
        if all(grad is not None for grad in call.grads):
            raise UsageError(str(error)) from None
        return str(error)
    return ""


def _update_of(
    vector: Vector,
    number: int,
    steps: int,
) -> Call:
    """Return the call with the means of the gradients of several calls."""
    together = vector.calls[number - steps : number]
    mean = updates_of(together, steps, FORMATS[vector.dtype].roundoff)[0]
    grads: list[Grad | None] = []
    for grad, param in zip(mean.grads, vector.params, strict=True):
        assert grad is not None
        assert not isinstance(grad, IndexedSlices)
        grads.append(grad.astype(param.dtype).reshape(param.shape))
    return mean._replace(grads=grads)


def _load(adam: Adam, vector: Vector) -> None:
    assert vector.load is not None
    slots, t = vector.load
    own = adam.slots()
    cast = {}
    for name, arrays in slots.items():
        pairs = zip(arrays, own[name], strict=True)
        cast[name] = [np.asarray(array, kept.dtype) for array, kept in pairs]
    adam.load(vector.params, cast, t)


def _snapshot(adam: Adam) -> ReferenceStates:
    saved: Any = adam.save()
    return ReferenceStates(saved.params, saved.states)
