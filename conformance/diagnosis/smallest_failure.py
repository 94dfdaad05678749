"""The smallest input that a subject still fails, as a vector and as a script of a few lines."""

import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from ..on_demand.judging import judge, problem_of, vector_at
from ..subject.subject import Subject
from ..trial.compare import Comparison
from ..trial.outcomes import Failure
from ..truth.point import Point
from ..vectors.inputs import Inputs
from ..vectors.vector import Vector, length
from .script import script
from .shrink import shrink

# What is hardly wrong is not made smaller: it might only round.
_PLAIN = 2.0
_SECONDS = 5.0


class Smallest(NamedTuple):
    """What is left of a failure.

    Fields:
        vector: with its answers for the convention alone.
        comparison: of the subject with it.
        script: that shows it, and needs the subject, and NumPy.
    """

    vector: Vector
    comparison: Comparison
    script: str


def smallest(
    subject: Subject,
    failed: Sequence[Comparison],
    point: Point,
    fixed: Mapping[str, float] | None = None,
    seconds: float = _SECONDS,
) -> Smallest | None:
    """The smallest input found by which a subject fails as it did; None where no failure is one of a plain run.

    Args:
        subject: the Adam under test.
        failed: what it failed; of these the one with the least input is made smaller.
        point: the convention, and the arithmetic.
        fixed: hyperparameters that must stay as they are.
        seconds: after which it stays as it is.
    """
    once = [
        one for one in failed if not one.vector.relation and one.failure is not Failure.REQUIRED
    ]
    for first in sorted((one for one in once if one.vector.level == "core"), key=_rank)[:3]:
        if (
            found := reduced(subject, first.vector.inputs, first, point, fixed, seconds)
        ) is not None:
            return found
    return None


def _rank(one: Comparison) -> tuple[bool, bool, int]:
    """Parameters that are wrong before moments, and a plain format before half precision."""
    return (
        one.vector.dtype == "float16",
        one.worst.get("params", 1.0) <= 1,
        length(one.vector),
    )


def reduced(
    subject: Subject,
    inputs: Inputs,
    first: Comparison,
    point: Point,
    fixed: Mapping[str, float] | None = None,
    seconds: float = _SECONDS,
) -> Smallest | None:
    """The smallest of ``inputs`` by which a subject fails as ``first`` does."""
    deadline, kept = time.monotonic() + seconds, (fixed or {}).items()

    def fails(given: Inputs) -> bool:
        same = kept <= {**given.numbers, **given.switches}.items()
        return (
            same and time.monotonic() < deadline and _alike(first, _judged(subject, given, point))
        )

    if not fails(inputs):
        return None
    inputs = shrink(inputs, fails)
    vector = vector_at(
        problem_of(inputs, f"smallest.f{inputs.params[0].itemsize * 8}.input"), point
    )
    comparison = judge(subject, inputs, point)
    return Smallest(vector, comparison, script(subject, inputs, comparison))


def _judged(subject: Subject, inputs: Inputs, point: Point) -> Comparison | None:
    try:
        return judge(subject, inputs, point)
    except ValueError:  # the input does not tell right from wrong
        return None


def _alike(first: Comparison, one: Comparison | None) -> bool:
    """Whether a failure is of the kind of the first: an exception, NaN, or plainly wrong, in a parameter if it was."""
    if one is None or not one.failed or one.discrepancy is None:
        return one is not None and (one.status, one.failure) == (first.status, first.failure)
    if first.discrepancy is None or np.isnan(first.discrepancy.got):
        return first.failure == one.failure
    due = min(_PLAIN, 1 + (first.worst_ratio - 1) / 2)
    if first.worst.get("params", 0.0) > due:
        return one.worst.get("params", 0.0) > due
    return one.worst_ratio > due
