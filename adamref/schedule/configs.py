"""Schedules as dictionaries, which JSON can hold."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from .cosine import CosineDecay, CosineDecayRestarts
from .decays import ExponentialDecay, InverseTimeDecay, PiecewiseConstantDecay, PolynomialDecay
from .recorded import LearningRateSchedule

_KINDS: tuple[type[LearningRateSchedule], ...] = (
    CosineDecay,
    CosineDecayRestarts,
    ExponentialDecay,
    InverseTimeDecay,
    PiecewiseConstantDecay,
    PolynomialDecay,
)


def serialize(learning_rate_schedule: LearningRateSchedule) -> dict[str, Any]:
    """Return ``{"class_name": ..., "config": ...}``, which JSON can hold.

    Numbers and arrays of NumPy become Python's, as tf_keras writes them into JSON: their dtypes are
    lost. Only a float64 stays, which is a float. tf_keras 2.21 adds where the class is registered.
    """
    return {
        "class_name": type(learning_rate_schedule).__name__,
        "config": _as_json(learning_rate_schedule.get_config()),
    }


def _as_json(value: Any) -> Any:
    """Return a value with Python's numbers in the place of NumPy's, and of Variables."""
    if isinstance(value, Mapping):
        return {key: _as_json(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_as_json(entry) for entry in value]
    if hasattr(value, "dtype") and not isinstance(value, float):
        return np.asarray(value).tolist()
    return value


def deserialize(
    config: dict[str, Any],
    custom_objects: dict[str, Any] | None = None,
) -> LearningRateSchedule:
    """Return the schedule that `serialize` got.

    Args:
        config: the result of `serialize`.
        custom_objects: the user's own classes, by name.

    Raises:
        ValueError: the class is not known, or ``config`` does not say it.
    """
    kinds = {kind.__name__: kind for kind in _KINDS} | (custom_objects or {})
    # The user's own class comes before one of ours with the same name.
    name = config.get("class_name")
    if name not in kinds:
        raise ValueError(
            f"class_name must be one of {', '.join(kinds)}, got {name!r}; "
            "name others in custom_objects"
        )
    schedule: LearningRateSchedule = kinds[name].from_config(config["config"])
    return schedule
