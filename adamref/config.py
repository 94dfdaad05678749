"""AdamConfig: the numbers and switches a user sets, checked once."""

from dataclasses import dataclass
from math import inf
from numbers import Real
from sys import float_info

# Comparing with inf would let through Python integers above the largest float.
_LARGEST = float_info.max


@dataclass(frozen=True, kw_only=True, slots=True)
class AdamConfig:
    """The numbers and switches that a user sets. The convention decides what each switch does.

    Args:
        learning_rate: step size, in units of the parameter.
        beta1: decay rate of the first moment.
        beta2: decay rate of the second moment.
        epsilon: term of the denominator, in units of the gradient.
        epsilon_root: second term, under the root, in units of the gradient squared; the
            ``eps_root`` of optax.
        amsgrad: divide by the largest second moment so far.
        maximize: ascend instead of descend.
        weight_decay: strength of the pull towards zero; 0 turns it off.
        clipvalue: largest magnitude of an element of a gradient; None sets no limit.
        clipnorm: largest Euclidean norm of the gradient of one parameter; None sets no limit.
        global_clipnorm: largest norm of all gradients of a step together; None sets no limit.

    Raises:
        ValueError: a number is outside its range, or not a number.

    Source: Kingma & Ba, arXiv:1412.6980v9, Algorithm 1 (the defaults of the first four).
    """

    learning_rate: float = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    epsilon_root: float = 0.0
    amsgrad: bool = False
    maximize: bool = False
    weight_decay: float = 0.0
    clipvalue: float | None = None
    clipnorm: float | None = None
    global_clipnorm: float | None = None

    def __post_init__(self) -> None:
        # All rules accept rather than refuse, because a NaN fails every comparison.
        for name in ("learning_rate", "beta1", "beta2", "epsilon", "epsilon_root", "weight_decay"):
            value = getattr(self, name)
            _require(name, value, isinstance(value, Real), "be a number")
        for name in ("learning_rate", "epsilon", "epsilon_root"):
            value = getattr(self, name)
            _require(name, value, 0 <= value <= _LARGEST, "be finite and >= 0")
        for name in ("beta1", "beta2"):
            value = getattr(self, name)
            _require(name, value, 0 <= value < 1, "be in [0, 1)")
        # Below 0 it pushes away from zero, which frameworks allow.
        _require(
            "weight_decay",
            self.weight_decay,
            -_LARGEST <= self.weight_decay <= _LARGEST,
            "be finite",
        )
        for name in ("clipvalue", "clipnorm", "global_clipnorm"):
            value = getattr(self, name)
            _require(
                name,
                value,
                value is None or 0 < value < inf,
                "be finite and > 0, or None for no limit",
            )


def _require(name: str, value: object, holds: bool, rule: str) -> None:
    if not holds:
        raise ValueError(f"{name} must {rule}, got {value!r}")
