"""The identity of a subject: its convention, axis by axis, with what decided each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ..trial.comparison import Comparison
from ..trial.sentences import failure_line
from ..truth.point import UNSUPPORTED
from .questions import PARENTS
from .storages import StorageIdentity


class Evidence(NamedTuple):
    """The vector that decided an axis.

    Fields:
        vector: the vector that tells the value from the next best one.
        ratio: error over bound in it under the value.
        other: the next best value.
        its_ratio: error over bound under that one; infinite where it is no matter of numbers.
    """

    vector: str
    ratio: float
    other: str
    its_ratio: float


@dataclass(frozen=True)
class Identity:
    """The convention that a subject follows.

    Attributes:
        convention: axis -> value, of the axes that are decided; `unsupported` for a feature that
            the subject does not have.
        evidence: axis -> what decided it; an axis with one possible value has none.
        undecided: axis -> why it is not decided.
        lacks: axis -> why it is unsupported.
        arithmetics: the arithmetics under which its numbers fit, the best first.
        costs: dtype -> how far the first of them moves a parameter, in units in the last place.
        nearest: the named convention with the fewest other values.
        differs: axis -> the value of the nearest convention, where it has another.
        unexplained: what fails at the point that was found.
        axes: a value on every axis, also on those that are not decided.
        asked: whether any vector was supported.
        cause: what explains the rest, in a sentence; empty if the point explains all.
        also: other named conventions that have all values that are known.
        convention_option: what `--convention` is given to judge it by the point.
        storages: what it keeps of each dtype of half precision that it takes.
        known_as: the known mistakes that its departure from the nearest convention is.
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
    axes: Mapping[str, str]
    asked: bool
    cause: str = ""
    also: tuple[str, ...] = ()
    convention_option: str = ""
    storages: tuple[StorageIdentity, ...] = ()
    known_as: tuple[str, ...] = ()

    @property
    def arithmetic(self) -> str:
        """The arithmetic that fits best, or an empty string."""
        return next(iter(self.arithmetics), "")

    @property
    def keeps(self) -> tuple[str, ...]:
        """What `--storage` is given for each dtype of half precision, where it was found."""
        return tuple(storage.option for storage in self.storages if storage.codes)

    @property
    def storage_options(self) -> tuple[str, ...]:
        """Those of `keeps` that the subject does not declare itself."""
        found = [storage for storage in self.storages if storage.codes]
        return tuple(one.option for one in found if one.declared not in one.codes)

    @property
    def departs(self) -> bool:
        """Whether it has another value than the nearest convention where both have one."""
        return any(map(self._is_departure, self.differs))

    def _is_departure(self, axis: str) -> bool:
        """Return whether an axis has a value in both, also where the axis belongs to another."""
        theirs = (self.differs[axis], self.differs.get(PARENTS.get(axis, "")))
        return UNSUPPORTED not in (*theirs, self.convention[axis])

    @property
    def explained(self) -> bool:
        """Whether its point explains all that it returned."""
        return self.asked and not self.unexplained

    @property
    def sentence(self) -> str:
        """Which convention the subject follows, in a sentence."""
        if not self.asked and self.keeps:
            return "what it keeps is told above; its convention is not, without float32 or float64"
        if not self.asked and any(storage.failures for storage in self.storages):
            return "no storage explains what it returned, and nothing else could be asked"
        if not self.asked:
            why = next(iter(self.undecided.values()), "no vector was run")
            return f"nothing could be asked: {why}"
        if self.explained:
            name = self._name
            if "arithmetic=" in self.convention_option:
                name += f", with arithmetic {self.arithmetic}"
            if self.also:
                name += f"; {' and '.join(self.also)} would return the same where it was asked"
            if self.known_as:
                name += f"; this is known as {' and '.join(self.known_as)}"
            return f"this is {name}"
        first = self.unexplained[0]
        causes = {comparison.reason for comparison in self.unexplained}
        # One cause everywhere, and no axis decided by numbers: there were none.
        if not self.evidence and len(causes) == 1 and first.reason:
            return f"it never came to numbers: {first.reason}"
        return f"nearest is {self._name}: {self.cause or failure_line(first)}"

    @property
    def _name(self) -> str:
        """The nearest convention with the axes on which the subject has another value."""
        added = []
        exceptions = []
        for axis, value in self.differs.items():
            own = self.convention[axis]
            # What the subject lacks makes no other Adam.
            if UNSUPPORTED in (value, self.differs.get(PARENTS.get(axis, ""))):
                added.append(f"{axis} {own}")
            elif self._is_departure(axis):
                exceptions.append(f"{axis} is {own} and not {value}")
        name = f"{self.nearest} with {' and '.join(added)}" if added else self.nearest
        if not exceptions:
            return name
        return f"{name}, except that {' and '.join(exceptions)}"
