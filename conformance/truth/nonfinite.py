"""What becomes of elements whose gradient, or its square, is not finite.

Adams differ there, and rightly: inf - inf is NaN in a lerp and never met in a multiply-add, wide registers overflow
later. So an element has a class: only an `interval` says which number is right. Neighbours are never affected.
"""

from math import sqrt
from typing import NamedTuple

import numpy as np

from ..vectors.classes import ANY, INTERVAL, NAN, NONFINITE, Codes
from ..vectors.words import Array


class Classes(NamedTuple):
    """The classes of one parameter's elements as indices into CLASSES, flat in C order."""

    params: Codes
    m: Codes
    v: Codes
    v_max: Codes


def ordinary(elements: int) -> Classes:
    """The classes before the first step."""
    return Classes(*(np.zeros(elements, np.int64) for _ in Classes._fields))


def after(before: Classes, grad: Array, m: Array, dtype: str) -> Classes:
    """The classes after a step with ``grad`` from first moments ``m``.

    NaN stays in m, v and the parameter. An infinity makes m and v infinite or NaN, and inf / inf makes the parameter
    NaN. A square that overflows leaves v and the parameter open; so does a gradient near overflow with m. Whether a
    maximum keeps a NaN is nobody's promise.
    """
    largest = float(np.finfo(dtype).max) / 8
    if (np.abs(grad) < sqrt(largest)).all() and (np.abs(m) < sqrt(largest)).all():
        return before
    with np.errstate(invalid="ignore"):
        nan, infinite, square = np.isnan(grad), np.isinf(grad), np.abs(grad) > sqrt(largest)
        whole = (np.abs(grad) > largest) | (np.abs(grad - m) > largest)
    seen = Classes(
        params=np.select([nan | infinite, square], [NAN, ANY], INTERVAL),
        m=np.select([nan, infinite, whole], [NAN, NONFINITE, ANY], INTERVAL),
        v=np.select([nan, infinite, square], [NAN, NONFINITE, ANY], INTERVAL),
        v_max=np.select([nan | infinite | square], [ANY], INTERVAL),
    )
    return Classes(*(np.maximum(old, new) for old, new in zip(before, seen, strict=True)))
