"""Runs judged under any convention and arithmetic, each comparison once."""

from collections.abc import Callable, Iterable, Sequence

from ..vectors.answer import Axes
from .compare import Comparison, compare
from .outcomes import Cause, Failure, Status
from .run import Run


class Bench:
    """Runs on which conventions and arithmetics are tried; what has the same answers is compared once.

    Args:
        runs: of one subject.
        require: features without which a run has failed.
        after: what becomes of each comparison, as where a failure is waived; None leaves them as they are.
    """

    def __init__(
        self,
        runs: Sequence[Run],
        require: frozenset[str] = frozenset(),
        after: Callable[[Comparison], Comparison] | None = None,
    ) -> None:
        self.runs, self.require, self.after = runs, require, after
        self.known: dict[tuple[int, ...], Comparison] = {}

    def compared(self, axes: Axes, code: str) -> list[Comparison]:
        """The vectors that have an answer for the convention, judged under an arithmetic."""
        found = (self._one(one, axes, code) for one in self.runs)
        return [one for one in found if one.status is not Status.NOT_ASKED]

    def fitting(self, axes: Axes, codes: Iterable[str]) -> list[str]:
        """The arithmetics, by how few vectors fail under them, and then by how little room they leave."""

        def rank(code: str) -> tuple[int, float]:
            found = self.compared(axes, code)
            return failures(found), -sum(
                one.worst_ratio for one in found if one.status is not Status.WAIVED
            )

        return sorted(codes, key=rank)

    def fits(self, axes: Axes, code: str, due: int) -> bool:
        """Whether ``due`` vectors have answers under an arithmetic, and none fails."""
        found = self.compared(axes, code)
        return len(found) >= due and not failures(found)

    def without(self, comparisons: Iterable[Comparison]) -> "Bench":
        """The other runs, whose comparisons stay as they are."""
        if self.after is None:
            return self
        ids = {one.vector.id for one in comparisons}
        return Bench([one for one in self.runs if one.vector.id not in ids], self.require)

    def _one(self, one: Run, axes: Axes, code: str) -> Comparison:
        answers = one.vector.answers_for(axes, code)
        key = (id(one), *map(id, answers))
        if key not in self.known:
            comparison = compare(one, answers)
            needed = ", ".join(sorted(one.lacks & self.require))
            if comparison.status is Status.UNSUPPORTED and needed:
                cause = Cause(f"{needed} is required; {comparison.reason}")
                comparison = comparison._replace(
                    status=Status.FAILED, cause=cause, failure=Failure.REQUIRED
                )
            self.known[key] = comparison if self.after is None else self.after(comparison)
        return self.known[key]


def failed(comparisons: Iterable[Comparison]) -> list[Comparison]:
    return [one for one in comparisons if one.failed]


def failures(comparisons: Iterable[Comparison]) -> int:
    return len(failed(comparisons))
