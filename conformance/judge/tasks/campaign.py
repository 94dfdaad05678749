"""Campaign: checks of several subjects, here or on workers, that can go on from a file."""

import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from ...executors.lanes import open_lanes
from ...process.journal import Journal, JournalError
from ...process.signals import obey
from ...subject.loading import load, require_known
from ...subject.messages import describe
from ...subject.program.connect import HERE, Running, end
from ...subject.subject import SubjectError
from ...trial.run import Run
from ...vectors import files
from ...vectors.suite import Suite
from ...vectors.vector import Vector
from ...waivers.waiver import WaiverError
from ..check import PartialCheck, check, conclude, conclude_part
from ..plan import Plan, plan_check
from ..selection import UsageError
from ..verdict import Report
from ..waiver_update import merge_waiver_use
from .records import decode_run, encode_run, version_of_code
from .schedule import Case, Schedule

_OWN_MISTAKE = "a mistake of adamref's own"


class Screen(Protocol):
    """Where the progress of a subject is shown; `say` is given a few words."""

    def say(self, what: str) -> None: ...


# The name of a subject -> the context in which its progress is shown.
Screens = Callable[[str], AbstractContextManager[Screen]]


@dataclass
class Campaign:
    """What is known of several subjects.

    Fields:
        names: all of them, in their order.
        reports: name -> report. After a signal, those of some subjects are partial.
        errors: name -> why it could not be judged.
        interrupted: the number of the signal that ended it, or None.
    """

    names: Sequence[str]
    reports: dict[str, Report] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    interrupted: int | None = None

    @property
    def unjudged(self) -> list[str]:
        """The subjects that were not judged, or not wholly."""
        whole = [name for name, report in self.reports.items() if not report.is_partial]
        return [name for name in self.names if name not in {*whole, *self.errors}]

    def ordered_reports(self) -> list[Report]:
        """Return the reports in the order of the subjects.

        A waiver that matches a vector of one subject need not match any of another.
        """
        reports = [self.reports[name] for name in self.names if name in self.reports]
        return merge_waiver_use(reports)

    def ordered_errors(self) -> dict[str, str]:
        return {name: self.errors[name] for name in self.names if name in self.errors}

    def fail(self, name: str, error: Exception, say: Callable[[object], None]) -> None:
        """Note why a subject cannot be judged; the others still can."""
        self.errors[name] = str(error)
        if not isinstance(error, SubjectError):
            # Not even a mistake of ours may cost the results of the others.
            traceback.print_exception(error, file=sys.stderr)
            self.errors[name] = f"subject {name}: {_OWN_MISTAKE}: {describe(error)}"
        say(self.errors[name])


def check_all(
    subjects: Sequence[str],
    *,
    jobs: int = 1,
    executor: str | None = None,
    resume: Path | None = None,
    suite: Suite | None = None,
    running: Running = HERE,
    screens: Screens | None = None,
    say: Callable[[object], None] = print,
    **options: Any,
) -> Campaign:
    """Judge several subjects.

    Args:
        subjects: their names, as on the command line.
        jobs: how many processes of this machine run vectors; with 1 it is this process.
        executor: `mpi` or `dask://HOST:PORT`, for other machines; see `executors.lanes`.
        resume: a file in which runs are kept. If it exists, those in it are not run again.
        suite: the vectors; None is the ones that ship.
        running: whether subjects have processes of their own, and the limits of those.
        screens: shows the progress.
        say: is called with the reason of each subject that cannot be judged.
        options: further arguments of `check`; they hold for every subject.

    Returns:
        The reports. A signal ends it early, and then they tell what was measured until then.

    Raises:
        UnknownSubject: a name is none.
        UsageError: an argument has a value that it cannot have.
        ExecutorError: the executor is not there, or was lost.
        JournalError: the file is one of another run, or cannot be read or written.
    """
    for name in subjects:
        require_known(name)
    suite = suite or files.load()
    names = tuple(dict.fromkeys(subjects))
    with _open_runs(resume, suite, running, options) as kept:
        whole = _Whole(Campaign(names), suite, options, running, kept, say)
        show = screens or _no_screen
        try:
            if jobs == 1 and executor is None:
                whole.judge_here(show)
            else:
                with open_lanes(jobs, executor) as lanes:
                    whole.judge_on(lanes, show)
        except PartialCheck as error:
            whole.interrupt(error.number, error.report)
        except KeyboardInterrupt as error:
            whole.interrupt(obey(error))
    return whole.campaign


