"""Selection: the vectors that a subject is judged by, and the convention."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from math import inf

from ..subject.roundings import Roundings
from ..subject.subject import Subject, SubjectError
from ..vectors.suite import ListedConvention, Suite, contradiction
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
        convention: the one that the caller asks for, or None; a name, and changes after commas.
        declared: the one that the subject declares, or None. Without both it is `paper`.
        name: of the subject, for errors.
    """
    if convention is not None or declared is None:
        return _find_convention(suite, convention or "paper")
    # A wrong declaration is the subject's mistake, unless the caller overrules it.
    try:
        return _find_convention(suite, declared)
    except UsageError as error:
        raise SubjectError(f"{name} declares a convention: {error}") from None


def _find_convention(suite: Suite, text: str) -> ListedConvention:
    """Return a named convention, with other values: `torch,epsilon=hat,arithmetic=sssss`."""
    name, *changes = text.split(",")
    _require_one_of("convention", name, tuple(suite.conventions))
    listed = suite.conventions[name]
    if not changes:
        return listed
    axes = dict(listed.axes)
    arithmetics = listed.arithmetics
    for change in changes:
        axis, _, value = change.partition("=")
        if axis == "arithmetic":
            _require_one_of(axis, value, tuple(suite.arithmetics))
            arithmetics = [value]
            continue
        _require_one_of(f"the axis in {change!r}", axis, (*suite.axes, "arithmetic"))
        _require_one_of(axis, value, suite.axes[axis])
        axes[axis] = value
    if excluding := contradiction(axes):
        raise UsageError(f"convention must have values that an Adam can have, got {excluding}")
    return replace(listed, name=text, axes=axes, arithmetics=arithmetics)


def read_numbers(text: str | None, option: str) -> dict[str, float]:
    """Return the names and numbers in ``beta2=.95,epsilon=1e-6``, the value of an option.

    Raises:
        UsageError: the text has another form, or sets a name twice.
    """
    numbers: dict[str, float] = {}
    # A name that is repeated is a slip, and the last number must not win silently.
    for part in text.split(",") if text is not None else ():
        name, _, value = part.partition("=")
        name = name.strip()
        try:
            number = float(value)
        except ValueError:
            raise UsageError(
                f"{option} must be NAME=NUMBER, more of them after commas, got {part!r}"
            ) from None
        if name in numbers:
            raise UsageError(f"{option} must set a name once, got {name} again in {text!r}")
        numbers[name] = number
    return numbers


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
    subject: Subject,
) -> Suite:
    """Return the vectors with other hyperparameters, and answers by the oracle for a subject.

    Raises:
        UsageError: a hyperparameter does not exist or is out of range.
    """
    # Late, because it loads the oracle.
    from ..on_demand.configured import with_numbers

    check_numbers(config)
    return with_numbers(suite, convention, config, subject.accuracy, subject.storage)


def within(suite: Suite, roundings: Roundings) -> Suite:
    """Return the vectors for a subject whose operations err by so many roundings."""
    bounds = roundings.by_quantity
    return replace(suite, vectors=[vector.within(bounds) for vector in suite.vectors])


def check_numbers(config: Mapping[str, float]) -> None:
    """Raise UsageError unless every hyperparameter exists and is in range."""
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


def answer(suite: Suite, convention: ListedConvention) -> Suite:
    """Return the vectors, with answers by the oracle if a convention has changes."""
    if convention.name in suite.conventions:
        return suite
    # Late, because it loads the oracle.
    from ..on_demand.configured import with_answers

    return with_answers(suite, convention)


def _is_within(vector: Vector, level: str, suite: Suite) -> bool:
    if level == "quick":
        return vector.id in suite.quick
    return level in (vector.level, "full")


def _require_one_of(name: str, value: str, values: Collection[str]) -> None:
    if value not in values:
        raise UsageError(f"{name} must be one of {', '.join(values)}, got {value!r}")
