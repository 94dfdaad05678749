"""Runs of one subject, to be judged under any convention and arithmetic.

Diagnosis tries hundreds of conventions on the same runs. Most of them share most answers of a
vector, so each comparison is made once, and kept under its vector and the answers that hold. Two
comparisons of a run often share an answer, so its errors are kept, too.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache

from ..vectors.answer import Answer, Axes
from .compare import compare, errors_by
from .comparison import Comparison
from .outcomes import Status
from .run import Run

# The run of a comparison, the comparison -> what becomes of it.
Settle = Callable[[Run, Comparison], Comparison]


def keep(_run: Run, comparison: Comparison) -> Comparison:
    """Return the comparison itself: nothing is waived or required."""
    return comparison


class JudgedRuns:
    """Runs with their comparisons under every convention and arithmetic that was asked for.

    Args:
        runs: of one subject, through different vectors.
        settle: called once for each comparison, to waive a failure or to require a feature.
    """

    def __init__(self, runs: Sequence[Run], settle: Settle = keep) -> None:
        self.runs = runs
        self._settle = settle
        self._compared: dict[tuple[str, tuple[Answer, ...]], Comparison] = {}
        self._errors_by = cache(errors_by)

    def only(self, runs: Sequence[Run]) -> "JudgedRuns":
        """Return some of the runs, settled in the same way."""
        return JudgedRuns(runs, self._settle)

    def under(self, axes: Axes, code: str) -> list[Comparison]:
        """Return the comparisons of the vectors that have an answer for the convention."""
        return list(self._each_under(axes, code))

    def best_arithmetics(self, axes: Axes, codes: Iterable[str]) -> list[str]:
        """Return the arithmetics, the best first: fewest failures, then the best filled bounds.

        The bound of a more exact arithmetic is narrower. Where several arithmetics fit, the errors
        come nearest to the bounds of the right one.
        """

        def rank(code: str) -> tuple[int, float]:
            comparisons = self.under(axes, code)
            filled = 0.0
            for comparison in comparisons:
                # The error of a waived failure is no matter of rounding.
                if comparison.status is not Status.WAIVED:
                    filled += comparison.worst_ratio
            return len(failures(comparisons)), -filled

        return sorted(codes, key=rank)

    def fits(self, axes: Axes, code: str, count: int) -> bool:
        """Return whether at least ``count`` vectors have an answer, and none of them fails."""
        compared = 0
        for comparison in self._each_under(axes, code):
            # Most conventions fail early, and the rest need not be compared.
            if comparison.failed:
                return False
            compared += 1
        # An arithmetic for which answers are missing cannot be what the subject does.
        return compared >= count

    def _each_under(self, axes: Axes, code: str) -> Iterator[Comparison]:
        for run in self.runs:
            comparison = self._compare(run, axes, code)
            if comparison.status is not Status.NOT_ASKED:
                yield comparison

    def _compare(self, run: Run, axes: Axes, code: str) -> Comparison:
        # Answers are compared by identity: two conventions share one answer, or have two.
        answers = tuple(run.answers_for(axes, code))
        key = (run.vector.id, answers)
        if key not in self._compared:
            self._compared[key] = self._settle(run, compare(run, answers, self._errors_by))
        return self._compared[key]


def failures(comparisons: Iterable[Comparison]) -> list[Comparison]:
    """Return the comparisons that failed or errored, and are not waived."""
    return [comparison for comparison in comparisons if comparison.failed]
