"""Job: one parameter's arrays and numbers in one step, as the backends of `adamref.Adam` take them."""

from typing import Any, NamedTuple

from numpy.typing import NDArray

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
