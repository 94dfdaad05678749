"""Plan: all that is settled before the first run of a check."""

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from ...process.floating_point import flushes_subnormals, own_floating_point
from ...subject.loading import as_subject
from ...subject.program.connect import HERE, Running
from ...subject.subject import Make, Subject, SubjectError
from ...trial.hygiene import run_twice
from ...trial.judged_runs import JudgedRuns, Settle, failures
from ...trial.run import Run, run
from ...vectors import files
from ...vectors.suite import ListedConvention, Suite
from ...vectors.vector import Vector
from ...waivers.staleness import Waivers, waivers_for
from ...waivers.waiver import Waiver
from ..causes import Causes
from ..declared import choose_arithmetic, declare
from ..selection import (
    HYGIENE,
    UsageError,
    answer,
    bake_numbers,
    choose_convention,
    choose_vectors,
    within,
)
from ..settle import require_and_waive


@dataclass(frozen=True)
class Plan:
    """A check of one subject.

    Fields:
        subject: with all that is declared of it.
        claimed: the convention to judge it by.
        suite: the vectors with answers for the subject.
        vectors: those that are run, in their order.
        known: all vectors, those that are left out included.
        require: features that must be supported.
        fail_fast: whether nothing is run after the first vector that fails.
        waivers: those that hold for the subject.
        causes: what the waivers name.
        settle: what becomes of a comparison.
        started: when it was made, by `time.perf_counter`.
    """

    subject: Subject
    claimed: ListedConvention
    suite: Suite
    vectors: list[Vector]
    known: list[Vector]
    require: frozenset[str]
    fail_fast: bool
    waivers: tuple[Waiver, ...]
    causes: Causes
    settle: Settle
    started: float

    @property
    def has_hygiene(self) -> bool:
        """Whether every vector is run twice, to see what the subject does with arrays."""
        return HYGIENE in self.require

    def run(self, vector: Vector) -> Run:
        """Run the subject through a vector, in this process."""
        run_vector = run_twice if self.has_hygiene else run
        return run_vector(self.subject, vector)

    def ends_after(self, latest: Run) -> bool:
        """Return whether a run is the last, because it fails under every arithmetic."""
        if not self.fail_fast:
            return False
        judged = JudgedRuns([latest], self.settle)
        # With `config` there are answers for the accepted arithmetics only.
        answered = [judged.under(self.claimed.axes, code) for code in self.suite.arithmetics]
        return any(answered) and all(failures(one) for one in answered if one)


@own_floating_point()
def plan_check(
    make: Make | Subject | str,
    convention: str | None = None,
    level: str = "core",
    *,
    only: str = "*",
    dtype: str | None = None,
    require: Collection[str] = (),
    waivers: Waivers = (),
    fail_fast: bool = False,
    config: Mapping[str, float] | None = None,
    accuracy: Mapping[str, float] | None = None,
    storage: Mapping[str, str] | None = None,
    roundings: Mapping[str, float] | None = None,
    arithmetic: str | None = None,
    suite: Suite | None = None,
    running: Running = HERE,
) -> Plan:
    """Return the plan of a check; the arguments and errors are those of `check`.

    Everything that can be wrong with them is found here, before the first run.
    """
    started = time.perf_counter()
    subject = as_subject(make, running=running)
    subject = declare(subject, accuracy=accuracy, storage=storage, roundings=roundings)
    suite = suite or files.load()
    claimed = choose_convention(suite, convention, subject.convention, subject.name)
    subject, claimed = choose_arithmetic(subject, claimed, suite, arithmetic)
    known = within(suite, subject.roundings).vectors
    if config or not subject.accuracy.is_ordinary:
        chosen = choose_vectors(suite, claimed, level, only=only, dtype=dtype)
        part = replace(suite, vectors=chosen)
        suite = bake_numbers(part, claimed, config or {}, subject)
    elif claimed.name not in suite.conventions:
        chosen = choose_vectors(suite, claimed, level, only=only, dtype=dtype)
        suite = answer(replace(suite, vectors=chosen), claimed)
    suite = within(suite, subject.roundings)
    subject = replace(subject, fixed=frozenset(suite.config))
    vectors = choose_vectors(suite, claimed, level, only=only, dtype=dtype, require=require)
    if HYGIENE in require and subject.is_program:
        raise UsageError(
            f"require hygiene must have a Python subject, got {subject.name}: what a program does "
            "with its memory cannot be seen"
        )
    require_subnormals()
    holding = waivers_for(waivers, subject.record)
    causes = Causes(holding, claimed, suite)
    return Plan(
        subject=subject,
        claimed=claimed,
        suite=suite,
        vectors=vectors,
        known=list(known),
        require=frozenset(require),
        fail_fast=fail_fast,
        waivers=holding,
        causes=causes,
        settle=require_and_waive(require, holding, causes),
        started=started,
    )


def require_subnormals() -> None:
    """Raise SubjectError if this process flushes subnormals to 0, which would blind the judge."""
    if flushes_subnormals():
        raise SubjectError(
            "this process must not flush subnormal numbers to zero, but does, and on this "
            "platform the judge cannot change it; check one library at a time"
        )
