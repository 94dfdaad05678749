"""Inputs of a run: hyperparameters, parameters, and the gradients of each call."""

from typing import NamedTuple

from .slices import Grad
from .words import Array


class Call(NamedTuple):
    """One call of step: a gradient or None for each parameter, and a new learning rate or None."""

    grads: list[Grad | None]
    learning_rate: float | None


class Inputs(NamedTuple):
    """What a subject is given.

    Attributes:
        numbers: Adam's four hyperparameters.
        switches: the settings that are on besides them.
        params: one array a parameter.
        calls: of step, in their order.
        load: the moments (slot -> arrays) and steps taken from which the run starts, or None.
    """

    numbers: dict[str, float]
    switches: dict[str, float | bool]
    params: list[Array]
    calls: list[Call]
    load: tuple[dict[str, list[Array]], list[int]] | None = None
