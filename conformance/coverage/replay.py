"""Replay: a subject that is run once through a vector, and then returns the same again.

A mistake is added to what a right subject returns, and never reaches it. So hundreds of mistakes in
one vector need one run of the subject.
"""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any, NamedTuple

from ..subject.subject import Subject
from ..vectors.slices import Grad
from ..vectors.words import Array


class _Result(NamedTuple):
    """What a call returned, or the exception that it raised."""

    value: Any = None
    error: Exception | None = None


class Replay:
    """The results of a subject in one vector, call after call.

    Args:
        subject: its numbers depend on the vector alone.
        record: makes all calls of the subject, in the order of every later run.
    """

    def __init__(self, subject: Subject, record: Callable[[Subject], object]) -> None:
        self._subject = subject
        self._results: list[_Result] = []
        record(self.subject())

    def subject(self) -> Subject:
        """Return the subject for one more run through the vector."""
        player = _Player(self._results)

        def make(params: Sequence[Array], *numbers: float, **switches: float | bool) -> _Replayed:
            inside: list[Any] = []
            player.play(lambda: inside.append(self._subject.make(params, *numbers, **switches)))
            return _Replayed(inside, player)

        return replace(self._subject, make=make)


class _Player:
    """Plays the results in their order, and records those that are not there yet."""

    def __init__(self, results: list[_Result]) -> None:
        self._results = results
        self._place = 0

    def play(self, call: Callable[[], Any]) -> Any:
        """Return what ``call`` returned in the first run, or raise what it raised."""
        if self._place == len(self._results):
            try:
                self._results.append(_Result(deepcopy(call())))
            except Exception as error:
                self._results.append(_Result(error=error))
        result = self._results[self._place]
        self._place += 1
        if result.error is not None:
            raise result.error.with_traceback(None)
        return deepcopy(result.value)


class _Replayed:
    """One optimizer; it has something inside in the first run alone."""

    def __init__(self, inside: list[Any], player: _Player) -> None:
        self._inside = inside
        self._player = player

    def step(
        self,
        grads: Sequence[Grad | None],
        learning_rate: float | None = None,
        scale: float | None = None,
    ) -> Any:
        return self._player.play(lambda: self._inside[0].step(grads, learning_rate, scale))

    def slots(self) -> Any:
        return self._player.play(lambda: self._inside[0].slots())

    def load(self, params: Sequence[Array], slots: Any, t: Sequence[int]) -> None:
        self._player.play(lambda: self._inside[0].load(params, slots, t))

    def save(self) -> Any:
        saved: list[Any] = []
        self._player.play(lambda: saved.append(self._inside[0].save()))
        return saved

    def restore(self, saved: Any) -> None:
        self._player.play(lambda: self._inside[0].restore(saved[0]))
