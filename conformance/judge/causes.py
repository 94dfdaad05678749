"""Causes: which runs the causes of waivers explain, and which vectors fail by them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..trial.run import Run
from ..vectors.suite import ListedConvention, Suite
from ..vectors.vector import Vector
from ..waivers.waiver import Waiver, WaiverError

if TYPE_CHECKING:
    from ..identity.deviation import Deviation


class Causes:
    """The causes that the waivers for one subject name.

    Raises:
        WaiverError: a cause does not exist.
    """

    def __init__(self, waivers: Iterable[Waiver], claimed: ListedConvention, suite: Suite) -> None:
        self._deviations = {
            waiver.cause: _read(waiver, claimed, suite) for waiver in waivers if waiver.cause
        }
        # Asked for again with every arithmetic.
        self._explained: dict[tuple[str, str], bool] = {}

    def explain(self, waiver: Waiver, run: Run) -> bool:
        """Return whether a run returned what an Adam with the cause of a waiver returns."""
        key = (waiver.cause, run.vector.id)
        if key not in self._explained:
            self._explained[key] = self._deviations[waiver.cause].explains(run)
        return self._explained[key]

    def fail(self, waiver: Waiver, vector: Vector) -> bool:
        """Return whether a vector rejects an Adam with the cause of a waiver."""
        return self._deviations[waiver.cause].fails(vector)


def _read(waiver: Waiver, claimed: ListedConvention, suite: Suite) -> "Deviation":
    # Late, because few waivers have a cause, and all wrong Adams are loaded with it.
    from ..identity.deviation import read_deviation

    try:
        return read_deviation(waiver.cause, claimed, suite)
    except ValueError as error:
        raise WaiverError(f"{waiver}: {error}") from None
