"""Declared roundings: which wrong Adams would pass within them, from the errors of one run.

A declaration widens the bound, so that some mistake is no longer told from coarse rounding. The
largest errors of a wrong Adam say for every declaration whether it would pass.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ..subject.roundings import MOST_ROUNDINGS, Roundings
from .score import Score

# What working kernels need, and the most that can be declared.
DECLARATIONS = (
    Roundings(of_param=8),
    Roundings(8, 8, 8),
    Roundings(of_param=40),
    Roundings(40, 40, 40),
    Roundings(200, 200, 200),
    Roundings(MOST_ROUNDINGS, MOST_ROUNDINGS, MOST_ROUNDINGS),
)
# Wrong Adams with larger errors are not listed.
_NEAR = 10_000.0


class Near(NamedTuple):
    """A wrong Adam with small errors, each a multiple of the bound."""

    name: str
    errors: Mapping[str, float]

    @property
    def largest(self) -> float:
        return max(self.errors.values(), default=0.0)


def passing(score: Score, declaration: Roundings) -> list[str]:
    """Return the wrong Adams that would pass within a declaration."""
    permitted = declaration.by_quantity

    def passes(errors: Mapping[str, float]) -> bool:
        return all(error <= permitted.get(quantity, 1) for quantity, error in errors.items())

    known = score.errors.items()
    return [name for name, errors in known if errors is not None and passes(errors)]


def nearest(score: Score) -> list[Near]:
    """Return the wrong Adams with the smallest errors, the smallest first."""
    near = [Near(name, errors) for name, errors in _rough(score) if errors]
    return sorted((one for one in near if one.largest <= _NEAR), key=lambda one: one.largest)


def _rough(score: Score) -> Iterator[tuple[str, Mapping[str, float]]]:
    for name, errors in score.errors.items():
        if errors is not None:
            yield name, errors
