"""Accuracy classes: what a subject declares about operations that it does not round correctly.

OpenCL and WebGPU allow quotients that are 2.5 units in the last place off, and roots that are 4.5
units off. Such a subject is right in its class, and the bound is wider by just that.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

# A correctly rounded result is so many units in the last place off, at most.
_ROUNDED = 0.5
# With a wider bound few vectors tell right from wrong.
_COARSEST = 16.0


@dataclass(frozen=True, slots=True)
class Accuracy:
    """The largest errors of quotients and roots, in units in the last place.

    Attributes:
        division, root: 0.5 is correct rounding.
        mix: whether a moment may be computed as g + beta (m - g), the `mix` of Metal, which
            loses digits where 1 - beta is small.
    """

    division: float = _ROUNDED
    root: float = _ROUNDED
    mix: bool = False

    @property
    def is_ordinary(self) -> bool:
        """Whether nothing is declared: every operation is rounded correctly."""
        return self == ORDINARY

    def more_roundings(self, quotients: int, roots: int) -> float:
        """Return how many roundings more than its own these operations have at most."""
        # A unit in the last place is at most two roundings.
        return 2 * (quotients * (self.division - _ROUNDED) + roots * (self.root - _ROUNDED))

    def __str__(self) -> str:
        """Return the class as it is declared on the command line."""
        words = [
            f"{name}={value:g}"
            for name, value in (("division", self.division), ("root", self.root))
            if value != _ROUNDED
        ]
        if self.mix:
            words.append("mix=1")
        return ",".join(words)


def read_accuracy(declared: Mapping[str, Any]) -> Accuracy:
    """Return the class that names and numbers declare.

    Raises:
        ValueError: a name is unknown, or a number is out of range.
        TypeError: what is declared is no number.
    """
    known = [field.name for field in fields(Accuracy)]
    for name, value in declared.items():
        if name not in known:
            raise ValueError(f"accuracy must declare some of {', '.join(known)}, got {name!r}")
        if not isinstance(value, (bool, int, float)):
            raise TypeError(f"{name} must be a number, got {type(value).__name__}")
        if name == "mix":
            if value not in (0, 1):
                raise ValueError(f"mix must be 0 or 1, got {value!r}")
        elif not _ROUNDED <= value <= _COARSEST:
            raise ValueError(
                f"{name} must be from {_ROUNDED} to {_COARSEST} units in the last place, "
                f"got {value!r}"
            )
    return Accuracy(
        division=float(declared.get("division", _ROUNDED)),
        root=float(declared.get("root", _ROUNDED)),
        mix=bool(declared.get("mix", False)),
    )


# What a subject has that declares nothing.
ORDINARY = Accuracy()
