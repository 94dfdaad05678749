"""Seen: a subject whose every step is seen, and may be changed, with the life that led to it.

The subject inside stays right. What it returns is changed on its way out, so that a mistake is
confined to the places where somebody makes it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..subject.subject import Subject
from ..vectors.inputs import Call
from ..vectors.slices import Grad, IndexedSlices
from ..vectors.words import Array
from .life import Life

# Called for each parameter of each call: the life, the number of the parameter, and its values
# after the call. Returns what is added to them for good, or None.
Change = Callable[[Life, int, Array], Array | None]


def seen(subject: Subject, change: Change) -> Subject:
    """Return a subject that steps as ``subject`` does, and tells ``change`` of every step."""
    # The object that has stepped last.
    stepped: list[_Seen] = []

    def make(params: Sequence[Array], *numbers: float, **switches: float | bool) -> _Seen:
        names = ("learning_rate", "beta1", "beta2", "epsilon")
        life = Life(
            numbers=dict(zip(names, numbers, strict=True)),
            switches=switches,
            params=[param.copy() for param in params],
            rates=[numbers[0]],
        )
        return _Seen(subject.make(params, *numbers, **switches), life, change, stepped)

    return replace(subject, make=make)


@dataclass
class _SeenState:
    """What `save` returns: what the subject inside saved, and what is known of it."""

    inside: Any
    life: Life
    added: list[Array]
    made: tuple[dict[str, float], list[bytes]]


class _Seen:
    """One optimizer that is seen."""

    def __init__(self, inside: Any, life: Life, change: Change, stepped: list["_Seen"]) -> None:
        self._inside = inside
        self._life = life
        self._change = change
        self._stepped = stepped
        # What it was made with, whatever it restores.
        self._made = (dict(life.numbers), [param.tobytes() for param in life.params])
        # Whether it has stepped since it was made, or since it restored a state.
        self._is_used = False
        # In float64, because a mistake adds up.
        self._added: list[Array] = [np.zeros(param.shape) for param in life.params]

    def step(
        self,
        grads: Sequence[Grad | None],
        learning_rate: float | None = None,
        scale: float | None = None,
    ) -> list[Array]:
        given = [_without_scale(grad, scale or 1.0) for grad in grads]
        is_skipped = Call(given, learning_rate, scale).is_skipped
        after: list[Array] = self._inside.step(grads, learning_rate, scale)
        life = self._life
        life.rates.append(life.rates[-1] if learning_rate is None else learning_rate)
        if is_skipped:
            # No step: there is nothing to see, and nothing to change.
            pairs = zip(after, self._added, strict=True)
            return [_sum(param, added) for param, added in pairs]
        life.t += 1
        life.given = learning_rate
        life.grads = given
        life.fallen = self._fallen()
        own = life.event
        if own == "plain" and life.had and self._stepped != [self]:
            life.event = "beside another"
        self._stepped[:] = [self]
        self._is_used = True
        returned = []
        for number, param in enumerate(after):
            addition = self._change(life, number, param)
            if addition is not None:
                self._added[number] = self._added[number] + addition
            returned.append(_sum(param, self._added[number]))
        life.had.append(tuple(grad is not None for grad in given))
        life.params = after
        life.event = own
        return returned

    def _fallen(self) -> list[Array]:
        if "amsgrad" not in self._life.switches:
            return []
        slots = self._inside.slots()
        return [np.less(*pair) for pair in zip(slots["v"], slots["v_max"], strict=True)]

    def slots(self) -> dict[str, list[Array]]:
        slots: dict[str, list[Array]] = self._inside.slots()
        return slots

    def load(
        self, params: Sequence[Array], slots: dict[str, list[Array]], t: Sequence[int]
    ) -> None:
        self._inside.load(params, slots, t)
        self._life.params = [param.copy() for param in params]
        self._life.t = t[0]
        self._life.event = "loaded"

    def save(self) -> _SeenState:
        saved = self._inside.save()
        return _SeenState(saved, _copy_of(self._life), list(self._added), self._made)

    def restore(self, saved: _SeenState) -> None:
        self._inside.restore(saved.inside)
        event = self._restoring(saved)
        self._life = _copy_of(saved.life)
        self._life.event = event
        self._is_used = False
        self._added = list(saved.added)

    def _restoring(self, saved: _SeenState) -> str:
        """Return what kind of object restores a state, before it does."""
        if self._is_used:
            return "restored when used"
        if self._life.event.startswith("restored"):
            return "restored twice"
        numbers, params = self._made
        if numbers != saved.made[0]:
            return "restored among other numbers"
        return "restored" if params == saved.made[1] else "restored over other parameters"


def _copy_of(life: Life) -> Life:
    """Return a life that goes on by itself. Arrays are replaced and never changed."""
    return replace(life, rates=list(life.rates), had=list(life.had))


def _without_scale(grad: Grad | None, scale: float) -> Grad | None:
    """Return a copy of a gradient, divided by its loss scale."""
    if isinstance(grad, IndexedSlices):
        return grad._replace(values=_quotient(grad.values, scale), indices=grad.indices.copy())
    return None if grad is None else _quotient(grad, scale)


def _quotient(array: Array, scale: float) -> Array:
    return np.asarray(array / array.dtype.type(scale))


def _sum(param: Array, added: Array) -> Array:
    """Return a parameter with what was added to it; a zero to which nothing was keeps its sign."""
    if not added.any():
        return param.copy()
    changed: Array = np.where(added == 0, param, param + added).astype(param.dtype)
    return changed