class _Kept:
    """Runs that are kept in a file, or nowhere."""

    def __init__(self, journal: Journal | None) -> None:
        self._journal = journal

    def find(self, plan: Plan, code: str, vector: Vector) -> Run | None:
        """Return the run of a vector that is in the file, or None."""
        key = (plan.subject.name, code, vector.id)
        if self._journal is None or key not in self._journal:
            return None
        try:
            return decode_run(self._journal.get(key), vector)
        except ValueError as error:
            raise JournalError(
                f"{self._journal.path}, {' '.join(key)}: {error}; name a new file"
            ) from None

    def keep(self, plan: Plan, code: str, run: Run) -> None:
        """Write a run to the file."""
        key = (plan.subject.name, code, run.vector.id)
        record = encode_run(run) if self._journal is not None else None
        if self._journal is not None and record is not None:
            self._journal.add(key, record)

    def recorded(self, plan: Plan) -> Callable[[Vector], Run]:
        """Return the function that runs a vector here, or finds its run."""
        code = version_of_code(plan.subject)

        def run(vector: Vector) -> Run:
            found = self.find(plan, code, vector)
            if found is not None:
                return found
            made = plan.run(vector)
            self.keep(plan, code, made)
            return made

        return run


@dataclass
class _Whole:
    """A campaign that is going on."""

    campaign: Campaign
    suite: Suite
    options: Mapping[str, Any]
    running: Running
    kept: _Kept
    say: Callable[[object], None]
    schedule: Schedule | None = None

    def judge_here(self, show: Screens) -> None:
        """Judge one subject after another in this process."""
        folder = Path.cwd()
        for name in self.campaign.names:
            try:
                with show(name) as screen:
                    self.campaign.reports[name] = self._judge_one(name, screen)
            except Exception as error:
                self._note(name, error)
            # The next subject is looked for where the command was given.
            os.chdir(folder)

    def _judge_one(self, name: str, screen: Screen) -> Report:
        subject = load(name, self.running)
        count = 0

        def progress(vector: Vector) -> None:
            nonlocal count
            count += 1
            screen.say(f"{count} vectors, {vector.id}")

        report = check(
            subject,
            suite=self.suite,
            progress=progress,
            recorded=self.kept.recorded,
            **self.options,
        )
        # Forty libraries at once would fill the memory; the next question starts it again.
        end(subject)
        return report

    def judge_on(self, executors: Sequence[Executor], show: Screens) -> None:
        """Judge the subjects on workers."""
        plan_of = partial(plan_check, suite=self.suite, **self.options)
        self.schedule = Schedule(
            self.campaign.names,
            executors,
            plan_of,
            self.kept.find,
            self.kept.keep,
            self.running,
        )
        total = len(self.campaign.names)
        with show(f"{total} subjects") as screen:
            for count, case in enumerate(self.schedule.complete(), 1):
                self._finish(case)
                screen.say(f"{count} judged, {case.name}")

    def _finish(self, case: Case) -> None:
        try:
            if case.error is not None:
                raise case.error
            assert case.plan is not None
            report = conclude(
                case.plan, case.finished_runs, case.flushes, case.seconds, is_safe=not case.ends
            )
            self.campaign.reports[case.name] = report
        except Exception as error:
            self._note(case.name, error)

    def _note(self, name: str, error: Exception) -> None:
        # These hold for all subjects alike.
        if isinstance(error, (UsageError, files.VectorError, WaiverError, JournalError)):
            raise error
        self.campaign.fail(name, error, self.say)

    def interrupt(self, number: int, report: Report | None = None) -> None:
        """Keep what was measured: the finished subjects, and the current ones as far as they got."""
        campaign = self.campaign
        campaign.interrupted = number
        if report is not None:
            campaign.reports[report.subject.name] = report
        cases = self.schedule.cases if self.schedule else ()
        for case in cases:
            is_open = case.name not in {*campaign.reports, *campaign.errors}
            if is_open and case.plan is not None and case.finished_runs:
                part = conclude_part(case.plan, case.finished_runs)
                campaign.reports[case.name] = part
        for name, one in campaign.reports.items():
            campaign.reports[name] = one.unexplained()


@contextmanager
def _open_runs(
    path: Path | None, suite: Suite, running: Running, options: Mapping[str, Any]
) -> Iterator[_Kept]:
    if path is None:
        yield _Kept(None)
        return
    header = {
        "run": "check",
        "vectors": suite.version,
        "isolate": running.isolate,
        "config": options.get("config") or {},
        "storage": options.get("storage") or {},
        "hygiene": "hygiene" in options.get("require", ()),
    }
    journal = Journal(path, header)
    try:
        yield _Kept(journal)
    finally:
        journal.close()


class _Nowhere:
    """A screen that nobody sees."""

    def say(self, what: str) -> None:
        """Say nothing."""


def _no_screen(_name: str) -> AbstractContextManager[Screen]:
    return nullcontext(_Nowhere())
