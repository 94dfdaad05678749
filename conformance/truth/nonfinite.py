"""Inputs that have no answer which every right Adam gives, and elements that are not finite.

Right Adams differ there: inf - inf is NaN in a lerp and never occurs in a multiply-add, and wide
registers overflow later. So each element has a class, and only an `interval` has a right number.
For example, a gradient of infinity makes the parameter `nan`, and m `nonfinite`: infinite or NaN.
Neighbours are never affected.
"""

from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

import ml_dtypes
import numpy as np

from ..vectors.interval import ANY, INTERVAL, NAN, NONFINITE, Codes
from ..vectors.slices import Grad, IndexedSlices, exact_sums, values_of
from ..vectors.words import Array
from .formats import FORMATS
from .reference import AdamConfig

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
    largest = float(ml_dtypes.finfo(dtype).max) / _HEADROOM
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


def check_finite(config: AdamConfig, grads: Sequence[Grad | None]) -> None:
    """Raise ValueError if an infinity or NaN would reach other elements, or is in a slice."""
    finite = all(np.isfinite(values_of(grad)).all() for grad in grads if grad is not None)
    slices = [grad for grad in grads if isinstance(grad, IndexedSlices)]
    if not all(np.isfinite(grad.values).all() for grad in slices):
        raise ValueError("values of a sparse gradient must be finite, got an infinity or NaN")
    for name in ("weight_decay", "clipvalue", "clipnorm", "global_clipnorm"):
        value = getattr(config, name)
        if value and not finite:
            raise ValueError(f"{name} must be off where gradients are not finite, got {value!r}")


def check_moduli(grads: Sequence[Grad | None], dtype: str) -> None:
    """Raise ValueError if the square of a complex gradient may overflow.

    Both parts of a complex number share it, but classes are of one element.
    """
    largest_root = sqrt(float(ml_dtypes.finfo(dtype).max) / _HEADROOM)
    for grad in grads:
        if grad is not None and not (np.abs(values_of(grad)) < largest_root).all():
            raise ValueError(
                f"complex gradients must be below {largest_root:.6g} in {dtype}, got {grad!r}"
            )


def check_sums(config: AdamConfig, grads: Sequence[Grad | None], dtype: str) -> None:
    """Raise ValueError if slices may be summed before they are clipped and the sum may round."""
    slices = [grad for grad in grads if isinstance(grad, IndexedSlices)]
    clips = config.clipvalue or config.clipnorm or config.global_clipnorm
    if clips and not all(exact_sums(grad, FORMATS[dtype].roundoff) for grad in slices):
        raise ValueError(f"slices of a row must have exact sums where they are clipped, in {dtype}")


def check_groups(config: AdamConfig, of_groups: Sequence[AdamConfig]) -> None:
    """Raise ValueError if groups make a number matter that the config turns off.

    `idle_axes` asks the config alone.
    """
    for own in of_groups:
        if (own.weight_decay and not config.weight_decay) or (config.epsilon and not own.epsilon):
            raise ValueError(
                "groups must set weight_decay only where the vector has one, and no epsilon of 0, "
                f"got {own.weight_decay!r} and {own.epsilon!r}"
            )


def check_tile(config: AdamConfig, tile: int | None) -> None:
    """Raise ValueError if norms are clipped of arrays that are given in part."""
    if tile is not None and (config.clipnorm or config.global_clipnorm):
        raise ValueError(
            "tile cannot be combined with clipnorm or global_clipnorm "
            f"(got tile={tile}): the norm would cover one tile only"
        )
