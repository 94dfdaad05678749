"""Smallest failure: the least input that a subject still fails, as a vector and as a script.

For example, an Adam whose t is one too high fails every vector. Of one of them, a single call with
one element is left: parameter 0, gradient 1.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import prod
from typing import NamedTuple

import numpy as np

from ..on_demand.judging import judge_at, problem_of, vector_at
from ..subject.subject import Subject
from ..trial.comparison import Comparison
from ..trial.outcomes import Failure
from ..truth.point import Point
from ..vectors.answer import Axes
from ..vectors.inputs import Inputs
from ..vectors.spec import Relation
from ..vectors.vector import Vector, length
from .scripts.script import script
from .shrink import shrink

# Failures that are tried before there is no smallest input.
_CANDIDATES = 3
# In elements times steps: to find the answers of a larger input takes minutes.
_LARGEST = 4000
# What is hardly wrong is not made smaller: it might only round. In bounds.
_PLAIN = 2.0
# Inputs that are tried for one failure. Most failures need fewer than 20. A count and no clock,
# because a deadline would make the result depend on the load of the machine.
TRIES = 300


class Smallest(NamedTuple):
    """The smallest input found that a subject fails.

    Fields:
        vector: with its answers for the convention alone.
        comparison: of the run in which the subject failed it; another run may give other numbers.
        script: lines of Python that show it; they need the subject, and NumPy.
    """

    vector: Vector
    comparison: Comparison
    script: str


def find_smallest(
    subject: Subject,
    failures: Sequence[Comparison],
    axes: Axes,
    codes: Sequence[str],
    fixed: Mapping[str, float] | None = None,
    tries: int = TRIES,
) -> Smallest | None:
    """Return the smallest input found by which a subject fails as it did.

    Args:
        subject: the Adam under test.
        failures: what it failed. Those of float16 are tried last, wrong parameters before wrong
            moments, and then the shortest vector first.
        axes: the convention.
        codes: the arithmetics that are accepted. The input fails under each of them, because under
            one of them alone it might only round as another does.
        fixed: hyperparameters that must stay as they are.
        tries: how many inputs are tried at most for one failure.

    Returns:
        None if nothing fails in a plain run of a core vector that is not large, or if none of three
            failures shows when its input is run alone.
    """
    points = [Point.of(axes, code) for code in codes]
    plain = [
        failure
        for failure in failures
        # A second run, or a missing feature, is more than one input can show.
        if not failure.vector.relation
        and failure.failure is not Failure.REQUIRED
        and failure.vector.level == "core"
        and _elements(failure.vector) <= _LARGEST
    ]
    for first in sorted(plain, key=_rank)[:_CANDIDATES]:
        found = reduce_failure(subject, first.vector.inputs, first, points, fixed, tries)
        if found is not None:
            return found
    return None


def _elements(vector: Vector) -> int:
    # A tile is repeated: its size says nothing about that of the arrays.
    return sum(prod(shape) for shape in vector.spec.shapes) * vector.spec.call_count


def reduce_failure(
    subject: Subject,
    inputs: Inputs,
    first: Comparison,
    points: Sequence[Point],
    fixed: Mapping[str, float] | None = None,
    tries: int = TRIES,
    relation: Relation | None = None,
) -> Smallest | None:
    """Return the smallest of ``inputs`` by which a subject fails as in ``first``; None if none.

    It fails at each of ``points``; the answers of its vector are those at the first. A relation is
    kept only if the subject does not fail without it.
    """
    kept = (fixed or {}).items()
    tried = 0
    # The comparison of the input that was accepted last. Judged again, the subject might pass.
    seen = first

    def fails_alike(smaller: Inputs, lifetime: Relation | None) -> bool:
        nonlocal tried, seen
        if not kept <= {**smaller.numbers, **smaller.switches}.items():
            return False
        tried += 1
        if tried > tries:
            return False
        comparisons = judge_at(subject, smaller, points, fit(lifetime, smaller))
        alike = [one for one in comparisons if _is_alike(first, one)]
        if not alike or len(alike) < len(points):
            return False
        seen = alike[0]
        return True

    if not fails_alike(inputs, relation):
        return None
    # The relation first: without one, an input is easier to make smaller.
    simplest = _simplest(relation, lambda simpler: fails_alike(inputs, simpler))
    smallest = shrink(inputs, lambda smaller: fails_alike(smaller, simplest))
    return as_smallest(subject, smallest, seen, points[0], fit(simplest, smallest))


def as_smallest(
    subject: Subject,
    inputs: Inputs,
    comparison: Comparison,
    point: Point,
    relation: Relation | None = None,
) -> Smallest:
    """Return ``inputs``, on which a subject failed, as they are."""
    bits = inputs.params[0].itemsize * 8
    problem = problem_of(inputs, f"smallest.f{bits}.input", subject.accuracy, relation)
    vector = vector_at(problem, point)
    return Smallest(vector, comparison, script(subject, inputs, comparison, relation))


def _rank(failure: Comparison) -> tuple[bool, bool, int]:
    """Put wrong parameters before wrong moments, and short inputs first; float16 comes last."""
    return (
        failure.vector.dtype == "float16",
        failure.worst.get("params", 1.0) <= 1,
        length(failure.vector),
    )


def _is_alike(first: Comparison, comparison: Comparison) -> bool:
    """Return whether a failure is of the kind of the first one.

    Numbers are alike if they are plainly wrong, in a parameter if one was wrong at first.
    """
    if not comparison.failed or comparison.discrepancy is None:
        same_status = comparison.status is first.status
        return same_status and comparison.failure is first.failure
    if first.discrepancy is None or np.isnan(first.discrepancy.got):
        return comparison.failure is first.failure
    # Halfway to the first error is enough, but never more than plainly wrong.
    limit = min(_PLAIN, 1 + (first.worst_ratio - 1) / 2)
    if first.worst.get("params", 0.0) > limit:
        return comparison.worst.get("params", 0.0) > limit
    return comparison.worst_ratio > limit


def fit(relation: Relation | None, inputs: Inputs) -> Relation | None:
    """Return a relation for smaller inputs; None if it needs more calls than there are."""
    if relation is None:
        return None
    if len(inputs.params) < 2:
        # One parameter has no other order.
        relation = _without_difference(relation, "shapes")
    if relation.after is None:
        return relation
    after = min(relation.after, len(inputs.calls) - 1)
    if after < 1:
        return None
    also_after = relation.also_after
    if also_after is not None:
        also_after = min(also_after, after - 1) or None
    return replace(relation, after=after, also_after=also_after)


def _simplest(
    relation: Relation | None, does_the_same: Callable[[Relation | None], bool]
) -> Relation | None:
    """Return the simplest relation that does the same, at last the relation itself."""
    while relation is not None:
        for simpler in _simpler(relation):
            if does_the_same(simpler):
                relation = simpler
                break
        else:
            return relation
    return None


def _simpler(relation: Relation) -> Iterator[Relation | None]:
    """Yield none, and then the relation without each thing that is special about it."""
    yield None
    if relation.used:
        yield replace(relation, used=False)
    if relation.also_after is not None:
        yield replace(relation, also_after=None)
    for name in relation.other:
        yield _without_difference(relation, name)


def _without_difference(relation: Relation, name: str) -> Relation:
    return replace(relation, other=tuple(other for other in relation.other if other != name))
