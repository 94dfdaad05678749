"""Comparison: the only place where the numbers of a subject are judged by the answers.

An element passes if it lies in the interval of the answer, in which every right Adam lies:

    lo <= got <= hi

How far it is off is the error over the bound, both in units in the last place of lo (ulp):

    ratio = |got - exact| / bound,    exact = lo + offset ulp(lo)

Both formulas are methods of `vectors.interval.Interval`. Elements that overflow have a class in the
place of the interval: an infinity or NaN, a NaN, or anything.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ..vectors.answer import Answer
from ..vectors.interval import unit_in_last_place
from ..vectors.relations import RELATIONS
from ..vectors.words import Array
from .comparison import EQUATIONS, Comparison, Discrepancy
from .events import Snapshot
from .outcomes import Cause, Detail, Failure, Permitted, RunStatus, Status
from .run import Run

# A run that did not come to numbers -> how it ends, and its kind of failure.
_WITHOUT_NUMBERS = {
    RunStatus.UNSUPPORTED: (Status.UNSUPPORTED, None),
    RunStatus.MISBEHAVED: (Status.FAILED, Failure.CONTRACT),
    RunStatus.ERRORED: (Status.ERRORED, Failure.ERROR),
}


def compare(run: Run, answers: Sequence[Answer]) -> Comparison:
    """Judge ``run`` by the answers for one convention and arithmetic."""
    vector = run.vector
    if not any(answer.quantity == "params" for answer in answers):
        cause = Cause("no answer for this convention")
        return Comparison(vector, Status.NOT_ASKED, cause)
    if run.status is not RunStatus.RAN:
        status, failure = _WITHOUT_NUMBERS[run.status]
        return Comparison(vector, status, run.cause, failure)
    # Which calls raise comes before numbers: they mean little once the calls differ.
    must_raise: set[int] = set()
    for answer in answers:
        must_raise.update(answer.raising)
    if wrong := _wrong_calls(run, must_raise):
        return Comparison(vector, Status.FAILED, wrong, Failure.CALLS)
    if unexpected := run.raised.keys() - must_raise:
        first_error = run.raised[min(unexpected)]
        return Comparison(vector, Status.ERRORED, first_error, Failure.ERROR)
    numeric = [answer for answer in answers if answer.quantity in EQUATIONS]
    return _compare_numbers(run, numeric)


def _wrong_calls(run: Run, must_raise: set[int]) -> Cause | None:
    """Return what is wrong with the calls that raised and those that did not, or None."""
    without_gradients: set[int] = set()
    for number, call_inputs in enumerate(run.vector.calls, 1):
        if all(grad is None for grad in call_inputs.grads):
            without_gradients.add(number)
    for call in sorted(must_raise - run.raised.keys()):
        why = "a gradient is missing in it"
        if call in without_gradients:
            why = "no parameter has a gradient in it"
        return Cause(f"step {call} must raise, because {why}; it returned", detail=Detail.RETURNED)
    # A call with some gradients is an ordinary error if it raises, so only empty ones count here.
    for call in sorted((run.raised.keys() - must_raise) & without_gradients):
        message = f"step {call} must not raise, though no parameter has a gradient in it"
        raised = run.raised[call]
        return Cause(f"{message}; got {raised.message}", raised.place, Detail.RAISED)
    return None


def _compare_numbers(run: Run, answers: Sequence[Answer]) -> Comparison:
    # All arrays are compared, even after a discrepancy, because reports show the worst of each.
    worst: dict[str, float] = {}
    ulps = 0.0
    discrepancies: list[Discrepancy] = []
    for answer in sorted(answers, key=lambda answer: _rank(answer.quantity)):
        for error in _errors(run, answer):
            quantity = answer.quantity
            worst[quantity] = max(worst.get(quantity, 0.0), error.ratio)
            if quantity == "params":
                ulps = max(ulps, error.ulps)
            if error.discrepancy is not None:
                discrepancies.append(error.discrepancy)
    if not discrepancies:
        return Comparison(run.vector, Status.PASSED, worst=worst, ulps=ulps)
    # The earliest step, there the equation that comes first, and of its parameters the worst.
    first = min(discrepancies, key=lambda d: (d.step, _rank(d.quantity), -d.ratio))
    failure = Failure.NAN if np.isnan(first.got) else EQUATIONS[first.quantity]
    return Comparison(
        run.vector,
        Status.FAILED,
        failure=failure,
        discrepancy=first,
        worst=worst,
        ulps=ulps,
    )


def _rank(quantity: str) -> int:
    return list(EQUATIONS).index(quantity)


class _ArrayError(NamedTuple):
    """The largest errors of one array, and its worst element outside its interval."""

    ratio: float
    ulps: float
    discrepancy: Discrepancy | None


def _errors(run: Run, answer: Answer) -> Iterator[_ArrayError]:
    """Yield the errors after every answered call; those of the related run name its relation."""
    kind = run.vector.relation.kind if run.vector.relation else ""
    for row, step in enumerate(run.vector.after):
        if step not in run.snapshots:
            continue  # the call raised, as it must
        yield from _errors_after(run.snapshots[step], answer, row, step)
        if not kind:
            continue
        for error in _errors_after(run.related[step], answer, row, step):
            yield _with_relation(error, kind)
        if RELATIONS[kind].bitwise:
            yield from _differences(run, answer, row, step)


def _errors_after(snapshot: Snapshot, answer: Answer, row: int, step: int) -> Iterator[_ArrayError]:
    """Yield the error of each array that the subject showed after a call, if it has elements."""
    for param, array in enumerate(_arrays_of(snapshot, answer.quantity)):
        interval = answer.intervals[row][param]
        lo = interval.lo
        got = _or_zeros(array, lo)
        if not got.size:
            continue
        inside = interval.permits(got)
        ulps = interval.ulps(got)
        ratio = interval.over_bound(ulps)
        discrepancy = None
        if not inside.all():
            # -1 is below every ratio, so the worst element is one outside.
            worst = np.unravel_index(int(np.argmax(np.where(inside, -1, ratio))), got.shape)
            permitted = Permitted.INTERVAL
            if interval.classes is not None:
                permitted = Permitted(str(interval.classes[worst]))
            has_interval = permitted is Permitted.INTERVAL
            discrepancy = Discrepancy(
                quantity=answer.quantity,
                step=step,
                param=param,
                element=tuple(int(index) for index in worst),
                got=float(got[worst]),
                lo=float(lo[worst]) if has_interval else np.nan,
                hi=float(interval.hi[worst]) if has_interval else np.nan,
                ratio=float(ratio[worst]),
                ulps=float(ulps[worst]),
                permitted=permitted,
            )
        yield _ArrayError(float(ratio.max()), float(ulps.max()), discrepancy)


def _differences(run: Run, answer: Answer, row: int, step: int) -> Iterator[_ArrayError]:
    """Yield the first element of each array with other bits in the second run; 0 equals -0."""
    relation = run.vector.relation
    assert relation is not None
    quantity = answer.quantity
    firsts = _arrays_of(run.snapshots[step], quantity)
    seconds = _arrays_of(run.related[step], quantity)
    # Before the first gradient one of the runs may show no slots: they are zeros.
    pairs = zip(firsts, seconds, answer.intervals[row], strict=False)
    for param, (shown, shown_later, interval) in enumerate(pairs):
        first = _or_zeros(shown, interval.lo)
        second = _or_zeros(shown_later, interval.lo)
        differing = (first != second) & ~(np.isnan(first) & np.isnan(second))
        # Where the class is no interval, right Adams overflow in one run and not in the other.
        if interval.classes is not None:
            differing &= interval.classes == Permitted.INTERVAL
        if not differing.any():
            continue
        place = np.unravel_index(int(np.argmax(differing)), first.shape)
        got = float(second[place])
        wanted = float(first[place])
        ulps = abs(got - wanted) / float(unit_in_last_place(first[place]))
        discrepancy = Discrepancy(
            quantity=quantity,
            step=step,
            param=param,
            element=tuple(int(index) for index in place),
            got=got,
            lo=wanted,
            hi=wanted,
            # The bound does not matter for bits.
            ratio=0.0,
            ulps=ulps,
            permitted=Permitted.BITS,
            relation=relation.kind,
        )
        yield _ArrayError(0.0, ulps, discrepancy)


def _or_zeros(array: Array | None, like: Array) -> Array:
    """Return an array; a moment that is not there yet counts as zeros."""
    return np.zeros(like.shape, like.dtype) if array is None else array


def _with_relation(error: _ArrayError, kind: str) -> _ArrayError:
    if error.discrepancy is None:
        return error
    return error._replace(discrepancy=replace(error.discrepancy, relation=kind))


def _arrays_of(snapshot: Snapshot, quantity: str) -> Sequence[Array | None]:
    if quantity == "params":
        return snapshot.params
    return snapshot.slots.get(quantity, [])
