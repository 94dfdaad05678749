"""Settling: what becomes of a comparison once a feature is required or a waiver allows it."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from ..trial.comparison import Comparison
from ..trial.judged_runs import Settle
from ..trial.outcomes import Cause, Failure, Status
from ..trial.run import Run
from ..waivers.staleness import waive
from ..waivers.waiver import Waiver
from .causes import Causes


def require_features(require: Collection[str]) -> Settle:
    """Return the function that fails a run which lacks a required feature."""

    def settle(run: Run, comparison: Comparison) -> Comparison:
        missing = ", ".join(sorted(run.lacks.intersection(require)))
        if comparison.status is not Status.UNSUPPORTED or not missing:
            return comparison
        cause = Cause(f"{missing} is required; {comparison.reason}")
        return replace(comparison, status=Status.FAILED, cause=cause, failure=Failure.REQUIRED)

    return settle


def require_and_waive(
    require: Collection[str], waivers: Sequence[Waiver], causes: Causes
) -> Settle:
    """Return the function that fails a run as above, and then waives what a waiver allows."""
    required = require_features(require)

    def settle(run: Run, comparison: Comparison) -> Comparison:
        # A waiver may speak of a missing feature, so requirements come first.
        return waive(waivers, required(run, comparison), lambda waiver: causes.explain(waiver, run))

    return settle
