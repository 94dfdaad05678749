"""Which vectors a subject is judged by, and under which convention."""

from collections.abc import Collection, Mapping
from fnmatch import fnmatchcase
from math import inf

from ..subject.subject import SubjectError
from ..vectors.suite import ListedConvention, Suite
from ..vectors.switches import FEATURES, NUMBERS
from ..vectors.vector import Vector

# Each has what those before it have.
LEVELS = ("quick", "core", "full")


class UsageError(ValueError):
    """An option with a value that it cannot have."""


def claimed(
    suite: Suite, convention: str | None, declared: str | None, name: str
) -> ListedConvention:
    """The convention to judge the subject ``name`` by: ``convention``, else the ``declared`` one, else `paper`."""
    if convention is None and declared not in (None, *suite.conventions):
        raise SubjectError(
            f"convention of {name} must be one of {', '.join(suite.conventions)}, got {declared!r}"
        )
    chosen = convention or declared or "paper"
    _known("convention", chosen, tuple(suite.conventions))
    return suite.conventions[chosen]


def selected(
    suite: Suite,
    named: ListedConvention,
    level: str = "core",
    *,
    only: str = "*",
    dtype: str | None = None,
    require: Collection[str] = (),
) -> list[Vector]:
    """The vectors to run: see `check` for the arguments, of which none may have a value that it cannot have."""
    _known("level", level, LEVELS)
    for feature in require:
        _known("require", feature, FEATURES)
    chosen = [
        vector
        for vector in suite.vectors
        if fnmatchcase(vector.id, only)
        and dtype in (None, vector.dtype)
        and _within(vector, level, suite)
    ]
    for feature in set(require) - {"hygiene"}:
        if not any(feature in vector.features and vector.asks(named.axes) for vector in chosen):
            raise UsageError(
                f"require must name what {named.name} has vectors for here, got {feature!r}"
            )
    return chosen


def _within(vector: Vector, level: str, suite: Suite) -> bool:
    return vector.id in suite.quick if level == "quick" else level in (vector.level, "full")


def with_numbers(suite: Suite, named: ListedConvention, config: Mapping[str, float]) -> Suite:
    """The vectors with other hyperparameters, of which none may have a value that it cannot have."""
    from ..on_demand.configured import with_numbers

    for name, value in config.items():
        if name not in NUMBERS:
            raise UsageError(f"config must set some of {', '.join(NUMBERS)}, got {name!r}")
        most = 1 if name.startswith("beta") else inf
        if not 0 <= value < most:
            raise UsageError(f"{name} must be in [0, {most}), got {value!r}")
        if value == 0 and name == "learning_rate":
            raise UsageError(
                f"learning_rate must be above 0, for nothing moves without it, got {value!r}"
            )
    return with_numbers(suite, named, config)


def _known(name: str, value: str, values: Collection[str]) -> None:
    if value not in values:
        raise UsageError(f"{name} must be one of {', '.join(values)}, got {value!r}")
