"""Explanation: what accounts for the numbers of a subject that does not conform, as data."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from ..defects.defect import Defect
from ..subject.roundings import Roundings
from ..trial.sentences import list_mistakes


class Kind(StrEnum):
    """The kinds of explanation, from facts to the nearest guess."""

    # Nothing failed, because nothing was run.
    NOT_RUN = "not run"
    # A signal came before there was an explanation.
    INTERRUPTED = "interrupted"
    # Nothing failed, but few vectors could tell right from wrong.
    INCONCLUSIVE = "inconclusive"
    # The algorithm is right; its scalars are rounded to other formats.
    ARITHMETIC = "arithmetic"
    # A required feature is missing.
    REQUIRED = "required"
    # The formulas are right, and a declaration of roundings would permit the errors.
    ROUGH = "rough"
    # Inputs are refused with errors, and everything else is right.
    REFUSED = "refused"
    # Gradients were changed, or the subject's own arrays were returned.
    HYGIENE = "hygiene"
    # The parameters are right; what the subject shows as moments is something else.
    MOMENTS = "moments"
    # It keeps something else of half precision than it declares.
    STORAGE = "storage"
    # No vector came to a number, always for the same reason.
    NO_NUMBERS = "no numbers"
    # Numbers are returned where NaN or infinities must be.
    FINITE = "finite"
    # Every failure is a NaN.
    NAN = "nan"
    # Only runs with changed inputs fail.
    RELATIONS = "relations"
    # A hyperparameter is fixed in the subject.
    BUILT_IN = "built in"
    # Two runs of one vector differ.
    UNREPEATABLE = "unrepeatable"
    # Another convention, or the claimed one with other values on some axes.
    POINT = "point"
    # A known mistake in the claimed convention.
    MISTAKE = "mistake"
    # A known mistake in another convention.
    MISTAKE_ELSEWHERE = "mistake elsewhere"
    # Another formula, which no convention and no known mistake has.
    FORMULA = "formula"
    # Another convention that fits most vectors, more than the claimed one.
    NEARLY = "nearly"
    UNKNOWN = "unknown"


class KnownMistake(NamedTuple):
    """A wrong Adam of the collection that returns what the subject returned."""

    name: str
    phrase: str


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """The best explanation of the vectors that failed.

    Fields:
        points: the conventions that fit, by name; for an arithmetic its codes.
        mistakes: known mistakes, each of which explains what the points do not.
        passed: of the vectors compared at the points, how many pass.
        compared: how many vectors have an answer there; of several points the most.
        compared_at_least: of several points the fewest.
        failed: how many vectors failed under the claimed convention.
        left_over: of these, how many no point explains.
        remark: what to say where no point and no mistake is meant.
        difference: in words, where the points differ from the claimed convention.
        known: where others did the same, by the names of known mistakes.
        besides: what is wrong in vectors of which the rest of the explanation does not speak.
        cause: the deviation from the claimed convention, as a waiver names it; empty if it is none
            that has a name.
        roundings: if its operations are rough, the least declaration by which it conforms.
    """

    kind: Kind
    points: tuple[str, ...] = ()
    mistakes: tuple[KnownMistake, ...] = ()
    passed: int = 0
    compared: int = 0
    compared_at_least: int = 0
    failed: int = 0
    left_over: int = 0
    remark: str = ""
    difference: str = ""
    known: str = ""
    besides: str = ""
    cause: str = ""
    roundings: Roundings | None = None

    def sentence(self) -> str:
        """Return the explanation in one sentence."""
        return f"{self.besides}; besides, {self._cause()}" if self.besides else self._cause()

    def _cause(self) -> str:
        mistakes = list_mistakes([mistake.phrase for mistake in self.mistakes])
        points = " or ".join(self.points)
        match self.kind:
            case Kind.POINT:
                found = f"these are the numbers of {points}: {self._all_pass()}{self._left_over()}"
                known = f"; known as {self.known}" if self.known else ""
                return f"{self.difference}; {found}{known}" if self.difference else found + known
            case Kind.MISTAKE if points:
                return f"its mistake is {mistakes}, which has the numbers of {points}"
            case Kind.MISTAKE:
                return f"its mistake is {mistakes}"
            case Kind.MISTAKE_ELSEWHERE:
                return f"it is {points}, and its mistake is {mistakes}"
            case Kind.NEARLY:
                count = f"{self.passed} of the {self.compared}"
                passes = f"{count} vectors with an answer for it pass"
                return f"nearly {points}: {passes}{self._left_over()}"
            case Kind.UNKNOWN:
                return f"no known convention or mistake fits; the first failure: {self.remark}"
            case _:
                return f"{self.remark}; its mistake is {mistakes}" if mistakes else self.remark

    def _all_pass(self) -> str:
        count = f"{self.compared}"
        if self.compared_at_least != self.compared:
            count = f"{self.compared_at_least} to {self.compared}"
        return f"all {count} vectors with an answer for it pass"

    def _left_over(self) -> str:
        if not self.left_over:
            return ""
        explained = self.failed - self.left_over
        other = "cannot tell"
        if self.kind is Kind.NEARLY:
            other = "cannot tell or fail there too"
        return (
            f"; this explains {explained} of the {self.failed} failures, "
            f"the other {self.left_over} {other}"
        )


def as_data(defects: Iterable[Defect]) -> tuple[KnownMistake, ...]:
    """Return known mistakes as an explanation has them."""
    return tuple(KnownMistake(defect.name, defect.sentence) for defect in defects)
