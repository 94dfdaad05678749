"""Elements whose gradient, or its square, is not finite.

Right Adams differ there: inf - inf is NaN in a lerp and never occurs in a multiply-add, and wide
registers overflow later. So each element has a class, and only an `interval` has a right number.
For example, a gradient of infinity makes the parameter `nan`, and m `nonfinite`: infinite or NaN.
Neighbours are never affected.
"""

from math import sqrt
from typing import NamedTuple

import numpy as np

from ..vectors.interval import ANY, INTERVAL, NAN, NONFINITE, Codes
from ..vectors.words import Array

# An intermediate result may be some times larger than the final one, and overflow before it.
_HEADROOM = 8


class ElementClasses(NamedTuple):
    """The classes of the elements of one parameter, as indices into CLASSES, flat in C order."""

    params: Codes
    m: Codes
    v: Codes
    v_max: Codes


def ordinary_classes(elements: int) -> ElementClasses:
    """Return the classes before the first step."""
    return ElementClasses(*(np.zeros(elements, np.int64) for _ in ElementClasses._fields))


def classes_after(
    before: ElementClasses,
    grad: Array,
    m: Array,
    dtype: str,
) -> ElementClasses:
    """Return the classes after a step with ``grad``, from first moments ``m``.

    A NaN stays in m, v and the parameter. An infinity makes m and v infinite or NaN, and inf / inf
    makes the parameter NaN. A square that overflows leaves v and the parameter open; so does a
    gradient near overflow with m. No Adam promises that a maximum keeps a NaN.
    """
    largest = float(np.finfo(dtype).max) / _HEADROOM
    largest_root = sqrt(largest)
    if (np.abs(grad) < largest_root).all() and (np.abs(m) < largest_root).all():
        return before
    with np.errstate(invalid="ignore"):
        is_nan = np.isnan(grad)
        is_infinite = np.isinf(grad)
        square_overflows = np.abs(grad) > largest_root
        overflows = (np.abs(grad) > largest) | (np.abs(grad - m) > largest)
    # The first condition that holds decides.
    now = ElementClasses(
        params=np.select([is_nan | is_infinite, square_overflows], [NAN, ANY], INTERVAL),
        m=np.select([is_nan, is_infinite, overflows], [NAN, NONFINITE, ANY], INTERVAL),
        v=np.select([is_nan, is_infinite, square_overflows], [NAN, NONFINITE, ANY], INTERVAL),
        v_max=np.select([is_nan | is_infinite | square_overflows], [ANY], INTERVAL),
    )
    # Classes are in the order of how much they permit less, and none is left again.
    return ElementClasses(*map(np.maximum, before, now))
