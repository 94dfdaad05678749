"""Failures of a subject in full: one block of text each, the same on terminals, in JUnit and CI."""

import shlex
from collections.abc import Iterator, Sequence
from math import isfinite

import numpy as np

from ...judge.verdict import Report
from ...trial.comparison import PERMITTED_WORDS, Comparison, Discrepancy
from ...trial.outcomes import Detail, Failure, Permitted
from ...vectors.inputs import Call
from ...vectors.slices import Grad, IndexedSlices
from ...vectors.vector import Vector
from ..text import printable

# How many failures beyond those shown in full are named.
_NAMED = 8
# How many rows of a sparse gradient are listed.
_ROWS = 8
# The second run of a vector, by its relation to the first.
_SECOND_RUN = {
    "scale": "gradients and epsilon times a power of two",
    "negate": "all signs turned around",
    "reverse": "parameters and elements in reverse order",
    "split": "every element a parameter of its own",
    "resume": "saved and restored on the way",
    "form": "the same numbers in another layout or type",
    "refuse": "bad inputs before each call, all of which it refused",
    "reload": "loaded into an object that was used",
    "beside": "beside other objects of the class",
    "again": "after another object of the class",
    "mixed": "every second parameter and its gradients in float64",
    "late": "the last group added on the way",
}
# Where the mistake may be if only the second run fails.
_SUSPECTS_OF_SECOND_RUN = {
    "scale": "a constant that has the scale of a gradient and is not epsilon",
    "negate": "anything that depends on a sign",
    "reverse": "anything that depends on the place of a parameter or an element",
    "split": "anything that elements or parameters share",
    "resume": "saving and restoring (a run without them is right)",
    "form": "whatever depends on the layout or type of what is handed over",
    "refuse": "what changes before a bad input is found",
    "reload": "what load leaves of the calls before it",
    "beside": "anything that objects of one class share",
    "again": "anything that outlives an object",
    "mixed": "anything that parameters of two dtypes share",
    "late": "what add_group does, and what a new group starts from",
}
# What makes a second run special -> the words for it.
_DETAILS = {
    "used": "into a used object",
    "twice": "twice",
    "numbers": "the other has other numbers",
    "params": "the other has other parameters",
    "shapes": "the other has other shapes",
}
_SUSPECTS_OF_SLOT = {
    "m": "E1, the first moment",
    "v": "E2, the second moment",
    "v_max": "AMSGrad's maximum",
}


def failures(report: Report, blocks: int) -> Iterator[str]:
    """Yield the first failures in full, the smallest input, and a line that names the others."""
    found = report.failures
    shown = _of_different_topics(found)[:blocks]
    name = printable(report.subject.name)
    # First each failure in full, then the smallest input, then the names of the others.
    for failure in shown:
        yield block(report, failure) + "\n"
    if shown and report.smallest is not None:
        script = report.smallest.script.rstrip()
        yield f"SMALLEST  {name}  the smallest input that it fails:\n\n{script}\n"
    others = [failure.vector.id for failure in found if failure not in shown]
    if others:
        more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
        yield f"{name} fails also: {', '.join(others[:_NAMED])}{more}\n"


def _of_different_topics(found: Sequence[Comparison]) -> list[Comparison]:
    """Return the failures with the first of each topic in front: they tell most."""
    first_of_topic = {failure.vector.topic: failure for failure in reversed(found)}
    return sorted(found, key=lambda failure: first_of_topic[failure.vector.topic] is not failure)


def block(report: Report, failure: Comparison, again: Sequence[str] = ()) -> str:
    """Return everything that is known about one failure.

    Args:
        report: the report that it is in.
        failure: the comparison that failed.
        again: the command that runs just this vector; if empty, the one of `adamref check`.
    """
    vector = failure.vector
    head = f"{failure.status.upper()}  {printable(report.subject.name)}  {vector.id}"
    lines = [f"{head}  {failure.failure}"]
    if failure.discrepancy is not None:
        lines += _numbers(failure, failure.discrepancy)
    else:
        lines.append(f"  what       {printable(failure.reason)}")
    # With other numbers the input is no longer about what it was made for.
    if failure.failure is not Failure.REQUIRED and not report.suite.config:
        lines.append(f"  why        {printable(vector.why)}")
    command = shlex.join(again or _command(report, failure))
    lines.append(f"  again      {printable(command)}")
    return "\n".join(lines)


def _command(report: Report, failure: Comparison) -> list[str]:
    """Return the command that judges the subject by this vector alone."""
    command = ["adamref", "check", report.subject.name]
    command += ["--convention", report.convention.name]
    command += ["--only", failure.vector.id]
    if report.suite.config:
        numbers = (f"{name}={value!r}" for name, value in report.suite.config.items())
        command += ["--config", ",".join(numbers)]
    if not report.subject.roundings.is_ordinary:
        command += ["--roundings", str(report.subject.roundings)]
    if report.subject.arithmetic:
        command += ["--arithmetic", report.subject.arithmetic]
    if failure.cause.detail is Detail.HYGIENE:
        command += ["--require", "hygiene"]
    if failure.failure is Failure.REQUIRED:
        # A name that no selected vector needs would be refused.
        for feature in sorted(report.require & failure.vector.features):
            command += ["--require", feature]
    return command


