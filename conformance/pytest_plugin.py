"""Options that judge an Adam in pytest without a test file.

    pytest -p conformance.pytest_plugin --adam my_adam:MyAdam

It must be named with -p. An entry point would load it into every pytest, and there it could meet
another package with the name conformance.
"""

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from .gate.cases import Item, SubjectUnderTest
from .judge.selection import LEVELS, UsageError, read_numbers
from .process.supervisor import CAN_SPLIT, send_status, split
from .subject.loading import UnknownSubject
from .subject.subject import SubjectError
from .waivers.waiver import WaiverError


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("adam", "judge an Adam by the golden vectors")
    group.addoption(
        "--adam", metavar="SUBJECT", help="A shipped name, module:attribute, or cmd:PROGRAM."
    )
    group.addoption(
        "--adam-convention",
        metavar="NAME",
        help="Judge by this convention. Default: that of the subject, or paper.",
    )
    group.addoption(
        "--adam-level",
        choices=LEVELS,
        default="core",
        help="Which vectors to run. A claim of conformance needs core.",
    )
    group.addoption(
        "--adam-require",
        action="append",
        default=[],
        metavar="FEATURE",
        help="Fail if the subject lacks this feature. Repeat for more.",
    )
    group.addoption(
        "--adam-config",
        metavar="NAME=NUMBER,...",
        help="State the hyperparameters that are fixed inside the subject.",
    )
    group.addoption(
        "--adam-waivers",
        metavar="FILE",
        help="TOML file of known failures, each with a reason.",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Run the tests in a child process, so that no subject can end pytest with a status of 0."""
    # A worker of pytest-xdist has a parent already, which notices if the worker ends.
    if not config.getoption("--adam") or hasattr(config, "workerinput") or not CAN_SPLIT:
        return None
    supervised = split()
    if supervised.sender is not None:
        config.pluginmanager.register(_StatusSender(supervised.sender))
    return supervised.status


class _StatusSender:
    """The plugin that tells the parent process how the tests ended."""

    def __init__(self, sender: int) -> None:
        self._sender = sender

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None]:
        # Other plugins may change the status until here.
        yield
        send_status(self._sender, int(session.exitstatus))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Add the subject to the files that pytest collects."""
    report = yield
    name = collector.config.getoption("--adam")
    # The session is the root of the tree: what it collects has no file above it.
    if name and isinstance(collector, pytest.Session) and report.result is not None:
        report.result.append(_Subject.from_parent(collector, name=name, nodeid=name))
    return report


class _Subject(pytest.Collector):
    """The subject that `--adam` names."""

    def collect(self) -> Iterator[pytest.Item]:
        option = self.config.getoption
        try:
            tested = SubjectUnderTest(
                self.name,
                option("--adam-convention"),
                level=option("--adam-level"),
                require=option("--adam-require"),
                waivers=option("--adam-waivers") or (),
                config=read_numbers(option("--adam-config"), "--adam-config"),
            )
        except (SubjectError, UnknownSubject, UsageError, WaiverError) as error:
            raise self.CollectError(str(error)) from None
        for item in tested.items:
            yield _Vector.from_parent(self, name=item.id, item=item)


class _Vector(pytest.Item):
    """One item of that subject."""

    def __init__(self, *, item: Item, **node: object) -> None:
        super().__init__(**node)  # type: ignore[arg-type]
        self.item = item

    def runtest(self) -> None:
        self.item.check()

    def reportinfo(self) -> tuple[Path, None, str]:
        # pytest would take the dots after :: apart, as those of a module and its class.
        return self.path, None, self.nodeid.replace("::", " ")
