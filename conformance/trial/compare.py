"""The only place where two numbers are compared: is what a subject returned inside the permitted intervals."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from ..vectors.answer import Answer
from ..vectors.relations import RELATIONS
from ..vectors.vector import Vector
from ..vectors.words import Array
from .outcomes import Cause, Detail, Failure, RunStatus, Status
from .run import Run, Snapshot

# Which equation an answer tests, in the order in which a mistake travels.
EQUATIONS = {"m": Failure.E1, "v": Failure.E2, "v_max": Failure.E4, "params": Failure.E5}


# What is permitted where it is no interval.
DUE = {"nan": "NaN", "nonfinite": "an infinity or NaN", "bits": "the bits of the first run"}


# A run that did not come to numbers -> how it ends, and why it failed.
_WITHOUT_NUMBERS = {
    RunStatus.UNSUPPORTED: (Status.UNSUPPORTED, None),
    RunStatus.MISBEHAVED: (Status.FAILED, Failure.CONTRACT),
    RunStatus.ERRORED: (Status.ERRORED, Failure.ERROR),
}


class Discrepancy(NamedTuple):
    """The first place where a subject leaves its interval.

    Fields:
        of: `params`, `m`, `v` or `v_max`; step: the call, from 1; param: which parameter; element: index into it.
        ratio: error over bound; ulps: error in units in the last place of ``lo``.
        due: `interval`, or what else is permitted: `nonfinite`, `nan`, or `bits`, those of the first run, which are lo.
        relation: how the inputs of the run were changed; empty if they were not.
    """

    of: str
    step: int
    param: int
    element: tuple[int, ...]
    got: float
    lo: float
    hi: float
    ratio: float
    ulps: float
    due: str = "interval"
    relation: str = ""


class Comparison(NamedTuple):
    """A run against the answers for one convention and arithmetic.

    Fields:
        cause: why it is not a matter of numbers, or the reason of the waiver.
        worst: of -> the largest ratio.
        ulps: the largest error of a parameter, in units in the last place.
        failure: its kind, waived or not; None if it passed.
        bits: `digest.digest` of what was returned, whatever the answers; None if nothing was.
    """

    vector: Vector
    status: Status
    cause: Cause
    discrepancy: Discrepancy | None
    worst: dict[str, float]
    ulps: float = 0.0
    failure: Failure | None = None
    bits: str | None = None

    @property
    def failed(self) -> bool:
        """Whether it failed or errored, and no waiver allows it."""
        return self.status in (Status.FAILED, Status.ERRORED)

    @property
    def reason(self) -> str:
        """The cause in one line, for people; empty where it is a matter of numbers."""
        return str(self.cause)

    @property
    def worst_ratio(self) -> float:
        """The largest error over bound of any element; infinite for a NaN."""
        return max(self.worst.values(), default=0.0)


def compare(run: Run, answers: list[Answer]) -> Comparison:
    """Judge ``run`` by the answers for one convention and arithmetic."""
    vector = run.vector
    if not any(answer.quantity == "params" for answer in answers):
        cause = Cause("no answer for this convention")
        return Comparison(vector, Status.NOT_ASKED, cause, None, {})
    if run.status is not RunStatus.RAN:
        status, failure = _WITHOUT_NUMBERS[run.status]
        return Comparison(vector, status, run.cause, None, {}, failure=failure)
    due = {call for answer in answers if answer.quantity == "calls" for call in answer.raising}
    if wrong := _calls(run, due):
        return Comparison(vector, Status.FAILED, wrong, None, {}, failure=Failure.CALLS)
    for call in sorted(run.raised.keys() - due):
        cause = run.raised[call]
        return Comparison(vector, Status.ERRORED, cause, None, {}, failure=Failure.ERROR)
    worst: dict[str, float] = {}
    ulps = 0.0
    found: list[Discrepancy] = []
    rank = list(EQUATIONS).index
    for answer in sorted(
        (a for a in answers if a.quantity in EQUATIONS), key=lambda a: rank(a.quantity)
    ):
        for error in _all_errors(run, answer):
            worst[answer.quantity] = max(worst.get(answer.quantity, 0.0), error.ratio)
            ulps = max(ulps, error.ulps) if answer.quantity == "params" else ulps
            found += [error.discrepancy] if error.discrepancy else []
    # The earliest step, there the equation that comes first, and of its parameters the worst.
    first = min(found, key=lambda d: (d.step, rank(d.of), -d.ratio), default=None)
    if first is None:
        return Comparison(vector, Status.PASSED, Cause(), None, worst, ulps)
    failure = Failure.NAN if np.isnan(first.got) else EQUATIONS[first.of]
    return Comparison(vector, Status.FAILED, Cause(), first, worst, ulps, failure)


def _calls(run: Run, due: set[int]) -> Cause | None:
    """What is wrong with the calls that raised and those that did not, or None."""
    empty = {
        at
        for at, call in enumerate(run.vector.calls, 1)
        if all(grad is None for grad in call.grads)
    }
    for call in sorted(due - run.raised.keys()):
        why = (
            "no parameter has a gradient in it" if call in empty else "a gradient is missing in it"
        )
        return Cause(f"step {call} must raise, for {why}; it returned", detail=Detail.RETURNED)
    for call in sorted((run.raised.keys() - due) & empty):
        message = f"step {call} must not raise, though no parameter has a gradient in it"
        raised = run.raised[call]
        return Cause(f"{message}; got {raised.message}", raised.place, Detail.RAISED)
    return None


class _Error(NamedTuple):
    """The largest errors of one array, and its worst element outside its interval."""

    ratio: float
    ulps: float
    discrepancy: Discrepancy | None


def _all_errors(run: Run, answer: Answer) -> Iterator[_Error]:
    """Those of every answered call, and those of the related run, named by its relation."""
    kind = run.vector.relation.kind if run.vector.relation else ""
    for row, step in enumerate(run.vector.after):
        if step not in run.snapshots:  # the call raised, as it must
            continue
        yield from _errors_after(run.snapshots[step], answer, row, step)
        if kind:
            for error in _errors_after(run.related[step], answer, row, step):
                yield error._replace(
                    discrepancy=error.discrepancy and error.discrepancy._replace(relation=kind)
                )
        if kind and RELATIONS[kind].bitwise:
            yield from _differences(
                run.snapshots[step], run.related[step], answer.quantity, step, kind
            )


def _errors_after(snapshot: Snapshot, answer: Answer, row: int, step: int) -> Iterator[_Error]:
    """One for each array that the subject showed after a call, and that has elements."""
    for at, array in enumerate(_shown(snapshot, answer.quantity)):
        interval = answer.intervals[row][at]
        lo, hi = interval.lo, interval.hi
        got = np.zeros(lo.shape, lo.dtype) if array is None else array
        inside, ulps = interval.permits(got), interval.ulps(got)
        ratio = interval.over_bound(ulps)
        due = np.full(lo.shape, "interval") if interval.classes is None else interval.classes
        if not inside.all():
            index = np.unravel_index(int(np.argmax(np.where(inside, -1, ratio))), got.shape)
            place = tuple(int(i) for i in index)
            # Where no interval is permitted there is none to show.
            numbers = [float(x[index]) for x in (got, lo, hi, ratio, ulps)]
            numbers[1:3] = numbers[1:3] if due[index] == "interval" else [np.nan, np.nan]
            discrepancy = Discrepancy._make(
                [answer.quantity, step, at, place, *numbers, str(due[index]), ""]
            )
            yield _Error(float(ratio.max()), float(ulps.max()), discrepancy)
        elif ratio.size:
            yield _Error(float(ratio.max()), float(ulps.max()), None)


def _differences(
    first: Snapshot, second: Snapshot, of: str, step: int, kind: str
) -> Iterator[_Error]:
    """The first element of each array that is not the same, bit for bit, in two runs; zeros have one sign."""
    # Slots that only one of the runs shows have nothing to be compared with.
    for at, (one, other) in enumerate(zip(_shown(first, of), _shown(second, of), strict=False)):
        if one is None or other is None or np.array_equal(one, other):
            continue
        index = np.unravel_index(int(np.argmax(one != other)), one.shape)
        got, due = float(other[index]), float(one[index])
        ulps = abs(got - due) / float(np.spacing(np.abs(one[index])))
        place = tuple(int(i) for i in index)
        yield _Error(
            0.0, ulps, Discrepancy(of, step, at, place, got, due, due, 0.0, ulps, "bits", kind)
        )


def _shown(snapshot: Snapshot, of: str) -> Sequence[Array | None]:
    return snapshot.params if of == "params" else snapshot.slots.get(of, [])
