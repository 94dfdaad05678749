"""Probes: runs that tell something of a subject that failed, besides its vectors."""

from collections.abc import Sequence
from dataclasses import replace

from ..subject.subject import Subject
from ..trial.comparison import Comparison
from ..trial.digest import digest
from ..trial.judged_runs import failures
from ..trial.outcomes import RunStatus
from ..trial.run import Run, run
from ..vectors.vector import Vector

# Far from the numbers of most vectors, and exact in binary32.
_OTHERS = {"learning_rate": 0.375, "beta1": 0.625, "beta2": 0.875, "epsilon": 0.5}
# Fewer steps hardly depend on the betas.
_FEWEST_STEPS = 3


def unrepeatable_vector(
    subject: Subject, runs: Sequence[Run], comparisons: Sequence[Comparison]
) -> str:
    """Return the first vector that failed, if a second run of it gives other numbers."""
    first = failures(comparisons)[0].vector
    before = next(one for one in runs if one.vector.id == first.id)
    if before.status is not RunStatus.RAN:
        return ""
    again = run(subject, first)
    return "" if digest(again.snapshots) == digest(before.snapshots) else first.id


def ignored_numbers(
    subject: Subject, runs: Sequence[Run], comparisons: Sequence[Comparison]
) -> tuple[str, ...]:
    """Return the hyperparameters on which what a subject returns does not depend."""
    failed = {failure.vector.id for failure in failures(comparisons)}
    for one in runs:
        vector = one.vector
        plain = vector.features == {vector.dtype} and vector.relation is None
        still = not vector.numbers["learning_rate"] or len(vector.calls) < _FEWEST_STEPS
        if not plain or still or vector.id not in failed:
            continue
        before = digest(one.snapshots)
        if before is not None:
            return tuple(
                name
                for name, number in _OTHERS.items()
                if digest(run(subject, _with_number(vector, name, number)).snapshots) == before
            )
    return ()


def _with_number(vector: Vector, name: str, number: float) -> Vector:
    numbers = {**vector.numbers, name: number}
    inputs = vector.spec.inputs._replace(numbers=numbers)
    return Vector(replace(vector.spec, inputs=inputs), [])
