"""python -m tests.benchmarks.workers: one worker and two, and what a task costs.

Each round takes every way once, in turn, so that a disturbance hits all of them. The ratios within
a round can be compared, and on a machine that does other work the processor times alone. The first
way of the first round loads libraries that are there afterwards. With `--all` the subjects are all
that are installed, which takes minutes a round.
"""

import argparse
import os
import time
from concurrent.futures import Executor
from typing import NamedTuple

from conformance.executors.lanes import open_lanes
from conformance.judge.tasks.campaign import check_all
from conformance.judge.tasks.task import VectorTask, perform
from conformance.subject.loading import installed_subjects
from conformance.subject.program.connect import HERE
from conformance.vectors import files

ROUNDS = 3
NAMES = ("adamref", "adamref-torch", "adamref-keras3", "adamref-split", "torch", "torch-foreach")
# The tasks whose cost is measured: of one vector, and of as many as a schedule gives at most.
SIZES = (1, 40)
TASKS = 20


class Spent(NamedTuple):
    """Seconds that passed, and seconds of processors, those of workers included."""

    passed: float
    worked: float


def worked() -> float:
    """The processor time of this process and of the workers that have ended."""
    return sum(os.times()[:4])


def spent(names: tuple[str, ...], jobs: int) -> Spent:
    before = worked()
    started = time.perf_counter()
    campaign = check_all(names, jobs=jobs)
    assert not campaign.errors, campaign.errors
    return Spent(time.perf_counter() - started, worked() - before)


def task_of(size: int) -> VectorTask:
    vectors = [one for one in files.load().vectors if one.topic == "basic"]
    specs = [vectors[number % len(vectors)].spec for number in range(size)]
    return VectorTask("adamref", HERE, {}, frozenset(), False, tuple(specs))


def overhead(lane: Executor, size: int) -> float:
    """Return the processor time of a task on a worker, without that of its runs in process."""
    task = task_of(size)
    perform(task)
    before = lane.submit(time.process_time).result() + time.process_time()
    for _ in range(TASKS):
        lane.submit(perform, task).result()
    away = lane.submit(time.process_time).result() + time.process_time() - before
    before = time.process_time()
    for _ in range(TASKS):
        perform(task)
    return (away - time.process_time() + before) / TASKS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="all installed subjects")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    names = tuple(installed_subjects()) if given.all else NAMES
    files.load()
    with open_lanes(1) as (lane,):
        # What a process needs to start and to import the judge.
        started = time.perf_counter()
        lane.submit(perform, task_of(1)).result()
        print(f"start of a worker: {time.perf_counter() - started:.2f} s")
        for size in SIZES:
            print(f"overhead of a task of {size}: {1000 * overhead(lane, size):.2f} ms")
    print(f"{len(names)} subjects, load average {os.getloadavg()[0]:.1f}", flush=True)
    for number in range(1, given.rounds + 1):
        plain = spent(names, 1)
        shared = spent(names, 2)
        gain = plain.passed / shared.passed
        times = f"in process {plain.passed:.1f} s, -j 2 {shared.passed:.1f} s"
        print(f"round {number}: {times}; {gain:.2f} times as fast")
        # What two idle cores permit, if both are always at work.
        most = 2 * plain.worked / shared.worked
        times = f"in process {plain.worked:.1f} s, -j 2 {shared.worked:.1f} s"
        print(f"  of processors: {times}; at most {most:.2f}", flush=True)
    print(f"load average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
