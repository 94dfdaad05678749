"""Roundings: what a subject declares about operations that err by more than one rounding.

In a right Adam each operation errs by one rounding at most, and the bound is the sum of these
errors. A subject with `__fdividef` or a power by `exp(t log(beta))` has larger ones. It may declare
that each operation of an equation errs by up to N roundings: it is then permitted N bounds there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

# Within so many roundings every wrong formula that we know still fails: the inputs were searched
# for so that a mistake is a thousand bounds off. The README of defects/ has what is measured.
MOST_ROUNDINGS = 1000
# A declaration with so many times the roundings that are needed says little.
_FAR = 2
# The equations that may be declared. E3 and E4 have no result of their own and count as E5.
_EQUATIONS = ("E1", "E2", "E5")


@dataclass(frozen=True, slots=True)
class Roundings:
    """The roundings that each operation of an equation errs by, at most.

    Attributes:
        of_m: of E1, the first moment. 1 is correct rounding.
        of_v: of E2, the second moment, and of AMSGrad's maximum.
        of_param: of E5, the parameter, and of the corrections of E3 and E4.
    """

    of_m: int = 1
    of_v: int = 1
    of_param: int = 1

    @property
    def is_ordinary(self) -> bool:
        """Whether nothing is declared: every operation errs by one rounding."""
        return not self.by_equation

    @property
    def by_equation(self) -> dict[str, int]:
        """Equation -> its roundings, of the equations with more than one."""
        numbers = zip(_EQUATIONS, (self.of_m, self.of_v, self.of_param), strict=True)
        return {equation: number for equation, number in numbers if number > 1}

    @property
    def by_quantity(self) -> dict[str, int]:
        """Quantity of an answer -> the bounds that it is permitted, where they are more than 1."""
        numbers = {
            "m": self.of_m,
            "v": self.of_v,
            "v_max": self.of_v,
            # An error of a moment reaches the parameters.
            "params": max(self.of_m, self.of_v, self.of_param),
        }
        return {quantity: number for quantity, number in numbers.items() if number > 1}

    def is_far_above(self, least: "Roundings") -> bool:
        """Return whether some equation has twice as many roundings as in ``least``, or more."""
        mine = (self.of_m, self.of_v, self.of_param)
        # The parameters are permitted what the moments are, without a number of their own.
        enough = (least.of_m, least.of_v, max(least.by_quantity.get("params", 1), 1))
        pairs = zip(mine, enough, strict=True)
        return any(number >= _FAR * other for number, other in pairs)

    def words(self) -> str:
        """Return the declaration in words, as `E1 within 8 and E5 within 40 roundings`."""
        limits = [f"{equation} within {number}" for equation, number in self.by_equation.items()]
        return f"{' and '.join(limits)} roundings" if limits else ""

    def __str__(self) -> str:
        """Return the declaration as it is written on the command line."""
        return ",".join(_parts(self.by_equation))


def _parts(numbers: Mapping[str, int]) -> Iterator[str]:
    for equation, number in numbers.items():
        yield f"{equation}={number}"


def read_roundings(declared: Mapping[str, Any]) -> Roundings:
    """Return what equations and numbers declare.

    Raises:
        ValueError: an equation is unknown, or a number is out of range.
        TypeError: what is declared is no whole number.
    """
    numbers = dict.fromkeys(_EQUATIONS, 1)
    for equation, number in declared.items():
        if equation not in _EQUATIONS:
            raise ValueError(
                f"roundings must declare some of {', '.join(_EQUATIONS)}, got {equation!r}; E3 and "
                "E4 count as E5"
            )
        if isinstance(number, bool) or not isinstance(number, (int, float)):
            raise TypeError(f"{equation} must be a whole number, got {type(number).__name__}")
        if not 1 <= number <= MOST_ROUNDINGS or number != int(number):
            raise ValueError(
                f"{equation} must be a whole number of roundings from 1 to {MOST_ROUNDINGS}, "
                f"got {number!r}"
            )
        numbers[equation] = int(number)
    return Roundings(*numbers.values())


def least_roundings(errors: Mapping[str, float]) -> Roundings | None:
    """Return the least declaration that covers errors; None if none does.

    Args:
        errors: quantity -> the largest error, as a multiple of the bound of right Adams.
    """
    if max(errors.values(), default=0.0) > MOST_ROUNDINGS:
        return None
    of_m = max(1, ceil(errors.get("m", 0.0)))
    of_v = max(1, ceil(max(errors.get("v", 0.0), errors.get("v_max", 0.0))))
    of_param = max(1, ceil(errors.get("params", 0.0)))
    # What the moments need, the parameters have already.
    return Roundings(of_m, of_v, of_param if of_param > max(of_m, of_v) else 1)


# What a subject has that declares nothing.
NO_ROUNDINGS = Roundings()
