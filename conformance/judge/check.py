"""The judge: it runs a subject through the vectors and gives a verdict."""

from collections.abc import Callable, Collection, Mapping

from ..process.floating_point import (
    flushes_subnormals,
    own_floating_point,
    subject_floating_point,
)
from ..process.signals import Interrupted, obey
from ..subject.program.connect import HERE, Running
from ..subject.subject import Make, Subject
from ..trial.run import Run
from ..vectors.suite import Suite
from ..vectors.vector import Vector
from ..waivers.staleness import Waivers
from .conclusion import conclude, conclude_part
from .tasks.plan import Plan, plan_check, require_subnormals
from .verdict import Report

Progress = Callable[[Vector], None]
# The plan of a check -> the function that runs a vector, or finds its run in a file.
Recorded = Callable[[Plan], Callable[[Vector], Run]]


class PartialCheck(Interrupted):
    """A signal has ended a check.

    Attributes:
        report: of the vectors that were run before, with the verdict INTERRUPTED.
    """

    def __init__(self, number: int, report: Report) -> None:
        super().__init__(number)
        self.report = report


@own_floating_point()
def check(
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
    progress: Progress | None = None,
    recorded: Recorded | None = None,
) -> Report:
    """Judge a subject.

    Args:
        make: the function that starts a run, a Subject, or a name as on the command line.
        convention: a named one, or one with other values on some axes, as `torch,epsilon=hat`;
            None is the one that the subject declares, else `paper`.
        level: `core` is the basis of a claim of conformance; `full` adds long and large vectors;
            `quick` is the fewest vectors that together find what `core` finds, and not enough for
            a claim.
        only: glob on vector ids.
        dtype: `bfloat16`, `float16`, `float32` or `float64` alone.
        require: features that must be supported; a vector that needs a missing one fails. With
            `hygiene` every run is made twice, to see that gradients are not changed and that
            copies are returned.
        waivers: known failures, or the file that holds them; the waivers that ship hold for
            shipped subjects anyway.
        fail_fast: stop at the first vector that fails under every arithmetic and is not waived.
        config: hyperparameters that are fixed in the subject: all vectors that have them get
            these, and answers by the oracle. Vectors that could not tell right from wrong then
            are left out; without more than half of them the verdict is inconclusive.
        accuracy: the class of the subject's quotients and roots, as `{"division": 2.5}`; None is
            the one that it declares. The oracle derives all answers anew for it.
        storage: what the subject keeps of half precision between steps, as
            `{"bfloat16": "weights=master"}`; None is what it declares.
        roundings: that each operation of an equation errs by, as `{"E5": 40}`; None is what the
            subject declares. So many bounds are permitted.
        arithmetic: the one that is accepted, and no other; None is the one that the subject
            declares, else those of the convention.
        suite: the vectors; None is the ones that ship.
        running: `Running(isolate=True)` gives the subject a process of its own; its limits hold
            for every program.
        progress: called after each vector.
        recorded: finds runs in a file, and writes them to it; None makes all of them.

    Raises:
        UsageError: an argument has a value that it cannot have.
        SubjectError: ``make`` cannot be a subject, or this process flushes subnormal numbers to
            zero and the judge cannot change that on this platform.
        VectorError: the vectors are damaged.
        WaiverError: the waivers file cannot be read or makes no sense.
        PartialCheck: a signal asked to end, as Ctrl-C does.

    >>> from adamref import Adam, AdamConfig
    >>> def make(params, *numbers):
    ...     names = ("learning_rate", "beta1", "beta2", "epsilon")
    ...     return Adam(params, AdamConfig(**dict(zip(names, numbers))))
    >>> print(check(make, "paper").verdict)
    conformant
    """
    plan = plan_check(
        make,
        convention,
        level,
        only=only,
        dtype=dtype,
        require=require,
        waivers=waivers,
        fail_fast=fail_fast,
        config=config,
        accuracy=accuracy,
        storage=storage,
        roundings=roundings,
        arithmetic=arithmetic,
        suite=suite,
        running=running,
    )
    run_vector = recorded(plan) if recorded else plan.run
    runs: list[Run] = []
    try:
        for vector in plan.vectors:
            runs.append(run_vector(vector))
            if progress:
                progress(vector)
            if plan.ends_after(runs[-1]):
                break
    except KeyboardInterrupt as error:
        raise PartialCheck(obey(error), conclude_part(plan, runs)) from None
    # Where the judge has no environment of its own, the subject may have changed it.
    require_subnormals()
    with subject_floating_point():
        flushes = flushes_subnormals()
    return conclude(plan, runs, flushes)
