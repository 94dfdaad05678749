"""python -m tests.benchmarks.check: how long a check takes, after imports.

Times are the median of five; the ratio to our reference in the same run is what can be compared
between machines.
"""

import statistics
import time

from conformance.judge import check as judge
from conformance.subject.loading import installed_subjects, load
from conformance.vectors import files
from conformance.vectors.suite import Suite

ROUNDS = 5
NAMES = ("adamref", "torch", "torch-foreach", "torch-fused", "tf1", "tfkeras")


def seconds(name: str, suite: Suite) -> float:
    subject = load(name)
    judge.check(
        subject, suite=suite, only="basic.f32.mixed"
    )  # what a library imports and compiles at its first step
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        judge.check(subject, suite=suite)
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def main() -> None:
    started = time.perf_counter()
    suite = files.load()
    print(f"load and verify {len(suite.vectors)} vectors: {time.perf_counter() - started:.3f} s")
    print(f"{'subject':16} {'check, s':>10} {'of adamref':>11}")
    reference = 0.0
    for name in (name for name in NAMES if name in installed_subjects()):
        taken = seconds(name, suite)
        reference = reference or taken
        print(f"{name:16} {taken:10.3f} {taken / reference:11.2f}")


if __name__ == "__main__":
    main()
