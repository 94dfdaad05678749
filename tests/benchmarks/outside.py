"""python -m tests.benchmarks.outside: what a check costs in a process of its own.

Both are measured in turn, so that the ratio can be compared between machines. The time that a
library takes to load is left out.
"""

import statistics
import time

from conformance.judge import check as judge
from conformance.subject.loading import installed_subjects, load
from conformance.subject.program.connect import Running, end
from conformance.subject.subject import Subject
from conformance.vectors import files
from conformance.vectors.suite import Suite

ROUNDS = 5
NAMES = ("adamref", "torch", "torch-fused")


def seconds(subject: Subject, suite: Suite) -> float:
    started = time.perf_counter()
    judge.check(subject, suite=suite)
    return time.perf_counter() - started


def main() -> None:
    suite = files.load()
    print(f"{'subject':16} {'here, s':>10} {'outside, s':>11} {'ratio':>6}")
    for name in (name for name in NAMES if name in installed_subjects()):
        here = load(name)
        outside = load(name, Running(isolate=True))
        # What a library imports and compiles at its first step.
        for subject in (here, outside):
            judge.check(subject, suite=suite, only="basic.*")
        pairs = [(seconds(here, suite), seconds(outside, suite)) for _ in range(ROUNDS)]
        end(outside)
        first, second = (statistics.median(times) for times in zip(*pairs, strict=True))
        print(f"{name:16} {first:10.3f} {second:11.3f} {second / first:6.2f}", flush=True)


if __name__ == "__main__":
    main()
