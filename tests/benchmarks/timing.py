"""Paired rounds: every peer in every round, so that a disturbance hits all peers of a round."""

import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NamedTuple

import numpy as np

# A sample is at least this long, and so is the rest before it, in which the threads of the peer
# before go to sleep.
SAMPLE = 3e-3
REST = 2e-3


class Ratio(NamedTuple):
    """How many times longer one peer takes: the median over rounds, and its 95 % interval."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f} to {self.high:.2f})"


def rounds(peers: Mapping[str, Callable[[], Any]], count: int) -> dict[str, list[float]]:
    """Seconds a call, by peer and round. Each sample is preceded by calls that are not counted."""
    repeats = {name: _repeats(call) for name, call in peers.items()}
    times: dict[str, list[float]] = {name: [] for name in peers}
    names = list(peers)
    for at in range(count):
        for name in names if at % 2 else names[::-1]:
            time.sleep(REST)
            call = peers[name]
            for _ in range(2):
                call()
            started = time.perf_counter()
            for _ in range(repeats[name]):
                call()
            times[name].append((time.perf_counter() - started) / repeats[name])
    return times


def _repeats(call: Callable[[], Any]) -> int:
    for _ in range(3):
        call()
    started = time.perf_counter()
    call()
    return max(1, int(SAMPLE / max(time.perf_counter() - started, 1e-7)))


def ratio(of: list[float], to: list[float]) -> Ratio:
    """How many times longer ``of`` takes than ``to``, round by round."""
    each = np.array(of) / np.array(to)
    drawn = np.median(np.random.default_rng(0).choice(each, (1000, len(each))), axis=1)
    return Ratio(float(np.median(each)), *map(float, np.quantile(drawn, (0.025, 0.975))))


def median(times: list[float]) -> float:
    return statistics.median(times)


def machine(*distributions: str) -> dict[str, Any]:
    """What a reader of the results needs to know of the machine."""
    pages = "/sys/kernel/mm/transparent_hugepage/enabled"
    return {
        "processor": _processor(),
        "processors": os.cpu_count(),
        "python": platform.python_version(),
        "transparent huge pages": _read(pages),
        "versions": {name: _version(name) for name in ("numpy", *distributions)},
    }


def _processor() -> str:
    lines = _read("/proc/cpuinfo").splitlines()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")),
        platform.machine(),
    )


def _read(path: str) -> str:
    try:
        with open(path) as file:  # noqa: PTH123
            return file.read().strip()
    except OSError:
        return ""


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
