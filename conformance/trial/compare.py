"""Comparison: the only place where the numbers of a subject are judged by the answers.

An element passes if it lies in the interval of the answer, in which every right Adam lies:

    lo <= got <= hi

How far it is off is the error over the bound, both in units in the last place of lo (ulp):

    ratio = |got - exact| / bound,    exact = lo + offset ulp(lo)

A subject that declares N roundings for an equation passes if ratio <= N. Its ratio is N times
smaller, so that 1 is the limit everywhere.

Both formulas are methods of `vectors.interval.Interval`. Elements that overflow have a class in the
place of the interval: an infinity or NaN, a NaN, or anything.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ..vectors.answer import CHANGE, Answer
from ..vectors.interval import unit_in_last_place
from ..vectors.relations import RELATIONS
from ..vectors.words import Array
from .comparison import EQUATIONS, Comparison, Discrepancy
from .events import Snapshot
from .half.random_rounding import wrong_rounding
from .outcomes import Cause, Detail, Failure, Permitted, RunStatus, Status
from .run import Run

# A run that did not come to numbers -> how it ends, and its kind of failure.
_WITHOUT_NUMBERS = {
    RunStatus.UNSUPPORTED: (Status.UNSUPPORTED, None),
    RunStatus.MISBEHAVED: (Status.FAILED, Failure.CONTRACT),
    RunStatus.ERRORED: (Status.ERRORED, Failure.ERROR),
}


class Errors(NamedTuple):
    """The largest errors by an answer, and what lies outside after the first call with any."""

    ratio: float
    ulps: float
    discrepancies: Sequence[Discrepancy] = ()


# The errors of a run by an answer, and those of its related run.
ErrorsBy = Callable[[Run, Answer], Sequence[Errors]]


def errors_by(run: Run, answer: Answer) -> Sequence[Errors]:
    """Return the errors of a run by one answer, and those of its related run."""
    return list(_errors(run, answer))


def compare(run: Run, answers: Sequence[Answer], find_errors: ErrorsBy = errors_by) -> Comparison:
    """Judge ``run`` by the answers for one convention and arithmetic.

    ``find_errors``: `errors_by`, or the same with a memory.
    """
    vector = run.vector
    if not any(answer.is_about_params for answer in answers):
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
    for answer in answers:
        if answer.quantity == CHANGE and (wrong := wrong_rounding(run, answer)):
            return Comparison(vector, Status.FAILED, wrong, EQUATIONS["params"])
    numeric = [answer for answer in answers if answer.quantity in EQUATIONS]
    return _compare_numbers(run, numeric, find_errors)


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


def _compare_numbers(run: Run, answers: Sequence[Answer], find_errors: ErrorsBy) -> Comparison:
    # All arrays are compared, even after a discrepancy, because reports show the worst of each.
    worst: dict[str, float] = {}
    ulps = 0.0
    discrepancies: list[Discrepancy] = []
    for answer in sorted(answers, key=lambda answer: _rank(answer.quantity)):
        for errors in find_errors(run, answer):
            quantity = answer.quantity
            worst[quantity] = max(worst.get(quantity, 0.0), errors.ratio)
            if quantity == "params":
                ulps = max(ulps, errors.ulps)
            discrepancies += errors.discrepancies
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
        permitted=frozenset(discrepancy.permitted for discrepancy in discrepancies),
        worst=worst,
        ulps=ulps,
    )


def _rank(quantity: str) -> int:
    return list(EQUATIONS).index(quantity)


def _errors(run: Run, answer: Answer) -> Iterator[Errors]:
    """Yield the errors of the run, and those of the related run, which name its relation."""
    yield from _errors_of(run, run.snapshots, answer)
    if run.vector.relation is None:
        return
    kind = run.vector.relation.kind
    for errors in _errors_of(run, run.related, answer):
        named = [replace(discrepancy, relation=kind) for discrepancy in errors.discrepancies]
        yield errors._replace(discrepancies=named)
    if RELATIONS[kind].bitwise:
        for row, step in enumerate(run.vector.after):
            if step in run.snapshots:
                yield from _differences(run, answer, row, step)


def _errors_of(run: Run, snapshots: Mapping[int, Snapshot], answer: Answer) -> Iterator[Errors]:
    """Yield the errors of all arrays that the subject showed, if they have elements."""
    rows: list[int] = []
    parts: list[Array] = []
    for row, step in enumerate(run.vector.after):
        if step not in snapshots:
            continue  # the call raised, as it must
        # Empty where the subject does not show its moments.
        if arrays := _arrays_of(snapshots[step], answer.quantity):
            rows.append(row)
            pairs = zip(arrays, snapshots[step].params, strict=True)
            parts += [_or_zeros(array, param).reshape(-1) for array, param in pairs]
    # The arrays are small and many, so they are judged as one.
    got = np.concatenate(parts) if parts else np.zeros(0)
    if not got.size:
        return
    whole = answer.whole(rows)
    inside = whole.permits(got)
    ulps = whole.ulps(got)
    ratios = whole.over_bound(ulps)
    # A bound has six digits, so that a permitted value may seem to be beyond it by one of them.
    ratios = np.where(inside, np.minimum(ratios, 1), ratios)
    discrepancies: list[Discrepancy] = []
    if not inside.all():
        # All rows have the same length, and the first one with a discrepancy is the earliest.
        row = rows[int(np.argmin(inside)) * len(rows) // got.size]
        step = run.vector.after[row]
        discrepancies += _discrepancies(snapshots[step], answer, row, step)
    yield Errors(float(ratios.max()), float(ulps.max()), discrepancies)


def _discrepancies(
    snapshot: Snapshot, answer: Answer, row: int, step: int
) -> Iterator[Discrepancy]:
    """Yield the worst element outside its interval of each array after a call."""
    for param, array in enumerate(_arrays_of(snapshot, answer.quantity)):
        interval = answer.intervals[row][param]
        got = _or_zeros(array, interval.lo)
        inside = interval.permits(got)
        if inside.all():
            continue
        ulps = interval.ulps(got)
        ratio = interval.over_bound(ulps)
        # -1 is below every ratio, so the worst element is one outside.
        worst = np.unravel_index(int(np.argmax(np.where(inside, -1, ratio))), got.shape)
        permitted = Permitted.INTERVAL
        if interval.classes is not None:
            permitted = Permitted(str(interval.classes[worst]))
        has_interval = permitted is Permitted.INTERVAL
        lo, hi = interval.ends
        yield Discrepancy(
            quantity=answer.quantity,
            step=step,
            param=param,
            element=tuple(int(index) for index in worst),
            got=float(got[worst]),
            lo=float(lo[worst]) if has_interval else np.nan,
            hi=float(hi[worst]) if has_interval else np.nan,
            ratio=float(ratio[worst]),
            ulps=float(ulps[worst]),
            permitted=permitted,
        )


def _differences(run: Run, answer: Answer, row: int, step: int) -> Iterator[Errors]:
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
        yield Errors(0.0, ulps, [discrepancy])


def _or_zeros(array: Array | None, like: Array) -> Array:
    """Return an array; a moment that is not there yet counts as zeros."""
    return np.zeros(like.shape, like.dtype) if array is None else array


def _arrays_of(snapshot: Snapshot, quantity: str) -> Sequence[Array | None]:
    if quantity == "params":
        return snapshot.params
    return snapshot.slots.get(quantity, [])
