"""Working: the steps of an Adam, element by element, as lines that anybody can check by hand.

A line is `E1  m = 0.5*0 + (1 - 0.5)*6 = 3`: the equation, a name, an expression, its value. The
value is computed from the expression as it is written, so that no line can say something else.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from ...vectors.slices import Grad, IndexedSlices
from .arithmetic import decimal, value_of
from .lesson import Lesson, LessonRun

# Not equations of the paper: sums of slices, the skip of a missing gradient, weight decay.
_EXTRA = "  "


@dataclass
class ElementState:
    """One element of a parameter between two steps; a weight is what the next step starts from."""

    weight: Fraction
    param: Fraction
    m: Fraction = Fraction(0)
    v: Fraction = Fraction(0)
    v_max: Fraction = Fraction(0)


@dataclass
class WorkedRun:
    """The lines of one run, and the state that they lead to.

    Fields:
        lesson: its input.
        run: the Adam.
        states: of each element of each parameter.
        lines: those that are written so far.
    """

    lesson: Lesson
    run: LessonRun
    states: list[list[ElementState]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for param in self.lesson.params:
            numbers = [Fraction(number) for number in np.ravel(param).tolist()]
            self.states.append([ElementState(number, number) for number in numbers])

    def take(self, t: int) -> None:
        """Write the lines of call ``t``."""
        grads = self.lesson.calls[t - 1].grads
        for number, grad in enumerate(grads):
            for place, state in enumerate(self.states[number]):
                self.lines.append(self._heading(t, number, place))
                terms = _terms(grad, place)
                if self._stays(grad, terms):
                    self.lines.append("no gradient: nothing of it changes")
                else:
                    _Step(self, state, t).take(terms)

    def _heading(self, t: int, number: int, place: int) -> str:
        words = [f"step {t}"]
        if len(self.states) > 1:
            words.append(f"parameter {number}")
        if len(self.states[number]) > 1:
            words.append(f"{self._part(number)} {place}")
        return f"{', '.join(words)}:"

    def _part(self, number: int) -> str:
        return "row" if np.ndim(self.lesson.params[number]) > 1 else "element"

    def _stays(self, grad: Grad | None, terms: Sequence[Fraction]) -> bool:
        if grad is None:
            return True
        is_lazy = self.run.axes["sparse"] != "dense_equivalent"
        return is_lazy and isinstance(grad, IndexedSlices) and not terms


@dataclass
class _Step:
    """The lines of one element in one step."""

    working: WorkedRun
    state: ElementState
    t: int

    def take(self, terms: Sequence[Fraction]) -> None:
        axes = self.working.run.axes
        state = self.state
        names = self._names()
        g = self._gradient(terms, names)
        names |= {"g": g, "square": "{g}^2"}
        if axes["duplicates"] == "sum_of_squares" and len(terms) > 1:
            names["square"] = self._line(_EXTRA, "square", _sum([f"{_shown(x)}^2" for x in terms]))
        if axes["weight_decay"] == "decoupled" and "weight_decay" in self._switches:
            self._keep("weight", self._line(_EXTRA, "param", DECOUPLED.format_map(names)))
        names["square"] = names["square"].format_map(names)
        self._keep("m", self._line("E1", "m", E1.format_map(names)))
        self._keep("v", self._line("E2", "v", E2.format_map(names)))
        names |= self._names()
        largest = names["v"]
        if "amsgrad" in self._switches:
            self._keep("v_max", self._line(_EXTRA, "v_max", f"max({names['v_max']}, {largest})"))
            largest = _shown(state.v_max)
        names["largest"] = largest
        if axes["epsilon"] == "hat":
            names["rate"] = self._line(_EXTRA, "rate", RATE.format_map(names))
            moved = HAT.format_map(names)
        else:
            names["m_hat"] = self._line("E3", "m_hat", E3.format_map(names))
            names["v_hat"] = self._line("E4", "v_hat", E4.format_map(names))
            moved = E5.format_map(names)
        self._move(moved)

    @property
    def _switches(self) -> Mapping[str, object]:
        return self.working.lesson.switches

    def _names(self) -> dict[str, str]:
        """Return what stands in the place of each name of a formula."""
        lesson = self.working.lesson
        numbers = {**lesson.numbers, **lesson.switches, **vars(self.state)}
        shown = {name: _shown(Fraction(number)) for name, number in numbers.items()}
        return shown | {"t": str(self.t)}

    def _gradient(self, terms: Sequence[Fraction], names: Mapping[str, str]) -> str:
        """Return the gradient that enters the moments, as text."""
        g = _shown(terms[0]) if terms else "0"
        if len(terms) > 1:
            g = self._line(_EXTRA, "g", _sum([_shown(term) for term in terms]))
        is_l2 = self.working.run.axes["weight_decay"] == "l2"
        if is_l2 and "weight_decay" in self._switches:
            g = self._line(_EXTRA, "g", L2.format_map({**names, "g": g}))
        return g

    def _move(self, moved: str) -> None:
        """Write the line of the parameter, and with half precision how it is stored."""
        state = self.state
        storage = self.working.run.storage
        if not storage:
            self._keep("weight", self._line("E5", "param", moved))
            state.param = state.weight
            return
        exact = self._line("E5", "weight" if "master" in storage else "new", moved)
        stored = value_of(self._line(_EXTRA, "param", f"bfloat16({exact})"))
        state.param = stored
        state.weight = value_of(exact) if "master" in storage else stored

    def _line(self, tag: str, name: str, expression: str) -> str:
        """Write a line, and return its value as text."""
        value = value_of(expression)
        self.working.lines.append(f"{tag}  {name} = {expression} = {decimal(value)}")
        return _shown(value)

    def _keep(self, name: str, shown: str) -> None:
        setattr(self.state, name, value_of(shown))


E1 = "{beta1}*{m} + (1 - {beta1})*{g}"
E2 = "{beta2}*{v} + (1 - {beta2})*{square}"
E3 = "{m}/(1 - {beta1}^{t})"
E4 = "{largest}/(1 - {beta2}^{t})"
E5 = "{weight} - {learning_rate}*{m_hat}/(sqrt({v_hat}) + {epsilon})"
RATE = "{learning_rate}*sqrt(1 - {beta2}^{t})/(1 - {beta1}^{t})"
HAT = "{weight} - {rate}*{m}/(sqrt({largest}) + {epsilon})"
L2 = "{g} + {weight_decay}*{weight}"
DECOUPLED = "(1 - {learning_rate}*{weight_decay})*{weight}"


def _terms(grad: Grad | None, place: int) -> list[Fraction]:
    """Return the numbers that the gradient of an element is the sum of."""
    if grad is None:
        return []
    if not isinstance(grad, IndexedSlices):
        return [Fraction(float(grad[place]))]
    return [Fraction(float(value[0])) for value in grad.values[grad.indices == place]]


def _sum(terms: Sequence[str]) -> str:
    return " + ".join(terms)


def _shown(value: Fraction) -> str:
    """Return a number as it stands in an expression: a negative one in parentheses."""
    return f"({decimal(value)})" if value < 0 else decimal(value)


def columns(states: Sequence[Sequence[ElementState]], name: str) -> Iterator["np.ndarray"]:
    """Yield one array a parameter, of a quantity in float64, which holds it exactly."""
    for elements in states:
        yield np.array([float(getattr(state, name)) for state in elements])
