"""Declarations: what a subject says of its rounding and storage, and how a verdict names it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NoReturn

from ..subject.accuracy import read_accuracy
from ..subject.roundings import read_roundings
from ..subject.subject import Subject, SubjectError, SubjectRecord
from ..vectors.storage import read_storage
from ..vectors.suite import ListedConvention, Suite
from .selection import UsageError


def declare(
    subject: Subject,
    *,
    accuracy: Mapping[str, float] | None = None,
    storage: Mapping[str, str] | None = None,
    roundings: Mapping[str, float] | None = None,
) -> Subject:
    """Return the subject with other declarations than its own; None keeps its own.

    Raises:
        UsageError: there is no such class, storage or equation, or a number is out of range.
    """
    changes: dict[str, Any] = {}
    try:
        if accuracy is not None:
            changes["accuracy"] = read_accuracy(accuracy)
        if storage is not None:
            changes["storage"] = {**subject.storage, **read_storage(storage)}
        if roundings is not None:
            changes["roundings"] = read_roundings(roundings)
    except (TypeError, ValueError) as error:
        raise UsageError(str(error)) from None
    return replace(subject, **changes)


def choose_arithmetic(
    subject: Subject, claimed: ListedConvention, suite: Suite, option: str | None = None
) -> tuple[Subject, ListedConvention]:
    """Return a subject and its convention, judged by the arithmetic that is declared.

    An arithmetic that the convention accepts anyway is no declaration.

    Args:
        subject: it may declare an arithmetic.
        claimed: the convention to judge it by.
        suite: the arithmetics that exist.
        option: the arithmetic that the caller asks for; None is the one that the subject declares.

    Raises:
        UsageError: the caller's arithmetic does not exist, or the convention states another.
        SubjectError: the same of the subject's.
    """
    code = subject.arithmetic if option is None else option
    if not code and option is None:
        return subject, claimed
    if code not in suite.arithmetics:
        _refuse(
            f"arithmetic must be one of {', '.join(suite.arithmetics)}, got {code!r}",
            subject,
            option,
        )
    accepted = claimed.arithmetics
    is_stated = any(part.startswith("arithmetic=") for part in claimed.name.split(","))
    if is_stated and code not in accepted:
        _refuse(
            f"arithmetic must be that of convention {claimed.name!r}, got {code!r}; leave one of "
            "the two out",
            subject,
            option,
        )
    declared = "" if code in accepted else code
    return replace(subject, arithmetic=declared), replace(claimed, arithmetics=[code])


def _refuse(message: str, subject: Subject, option: str | None) -> NoReturn:
    # A wrong declaration is the subject's mistake, unless the caller overrules it.
    if option is not None:
        raise UsageError(message)
    raise SubjectError(f"{subject.name} declares an arithmetic: {message}")


def declaration_words(subject: SubjectRecord) -> list[str]:
    """Return what a subject declares besides its convention, in the words of a verdict."""
    words = []
    if not subject.roundings.is_ordinary:
        words.append(subject.roundings.words())
    if subject.arithmetic:
        words.append(f"arithmetic {subject.arithmetic}")
    # By itself an accuracy class has a verdict of its own.
    if words and subject.accuracy:
        words.append(f"accuracy class {subject.accuracy}")
    return words


def of_adapter(subject: SubjectRecord) -> dict[str, Any]:
    """Return what the adapter of an optimizer class says of it, as JSON has it."""
    return {"notes": list(subject.notes), "guessed": subject.is_guess}
