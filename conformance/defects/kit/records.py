"""Records of an Adam in pieces: its numbers, one step, and all that changes from step to step."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...vectors.slices import Grad

Array = NDArray[np.floating[Any]]
Grads = Sequence[Grad | None]
Slots = dict[str, list[Array]]
# What the user set, by the name of the attribute.
Settings = dict[str, Any]


# The names of the attributes that the user sets.
SETTINGS = (
    *("learning_rate", "beta1", "beta2", "epsilon"),
    *("maximize", "weight_decay", "epsilon_root", "limits"),
    *("groups", "given", "given_decay"),
)


class Hyperparameters(NamedTuple):
    """The four numbers that every user sets."""

    learning_rate: float
    beta1: float
    beta2: float
    epsilon: float


class Step(NamedTuple):
    """One step of one parameter.

    Fields:
        parameter: the number of the parameter.
        learning_rate: the learning rate of this step.
        is_sparse: whether the gradient is sparse.
        t: the number of this step, for E3 and E4; 0 before it is counted.
    """

    parameter: int
    learning_rate: float
    is_sparse: bool
    t: int = 0


@dataclass
class State:
    """Everything that changes from step to step.

    Fields:
        params, m, v, v_max: one array for each parameter.
        calls: how often `step` was called; with gradient accumulation, how many updates there were.
        gradients: how many gradients each parameter had.
        waiting: the gradients of calls since the last update, with gradient accumulation.
        rate: the learning rate of the last call that was given one.
        memory: what a piece remembers between its calls, under a key of its own.
    """

    params: list[Array]
    m: list[Array]
    v: list[Array]
    v_max: list[Array]
    calls: int
    gradients: list[int]
    waiting: list[Grads] = field(default_factory=list)
    rate: float | None = None
    memory: dict[str, Any] = field(default_factory=dict)


class SavedAdam(NamedTuple):
    """What `EditableAdam.save` returns: the state, and the settings under their names."""

    state: State
    settings: Settings
