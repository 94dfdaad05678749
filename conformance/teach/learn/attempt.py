"""Attempt: what the judge says about the Adam of a learner, in words that name no mistake."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ...judge.check import check
from ...report.text import count_of, printable
from ...trial.comparison import PERMITTED_WORDS, Comparison, Discrepancy
from ...trial.outcomes import Failure, Permitted
from ...vectors.inputs import Call
from ...vectors.slices import Grad, IndexedSlices
from ...vectors.vector import Vector

# The equation in which a mistake shows first -> what it computes.
_EQUATIONS = {
    Failure.E1: "E1, the first moment m",
    Failure.E2: "E2, the second moment v",
    Failure.E4: "v_max, the largest v so far",
}
_STEP = "E3 to E5: bias correction, denominator, or what the step starts from"
# Their inputs are the smallest for something, or have everything on; no sentence says what for.
_SEARCHED = ("found", "rounding", "together")
# Arrays beyond this size are shown by their first elements.
_ELEMENTS = 6


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """The judgement of one attempt.

    Fields:
        is_right: whether it passes everything that was asked.
        lines: what is said about it.
    """

    is_right: bool
    lines: Sequence[str]


def attempt(
    subject: str, convention: str = "paper", require: Sequence[str] = (), storage: str = ""
) -> Attempt:
    """Judge the Adam of a learner.

    Args:
        subject: its name as on the command line.
        convention: by which it is judged.
        require: the features that it must support.
        storage: what it keeps of bfloat16; empty if it has none.

    Raises:
        SubjectError: it cannot be loaded.
    """
    declared = {"bfloat16": storage} if storage else None
    report = check(subject, convention, require=require, storage=declared)
    passed = report.counts["passed"]
    if report.conformant:
        return Attempt(is_right=True, lines=[f"it is right: it passes {_vectors(passed)}"])
    failed = report.failures
    if not failed:
        why = printable(report.remark or f"the verdict is {report.verdict_text}")
        return Attempt(is_right=False, lines=[f"it cannot be judged: {why}"])
    lines = [f"it passes {_vectors(passed)} and fails {len(failed)}", ""]
    lines += _first(failed)
    if report.smallest is not None:
        vector = report.smallest.vector
        lines += ["", "The smallest input that shows it:"]
        lines += _story(vector, report.smallest.comparison)
    return Attempt(is_right=False, lines=lines)


def _vectors(count: int) -> str:
    return count_of(count, "vector")


def _first(failed: Sequence[Comparison]) -> Iterator[str]:
    """Yield the failure that is easiest to read, in words."""
    # The first of several that are as easy: the plain vectors come first.
    easiest = min(failed, key=_effort)
    yield f"One that it fails is {easiest.vector.id}: {printable(easiest.vector.why)}"
    if easiest.discrepancy is None:
        yield f"  what      {printable(easiest.reason)}"
        return
    yield _config(easiest.vector)
    yield from _history(easiest.vector, easiest.discrepancy)
    yield f"  equation  {_equation(easiest)}"
    yield from _numbers(easiest.vector, easiest.discrepancy)


def _effort(failure: Comparison) -> tuple[bool, bool, bool]:
    """Return what makes a failure hard to read: no purpose, a second run, no number."""
    vector = failure.vector
    return (
        vector.topic in _SEARCHED,
        vector.relation is not None,
        failure.discrepancy is None,
    )


def _equation(failure: Comparison) -> str:
    if failure.failure in _EQUATIONS:
        return _EQUATIONS[failure.failure]
    is_known = "m" in failure.worst
    return f"{_STEP} (m and v are right)" if is_known else "E1 to E5 (m and v are not shown)"


def _numbers(vector: Vector, found: Discrepancy) -> Iterator[str]:
    """Yield the first number that is wrong, beside the right one."""
    name = "parameter" if found.quantity == "params" else found.quantity
    place = f"{name} {found.param}"
    if found.element:
        place += f", element {list(found.element)}"
    yield f"  where     step {found.step}, {place}"
    yield f"  yours     {_decimal(found.got, vector.dtype)}"
    yield f"  right     {_right_number(found, vector.dtype)}"


def _right_number(found: Discrepancy, dtype: str) -> str:
    if found.permitted is not Permitted.INTERVAL:
        return PERMITTED_WORDS[found.permitted]
    lowest = _decimal(found.lo, dtype)
    highest = _decimal(found.hi, dtype)
    return lowest if lowest == highest else f"from {lowest} to {highest}"


def _config(vector: Vector) -> str:
    numbers = {**vector.numbers, **vector.switches}
    return f"  numbers   {', '.join(f'{name}={value!r}' for name, value in numbers.items())}"


def _history(vector: Vector, found: Discrepancy) -> Iterator[str]:
    """Yield what the element that is wrong started from, and its gradients until then."""
    place = found.element
    start = str(vector.params[found.param][place])
    yield f"  start     the element is {start}, {vector.dtype}"
    grads = [call.grads[found.param] for call in vector.calls[: found.step]]
    yield f"  steps     its gradients are {', '.join(_at(grad, place) for grad in grads)}"


def _at(grad: Grad | None, place: tuple[int, ...]) -> str:
    """Return the gradient of one element; of slices, the terms of its row."""
    if grad is None:
        return "None"
    if not isinstance(grad, IndexedSlices):
        return str(grad[place])
    terms = [str(values[place[1:]]) for values in grad.values[grad.indices == place[0]]]
    return " + ".join(terms) or "0"


def _story(vector: Vector, failure: Comparison) -> Iterator[str]:
    """Yield an input from its start to the number that is wrong."""
    yield _config(vector)
    for number, param in enumerate(vector.params):
        yield f"  start     parameter {number} is {_array(param)}, {param.dtype}"
    for step, call in enumerate(vector.calls, 1):
        yield f"  step {step}    {_call(call)}"
    yield f"  equation  {_equation(failure)}"
    if failure.discrepancy is not None:
        yield from _numbers(vector, failure.discrepancy)


def _call(call: Call) -> str:
    """Return the gradients of a call in words."""
    words = [f"the gradient of parameter {i} is {_gradient(grad)}" for i, grad in _pairs(call)]
    if call.learning_rate is not None:
        words.append(f"the learning rate is {call.learning_rate!r}")
    return ", ".join(words)


def _pairs(call: Call) -> Iterator[tuple[int, Grad | None]]:
    return enumerate(call.grads)


def _gradient(grad: Grad | None) -> str:
    if grad is None:
        return "None"
    if isinstance(grad, IndexedSlices):
        rows = ", ".join(map(str, grad.indices.tolist()))
        return f"{_array(grad.values)} for rows {rows}"
    return _array(grad)


def _array(array: "np.ndarray[tuple[int, ...], np.dtype[np.generic]]") -> str:
    elements = [str(element) for element in array.ravel()[:_ELEMENTS]]
    if array.size > _ELEMENTS:
        elements.append("...")
    return f"[{', '.join(elements)}]"


def _decimal(value: float, dtype: str) -> str:
    return str(np.dtype(dtype).type(value))
