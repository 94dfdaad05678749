"""What the backends share: a job, and the rules of an Adam that steps arrays of the caller."""

from dataclasses import replace
from typing import Any, NamedTuple

from numpy.typing import NDArray

from ..config import AdamConfig, python_float
from ..convention import Arithmetic, Convention
from ..dtypes import parsed_storage
from ..halves.storage import HALVES, Storage, T
from ..named_conventions import look_up
from ..validation import check_features
from .element import KernelNumbers

Array = NDArray[Any]


class Job(NamedTuple):
    """One step of one parameter, which a backend takes in place.

    Fields:
        numbers: of this step, in the dtype that it is computed in.
        param: changed. float32, float64, or a half, whose step is computed in float32.
        grad: not changed; the dtype of ``param`` or of the step.
        square: enters v, not changed; None means the square of the gradient that enters m.
        m, v: changed. Of a half, each is float32 or has its dtype.
        v_max: changed; None without AMSGrad.
        kept: changed; what is kept of a half besides ``param``: `AdamState.kept`.

    Arrays are C-contiguous and of one shape. The changed arrays overlap with no other array.
    """

    numbers: KernelNumbers
    param: Array
    grad: Array
    square: Array | None
    m: Array
    v: Array
    v_max: Array | None
    kept: Array | None = None

    @property
    def dtypes(self) -> "StreamDtypes":
        return StreamDtypes(
            param=self.param.dtype.name,
            grad=self.grad.dtype.name,
            m=self.m.dtype.name,
            v=self.v.dtype.name,
            kept=None if self.kept is None else self.kept.dtype.name,
            wide=self.numbers.beta1.dtype.name,
        )


class StreamDtypes(NamedTuple):
    """The dtypes of the arrays of a step, by name.

    Fields:
        param, grad, m, v: of the arrays; v_max has the dtype of v.
        kept: float32 for `master`, uint16 for `split`, the dtype of ``param`` for `compensated`;
            None where nothing is kept.
        wide: in which the step is computed, and which squares and numbers have.
    """

    param: str
    grad: str
    m: str
    v: str
    kept: str | None
    wide: str

    @classmethod
    def of(cls, storage: Storage, param: str, grad: str) -> "StreamDtypes":
        """Return the dtypes of a parameter with a gradient of dtype ``grad``."""
        wide, m, v, kept = storage.formats(param)
        return cls(param, grad, m, v, kept, wide)


def kernel_storage(dtype: str, storage: Storage | str | None) -> Storage:
    """Return how kernels keep a parameter of ``dtype``, a name; None is with float32 moments.

    Raises:
        ValueError: it cannot be kept so; every operation is to be rounded to a half.
        TypeError: ``storage`` is neither a Storage nor a text.
    """
    own = Storage() if storage is None else parsed_storage(storage)
    if dtype in HALVES and own.operations == T:
        raise ValueError(
            f"storage must have operations=float32 here, got {own}; adamref.Adam on NumPy rounds "
            "every operation"
        )
    return own.for_dtype(dtype)


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
