"""What the backends share: a job, which is a parameter in one step, and what can be set of a fused Adam."""

from typing import Any, NamedTuple

from numpy.typing import NDArray

from ..config import AdamConfig
from ..convention import Arithmetic, Convention
from ..named_conventions import look_up
from ..validation import check_features
from .element import Numbers

Array = NDArray[Any]


class Job(NamedTuple):
    """What a backend steps, in place.

    Fields:
        numbers: of this step, in the dtype of ``m``.
        param: changed. float32, float64, or a half whose moments are float32.
        grad: not changed; the dtype of ``param`` or of ``m``.
        square: what enters v, not changed; None is the square of what enters m.
        m, v: changed. v_max: changed; None without AMSGrad.

    Arrays are C-contiguous, of one shape, and those that are changed overlap with no other.
    """

    numbers: Numbers
    param: Array
    grad: Array
    square: Array | None
    m: Array
    v: Array
    v_max: Array | None


def fused_rules(
    config: AdamConfig, convention: str | Convention, arithmetic: str | Arithmetic | None
) -> tuple[Convention, Arithmetic]:
    """The convention and the arithmetic of an Adam that steps arrays of the caller in place.

    Raises:
        ValueError: the convention is unknown or lacks a feature; gradients are to be clipped, which is the caller's.
        TypeError: the config is none.
    """
    if not isinstance(config, AdamConfig):
        raise TypeError(
            f"config must be an AdamConfig, got {config!r}; AdamConfig(learning_rate=...) is one"
        )
    rules = look_up(convention, arithmetic)
    check_features(config, rules[0])
    if limits := [
        name for name in ("clipvalue", "clipnorm", "global_clipnorm") if getattr(config, name)
    ]:
        raise ValueError(
            f"{limits[0]} must be None here, got {getattr(config, limits[0])}; use adamref.Adam"
        )
    return rules
