"""The golden vectors as the cases of a pytest: one item a vector.

A subject drifts in few vectors or in many; as items they can be selected, repeated and counted by what pytest has.
"""

import os
from collections.abc import Iterator, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any, ClassVar

import pytest

from ..judge.check import check
from ..judge.selection import claimed, selected
from ..judge.verdict import Report
from ..subject.loading import load
from ..subject.shipped import SHIPPED
from ..subject.subject import Make, Subject, SubjectError, from_make
from ..vectors import files
from ..vectors.suite import Suite
from ..vectors.vector import Vector, asked
from ..waivers.files import load as load_waivers
from ..waivers.staleness import Waivers


def parametrize(
    make: Make | str, convention: str | None = None, **options: Any
) -> pytest.MarkDecorator:
    """The decorator of a test that takes a ``case``, for each vector that has an answer for the convention.

    Args:
        make: the subject, as for `conformance.check`; what ships is imported when its first case runs.
        convention: as for `conformance.check`.
        options: ``level``, ``only``, ``dtype``, ``require``, ``waivers`` and ``suite``, as for `conformance.check`.
            Where the convention accepts several arithmetics, a case `verdict` says that one of them fits all vectors.
            With waivers there is one item more, of the name `waivers`, for those that are stale whatever happens.

    Raises:
        UsageError: an argument has a value that it cannot have.
        SubjectError: ``make`` cannot be a subject.
        WaiverError: the waivers file cannot be read or makes no sense.

    >>> @parametrize("adamref", only="basic.*")
    ... def test_adam(case):
    ...     case.check()
    """
    cases = Gate(make, convention, **options).cases
    return pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in cases])


class Conformance:
    """The same as a class: a test class that inherits from this has a test for each vector.

    Fields:
        make: the subject.
        convention, level, only, dtype, require, waivers, suite: as for `parametrize`, where a class has them.

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
            raise TypeError(
                f"{cls.__name__} must have an attribute make, got none; write make = MyAdam in it"
            )
        if "case" in metafunc.fixturenames:
            options = {name: getattr(cls, name) for name in _OPTIONS if hasattr(cls, name)}
            cases = Gate(cls.make, cls.convention, **options).cases
            metafunc.parametrize("case", cases, ids=[case.id for case in cases])

    def test_vector(self, case: "Case | Verdict | Waived") -> None:
        """The subject returns what the vector permits."""
        case.check()


_OPTIONS = ("level", "only", "dtype", "require", "waivers", "suite")


class Gate:
    """A subject that is judged one vector at a time."""

    def __init__(
        self,
        make: Make | str,
        convention: str | None = None,
        *,
        waivers: Waivers = (),
        suite: Suite | None = None,
        **options: Any,
    ) -> None:
        self.make, self.suite, self.options = make, suite or _shipped(), options
        self.waivers = (
            load_waivers(Path(waivers)) if isinstance(waivers, (str, Path)) else tuple(waivers)
        )
        # What ships is not imported before its first case: that its convention is known is enough to collect.
        known = SHIPPED.get(make) if isinstance(make, str) else None
        declared = known.convention if known else self.subject.convention
        self.named = claimed(
            self.suite, convention, declared, str(make) if known else self.subject.name
        )
        vectors = selected(self.suite, self.named, **options)
        self.cases: list[Case | Verdict | Waived] = [
            Case(self, one) for one in vectors if asked(one, self.named.axes)
        ]
        if len(self.named.arithmetics) > 1:
            self.cases.append(Verdict(self))
        if self.waivers and options.get("only", "*") == "*" and options.get("dtype") is None:
            self.cases.append(Waived(self))

    @cached_property
    def subject(self) -> Subject:
        if isinstance(self.make, str):
            return load(self.make)
        # As on the command line, so that one file of waivers serves both.
        place = [getattr(self.make, name, "") for name in ("__module__", "__qualname__")]
        return from_make(self.make, ":".join(place) if all(place) else None)

    def judged(self, vector: Vector) -> Report:
        """The report about one vector, under whichever accepted arithmetic fits it best."""
        require = vector.features.intersection(self.options.get("require", ()))
        return self._check(**self.options | {"only": vector.id, "require": require})

    @cached_property
    def whole(self) -> Report:
        """The report about all vectors together."""
        return self._check(**self.options)

    @property
    def diagnosis(self) -> str:
        """What the whole run says, in one sentence; a single vector cannot tell a convention from another."""
        again = "all vectors passed when they were run again: its numbers are not always the same"
        return self.whole.diagnosis or again

    @cached_property
    def stale(self) -> tuple[str, ...]:
        """What is stale among the waivers whatever the subject does: the run of no vector says it."""
        return self._check(only="").stale

    def _check(self, **options: Any) -> Report:
        return check(
            self.subject, self.named.name, suite=self.suite, waivers=self.waivers, **options
        )


class Case:
    """One vector to be passed by one subject."""

    def __init__(self, gate: Gate, vector: Vector) -> None:
        self.gate, self.vector, self.id = gate, vector, vector.id

    def __repr__(self) -> str:
        return f"<Case: {self.id}>"

    def check(self) -> None:
        """Judge the subject.

        Returns if it passes; skips what it does not support; what fails as its waiver says is an expected failure.
        Everything else fails with all that is known: a waiver that no longer says what happens, too.
        """
        try:
            report = self.gate.judged(self.vector)
        except SubjectError as error:
            pytest.fail(str(error), pytrace=False)
        stale = [sentence for sentence in report.stale if sentence not in self.gate.stale]
        if report.failures or stale:
            pytest.fail("\n\n".join([*stale, *self._explained(report)]), pytrace=False)
        if report.waived:
            pytest.xfail(report.waived[0].reason)
        if report.unsupported:
            pytest.skip(report.unsupported[0].reason)

    def _explained(self, report: Report) -> Iterator[str]:
        """The sentence about the subject, which pytest repeats in its summary, and the failure in full."""
        from ..report.screens import table
        from ..report.text import printable

        for one in report.failures:
            yield printable(f"{one.failure}: {self.gate.diagnosis}")
            yield table.block(report, one, self._again())

    def _again(self) -> Sequence[str]:
        """The command that runs just this case; none for a subject with a name, which `adamref check` knows too."""
        running = os.environ.get("PYTEST_CURRENT_TEST", "")
        return (
            ()
            if isinstance(self.gate.make, str) or not running
            else ("pytest", running.rpartition(" ")[0])
        )


class Verdict:
    """The case of all vectors together: that one of the arithmetics that the convention accepts fits them all."""

    id = "verdict"

    def __init__(self, gate: Gate) -> None:
        self.gate = gate

    def check(self) -> None:
        """Fail with the diagnosis unless the subject conforms."""
        if self.gate.whole.verdict.fails:
            pytest.fail(self.gate.whole.diagnosis, pytrace=False)


class Waived:
    """The case after all others: that no waiver is stale for another reason than what the subject does."""

    id = "waivers"

    def __init__(self, gate: Gate) -> None:
        self.gate = gate

    def check(self) -> None:
        """Fail with a sentence for each stale waiver."""
        if self.gate.stale:
            pytest.fail("\n".join(self.gate.stale), pytrace=False)


@cache
def _shipped() -> Suite:
    """The vectors that ship, read once."""
    return files.load()
