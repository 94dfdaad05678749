"""Stories: every number of the chosen steps and elements of a question."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from math import prod
from typing import Any, NamedTuple

import numpy as np

from ...truth.reference import DEFAULT_EPSILON, AdamConfig, Arithmetic, Format
from ...vectors.slices import IndexedSlices
from ...vectors.words import Array
from . import program
from .gradient import Leaf, Sources, leaves_of_clips, sources, statements_of_gradient
from .question import Question
from .reference_run import Snapshot, Taken, take_calls
from .rules import Rules
from .tape import FloatTape, Statement, compute, decimal_of

Given = dict[str, Leaf]
# The slots whose numbers must be the reference's, bit for bit.
_CHECKED = ("m", "v", "v_max")


class Place(NamedTuple):
    """An element: the number of its parameter, and its index in C order."""

    param: int
    index: int

    def text(self, shape: Sequence[int]) -> str:
        """Return the place as reports write it."""
        if not shape:
            return f"params[{self.param}]"
        axes = ", ".join(str(int(axis)) for axis in np.unravel_index(self.index, shape))
        return f"params[{self.param}] element [{axes}]"


@dataclass(frozen=True, eq=False)
class Working:
    """One step of one element.

    Attributes:
        place: of the element. title: the same as reports write it.
        t: the number of the step that it takes.
        rules: of its parameter.
        statements: the lines. given: the numbers that they start from.
        tape: what the lines compute.
        sentence: why it takes no step; empty if it does.
    """

    place: Place
    title: str
    t: int = 0
    rules: Rules | None = None
    statements: tuple[Statement, ...] = ()
    given: Given = field(default_factory=dict)
    tape: FloatTape | None = None
    sentence: str = ""


@dataclass(frozen=True, eq=False)
class Step:
    """One call.

    Attributes:
        taken: the call, as the reference took it.
        workings: of the chosen elements.
        sentence: why no element takes a step; empty if some do.
    """

    taken: Taken
    workings: tuple[Working, ...]
    sentence: str = ""


class Choice(NamedTuple):
    """What to explain.

    Fields:
        steps: the numbers of the calls; None is the first and the last ones.
        places: the elements.
        exact: whether exact numbers will be asked for.
    """

    steps: Sequence[int]
    places: Sequence[Place]
    exact: bool = False


def steps_of(question: Question, choice: Choice) -> Iterator[Step]:
    """Yield the chosen steps of a question."""
    wanted = set(choice.steps)
    rules = question.convention, question.arithmetic, question.storage
    for taken in take_calls(question.vector, *rules):
        if taken.number not in wanted:
            continue
        if sentence := _sentence_of(question, taken):
            yield Step(taken, (), sentence)
            continue
        wides = [question.wide_of(param) for param in taken.before.params]
        found = sources(taken, question.convention, wides, choice.exact)
        workings = [_working(question, taken, found, place) for place in choice.places]
        yield Step(taken, tuple(workings))


def _sentence_of(question: Question, taken: Taken) -> str:
    """Return why a call moves nothing; empty if it may move something."""
    if taken.refusal:
        return f"{question.convention.name} refuses this call: {taken.refusal}"
    if taken.waits_for:
        return f"the gradients are kept: call {taken.waits_for} makes the update with their mean"
    if taken.call.is_skipped:
        return "a gradient is not finite: with a loss scale the whole step is skipped, t included"
    return ""


def _working(question: Question, taken: Taken, found: Sources, place: Place) -> Working:
    """Return the step of one element, checked against the reference."""
    shape = question.vector.params[place.param].shape
    title = place.text(shape)
    grad = found.given[place.param]
    if sentence := _no_step(question, taken, place, shape):
        return Working(place, title, sentence=sentence)
    param = taken.before.params[place.param]
    rules = Rules(
        config=taken.config_of(place.param),
        convention=question.convention,
        arithmetic=question.arithmetic,
        wide=question.wide_of(param),
        dtype=param.dtype.name,
        storage=question.storage_of(param),
    )
    numbers = _slice_numbers(grad, place, shape)
    count = len(numbers) if isinstance(grad, IndexedSlices) else None
    t = _steps_taken(taken, place, shape) + 1
    given = _given(rules, taken, place, t)
    for key, number in zip(_keys(count), numbers, strict=True):
        given[key] = Leaf(number, decimal_of(number))
    given |= dict(leaves_of_clips(rules, found, place.param))
    statements = (
        *program.shared_numbers(rules),
        *program.weight(rules),
        *statements_of_gradient(rules, found, place.param, count, taken.call.scale),
        *program.equations(rules),
        *program.storing(rules),
    )
    tape = compute(statements, {key: leaf.value for key, leaf in given.items()})
    _check(taken, place, tape, rules)
    return Working(place, title, t, rules, statements, given, tape)


def _keys(count: int | None) -> list[str]:
    if count is None:
        return ["g"]
    return [f"g{number}" for number in range(1, count + 1)]


def _slice_numbers(grad: Any, place: Place, shape: Sequence[int]) -> list[Any]:
    """Return the numbers of a gradient at a place: one, or one for each slice of its row."""
    if not isinstance(grad, IndexedSlices):
        return [grad.reshape(-1)[place.index]]
    width = prod(shape[1:])
    row, column = divmod(place.index, width)
    numbers = []
    for slice_, index in zip(grad.values, grad.indices, strict=True):
        if index == row:
            numbers.append(slice_.reshape(-1)[column])
    return numbers


def _no_step(question: Question, taken: Taken, place: Place, shape: Sequence[int]) -> str:
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
    row = place.index // max(1, prod(shape[1:]))
    if convention.sparse.startswith("lazy") and row not in grad.indices:
        rows = ", ".join(map(str, sorted(set(grad.indices.tolist()))))
        return (
            f"lazy ({convention.sparse}): row {row} has no slice and keeps all its numbers; "
            f"rows with slices: {rows or 'none'}"
        )
    return ""


def _steps_of_state(snapshot: Snapshot, place: Place) -> Any:
    return snapshot.states[place.param].t


def _steps_taken(taken: Taken, place: Place, shape: Sequence[int]) -> int:
    """Return the t of an element before the step: of its parameter, or of its row."""
    t = taken.before.states[place.param].t
    if not isinstance(t, np.ndarray):
        return int(t)
    return int(t[place.index // prod(shape[1:])])


def _given(rules: Rules, taken: Taken, place: Place, t: int) -> Given:
    """Return the numbers that a step starts from, but for its gradient."""
    given = numbers_of_config(rules.config, rules.convention.epsilon, rules)
    given["t"] = Leaf(t, Decimal(t))
    given["scale"] = Leaf(_scale_of(taken, rules), decimal_of(taken.call.scale or 1))
    state = taken.before.states[place.param]
    stored = _element(taken.before.params[place.param], place)
    wide = np.dtype(rules.wide).type
    given["param"] = given["stored"] = _leaf(wide(stored))
    for key in _CHECKED:
        array = getattr(state, key)
        if array is not None:
            given[key] = _leaf(wide(_element(array, place)))
    if state.kept is not None and rules.storage is not None:
        given["kept"] = _leaf(_kept(rules.storage.weights, stored, _element(state.kept, place)))
    return given


def _scale_of(taken: Taken, rules: Rules) -> Any:
    wide = np.promote_types(rules.wide, np.float32)
    return wide.type(taken.call.scale or 1.0)


def _kept(weights: str, stored: Any, kept: Any) -> Any:
    """Return what is kept of a weight as a float32: of `split` the whole weight."""
    if weights != "split":
        return np.float32(kept)
    upper = np.asarray(stored).view(np.uint16).astype(np.uint32)
    return np.asarray(upper << np.uint32(16) | np.uint32(kept)).view(np.float32)[()]


def numbers_of_config(config: AdamConfig, epsilon_at: str, rules: Rules) -> Given:
    """Return the numbers of a config in the formats of an arithmetic, by their keys."""
    arithmetic: Arithmetic = rules.arithmetic
    epsilon = config.epsilon
    if epsilon == 0 and rules.convention.epsilon_zero == "default":
        epsilon = DEFAULT_EPSILON
    inside = epsilon_at == "inside"
    numbers = (
        ("lr", config.learning_rate, arithmetic.learning_rate),
        ("wd", config.weight_decay, arithmetic.learning_rate),
        ("beta1", config.beta1, arithmetic.moment_beta),
        ("beta2", config.beta2, arithmetic.moment_beta),
        ("base1", config.beta1, arithmetic.power_beta),
        ("base2", config.beta2, arithmetic.power_beta),
        ("eps", epsilon, arithmetic.epsilon),
        ("eps_root", epsilon if inside else config.epsilon_root, arithmetic.epsilon),
    )
    return {key: _leaf(_in_format(value, form, rules.wide)) for key, value, form in numbers}


def _in_format(value: float, number_format: Format, wide: str) -> Any:
    dtypes = {Format.BINARY64: "float64", Format.BINARY32: "float32"}
    rounded = np.dtype(dtypes.get(number_format, wide)).type(value)
    return np.float64(rounded)


def _leaf(value: Any) -> Leaf:
    return Leaf(value, decimal_of(value))


def _element(array: Array, place: Place) -> Any:
    return array.reshape(-1)[place.index]


def _check(taken: Taken, place: Place, tape: FloatTape, rules: Rules) -> None:
    """Raise AssertionError unless every number is the reference's, bit for bit."""
    state = taken.after.states[place.param]
    due = {key: getattr(state, key) for key in _CHECKED}
    due["param" if rules.storage is None else "stored"] = taken.after.params[place.param]
    if rules.storage is not None and rules.storage.weights in ("master", "compensated"):
        due["kept"] = state.kept
    for key, array in due.items():
        if array is None:
            continue
        want = _element(array, place)
        got = np.asarray(tape.numbers[key]).astype(array.dtype)
        if got.tobytes() != want.tobytes() and not (np.isnan(got) and np.isnan(want)):
            raise AssertionError(
                f"{key} of step {taken.number} must be the reference's {want}, got {got}"
            )
