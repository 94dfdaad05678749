"""python -m tests.benchmarks.workers: one worker and two, and what a task costs.

Each round takes every way once, in turn, so that a disturbance hits all of them. The ratios within
a round are what can be compared. With `--all` the subjects are all that are installed, which takes
minutes a round.
"""

import argparse
import os
import statistics
import time
from concurrent.futures import Executor
from functools import partial

from conformance.executors.lanes import open_lanes
from conformance.judge.tasks.campaign import check_all
from conformance.judge.tasks.task import Task, perform
from conformance.subject.loading import installed_subjects
from conformance.subject.program.connect import HERE
from conformance.vectors import files

ROUNDS = 3
NAMES = ("adamref", "adamref-torch", "adamref-keras3", "adamref-split", "torch", "torch-foreach")
# The tasks whose cost is measured: of one vector, and of as many as a schedule gives at most.
SIZES = (1, 40)
TASKS = 20


def seconds(names: tuple[str, ...], jobs: int) -> float:
    started = time.perf_counter()
    campaign = check_all(names, jobs=jobs)
    assert not campaign.errors, campaign.errors
    return time.perf_counter() - started


def task_of(size: int) -> Task:
    vectors = [one for one in files.load().vectors if one.topic == "basic"]
    specs = [vectors[number % len(vectors)].spec for number in range(size)]
    return Task("adamref", HERE, {}, frozenset(), False, tuple(specs))


def overhead(lane: Executor, size: int) -> float:
    """Return the median of the seconds that a task takes longer on a worker than its runs do."""
    task = task_of(size)
    extra = []
    for _ in range(TASKS):
        started = time.perf_counter()
        done = lane.submit(perform, task).result()
        extra.append(time.perf_counter() - started - done.seconds)
    return statistics.median(extra)


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
    ways = {"in process": partial(seconds, names, 1), "-j 2": partial(seconds, names, 2)}
    print(f"{len(names)} subjects, load average {os.getloadavg()[0]:.1f}")
    for number in range(1, given.rounds + 1):
        times = {way: call() for way, call in ways.items()}
        gain = times["in process"] / times["-j 2"]
        shown = ", ".join(f"{way} {taken:.1f} s" for way, taken in times.items())
        print(f"round {number}: {shown}; -j 2 is {gain:.2f} times as fast", flush=True)
    print(f"load average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
