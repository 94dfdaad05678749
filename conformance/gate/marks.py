"""Golden vectors in a test file of pytest: a decorator for a function, and a base for a class."""

from typing import Any, ClassVar

import pytest

from ..subject.subject import Make
from .cases import Item, SubjectUnderTest

# Arguments of `parametrize` that a class may have as attributes.
_OPTIONS = (
    "level",
    "only",
    "dtype",
    "require",
    "waivers",
    "config",
    "roundings",
    "arithmetic",
    "suite",
)


def parametrize(
    make: Make | str, convention: str | None = None, **options: Any
) -> pytest.MarkDecorator:
    """Return a decorator for a test with an argument ``case``: it runs once for each vector.

    Args:
        make: the subject, as for `conformance.check`. The library of a shipped subject is imported
            when its first case runs.
        convention: as for `conformance.check`.
        options: ``level``, ``only``, ``dtype``, ``require``, ``waivers``, ``config``,
            ``roundings``, ``arithmetic`` and ``suite``, as for `conformance.check`. If the
            convention accepts several arithmetics, there is one more case, `verdict`: one of them
            must fit all vectors. With waivers there is also a case `waivers`, for waivers that are
            stale whatever the subject does.

    Raises:
        UsageError: an argument has a value that it cannot have.
        SubjectError: ``make`` cannot be a subject.
        WaiverError: the waivers file cannot be read or makes no sense.

    >>> @parametrize("adamref", only="basic.*")
    ... def test_adam(case):
    ...     case.check()
    """
    items = SubjectUnderTest(make, convention, **options).items
    params = [pytest.param(item, id=item.id) for item in items]
    return pytest.mark.parametrize("case", params)


class Conformance:
    """Base of a test class with a test for each vector.

    Fields:
        make: the subject.
        convention, level, only, dtype, require, waivers, config, roundings, arithmetic, suite:
            optional, as for `parametrize`.

    >>> class TestAdam(Conformance):
    ...     make = "adamref"
    """

    make: ClassVar[Any]
    convention: ClassVar[str | None] = None
    # A module that imports this name must not collect it, even if all classes are tests there.
    __test__: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        cls.__test__ = True

    @classmethod
    def pytest_generate_tests(cls, metafunc: pytest.Metafunc) -> None:
        """Make the cases of a test; pytest calls this for each test of the class."""
        if not hasattr(cls, "make"):
            raise TypeError(
                f"{cls.__name__} must have an attribute make, got none; write make = MyAdam in it"
            )
        if "case" in metafunc.fixturenames:
            # An option that the class does not name keeps its default.
            present = [name for name in _OPTIONS if hasattr(cls, name)]
            options = {name: getattr(cls, name) for name in present}
            items = SubjectUnderTest(cls.make, cls.convention, **options).items
            ids = [item.id for item in items]
            metafunc.parametrize("case", items, ids=ids)

    def test_vector(self, case: Item) -> None:
        """Check that the subject returns what the vector permits."""
        case.check()