def _numbers(failure: Comparison, discrepancy: Discrepancy) -> Iterator[str]:
    """Yield where a number leaves its interval, by how much, and what led to it."""
    vector = failure.vector
    yield f"  where      {_where(vector, discrepancy)}"
    yield f"  suspect    {_suspects(failure, discrepancy)}"
    yield f"  got        {_both(discrepancy.got, vector.dtype)}"
    yield f"  permitted  {_interval(discrepancy, vector.dtype)}"
    if discrepancy.permitted in (Permitted.INTERVAL, Permitted.BITS) and isfinite(discrepancy.ulps):
        # An exact result has no bound to divide by.
        exact = discrepancy.lo == discrepancy.hi
        bounds = "" if exact else f"{discrepancy.ratio:.3g} times the bound, "
        yield f"  off by     {bounds}{discrepancy.ulps:.3g} units in the last place"
    # Numeric switches are among the numbers already.
    switches = {name: on for name, on in vector.switches.items() if not isinstance(on, float)}
    settings = (f"{name}={value!r}" for name, value in {**vector.numbers, **switches}.items())
    yield f"  config     {', '.join(settings)}"
    yield from _history(vector, discrepancy)


def _where(vector: Vector, discrepancy: Discrepancy) -> str:
    words = [f"step {discrepancy.step}, {discrepancy.quantity}[{discrepancy.param}]"]
    if discrepancy.element:
        words[0] += f" element {list(discrepancy.element)}"
    if discrepancy.relation:
        words.append(_SECOND_RUN[discrepancy.relation])
        assert vector.relation is not None
        words += [_DETAILS[detail] for detail in vector.relation.details]
    return ", ".join(words)


def _history(vector: Vector, discrepancy: Discrepancy) -> Iterator[str]:
    """Yield what the element started from, and its gradients up to the discrepancy."""
    param = discrepancy.param
    place = discrepancy.element
    yield f"  parameter  {_element(vector.params[param], place)} at the start, {vector.dtype}"
    if vector.load is not None:
        slots, t = vector.load
        loaded = [f"t={t[param]}"]
        loaded += [f"{slot}={_element(arrays[param], place)}" for slot, arrays in slots.items()]
        yield f"  loaded     {', '.join(loaded)}"
    grads = (_element(call.grads[param], place) for call in vector.calls[: discrepancy.step])
    yield f"  gradients  {', '.join(grads)}"
    scales = [_scale_of(call) for call in vector.calls[: discrepancy.step]]
    if any(scales):
        yield f"  scales     {', '.join(scales)}"


def _scale_of(call: Call) -> str:
    """Return the scale of a call in words; empty if there is none."""
    if call.scale is None:
        return ""
    return f"{call.scale:g}{' (skipped: not all gradients are finite)' if call.is_skipped else ''}"


def _interval(discrepancy: Discrepancy, dtype: str) -> str:
    lowest = _both(discrepancy.lo, dtype)
    highest = _both(discrepancy.hi, dtype)
    if discrepancy.permitted is Permitted.BITS:
        return f"{lowest}, the bits of the first run"
    if discrepancy.permitted is not Permitted.INTERVAL:
        return PERMITTED_WORDS[discrepancy.permitted]
    if discrepancy.lo == discrepancy.hi:
        return f"exactly {highest}"
    return f"{lowest} to {highest}"


def _suspects(failure: Comparison, discrepancy: Discrepancy) -> str:
    """Return the equations of step.py in which the mistake may be, as far as moments tell."""
    if discrepancy.relation:
        return _SUSPECTS_OF_SECOND_RUN[discrepancy.relation]
    if failure.vector.calls[discrepancy.step - 1].is_skipped:
        return "what a step that must be skipped changes"
    if discrepancy.quantity != "params":
        return _SUSPECTS_OF_SLOT[discrepancy.quantity]
    if "m" not in failure.worst:
        return "E1 to E5 (it shows no moments)"
    worst_of_slots = max(failure.worst.get(slot, 0) for slot in _SUSPECTS_OF_SLOT)
    if worst_of_slots <= 1:
        return "E3 to E5, bias correction and step (the moments are right)"
    return "E3 to E5, bias correction and step (the moments are right up to here)"


def _element(array: Grad | None, place: tuple[int, ...]) -> str:
    """Return one element; of a sparse gradient, the element in each slice of its row."""
    if array is None:
        return "None"
    if not isinstance(array, IndexedSlices):
        return str(array[place])
    row = place[0]
    elements = [str(values[place[1:]]) for values in array.values[array.indices == row]]
    rows = ", ".join(map(str, array.indices[:_ROWS]))
    if len(array.indices) > _ROWS:
        rows += ", ..."
    return f"{' & '.join(elements) or 'no slice'} of rows [{rows}]"


def _both(value: float, dtype: str) -> str:
    """Return the shortest decimal of a number in its format, and its bits in hexadecimal."""
    decimal = str(np.dtype(dtype).type(value))
    digits, _, exponent = value.hex().partition("p")
    # NaN and infinities have no exponent.
    if not exponent:
        return decimal
    return f"{decimal} ({digits.rstrip('0').rstrip('.')}p{exponent})"
