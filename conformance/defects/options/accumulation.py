"""Wrong gradient accumulation, which makes an update every k-th call."""

from copy import deepcopy
from dataclasses import replace
from typing import Any

import numpy as np

from ..defect import wrong
from ..kit.editable import EditableAdam
from ..kit.paper import accumulate, collect, mean_of
from ..kit.records import Grads, State, Step


@wrong(
    "accumulate",
    what="accumulated gradients are summed, and not divided by their number",
    links=["paiml/aprender#2123"],
)
def accumulates_sum(adam: EditableAdam, grads: Grads) -> Grads | None:
    means = accumulate(adam, grads)
    if means is None or adam.accumulation_steps == 1:
        return means
    # Right: means. With gradient accumulation all gradients are dense.
    arrays: Any = means
    return [adam.accumulation_steps * mean for mean in arrays]


@wrong("accumulate", what="of accumulated gradients only the last is used")
def accumulates_last(adam: EditableAdam, grads: Grads) -> Grads | None:
    return None if accumulate(adam, grads) is None else grads


@wrong("accumulate", what="every call makes an update, where several shall be accumulated")
def accumulates_nothing(adam: EditableAdam, grads: Grads) -> Grads | None:
    return grads


@wrong("accumulate", what="accumulated gradients are kept after the update")
def accumulates_on(adam: EditableAdam, grads: Grads) -> Grads | None:
    if adam.accumulation_steps == 1:
        return grads
    calls = collect(adam, grads)
    if calls is None:
        return None
    # Right: nothing waits after an update.
    adam.state.waiting = [mean_of(calls)]
    return mean_of(calls)


@wrong(
    "accumulate",
    what="t counts every call, where gradients are accumulated",
    links=["keras-team/keras#19990"],
)
def accumulation_counts_calls(adam: EditableAdam, grads: Grads) -> Grads | None:
    means = accumulate(adam, grads)
    if means is None:
        adam.state.calls += 1
    return means


@wrong(
    "accumulate",
    what="parameters decay in every call, where gradients are accumulated",
    links=["keras-team/keras#19990"],
    convention="torch-adamw",
)
def accumulation_decays_in_calls(adam: EditableAdam, grads: Grads) -> Grads | None:
    means = accumulate(adam, grads)
    params = adam.state.params
    if means is None:
        for number, param in enumerate(params):
            step = Step(number, adam.learning_rate, is_sparse=False)
            params[number] = np.asarray(adam.pieces.decay(adam, step, param), param.dtype)
    return means


@wrong(
    "accumulate",
    what="gradients are clipped before they are accumulated",
    links=["keras-team/keras#19990", "facebookresearch/lingua#59"],
    convention="keras3",
)
def accumulates_clipped(adam: EditableAdam, grads: Grads) -> Grads | None:
    return accumulate(adam, adam.pieces.clip(adam, grads))


@wrong("save", what="the gradients that wait for an update are not saved")
def waiting_not_saved(adam: EditableAdam, state: State) -> State:
    return replace(deepcopy(state), waiting=[])
