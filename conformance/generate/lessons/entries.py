"""Entries: the lessons as `learn.json` has them, with answers that the oracle has confirmed."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np

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
    "Ten lessons about Adam in numbers that can be checked by hand. Moments m and v start at 0.",
    "Inputs are those of a vector: numbers are IEEE bit patterns in hexadecimal, with decimals in "
    "`about` beside them; `steps` are the calls, `grads` has one entry for each parameter, and "
    "null is a missing gradient. The line protocol sends a program the same words.",
    "`runs` are Adams that take these steps. `convention` is whose formulas they are, and `axes` "
    "has what is otherwise in them: a plain Adam by the paper must have the answers of the runs "
    "with the convention `paper`, without `axes` and without `storage`, which says what is kept "
    "of half precision. `answers` has parameters and moments after each call.",
    "Each line of `working` is exact: no result in it is rounded, but by bfloat16(). So nothing "
    "here teaches how to round. The usual Adams compute 1 - beta, beta^t and 1/(1 - beta^t) in "
    "binary64, from the numbers as they are set, and round each of them once to the dtype of the "
    "parameter: with beta2 = 0.999, 1 - beta2 is {right} in float32, and not {wrong}, which is 1 "
    "minus the float32 next to 0.999.",
    "`adamref explain learn.amsgrad` shows a lesson with every number of every step, and "
    "`adamref explain basic.f32.defaults --exact` where numbers are rounded.",
)


def learn_content(form: int) -> Entry:
    """Return the content of learn.json.

    Raises:
        ValueError: a line of working is not exact, or the oracle has another answer.
    """
    lessons = [lesson.to_entry() | {"runs": list(_runs(lesson))} for lesson in LESSONS]
    return {"format": form, "about": list(_about()), "lessons": lessons}


def _about() -> Iterator[str]:
    """Yield the sentences about the file, with the example of rounding computed."""
    beta2 = 0.999
    right = np.float32(1 - beta2)
    wrong = np.float32(1) - np.float32(beta2)
    words = {"right": encode(np.asarray(right)), "wrong": encode(np.asarray(wrong))}
    for sentence in _ABOUT:
        yield sentence.format(**words)


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
