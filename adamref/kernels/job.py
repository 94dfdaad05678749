"""What the backends share: a job, and the rules of an Adam that steps arrays of the caller."""

from dataclasses import replace
from typing import Any, NamedTuple

from numpy.typing import NDArray

from ..config import AdamConfig, python_float
from ..convention import Arithmetic, Convention
from ..named_conventions import look_up
from ..validation import check_features
from .element import KernelNumbers

Array = NDArray[Any]


class Job(NamedTuple):
    """One step of one parameter, which a backend takes in place.

    Fields:
        numbers: of this step, in the dtype of ``m``.
        param: changed. float32, float64, or a half with moments of float32.
        grad: not changed; the dtype of ``param`` or of ``m``.
        square: enters v, not changed; None means the square of the gradient that enters m.
        m, v: changed.
        v_max: changed; None without AMSGrad.

    Arrays are C-contiguous and of one shape. The changed arrays overlap with no other array.
    """

    numbers: KernelNumbers
    param: Array
    grad: Array
    square: Array | None
    m: Array
    v: Array
    v_max: Array | None


def rules_in_place(
    config: AdamConfig, convention: str | Convention, arithmetic: str | Arithmetic | None
) -> tuple[Convention, Arithmetic]:
    """Return the convention and the arithmetic of an Adam that steps arrays of the caller in place.

    Raises:
        ValueError: the convention is unknown or lacks a feature; ``config`` asks for clipping.
        TypeError: ``config`` is not an AdamConfig.
    """
    rules = look_up(convention, arithmetic)
    check_features(config, rules[0])
    check_no_clipping(config)
    return rules


def check_no_clipping(config: AdamConfig) -> None:
    """Raise ValueError if gradients are to be clipped: that is left to the caller."""
    for name in ("clipvalue", "clipnorm", "global_clipnorm"):
        limit = getattr(config, name)
        if limit is not None:
            raise ValueError(
                f"{name} must be None here, got {limit}; use adamref.Adam, or clip the gradients"
            )


def with_learning_rate(config: AdamConfig, learning_rate: float | None) -> AdamConfig:
    """Return ``config`` with another learning rate; the same object if the rate is no other.

    Callers compare objects to see whether the rate has changed.

    Raises:
        ValueError: ``learning_rate`` is no number, or outside its range.
    """
    if learning_rate is None:
        return config
    # First Python's number: a float32 would compare equal to all numbers that round to it.
    rate = python_float("learning_rate", learning_rate)
    return config if rate == config.learning_rate else replace(config, learning_rate=rate)
