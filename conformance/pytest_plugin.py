"""Judge an Adam in pytest without a test file: pytest -p conformance.pytest_plugin --adam my_adam:MyAdam.

Loaded by hand, for an entry point would load it into every pytest, beside a package of the same name that is not ours.
"""

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from .gate.cases import Case, Gate, Verdict, Waived
from .judge.selection import LEVELS, UsageError
from .subject.loading import UnknownSubject
from .subject.subject import SubjectError
from .waivers.waiver import WaiverError


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("adam", "judge an Adam by the golden vectors")
    group.addoption("--adam", metavar="SUBJECT", help="A shipped name or module:attribute.")
    group.addoption(
        "--adam-convention",
        metavar="NAME",
        help="Judge by this one, not the subject's own, or paper.",
    )
    group.addoption(
        "--adam-level", choices=LEVELS, default="core", help="Which vectors; core is the claim."
    )
    group.addoption(
        "--adam-require",
        action="append",
        default=[],
        metavar="FEATURE",
        help="Fail where this is not supported.",
    )
    group.addoption("--adam-waivers", metavar="FILE", help="Known failures, each explained.")


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Put the subject beside the files that pytest collects."""
    report = yield
    name = collector.config.getoption("--adam")
    if name and isinstance(collector, pytest.Session) and report.result is not None:
        report.result.append(_Subject.from_parent(collector, name=name, nodeid=name))
    return report


class _Subject(pytest.Collector):
    """The subject that `--adam` names."""

    def collect(self) -> Iterator[pytest.Item]:
        option = self.config.getoption
        try:
            gate = Gate(
                self.name,
                option("--adam-convention"),
                level=option("--adam-level"),
                require=option("--adam-require"),
                waivers=option("--adam-waivers") or (),
            )
        except (SubjectError, UnknownSubject, UsageError, WaiverError) as error:
            raise self.CollectError(str(error)) from None
        for case in gate.cases:
            yield _Vector.from_parent(self, name=case.id, case=case)


class _Vector(pytest.Item):
    """One vector of that subject."""

    def __init__(self, *, case: Case | Verdict | Waived, **node: object) -> None:
        super().__init__(**node)  # type: ignore[arg-type]
        self.case = case

    def runtest(self) -> None:
        self.case.check()

    def reportinfo(self) -> tuple[Path, None, str]:
        # With a space it is no end of the node id, of which pytest would take the dots apart.
        return self.path, None, self.nodeid.replace("::", " ")
