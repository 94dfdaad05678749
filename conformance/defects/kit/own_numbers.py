"""Numbers of a parameter group, in an Adam in pieces."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .records import Array, Hyperparameters, Step


# Any is an EditableAdam, which imports this.
def use_numbers_of_group(adam: Any, step: Step) -> Step:
    """Set the numbers of the formulas to those of a parameter, and return its step."""
    own = adam.pieces.own_numbers(adam, step)
    four = {name: own[name] for name in Hyperparameters._fields if name in own}
    numbers = adam.pieces.numbers(adam.given._replace(**four))
    adam.beta1 = numbers.beta1
    adam.beta2 = numbers.beta2
    adam.epsilon = numbers.epsilon
    adam.weight_decay = own.get("weight_decay", adam.given_decay)
    # A learning rate that is passed later is for those who have none of their own.
    if "learning_rate" in own:
        step = step._replace(learning_rate=numbers.learning_rate)
    return step


def append_group(adam: Any, params: Sequence[Array], numbers: dict[str, Any]) -> None:
    """Add parameters behind those that are there, as a group with numbers of its own."""
    state = adam.state
    first = len(state.params)
    places = range(first, first + len(params))
    adam.groups = [*adam.groups, {"params": places, **adam.pieces.late_numbers(adam, numbers)}]
    state.params += params
    for slots in (state.m, state.v, state.v_max):
        slots += [np.zeros_like(param) for param in params]
    state.gradients += [0 for _ in params]
