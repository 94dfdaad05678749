"""Outcomes: how a run ends, how its comparison ends, and which kind of failure it is.

Each member equals the word that reports, waivers and vectors use: ``Status.PASSED == "passed"``.
"""

from enum import StrEnum
from typing import NamedTuple


class RunStatus(StrEnum):
    """How one run of one vector ends, before any number is compared."""

    RAN = "ran"
    UNSUPPORTED = "unsupported"
    MISBEHAVED = "misbehaved"
    ERRORED = "errored"


class Status(StrEnum):
    """How a run compares with the answers of one convention, in the order of reports."""

    PASSED = "passed"
    FAILED = "failed"
    ERRORED = "errored"
    WAIVED = "waived"
    UNSUPPORTED = "unsupported"
    # The vector has no answer for the convention; such comparisons are in no report.
    NOT_ASKED = "not asked"


class Failure(StrEnum):
    """The kinds of failure; an equation is the one in which the first discrepancy shows."""

    E1 = "E1"
    E2 = "E2"
    E4 = "E4"
    E5 = "E5"
    # The first discrepancy is a NaN.
    NAN = "nan"
    # A call returned that must raise, or raised though it must not.
    CALLS = "calls"
    # The subject broke the contract of a subject.
    CONTRACT = "contract"
    # The subject raised an exception.
    ERROR = "error"
    # A required feature is not supported.
    REQUIRED = "required"


class Detail(StrEnum):
    """A finer kind of failure, where the next step depends on it."""

    # Of CALLS: a call returned that must raise.
    RETURNED = "returned"
    # Of CALLS: a call raised that must not.
    RAISED = "raised"
    # Of CONTRACT: a gradient was changed, or the subject's own arrays were returned.
    HYGIENE = "hygiene"
    # Of a run that was not made: a file of answers has none.
    UNANSWERED = "unanswered"


class Permitted(StrEnum):
    """The values that an element may have."""

    INTERVAL = "interval"
    NONFINITE = "nonfinite"
    NAN = "nan"
    # The bits of the first run, where two runs must agree.
    BITS = "bits"


class Cause(NamedTuple):
    """The reason why there is nothing to compare; `str(cause)` is one line for people.

    Fields:
        message: one line, without the place.
        place: file and line of the subject's code that raised; empty if nothing raised.
        detail: the finer kind of failure, or None.
    """

    message: str = ""
    place: str = ""
    detail: Detail | None = None

    def __str__(self) -> str:
        text = self.message
        if self.detail is Detail.HYGIENE:
            text = f"hygiene: {text}"
        if self.place:
            text += f" ({self.place})"
        return text


NO_CAUSE = Cause()
