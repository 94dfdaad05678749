"""Points: a convention with an arithmetic, on which an exact result depends besides its inputs.

For example, torch.optim.Adam is the point of `Convention(epsilon="outside", ...)` and of the
arithmetic `ddddd`. A point has a value on every axis, always. Where only some axes have
a value, as in a question of `identify` or in the `when` of an answer, they are `Values`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ..vectors.storage import HALVES
from .reference import AXES, Arithmetic, Convention

# Axis -> value, for some of the axes. In the answers of a vector "arithmetic" is a key as well.
Values = dict[str, str]

UNSUPPORTED = "unsupported"
# Every scalar in the format of the parameter. Dyadic inputs have one answer under every arithmetic,
# so it does not matter there that this is the default.
NATIVE = "TTTTT"


@dataclass(frozen=True, slots=True)
class Point:
    """A convention and an arithmetic.

    Attributes:
        convention: what is computed in exact arithmetic.
        arithmetic: the formats of scalars.
        storage: what is kept of half precision, in pairs of a dtype and a code.
    """

    convention: Convention
    arithmetic: Arithmetic
    storage: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(
        cls,
        values: Mapping[str, str],
        code: str = NATIVE,
    ) -> "Point":
        """Return the point with ``values``, which may have storages, and the arithmetic ``code``.

        An axis without a value, or with "unsupported", takes the default of `Convention`. That
        default decides nothing, because inputs that need this axis are not judged at such a point.

        Raises:
            ValueError: two values exclude each other.
        """
        known = without_unsupported(values)
        storage = tuple((dtype, known.pop(dtype)) for dtype in HALVES if dtype in known)
        convention = Convention(**known)  # type: ignore[arg-type]
        return cls(convention, Arithmetic.parse(code), storage)

    @property
    def values(self) -> Values:
        """The value on every axis, and the storages."""
        return values_of(self.convention) | dict(self.storage)


def values_of(convention: Convention) -> Values:
    """Return the value of a convention on every axis."""
    return {axis: getattr(convention, axis) for axis in AXES}


def without_unsupported(values: Mapping[str, str]) -> Values:
    """Return ``values`` without the axes that are unsupported."""
    return {axis: value for axis, value in values.items() if value != UNSUPPORTED}


def exists(values: Mapping[str, str]) -> bool:
    """Return whether no two of ``values`` exclude each other."""
    try:
        Point.of(values)
    except ValueError:
        return False
    return True


def nearest_point(
    base: Mapping[str, str],
    wanted: Mapping[str, str],
    code: str = NATIVE,
) -> Point:
    """Return the point with all of ``wanted``, and of ``base`` all that they do not exclude."""
    values = without_unsupported({**base, **wanted})
    # One by one, because the first axis that is dropped may already make the rest exist.
    while not exists(values):
        excluded = next(
            axis for axis in values if axis not in wanted and exists(_without(values, axis))
        )
        del values[excluded]
    return Point.of(values, code)


def _without(values: Values, dropped: str) -> Values:
    return {axis: value for axis, value in values.items() if axis != dropped}
