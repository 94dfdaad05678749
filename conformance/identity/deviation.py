"""Deviations: what an Adam does otherwise than its convention, in a few words.

`v-uses-abs` is a known mistake, `epsilon=hat` another value of an axis, `convention=tf1` all values
of another convention, `arithmetic=sssss` other formats of scalars. Several stand after commas.
"""

from collections.abc import Sequence
from typing import NamedTuple

from ..defects import DEFECTS
from ..defects.defect import Defect
from ..defects.kit.by_convention import build
from ..on_demand.solver import Solver
from ..subject.subject import Subject, from_make
from ..trial.compare import compare
from ..trial.run import Run, run
from ..truth.point import Point
from ..truth.reference import Arithmetic, Convention
from ..vectors.suite import ListedConvention, Suite, contradiction
from ..vectors.vector import Vector
from .known_mistakes import returns_the_same

_SOLVER = Solver()


class Deviation(NamedTuple):
    """An Adam that is not the one of a convention.

    Fields:
        point: its own values on the axes, and its arithmetic.
        defect: the known mistake in it, if any.
        claimed: the convention that it deviates from.
    """

    point: Point
    defect: Defect | None
    claimed: ListedConvention

    def explains(self, subject_run: Run) -> bool:
        """Return whether a run returned what such an Adam returns."""
        if self.defect is not None:
            return returns_the_same(self.defect, self.point, subject_run)
        comparison = _SOLVER.judge(subject_run, self.point)
        return comparison is not None and not comparison.failed

    def fails(self, vector: Vector) -> bool:
        """Return whether a vector rejects such an Adam.

        Of a mistake of half precision it is unknown, because it depends on what the Adam keeps.
        """
        if self.defect is not None and self.defect.storage:
            return False
        answers = vector.answers_for(self.claimed.axes, self.claimed.arithmetics[0])
        return bool(answers) and compare(run(self._subject, vector), answers).failed

    @property
    def _subject(self) -> Subject:
        if self.defect is not None:
            return from_make(self.defect.on(self.point))
        return from_make(build("Deviating", self.point))


def read_deviation(text: str, claimed: ListedConvention, suite: Suite) -> Deviation:
    """Return the deviation from a convention that a text names.

    Raises:
        ValueError: the text names something that does not exist, or values that exclude each other.
    """
    axes = dict(claimed.axes)
    code = claimed.arithmetics[0]
    defect = None
    mistakes = {one.name: one for one in DEFECTS}
    for part in text.split(","):
        name, given, value = part.strip().partition("=")
        if not given and name in mistakes and defect is None:
            defect = mistakes[name]
        elif name == "convention" and value in suite.conventions:
            other = suite.conventions[value]
            axes = dict(other.axes)
            code = _common(claimed.arithmetics, other.arithmetics)
        elif name == "arithmetic" and value in suite.arithmetics:
            code = value
        elif value in suite.axes.get(name, ()):
            axes[name] = value
        else:
            raise ValueError(
                "cause must be one known mistake, AXIS=VALUE, convention=NAME or arithmetic=CODE, "
                f"or several of these after commas, got {part.strip()!r}"
            )
    if excluding := contradiction(axes):
        raise ValueError(f"cause must have values that an Adam can have, got {excluding}")
    point = Point(Convention(**axes), Arithmetic.parse(code))  # type: ignore[arg-type]
    return Deviation(point, defect, claimed)


def _common(codes: Sequence[str], others: Sequence[str]) -> str:
    """Return the first of some arithmetics that others have too, else their own first."""
    return next((code for code in others if code in codes), others[0])
