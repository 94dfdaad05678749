"""Runs judged at any point of the axes, by answers that are derived on the spot and kept."""

import numpy as np

from ..trial.compare import Comparison, compare
from ..trial.run import Run
from ..truth.axes import Point, asleep, supported
from ..truth.problem import Problem
from ..vectors.vector import Answer, Vector, answers_under


class Solver:
    """The answers of vectors at points of the axes; one may serve many subjects."""

    def __init__(self) -> None:
        self._problems: dict[str, Problem] = {}
        self._answers: dict[tuple[str, tuple[tuple[str, str], ...]], list[Answer] | None] = {}

    def problem(self, vector: Vector) -> Problem:
        """The exact trajectories through a vector."""
        if vector.id not in self._problems:
            self._problems[vector.id] = Problem(vector.entry)
        return self._problems[vector.id]

    def awake(self, vector: Vector, point: Point) -> Point:
        """What of a point can matter to a vector."""
        problem = self.problem(vector)
        idle = asleep(problem.config, problem.nones, problem.slices)
        idle |= {"arithmetic"} if vector.dyadic else set()
        return {axis: value for axis, value in supported(point).items() if axis not in idle}

    def answers(self, vector: Vector, point: Point) -> list[Answer] | None:
        """The answers at a point, those of the vector where it has them; None where the input tells nothing there."""
        frozen = answers_under(vector, point, point.get("arithmetic", ""))
        if any(answer.of == "params" for answer in frozen):
            return frozen
        own = self.awake(vector, point)
        key = (vector.id, tuple(sorted(own.items())))
        if key not in self._answers:
            try:
                entries = self.problem(vector).answers_at(own)
            except ValueError:
                self._answers[key] = None
            else:
                shapes, tile = vector.entry["shapes"], vector.tile
                self._answers[key] = [
                    Answer(e["of"], {}, e, vector.dtype, shapes, tile) for e in entries
                ]
        return self._answers[key]

    def judged(self, one: Run, point: Point) -> Comparison | None:
        """A run at a point; None where its input tells nothing there."""
        answers = self.answers(one.vector, point)
        return None if answers is None else compare(one, answers)

    def cost(self, vector: Vector, point: Point, code: str) -> float:
        """How far the exact results of an arithmetic are from those in binary64, in units in the last place."""
        problem, worst = self.problem(vector), 0.0
        own, best = (
            problem.solve(self.awake(vector, point | {"arithmetic": one}))
            for one in (code, "ddddd")
        )
        for row, other in zip(own.known, best.known, strict=True):
            for one, base in zip(row, other, strict=True):
                exact = np.array([float(x) for x in base.memory.param])
                unit = np.spacing(np.abs(exact).astype(vector.dtype)).astype(np.float64)
                pairs = zip(one.memory.param, base.memory.param, strict=True)
                apart = np.array([float(abs(a - b)) for a, b in pairs]) / unit
                worst = max(worst, float(apart.max(initial=0.0)))
        return worst
