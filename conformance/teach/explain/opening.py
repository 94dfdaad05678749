"""The opening of a page: what is asked, and what its convention does otherwise than the paper."""

from collections.abc import Iterator

from ...diagnosis.axis_words import words_of
from ...report.text import count_of
from ...truth.axes import idle_axes
from ...truth.problem import Problem
from ...truth.reference import AXES, CONVENTIONS, Format
from ...vectors.slices import IndexedSlices
from ...vectors.vector import Vector
from ..pages.page import Block, Heading, Sentence
from .question import OWN_INPUTS, StepQuestion
from .story import Choice

# How many numbers of steps are listed: all that are shown unasked.
_LISTED = 6
_DOUBLE = "float64"
_FORMATS = {Format.BINARY64: _DOUBLE, Format.BINARY32: "float32"}


def opening(question: StepQuestion) -> Iterator[Block]:
    """Yield what is asked."""
    vector = question.vector
    yield Heading(f"{question.name}, by {question.convention.name}", 1)
    if vector.id != OWN_INPUTS:
        yield Sentence(vector.why)
    yield Sentence(f"config: {', '.join(settings_of(vector))}")
    kept = f", kept as {question.storage}" if question.storage else ""
    shapes = ", ".join(str(list(shape)) for shape in vector.spec.shapes)
    number = "shape" if len(vector.params) == 1 else "shapes"
    yield Sentence(
        f"{count_of(len(vector.params), 'parameter')} of {vector.dtype}{kept}, "
        f"{number} {shapes}; {count_of(len(vector.calls), 'call')}"
    )
    yield Sentence(arithmetic_words(question))
    yield from _otherwise(question)


def settings_of(vector: Vector) -> list[str]:
    """Return the numbers and switches of a vector, as they are written."""
    flags = {name: on for name, on in vector.switches.items() if not isinstance(on, float)}
    return [f"{name}={value!r}" for name, value in {**vector.numbers, **flags}.items()]


def arithmetic_words(question: StepQuestion) -> str:
    """Return in words what is rounded to which format, from what a user sets to the elements."""
    arithmetic = question.arithmetic
    dtype = question.wide_of(question.vector.params[0])
    formats = {
        "the learning rate": arithmetic.learning_rate,
        "epsilon": arithmetic.epsilon,
        "beta in E1 and E2": arithmetic.moment_beta,
        "beta in beta^t": arithmetic.power_beta,
        "1 - beta^t": arithmetic.correction,
    }
    by_format: dict[str, list[str]] = {}
    for number, form in formats.items():
        by_format.setdefault(_FORMATS.get(form, dtype), []).append(number)
    parts = [f"{', '.join(numbers)} in {form}" for form, numbers in by_format.items()]
    if len(parts) == 1:
        parts = [f"what the config sets, and 1 - beta^t, in {next(iter(by_format))}"]
    computed = (
        "From these, the numbers that all elements share are computed in float64; each that "
        f"enters E1 to E5 is then rounded once to {dtype}. Elements are computed in {dtype}."
    )
    if dtype == _DOUBLE:
        computed = f"From these, all that follows is computed in {dtype}."
    return f"arithmetic {arithmetic}: {'; '.join(parts)}. {computed}"


def _otherwise(question: StepQuestion) -> Iterator[Block]:
    """Yield what the convention does otherwise than the paper, where it matters here."""
    own = question.convention
    paper = CONVENTIONS["paper"].convention
    idle = axes_without_effect(question.vector)
    for axis in AXES:
        value = getattr(own, axis)
        usual = getattr(paper, axis)
        words = words_of(axis, value)
        if axis in idle or value == usual or not words:
            continue
        if axis == "epsilon" and value == "both" and "epsilon_root" not in question.vector.switches:
            continue
        other = words_of(axis, usual)
        contrast = f", where the paper {other}" if other else ""
        yield Sentence(f"{own.name} {words}{contrast} ({axis} {value})", stands_out=True)


def axes_without_effect(vector: Vector) -> set[str]:
    """Return the axes that cannot matter to a vector."""
    grads = [grad for call in vector.spec.inputs.calls for grad in call.grads]
    try:
        config = Problem(vector.spec).config
    except ValueError:
        # It has no exact answer, but may still be explained.
        return set()
    missing = any(grad is None for grad in grads)
    slices = [grad for grad in grads if isinstance(grad, IndexedSlices)]
    idle = idle_axes(
        config,
        missing,
        bool(slices),
        vector.inputs.is_complex,
    )
    if all(len(grad.indices) for grad in slices):
        idle.add("empty_sparse")
        # Only then may a sparse gradient count as missing.
        idle |= set() if missing else {"none_gradient", "all_none"}
    return idle


def omissions(vector: Vector, choice: Choice) -> Iterator[Block]:
    """Yield how many steps and elements are not shown."""
    calls = len(vector.calls)
    elements = sum(param.size for param in vector.params)
    places = len(choice.places)
    if len(choice.steps) < calls:
        shown = ", ".join(map(str, choice.steps[:_LISTED]))
        left = count_of(calls - len(choice.steps), "step")
        more = f" and {len(choice.steps) - _LISTED} more" if len(choice.steps) > _LISTED else ""
        hint = "--steps all shows every step"
        steps = "step" if len(choice.steps) == 1 else "steps"
        yield Sentence(f"Shown: {steps} {shown}{more}; {left} of {calls} left out ({hint}).")
    if places < elements:
        yield Sentence(
            f"Shown: {count_of(places, 'element')}; {elements - places} of {elements} left out "
            "(--element all shows every element)."
        )
