"""Contrast of two Adams: where they agree, the input on which they differ most, and its size.

For example, `torch` and `tfkeras` differ on the axis epsilon (outside, hat) and agree on
bias_correction. The largest difference is a golden vector on which their parameters lie thousands
of bounds apart; with gradients near 1 nobody would notice.
"""

from collections.abc import Mapping
from typing import NamedTuple

from ..identity.questions import PARENTS
from ..identity.search import identify_runs
from ..on_demand.solver import Solver
from ..process.floating_point import own_floating_point
from ..subject.subject import Subject
from ..trial.outcomes import RunStatus
from ..trial.run import Run, run
from ..truth import reference
from ..truth.point import UNSUPPORTED
from ..vectors.suite import ListedConvention, Suite
from ..vectors.switches import NEEDS
from .at_defaults import USUAL, Use, differences_at_defaults, exact_steps, steps_of_subject
from .differences import ConventionDifference, both_have, difference_of_runs, differences, larger

# The value of an axis that `identify` could not decide.
_UNDECIDED = "?"


class SameBits(NamedTuple):
    """In how many vectors two subjects returned the same bits, out of those that both could run."""

    same: int
    vectors: int


class AxisValues(NamedTuple):
    """The values of two Adams, by axis.

    Attributes:
        agree: axis -> the value of both.
        differ: axis -> their values.
        only_one_has: axis -> their values, one of which is `unsupported`.
    """

    agree: dict[str, str]
    differ: dict[str, tuple[str, str]]
    only_one_has: dict[str, tuple[str, str]]


class Contrast(NamedTuple):
    """Two Adams.

    Attributes:
        axes: where their conventions agree and differ.
        largest: the element at which they differ most; None if no vector tells them apart.
        bits: for subjects: how often they return the same bits.
        uses: how far they are apart at default settings.
    """

    axes: AxisValues
    largest: ConventionDifference | None
    bits: SameBits | None
    uses: list[Use]


@own_floating_point()
def contrast_conventions(
    first: ListedConvention,
    second: ListedConvention,
    suite: Suite,
) -> Contrast:
    """Return the contrast of two named conventions, in exact arithmetic."""
    # Exact results: the difference is one of the algorithms, not of their rounding.
    largest: ConventionDifference | None = None
    for difference in differences(first, second, suite, Solver()):
        largest = larger(largest, difference)
    switches = {switch for switch, axis in NEEDS.items() if both_have(axis, first, second)}
    # A switch that one of them lacks has no difference to show.
    uses = differences_at_defaults(
        exact_steps(first.axes, first.arithmetics[0]),
        exact_steps(second.axes, second.arithmetics[0]),
        switches,
    )
    return Contrast(_compare_axes(first.axes, second.axes), largest, None, uses)


@own_floating_point()
def contrast_subjects(first: Subject, second: Subject, suite: Suite) -> Contrast:
    """Return the contrast of two subjects by what they return; `identify` finds their axes."""
    # Level full takes minutes and tells two subjects apart no better.
    core = [vector for vector in suite.vectors if vector.level == "core"]
    runs_of_first = [run(first, vector) for vector in core]
    runs_of_second = [run(second, vector) for vector in core]
    largest: ConventionDifference | None = None
    same = vectors = 0
    for pair in zip(runs_of_first, runs_of_second, strict=True):
        # Half precision rounds too coarsely for a distance that means anything.
        if pair[0].vector.dtype == "float16" or not _both_ran(*pair):
            continue
        vectors += 1
        difference = difference_of_runs(*pair)
        # The same bits: the strongest agreement that there is.
        if difference is None:
            same += 1
        largest = larger(largest, difference)
    switches = {switch for switch in USUAL if _both_accept(switch, first, second)}
    uses = differences_at_defaults(steps_of_subject(first), steps_of_subject(second), switches)
    axes = _compare_axes(
        identify_runs(runs_of_first, suite).convention,
        identify_runs(runs_of_second, suite).convention,
    )
    return Contrast(axes, largest, SameBits(same, vectors), uses)


def _both_accept(switch: str, first: Subject, second: Subject) -> bool:
    return not first.lacks([switch]) and not second.lacks([switch])


def _both_ran(first: Run, second: Run) -> bool:
    return first.status == second.status == RunStatus.RAN


def _compare_axes(first: Mapping[str, str], second: Mapping[str, str]) -> AxisValues:
    axes = AxisValues({}, {}, {})
    for axis in reference.AXES:
        pair = (first.get(axis, _UNDECIDED), second.get(axis, _UNDECIDED))
        # `decay_when`, for example, says nothing about an Adam without weight decay.
        feature = PARENTS.get(axis, "")
        features = (first.get(feature), second.get(feature))
        if _UNDECIDED in pair or UNSUPPORTED in features:
            continue
        if pair[0] == pair[1]:
            axes.agree[axis] = pair[0]
        elif UNSUPPORTED in pair:
            axes.only_one_has[axis] = pair
        else:
            axes.differ[axis] = pair
    return axes
