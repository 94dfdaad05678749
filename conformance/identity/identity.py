"""Whose Adam it is: the point of a subject on every axis, with what decided it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ..defects.defect import Defect
from ..trial.compare import Comparison
from ..trial.sentences import in_a_line, in_words


class Evidence(NamedTuple):
    """What decided an axis.

    Fields:
        vector: the one that tells the value from the next best. ratio: error over bound under the value, of that one.
        other: the next best value. its_ratio: under it, infinite where it is no matter of numbers.
    """

    vector: str
    ratio: float
    other: str
    its_ratio: float


@dataclass(frozen=True)
class Identity:
    """Whose Adam it is.

    Fields:
        convention: axis -> value, of the axes that are decided; `unsupported` where there is no such thing.
        evidence: axis -> what decided it; axes with one possible value have none.
        undecided: axis -> why it is not decided.
        lacks: axis -> why it is unsupported.
        arithmetics: those under which the numbers fit, of the known ones first; empty if there is none.
        costs: dtype -> what the first of them costs, in units in the last place of a parameter.
        nearest: the named convention with the fewest other values. differs: axis -> its value, where it is another.
        unexplained: what fails at the point that was found, in the order of calls and equations.
        point: a whole point, undecided axes as the convention has them that the subject declares.
        asked: whether any vector was supported.
        mistakes: known ones, each of which explains what the point does not.
    """

    convention: Mapping[str, str]
    evidence: Mapping[str, Evidence]
    undecided: Mapping[str, str]
    lacks: Mapping[str, str]
    arithmetics: tuple[str, ...]
    costs: Mapping[str, float]
    nearest: str
    differs: Mapping[str, str]
    unexplained: tuple[Comparison, ...]
    point: Mapping[str, str]
    asked: bool
    mistakes: tuple[Defect, ...] = ()

    @property
    def arithmetic(self) -> str:
        """The arithmetic that fits, or an empty string."""
        return next(iter(self.arithmetics), "")

    @property
    def explained(self) -> bool:
        """Whether its point explains all that it returned."""
        return self.asked and not self.unexplained

    @property
    def sentence(self) -> str:
        """Whose Adam it is, in a sentence."""
        if not self.asked:
            return "nothing could be asked: " + next(
                iter(self.undecided.values()), "no vector was run"
            )
        other = {
            axis: theirs
            for axis, theirs in self.differs.items()
            if "unsupported" not in (theirs, self.convention[axis])
        }
        parts = [
            f"{axis} is {self.convention[axis]} and not {theirs}" for axis, theirs in other.items()
        ]
        who = self.nearest + (f", except that {' and '.join(parts)}" if parts else "")
        if self.explained:
            return f"this is {who}"
        if (
            not self.evidence
            and len({one.reason for one in self.unexplained}) == 1
            and self.unexplained[0].reason
        ):
            return f"it never came to numbers: {self.unexplained[0].reason}"
        if self.mistakes:
            return f"this is {who}, and what it does is {in_words([one.sentence for one in self.mistakes])}"
        return f"no point explains all; nearest is {who}; first, {in_a_line(self.unexplained[0])}"
