"""Comparison and Discrepancy: how one run compares with the answers of one convention."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ..subject.roundings import Roundings, least_roundings
from ..vectors.vector import Vector
from .outcomes import NO_CAUSE, Cause, Failure, Permitted, Status

# The equation whose result each quantity is, in the order in which a mistake travels. The maximum
# of AMSGrad has no equation of its own and counts as E4.
EQUATIONS = {"m": Failure.E1, "v": Failure.E2, "v_max": Failure.E4, "params": Failure.E5}
# The words for what is permitted, where it is no interval.
PERMITTED_WORDS = {
    Permitted.NAN: "NaN",
    Permitted.NONFINITE: "an infinity or NaN",
    Permitted.BITS: "the bits of the first run",
}


@dataclass(frozen=True, kw_only=True)
class Discrepancy:
    """A place where a subject leaves its interval, or whatever else is permitted there.

    Fields:
        quantity: `params`, `m`, `v` or `v_max`.
        step: the call, from 1.
        param: the number of the parameter.
        element: the index into it.
        lo, hi: the interval; both are NaN where something else is permitted, and both are the
            number of the first run where only its bits are permitted.
        ratio: error over bound.
        ulps: the distance from the exact result, in units in the last place of ``lo``.
        relation: how the inputs of the run were changed; empty if they were not.
    """

    quantity: str
    step: int
    param: int
    element: tuple[int, ...]
    got: float
    lo: float
    hi: float
    ratio: float
    ulps: float
    permitted: Permitted = Permitted.INTERVAL
    relation: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields under their published names."""
        # Files of JSON lines have these names since the first version, so they stay.
        return {
            "of": self.quantity,
            "step": self.step,
            "param": self.param,
            "element": self.element,
            "got": self.got,
            "lo": self.lo,
            "hi": self.hi,
            "ratio": self.ratio,
            "ulps": self.ulps,
            "due": self.permitted.value,
            "relation": self.relation,
        }


@dataclass(frozen=True, eq=False)
class Comparison:
    """A run against the answers for one convention and arithmetic.

    Fields:
        cause: why it is not a matter of numbers, or the reason of the waiver.
        failure: its kind, waived or not; None if it did not fail.
        discrepancy: the first one, if it is a matter of numbers.
        permitted: what the subject left: an interval, a class of numbers, the bits of a run.
        worst: quantity -> the largest ratio.
        ulps: the largest error of a parameter, in units in the last place.
        bits: the digest of the parameters and moments after every answered call of the first run;
            None if there are none.
    """

    vector: Vector
    status: Status
    cause: Cause = NO_CAUSE
    failure: Failure | None = None
    discrepancy: Discrepancy | None = None
    permitted: frozenset[Permitted] = frozenset()
    worst: dict[str, float] = field(default_factory=dict)
    ulps: float = 0.0
    bits: str | None = None

    @property
    def failed(self) -> bool:
        """Whether it failed or errored, and no waiver allows it."""
        return self.status in (Status.FAILED, Status.ERRORED)

    @property
    def reason(self) -> str:
        """The cause in one line, for people; empty where it is a matter of numbers."""
        return str(self.cause)

    @property
    def worst_ratio(self) -> float:
        """The largest error over bound of any element; infinite for a NaN."""
        return max(self.worst.values(), default=0.0)

    @property
    def is_rough(self) -> bool:
        """Whether it failed by numbers alone that lie outside their intervals.

        In half precision an interval is what right Adams store, and no multiple of it means
        anything.
        """
        if self.vector.is_about_storage:
            return False
        return self.failure in EQUATIONS.values() and self.permitted == {Permitted.INTERVAL}


def largest_errors(comparisons: Iterable[Comparison]) -> dict[str, float] | None:
    """Return quantity -> the largest error, as a multiple of the bound of right Adams.

    None if some comparison failed by more than numbers outside their intervals.
    """
    errors: dict[str, float] = {}
    for comparison in comparisons:
        if comparison.failed and not comparison.is_rough:
            return None
        for quantity, ratio in comparison.worst.items():
            # A ratio is the error over what is permitted already.
            error = ratio * comparison.vector.roundings.get(quantity, 1)
            errors[quantity] = max(errors.get(quantity, 0.0), error)
    return errors


def least_declaration(comparisons: Iterable[Comparison]) -> Roundings | None:
    """Return the least declaration by which no comparison fails; None if none can help."""
    errors = largest_errors(comparisons)
    return None if errors is None else least_roundings(errors)
