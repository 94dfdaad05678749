"""Entries: the lessons as `learn.json` has them, with answers that the oracle has confirmed."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from ...truth.problem import Problem
from ...vectors.spec import Entry
from ...vectors.words import encode
from .arithmetic import decimal
from .lesson import Lesson, LessonRun
from .lessons import LESSONS
from .working import ElementState, WorkedRun, columns

# Quantity -> the field of the state.
_QUANTITIES = {"params": "param", "m": "m", "v": "v", "v_max": "v_max"}
_ABOUT = (
    "Ten lessons about Adam in numbers that can be checked by hand. Each line of `working` is "
    "exact: no result in it is rounded, but by bfloat16(). README.md explains the fields."
)


def learn_content(form: int) -> Entry:
    """Return the content of learn.json.

    Raises:
        ValueError: a line of working is not exact, or the oracle has another answer.
    """
    lessons = [lesson.to_entry() | {"runs": list(_runs(lesson))} for lesson in LESSONS]
    return {"format": form, "about": _ABOUT, "lessons": lessons}


def _runs(lesson: Lesson) -> Iterator[Entry]:
    for run in lesson.runs:
        entry: Entry = {"says": run.says, "convention": run.convention}
        if run.changes:
            entry["axes"] = dict(run.changes)
        if run.storage:
            entry["storage"] = run.storage
        working = WorkedRun(lesson, run)
        answers = []
        for t in range(1, len(lesson.calls) + 1):
            working.take(t)
            confirm(lesson, run, t, working.states)
            answers.append(_answer(lesson, working.states))
        yield entry | {"working": working.lines, "answers": answers}


def _answer(lesson: Lesson, states: Sequence[Sequence[ElementState]]) -> Entry:
    """Return parameters and moments after a call, in words and in decimals."""
    words: Entry = {}
    decimals: Entry = {}
    for quantity, name in _QUANTITIES.items():
        if quantity == "v_max" and "amsgrad" not in lesson.switches:
            continue
        # Moments of half precision are kept in float32.
        dtype = lesson.dtype if quantity == "params" else "float32"
        arrays = [array.astype(dtype) for array in columns(states, name)]
        words[quantity] = [encode(array) for array in arrays]
        decimals[quantity] = [" ".join(map(_all_digits, array.tolist())) for array in arrays]
    return words | {"about": decimals}


def _all_digits(number: float) -> str:
    return decimal(Fraction(number))


def confirm(
    lesson: Lesson, run: LessonRun, t: int, states: Sequence[Sequence[ElementState]]
) -> None:
    """Raise ValueError unless the oracle has the same parameters and moments after call ``t``."""
    solved = Problem(lesson.spec).solve(run.point).states[t - 1]
    for number, elements in enumerate(states):
        memory = solved[number].memory
        for name in ("param", "m", "v"):
            exact = [Fraction(value) for value in getattr(memory, name)]
            found = [getattr(state, name) for state in elements]
            if not all(map(_is_same, exact, found)):
                raise ValueError(
                    f"{name} of {lesson.spec.id} after step {t} must be {exact}, got {found}"
                )


def _is_same(exact: Fraction, found: Fraction) -> bool:
    # The oracle has 80 decimals, and a quotient such as 4/3 on the way has more.
    return abs(exact - found) < Fraction(1, 10**70)
