"""Stories: every number of the chosen steps and elements of a question."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any, NamedTuple

import numpy as np

from ...vectors.slices import IndexedSlices
from . import program
from .gradient import Leaf, Sources, leaves_of_clips, sources, statements_of_gradient
from .question import StepQuestion
from .reference_run import ReferenceStates, Taken, take_calls
from .rules import Rules
from .start import SLOTS, ElementPlace, Given, start_of
from .tape import FloatTape, Statement, compute, decimal_of

# What is kept of a weight that the reference shows as a number.
_SHOWN = ("master", "compensated")


@dataclass(frozen=True, eq=False)
class ElementWorking:
    """One step of one element.

    Attributes:
        place: of the element. title: the same as reports write it.
        t: the number of the step that it takes.
        rules: of its parameter.
        statements: the lines. given: the numbers that they start from.
        tape: what the lines compute.
        sentence: why it takes no step; empty if it does.
    """

    place: ElementPlace
    title: str
    t: int = 0
    rules: Rules | None = None
    statements: tuple[Statement, ...] = ()
    given: Given = field(default_factory=dict)
    tape: FloatTape | None = None
    sentence: str = ""


@dataclass(frozen=True, eq=False)
class ToldStep:
    """One call.

    Attributes:
        taken: the call, as the reference took it.
        workings: of the chosen elements.
        sentence: why no element takes a step; empty if some do.
    """

    taken: Taken
    workings: tuple[ElementWorking, ...]
    sentence: str = ""


class Choice(NamedTuple):
    """What to explain.

    Fields:
        steps: the numbers of the calls; None is the first and the last ones.
        places: the elements.
        exact: whether exact numbers will be asked for.
    """

    steps: Sequence[int]
    places: Sequence[ElementPlace]
    exact: bool = False


def steps_of(question: StepQuestion, choice: Choice) -> Iterator[ToldStep]:
    """Yield the chosen steps of a question."""
    # Every call is taken, also those that are not shown: a step starts from the one before.
    wanted = set(choice.steps)
    rules = question.convention, question.arithmetic, question.storage
    for taken in take_calls(question.vector, *rules):
        if taken.number not in wanted:
            continue
        if sentence := _sentence_of(question, taken):
            yield ToldStep(taken, (), sentence)
            continue
        wides = [question.wide_of(param) for param in taken.before.params]
        found = sources(
            taken,
            question.convention,
            wides,
            choice.exact,
        )
        workings = [_working(question, taken, found, place) for place in choice.places]
        yield ToldStep(taken, tuple(workings))


def _sentence_of(question: StepQuestion, taken: Taken) -> str:
    """Return why a call moves nothing; empty if it may move something."""
    if taken.refusal:
        return f"{question.convention.name} refuses this call: {taken.refusal}"
    if taken.waits_for:
        return f"the gradients are kept: call {taken.waits_for} makes the update with their mean"
    if taken.call.is_skipped:
        return "a gradient is not finite: with a loss scale the whole step is skipped, t included"
    return ""


def _working(
    question: StepQuestion,
    taken: Taken,
    found: Sources,
    place: ElementPlace,
) -> ElementWorking:
    """Return the step of one element, checked against the reference."""
    shape = question.vector.params[place.param].shape
    title = place.text(shape)
    grad = found.given[place.param]
    if sentence := _no_step(question, taken, place, shape):
        return ElementWorking(place, title, sentence=sentence)
    param = taken.before.params[place.param]
    rules = Rules(
        config=taken.config_of(place.param),
        convention=question.convention,
        arithmetic=question.arithmetic,
        wide=question.wide_of(param),
        dtype=param.dtype.name,
        storage=question.storage_of(param),
    )
    # A row may have several slices, and a gradient that is dense has one number.
    numbers = _slice_numbers(grad, place, shape)
    count = len(numbers) if isinstance(grad, IndexedSlices) else None
    t = _steps_taken(taken, place, shape) + 1
    given = start_of(rules, taken, place, t)
    for key, number in zip(_keys(count), numbers, strict=True):
        given[key] = Leaf(number, decimal_of(number))
    given |= dict(leaves_of_clips(rules, found, place.param))
    statements = (
        *program.shared_numbers(rules),
        *program.weight(rules),
        *statements_of_gradient(
            rules,
            found,
            place.param,
            count,
            taken.call.scale,
        ),
        *program.equations(rules),
        *program.storing(rules),
    )
    tape = compute(statements, {key: leaf.value for key, leaf in given.items()})
    _check(taken, place, tape, rules)
    return ElementWorking(
        place,
        title,
        t,
        rules,
        statements,
        given,
        tape,
    )


def _keys(count: int | None) -> list[str]:
    if count is None:
        return ["g"]
    return [f"g{number}" for number in range(1, count + 1)]


def _slice_numbers(
    grad: Any,
    place: ElementPlace,
    shape: Sequence[int],
) -> list[Any]:
    """Return the numbers of a gradient at a place: one, or one for each slice of its row."""
    if not isinstance(grad, IndexedSlices):
        return [grad.reshape(-1)[place.element]]
    # A row is all that has one first index.
    width = prod(shape[1:])
    row, column = divmod(place.element, width)
    numbers = []
    for slice_, index in zip(grad.values, grad.indices, strict=True):
        if index == row:
            numbers.append(slice_.reshape(-1)[column])
    return numbers


def _no_step(
    question: StepQuestion,
    taken: Taken,
    place: ElementPlace,
    shape: Sequence[int],
) -> str:
    """Return why an element takes no step in a call; empty if it takes one."""
    convention = question.convention
    grads = taken.call.grads
    grad = grads[place.param]
    before = _steps_of_state(taken.before, place)
    after = _steps_of_state(taken.after, place)
    counts = "its t advances all the same" if np.any(before != after) else "its t stays"
    if grad is None:
        nothing = all(one is None for one in grads)
        which = "no parameter has a gradient" if nothing else "the gradient is None"
        return f"{which}: nothing moves, and {counts}"
    if not isinstance(grad, IndexedSlices):
        return ""
    if not len(grad.indices) and convention.empty_sparse == "ignored":
        return f"a sparse gradient without rows counts as none: nothing moves, and {counts}"
    row = place.element // max(1, prod(shape[1:]))
    if convention.sparse.startswith("lazy") and row not in grad.indices:
        rows = ", ".join(map(str, sorted(set(grad.indices.tolist()))))
        return (
            f"lazy ({convention.sparse}): row {row} has no slice and keeps all its numbers; "
            f"rows with slices: {rows or 'none'}"
        )
    return ""


def _steps_of_state(snapshot: ReferenceStates, place: ElementPlace) -> Any:
    return snapshot.states[place.param].t


def _steps_taken(
    taken: Taken,
    place: ElementPlace,
    shape: Sequence[int],
) -> int:
    """Return the t of an element before the step: of its parameter, or of its row."""
    t = taken.before.states[place.param].t
    if not isinstance(t, np.ndarray):
        return int(t)
    return int(t[place.element // prod(shape[1:])])


def _check(
    taken: Taken,
    place: ElementPlace,
    tape: FloatTape,
    rules: Rules,
) -> None:
    """Raise AssertionError unless every number is the reference's, bit for bit."""
    # The bits, so that the sign of a zero counts; but one NaN is as good as another.
    state = taken.after.states[place.param]
    due = {key: getattr(state, key) for key in SLOTS}
    due["param" if rules.storage is None else "stored"] = taken.after.params[place.param]
    if rules.storage is not None and rules.storage.weights in _SHOWN:
        due["kept"] = state.kept
    for key, array in due.items():
        if array is None:
            continue
        want = place.of(array)
        got = np.asarray(tape.numbers[key]).astype(array.dtype)
        if got.tobytes() != want.tobytes() and not (np.isnan(got) and np.isnan(want)):
            raise AssertionError(
                f"{key} of step {taken.number} must be the reference's {want}, got {got}"
            )
