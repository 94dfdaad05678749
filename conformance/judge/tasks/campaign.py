"""Campaign: checks of several subjects, here or on workers, that can go on from a file."""

import os
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from ...executors.lanes import open_lanes
from ...process.journal import JournalError
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
from ..check import PartialCheck, check
from ..conclusion import conclude, conclude_part, without_explanation
from ..selection import UsageError
from ..verdict import Report
from ..verdicts import Verdict
from ..waiver_update import merge_waiver_use
from .entrant import Entrant
from .kept import KeptRuns, open_runs
from .plan import Plan, plan_check
from .schedule import Schedule

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
        whole = set(self.errors)
        for name, report in self.reports.items():
            if report.verdict is not Verdict.INTERRUPTED:
                whole.add(name)
        return [name for name in self.names if name not in whole]

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
    with open_runs(resume, suite, running, options) as kept:
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


@dataclass
class _Whole:
    """A campaign that is going on."""

    campaign: Campaign
    suite: Suite
    options: Mapping[str, Any]
    running: Running
    kept: KeptRuns
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
        total = len(self.campaign.names)
        with show(f"{total} subjects") as screen:
            self.schedule = Schedule(
                self.campaign.names,
                executors,
                partial(plan_check, suite=self.suite, **self.options),
                self.kept.find,
                partial(self._keep, screen),
                self.running,
            )
            for entrant in self.schedule.complete():
                self._finish(entrant)

    def _keep(self, screen: Screen, plan: Plan, code: str, run: Run) -> None:
        self.kept.keep(plan, code, run)
        judged = len(self.campaign.reports)
        screen.say(f"{judged} judged, {run.vector.id} of {plan.subject.name}")

    def _finish(self, entrant: Entrant) -> None:
        if entrant.error is not None:
            self._note(entrant.name, entrant.error)
            return
        assert entrant.plan is not None
        try:
            report = conclude(
                entrant.plan,
                entrant.finished_runs,
                entrant.flushes,
                entrant.seconds,
                is_safe=not entrant.ends,
            )
            self.campaign.reports[entrant.name] = report
        except Exception as error:
            self._note(entrant.name, error)

    def _note(self, name: str, error: Exception) -> None:
        # These hold for all subjects alike.
        if isinstance(error, (UsageError, files.VectorError, WaiverError, JournalError)):
            raise error
        self.campaign.fail(name, error, self.say)

    def interrupt(self, number: int, report: Report | None = None) -> None:
        """Keep what was measured: finished subjects, and the others as far as they got."""
        campaign = self.campaign
        campaign.interrupted = number
        if report is not None:
            campaign.reports[report.subject.name] = report
        entrants = self.schedule.entrants if self.schedule else ()
        for entrant in entrants:
            is_open = entrant.name not in {*campaign.reports, *campaign.errors}
            if is_open and entrant.plan is not None and entrant.finished_runs:
                part = conclude_part(entrant.plan, entrant.finished_runs)
                campaign.reports[entrant.name] = part
        for name, one in campaign.reports.items():
            campaign.reports[name] = without_explanation(one)


class _Nowhere:
    """A screen that nobody sees."""

    def say(self, what: str) -> None:
        """Say nothing."""


def _no_screen(_name: str) -> AbstractContextManager[Screen]:
    return nullcontext(_Nowhere())
