"""The state of TensorFlow's own optimizers: how a slot and its variable get across."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from .pairs import describe
from .variable import Variable

# Ours, and the variable of TensorFlow that it stands for.
Twins = Iterable[tuple[Variable, Any]]


def check_twins(twins: Twins) -> list[tuple[Variable, Any]]:
    """Return the pairs of a Variable and TensorFlow's variable.

    Raises:
        TypeError: something is not such a pair.
        ValueError: the two differ in shape or dtype.
    """
    pairs = []
    for pair in twins:
        rule = "twins must be pairs of a Variable and a variable of TensorFlow"
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise TypeError(f"{rule}, got {describe(pair)}")
        ours, theirs = pair
        if not isinstance(ours, Variable) or not hasattr(theirs, "assign"):
            raise TypeError(f"{rule}, got {describe(tuple(pair))}")
        value = number_of(theirs)
        if (value.shape, value.dtype) != (ours.shape, ours.dtype):
            raise ValueError(
                f"twins must have one shape and dtype, got {describe(ours)} and {describe(value)}"
            )
        pairs.append((ours, theirs))
    return pairs


def number_of(theirs: Any) -> Any:
    """Return the value of a variable of TensorFlow, run eagerly, as an array."""
    if not hasattr(theirs, "numpy"):
        raise TypeError(
            f"variables of TensorFlow must be of its eager mode, got {theirs!r}; of a graph, save "
            "them by tf.train.Saver and call read_checkpoint"
        )
    return np.asarray(theirs.numpy())


def real_slots(real: Any, theirs: Any, names: Iterable[str]) -> list[Any]:
    """Return the values of some slots of a variable; raise ValueError if there is no such slot."""
    return [_real_slot(real, theirs, name) for name in names]


def _real_slot(real: Any, theirs: Any, name: str) -> Any:
    try:
        slot = real.get_slot(theirs, name)
    except KeyError:
        # One of the two classes returns None there.
        slot = None
    if slot is None:
        raise ValueError(f"twins must have slots in the real optimizer, got none of {theirs.name}")
    return number_of(slot)
