"""Knowledge: what the questions so far have found about a subject."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..trial.run import Run
from ..truth.point import NATIVE, UNSUPPORTED, Values
from .identity import Evidence
from .questions import Question


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The findings of one question.

    Attributes:
        values: axis -> value, of the axes that it decides.
        evidence: axis -> what decided it.
        undecided: axis -> why it is not decided.
        lacking: axis -> why it is unsupported.
        assumed: axis -> the value to go on with, of axes that it cannot decide.
        unexplained: the runs that no option explains.
        postponed: whether the question is still to be asked, together with another one.
    """

    values: Values = field(default_factory=dict)
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    undecided: Mapping[str, str] = field(default_factory=dict)
    lacking: Mapping[str, str] = field(default_factory=dict)
    assumed: Values = field(default_factory=dict)
    unexplained: tuple[Run, ...] = ()
    postponed: bool = False


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """What is known of a subject. The fields have the meaning that they have in `Finding`.

    Attributes:
        assumed: a value for every axis; it counts where the axis is not decided.
        postponed: the questions that are still to be asked, each together with another one.
        code: the arithmetic in which vectors with decimal hyperparameters are judged.
    """

    assumed: Values
    code: str = NATIVE
    values: Values = field(default_factory=dict)
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    undecided: Mapping[str, str] = field(default_factory=dict)
    lacking: Mapping[str, str] = field(default_factory=dict)
    unexplained: tuple[Run, ...] = ()
    postponed: tuple[Question, ...] = ()

    @property
    def axes(self) -> Values:
        """A value on every axis. They may exclude each other, because some are only assumed."""
        return {**self.assumed, **self.values}

    def contradicts(self, option: Values) -> bool:
        """Return whether an option has another value on an axis that is known."""
        # A feature that is unsupported has no value to contradict.
        return any(
            self.values.get(axis, value) not in (value, UNSUPPORTED)
            for axis, value in option.items()
        )

    def with_finding(
        self,
        question: Question,
        finding: Finding,
    ) -> "Knowledge":
        """Return what is known after a question."""
        # A question may decide what an earlier one could not.
        undecided = {**self.undecided, **finding.undecided}
        for axis in finding.values:
            undecided.pop(axis, None)
        postponed = self.postponed
        if finding.postponed:
            postponed = (*postponed, question)
        return Knowledge(
            assumed={**self.assumed, **finding.assumed},
            code=self.code,
            values={**self.values, **finding.values},
            evidence={**self.evidence, **finding.evidence},
            undecided=undecided,
            lacking={**self.lacking, **finding.lacking},
            unexplained=(*self.unexplained, *finding.unexplained),
            postponed=postponed,
        )
