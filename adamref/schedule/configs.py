"""Schedules as dictionaries, which JSON can hold."""

from typing import Any

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

    tf_keras 2.21 adds where the class is registered.
    """
    return {
        "class_name": type(learning_rate_schedule).__name__,
        "config": learning_rate_schedule.get_config(),
    }


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
