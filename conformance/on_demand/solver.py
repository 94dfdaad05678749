"""Solver: judges runs at any point of the axes, with answers that it derives and keeps."""

from collections.abc import Mapping, Sequence
from weakref import WeakKeyDictionary

import numpy as np

from ..trial.compare import compare
from ..trial.comparison import Comparison
from ..trial.run import Run
from ..truth.axes import idle_axes
from ..truth.exact_state import ExactState
from ..truth.point import NATIVE, Point, nearest_point
from ..truth.problem import Problem
from ..vectors.answer import Answer
from ..vectors.interval import unit_in_last_place
from ..vectors.vector import Vector, answers_within, resolve
from .judging import distance, paired_states

# The arithmetic that rounds nothing to less than binary64.
_BEST = "ddddd"


_AnswersAt = dict[Point, Sequence[Answer] | None]


class Solver:
    """The answers of vectors at points of the axes, which are kept as long as their vectors.

    One solver may serve many subjects and suites.
    """

    def __init__(self) -> None:
        self._problems: WeakKeyDictionary[Vector, Problem] = WeakKeyDictionary()
        # None where the input tells nothing.
        self._answers: WeakKeyDictionary[Vector, _AnswersAt] = WeakKeyDictionary()

    def problem(self, vector: Vector) -> Problem:
        """Return the exact trajectories through a vector."""
        if vector not in self._problems:
            self._problems[vector] = Problem(vector.spec)
        return self._problems[vector]

    def awake(
        self,
        vector: Vector,
        values: Mapping[str, str],
        code: str,
    ) -> Point:
        """Return the point of ``values``, with the default where an axis cannot matter to a vector.

        Points that differ in nothing else are the same here, so they are solved once.

        Raises:
            ValueError: two values that matter exclude each other.
        """
        problem = self.problem(vector)
        is_complex = vector.spec.inputs.is_complex
        idle = idle_axes(problem.config, problem.nones, problem.slices, is_complex)
        awake = {axis: value for axis, value in values.items() if axis not in idle}
        return Point.of(awake, NATIVE if vector.dyadic else code)

    def answers(
        self,
        vector: Vector,
        point: Point,
    ) -> Sequence[Answer] | None:
        """Return the answers at a point, or None if the input tells nothing there."""
        values = point.values
        code = point.arithmetic.code
        # The vector's own answers are the same, and need no solving.
        frozen = vector.answers_for(values, code)
        if any(answer.is_about_params for answer in frozen):
            return frozen
        # The key leaves out what cannot matter, because solving takes far longer than comparing.
        awake = self.awake(vector, values, code)
        kept = self._answers.setdefault(vector, {})
        if awake not in kept:
            kept[awake] = self._solve(vector, awake)
        return kept[awake]

    def _solve(
        self,
        vector: Vector,
        point: Point,
    ) -> Sequence[Answer] | None:
        try:
            answers = self.problem(vector).answers_at(point)
        except ValueError:
            return None
        return list(answers_within(answers, vector.roundings))

    def judge(
        self,
        run: Run,
        point: Point,
    ) -> Comparison | None:
        """Compare a run with the answers at a point; None if its input tells nothing there."""
        answers = self.answers(run.vector, point)
        return None if answers is None else compare(run, answers)

    def fits(self, runs: Sequence[Run], axes: Mapping[str, str], code: str) -> bool:
        """Return whether every run has answers at this convention and arithmetic, and passes."""
        for run in runs:
            # Two arithmetics may be one in this dtype.
            point = nearest_point(axes, {}, resolve(code, run.vector.dtype))
            comparison = self.judge(run, point)
            if comparison is None or comparison.failed:
                return False
        return True

    def rounding_cost(
        self,
        vector: Vector,
        point: Point,
    ) -> float:
        """Return how far rounding the scalars moves a parameter.

        Units: in the last place of the exact result with every scalar in binary64.
        """
        problem = self.problem(vector)
        values = point.values
        rounded = problem.solve(self.awake(vector, values, point.arithmetic.code))
        best = problem.solve(self.awake(vector, values, _BEST))
        largest = 0.0
        for state, best_state in paired_states(rounded, best):
            largest = max(largest, _ulps_apart(state, best_state, vector.dtype))
        return largest


def _ulps_apart(
    state: ExactState,
    best: ExactState,
    dtype: str,
) -> float:
    """Return the largest distance of two exact parameters, in ulps of ``best``."""
    exact = np.array([float(number) for number in best.memory.param])
    apart = distance(state.memory.param, best.memory.param)
    ulps = apart / unit_in_last_place(exact.astype(dtype))
    return float(ulps.max(initial=0.0))
