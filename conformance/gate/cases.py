"""Golden vectors as the items of a pytest: one item a vector.

pytest can select, repeat and count items, which shows how many vectors a subject fails.

    SubjectUnderTest   one subject, judged a vector at a time
    VectorItem         one vector
    ArithmeticItem     all vectors together: one arithmetic must fit them all
    WaiversItem        waivers that are stale, whatever the subject does
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from ..judge.check import check
from ..judge.declared import choose_arithmetic, declare
from ..judge.selection import (
    HYGIENE,
    answer,
    bake_numbers,
    choose_convention,
    choose_vectors,
    within,
)
from ..judge.verdict import Report
from ..subject.loading import as_subject, load
from ..subject.messages import text_or
from ..subject.shipped import SHIPPED
from ..subject.subject import Make, Subject, SubjectError
from ..vectors import files
from ..vectors.suite import ListedConvention, Suite
from ..vectors.vector import Vector
from ..waivers.files import load as load_waivers
from ..waivers.staleness import Waivers


class SubjectUnderTest:
    """A subject that is judged one vector at a time.

    Fields:
        named: the convention that it is judged by.
        items: a test for each vector, and up to two for the run as a whole.
    """

    def __init__(
        self,
        make: Make | str,
        convention: str | None = None,
        *,
        waivers: Waivers = (),
        config: Mapping[str, float] | None = None,
        roundings: Mapping[str, float] | None = None,
        arithmetic: str | None = None,
        suite: Suite | None = None,
        **options: Any,
    ) -> None:
        self.make = make
        self.suite = suite or files.load()
        self.options = options
        # In the place of what the subject declares.
        self.declared = (roundings, arithmetic)
        if isinstance(waivers, (str, Path)):
            waivers = load_waivers(Path(waivers))
        self.waivers = tuple(waivers)
        self.named = self._convention(convention)
        self.suite = self._answered(config or {})
        if not self._is_told_by_table:
            # Once, because each vector is judged on its own.
            self.suite = within(self.suite, self.subject.roundings)
        self.items = self._items()

    def _answered(self, config: Mapping[str, float]) -> Suite:
        """Return the vectors with answers for the convention and the fixed hyperparameters."""
        if not config:
            return answer(self.suite, self.named)
        options = {name: value for name, value in self.options.items() if name != "require"}
        chosen = choose_vectors(self.suite, self.named, **options)
        part = replace(self.suite, vectors=chosen)
        return bake_numbers(part, self.named, config, self.subject)

    @property
    def _is_told_by_table(self) -> bool:
        """Whether the table of shipped subjects tells all: collecting imports no library then."""
        return self.declared == (None, None) and self._shipped in SHIPPED

    @property
    def _shipped(self) -> str:
        """The name that a shipped subject has in the table; empty if it is a function."""
        return self.make if isinstance(self.make, str) else ""

    def _convention(self, convention: str | None) -> ListedConvention:
        if self._is_told_by_table:
            declared = SHIPPED[self._shipped].convention
            return choose_convention(self.suite, convention, declared, self._shipped)
        subject = self.subject
        named = choose_convention(self.suite, convention, subject.convention, subject.name)
        return choose_arithmetic(subject, named, self.suite)[1]

    def _items(self) -> list["Item"]:
        chosen = choose_vectors(self.suite, self.named, **self.options)
        vectors = [vector for vector in chosen if vector.asks(self.named.axes)]
        items: list[Item] = [VectorItem(self, vector) for vector in vectors]
        # With one accepted arithmetic, each vector alone is judged by it.
        if len(self.named.arithmetics) > 1:
            items.append(ArithmeticItem(self))
        # A part of the vectors cannot tell that no vector matches a waiver.
        only = self.options.get("only", "*")
        dtype = self.options.get("dtype")
        if self.waivers and only == "*" and dtype is None:
            items.append(WaiversItem(self))
        return items

    @cached_property
    def subject(self) -> Subject:
        """The subject, with what the options declare of it."""
        roundings, arithmetic = self.declared
        subject = declare(self._load(), roundings=roundings)
        return subject if arithmetic is None else replace(subject, arithmetic=arithmetic)

    def _load(self) -> Subject:
        if isinstance(self.make, str):
            return load(self.make)
        make = self.make
        # Named as on the command line, so that one file of waivers serves both.
        module = text_or("", lambda: make.__module__)
        attribute = text_or("", lambda: make.__qualname__)
        name = f"{module}:{attribute}" if module and attribute else None
        return as_subject(make, name)

    def judge(self, vector: Vector) -> Report:
        """Return the report about one vector, under the accepted arithmetic that fits it best."""
        # A feature that the vector does not need would be a usage error; hygiene is of the judge.
        asked = vector.features | {HYGIENE}
        require = asked.intersection(self.options.get("require", ()))
        options = self.options | {"only": vector.id, "require": require}
        return self._check(**options)

    # Run only if a vector fails or several arithmetics are accepted, and then once.
    @cached_property
    def whole(self) -> Report:
        """The report about all vectors together."""
        return self._check(**self.options)

    @property
    def diagnosis(self) -> str:
        """The diagnosis of the whole run: one vector cannot tell two conventions apart."""
        return self.whole.diagnosis or (
            "all vectors passed when they were run again: its numbers are not always the same"
        )

    @cached_property
    def stale(self) -> tuple[str, ...]:
        """Sentences about waivers that are stale even if no vector runs."""
        return self._check(only="").stale

    def _check(self, **options: Any) -> Report:
        return check(
            self.subject,
            self.named.name,
            suite=self.suite,
            waivers=self.waivers,
            **options,
        )


class VectorItem:
    """One vector that the subject must pass."""

    def __init__(self, tested: SubjectUnderTest, vector: Vector) -> None:
        self.tested = tested
        self.vector = vector
        self.id = vector.id

    def __repr__(self) -> str:
        return f"<Case: {self.id}>"

    def check(self) -> None:
        """Judge the subject by the vector.

        Return if it passes. Skip the test if the subject does not support the vector, and mark a
        failure with a waiver as expected. Fail otherwise, also if a waiver does not fit any more.
        """
        try:
            report = self.tested.judge(self.vector)
        except SubjectError as error:
            pytest.fail(str(error), pytrace=False)
        # Waivers that are stale anyway have a test of their own.
        stale = [sentence for sentence in report.stale if sentence not in self.tested.stale]
        # A stale waiver comes first, because it may be the whole mistake.
        if report.failures or stale:
            pytest.fail("\n\n".join([*stale, *self._explain(report)]), pytrace=False)
        if report.waived:
            pytest.xfail(report.waived[0].reason)
        if report.unsupported:
            pytest.skip(report.unsupported[0].reason)
        # Which storages have an answer is known once the subject is loaded.
        if not report.comparisons:
            pytest.skip(f"no answer for what the subject keeps of {self.vector.dtype}")

    def _explain(self, report: Report) -> Iterator[str]:
        """Yield the diagnosis, which pytest repeats in its summary, and the failure in full."""
        from ..report.screens.failures import block
        from ..report.text import printable

        for failure in report.failures:
            yield printable(f"{failure.failure}: {self.tested.diagnosis}")
            yield block(report, failure, self._command())

    def _command(self) -> Sequence[str]:
        """Return the command that runs just this test, or nothing for that of `adamref check`."""
        running = os.environ.get("PYTEST_CURRENT_TEST", "")
        # `adamref check` can load a subject that has a name, and says more than pytest.
        if isinstance(self.tested.make, str) or not running:
            return ()
        # pytest adds the phase: "test_adam.py::test_adam[basic.f32.mixed] (call)".
        node = running.rpartition(" ")[0]
        return ("pytest", node)


class ArithmeticItem:
    """All vectors together: one of the arithmetics that the convention accepts must fit them."""

    id = "verdict"

    def __init__(self, tested: SubjectUnderTest) -> None:
        self.tested = tested

    def check(self) -> None:
        """Fail with the diagnosis unless the subject conforms."""
        if self.tested.whole.verdict.fails:
            pytest.fail(self.tested.whole.diagnosis, pytrace=False)


class WaiversItem:
    """No waiver may be stale for a reason that has nothing to do with the subject."""

    id = "waivers"

    def __init__(self, tested: SubjectUnderTest) -> None:
        self.tested = tested

    def check(self) -> None:
        """Fail with a sentence for each stale waiver."""
        if self.tested.stale:
            pytest.fail("\n".join(self.tested.stale), pytrace=False)


Item = VectorItem | ArithmeticItem | WaiversItem
