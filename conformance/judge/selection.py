"""Selection: the vectors that a subject is judged by, and the convention."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from math import inf

from ..subject.accuracy import Accuracy, read_accuracy
from ..subject.subject import Subject, SubjectError
from ..vectors.suite import ListedConvention, Suite
from ..vectors.switches import FEATURES, NUMBERS
from ..vectors.vector import Vector

# Each level has the vectors of the levels before it.
LEVELS = ("quick", "core", "full")
# A feature of the judge, not of any vector.
HYGIENE = "hygiene"


class UsageError(ValueError):
    """An option with a value that it cannot have."""


def choose_convention(
    suite: Suite, convention: str | None, declared: str | None, name: str
) -> ListedConvention:
    """Return the convention to judge a subject by.

    Args:
        suite: the conventions that exist.
        convention: the one that the caller asks for, or None.
        declared: the one that the subject declares, or None. Without both it is `paper`.
        name: of the subject, for errors.
    """
    # A wrong declaration is the subject's mistake, unless the caller overrules it.
    if convention is None and declared not in (None, *suite.conventions):
        raise SubjectError(
            f"convention of {name} must be one of {', '.join(suite.conventions)}, got {declared!r}"
        )
    chosen = convention or declared or "paper"
    _require_one_of("convention", chosen, tuple(suite.conventions))
    return suite.conventions[chosen]


def choose_vectors(
    suite: Suite,
    convention: ListedConvention,
    level: str = "core",
    *,
    only: str = "*",
    dtype: str | None = None,
    require: Collection[str] = (),
) -> list[Vector]:
    """Return the vectors to run.

    Args:
        suite: all vectors.
        convention: the one to judge by.
        level: one of LEVELS.
        only: glob on vector ids.
        dtype: of the parameters; None is all.
        require: features that must be supported.

    Raises:
        UsageError: an argument has a value that it cannot have, or no vector asks for what is
            required.
    """
    _require_one_of("level", level, LEVELS)
    for feature in require:
        _require_one_of("require", feature, FEATURES)
    chosen = [
        vector
        for vector in suite.vectors
        if fnmatchcase(vector.id, only)
        and dtype in (None, vector.dtype)
        and _is_within(vector, level, suite)
    ]
    # A requirement that nothing tests would look fulfilled.
    tested = {
        feature for vector in chosen if vector.asks(convention.axes) for feature in vector.features
    }
    for feature in set(require) - {HYGIENE} - tested:
        raise UsageError(
            f"require must name what {convention.name} has vectors for here, got {feature!r}"
        )
    return chosen


def bake_numbers(
    suite: Suite,
    convention: ListedConvention,
    config: Mapping[str, float],
    accuracy: Accuracy,
) -> Suite:
    """Return the vectors with other hyperparameters, and answers by the oracle for a class.

    Raises:
        UsageError: a hyperparameter does not exist or is out of range.
    """
    # Late, because it loads the oracle.
    from ..on_demand.configured import with_numbers

    for name, value in config.items():
        if name not in NUMBERS:
            raise UsageError(f"config must set some of {', '.join(NUMBERS)}, got {name!r}")
        # With beta = 1 the bias correction divides by zero.
        limit = 1 if name.startswith("beta") else inf
        if not 0 <= value < limit:
            raise UsageError(f"{name} must be in [0, {limit}), got {value!r}")
        if value == 0 and name == "learning_rate":
            raise UsageError(
                f"learning_rate must be above 0, because nothing moves without it, got {value!r}"
            )
    return with_numbers(suite, convention, config, accuracy)


def declare(subject: Subject, accuracy: Mapping[str, float]) -> Subject:
    """Return the subject with another accuracy class.

    Raises:
        UsageError: the class does not exist.
    """
    try:
        return replace(subject, accuracy=read_accuracy(accuracy))
    except (TypeError, ValueError) as error:
        raise UsageError(str(error)) from None


def _is_within(vector: Vector, level: str, suite: Suite) -> bool:
    if level == "quick":
        return vector.id in suite.quick
    return level in (vector.level, "full")


def _require_one_of(name: str, value: str, values: Collection[str]) -> None:
    if value not in values:
        raise UsageError(f"{name} must be one of {', '.join(values)}, got {value!r}")
