"""The golden vectors as the cases of a pytest: one item a vector.

A subject drifts in few vectors or in many; as items they can be selected, repeated and counted by what pytest has.
"""

import os
from collections.abc import Sequence
from functools import cache, cached_property
from typing import Any, ClassVar

import numpy as np
import pytest

from . import vector_files
from .compare import asked
from .judge import check, claimed, selected
from .subject import Make, Subject, SubjectError, from_make, load
from .subjects import SHIPPED
from .vectors import Suite, Vector
from .verdict import Report


def parametrize(make: Make | str, convention: str | None = None, **options: Any) -> pytest.MarkDecorator:
    """The decorator of a test that takes a ``case``, for each vector that has an answer for the convention.

    Args:
        make: the subject, as for `conformance.check`; what is named by a string is imported when the first case runs.
        convention: as for `conformance.check`.
        options: ``level``, ``only``, ``dtype``, ``require`` and ``suite``, as for `conformance.check`.

    Raises:
        UsageError: an argument has a value that it cannot have.
        SubjectError: ``make`` cannot be a subject.

    >>> @parametrize("adamref", only="basic.*")
    ... def test_adam(case):
    ...     case.check()
    """
    cases = Gate(make, convention, **options).cases
    return pytest.mark.parametrize("case", [pytest.param(case, id=case.vector.id) for case in cases])


class Conformance:
    """The same as a class: a test class that inherits from this has a test for each vector.

    Fields:
        make: the subject.
        convention, level, only, dtype, require, suite: as for `parametrize`, where a class has them.

    >>> class TestAdam(Conformance):
    ...     make = "adamref"
    """

    make: ClassVar[Any]
    convention: ClassVar[str | None] = None
    # Where the name is imported it is not a test itself, even if all classes are.
    __test__: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        cls.__test__ = True

    @classmethod
    def pytest_generate_tests(cls, metafunc: pytest.Metafunc) -> None:
        """Called by pytest for each test of the class."""
        if not hasattr(cls, "make"):
            raise TypeError(f"{cls.__name__} must have an attribute make, got none; write make = MyAdam in it")
        if "case" in metafunc.fixturenames:
            options = {name: getattr(cls, name) for name in _OPTIONS if hasattr(cls, name)}
            cases = Gate(cls.make, cls.convention, **options).cases
            metafunc.parametrize("case", cases, ids=[case.vector.id for case in cases])

    def test_vector(self, case: "Case") -> None:
        """The subject returns what the vector permits."""
        case.check()


_OPTIONS = ("level", "only", "dtype", "require", "suite")


class Gate:
    """A subject that is judged one vector at a time."""

    def __init__(
        self, make: Make | str, convention: str | None = None, *, suite: Suite | None = None, **options: Any
    ) -> None:
        self.make, self.suite, self.options = make, suite or _shipped(), options
        # What ships is not imported before its first case: that its convention is known is enough to collect.
        known = SHIPPED.get(make) if isinstance(make, str) else None
        declared = known.convention if known else self.subject.convention
        self.named = claimed(self.suite, convention, declared, str(make) if known else self.subject.name)
        vectors = selected(self.suite, self.named, **options)
        self.cases = [Case(self, vector) for vector in vectors if asked(vector, self.named.axes)]

    @cached_property
    def subject(self) -> Subject:
        return load(self.make) if isinstance(self.make, str) else from_make(self.make)

    def judged(self, vector: Vector) -> Report:
        """The report about one vector, under whichever accepted arithmetic fits it best."""
        require = vector.features.intersection(self.options.get("require", ()))
        return self._check(**self.options | {"only": vector.id, "require": require})

    @cached_property
    def diagnosis(self) -> str:
        """What the whole run says, in one sentence; a single vector cannot tell a convention from another."""
        report = self._check(**self.options)
        return report.diagnosis or "all vectors passed when they were run again: its numbers are not always the same"

    def _check(self, **options: Any) -> Report:
        # A division by zero is judged by its result, as on the command line, whatever pytest does with warnings.
        with np.errstate(all="ignore"):
            return check(self.subject, self.named.name, suite=self.suite, **options)


class Case:
    """One vector to be passed by one subject."""

    def __init__(self, gate: Gate, vector: Vector) -> None:
        self.gate, self.vector = gate, vector

    def __repr__(self) -> str:
        return f"<Case: {self.vector.id}>"

    def check(self) -> None:
        """Judge the subject: return if it passes, skip what it does not support, and fail with all that is known."""
        try:
            report = self.gate.judged(self.vector)
        except SubjectError as error:
            pytest.fail(str(error), pytrace=False)
        if report.unsupported:
            pytest.skip(report.unsupported[0].reason)
        if report.failures:
            pytest.fail(self._explained(report), pytrace=False)

    def _explained(self, report: Report) -> str:
        """The sentence about the subject, which pytest repeats in its summary, and the failure in full."""
        from rich.text import Text

        from .report import table

        block = table.block(report, report.failures[0], self._again())
        return f"{self.gate.diagnosis}\n\n{Text.from_markup(block).plain}"

    def _again(self) -> Sequence[str]:
        """The command that runs just this case; none for a subject with a name, which `adamref check` knows too."""
        running = os.environ.get("PYTEST_CURRENT_TEST", "")
        return () if isinstance(self.gate.make, str) or not running else ("pytest", running.rpartition(" ")[0])


@cache
def _shipped() -> Suite:
    """The vectors that ship, read once."""
    return vector_files.load()
