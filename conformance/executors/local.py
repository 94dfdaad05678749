"""Local workers: one process each, which is started anew when it has ended."""

import os
import signal
import time
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import suppress
from itertools import cycle, islice
from multiprocessing import active_children, get_context
from multiprocessing.process import BaseProcess
from typing import Any

from ..process.pool import follow_parent

# The libraries under test read these when they are loaded.
_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)
# Seconds in which the system tells how a process ended.
_PATIENCE = 5.0
_PAUSE = 0.01


class LocalWorker(Executor):
    """One process of this machine. If it ends, its tasks fail, and the next task starts another.

    Args:
        cores: on which it runs. Libraries in it may use as many threads; what the user has set in
            the environment stays.
    """

    def __init__(self, cores: Sequence[int]) -> None:
        self._cores = cores
        self._pool: ProcessPoolExecutor | None = None
        self._process: BaseProcess | None = None

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        if self._pool is not None:
            try:
                return self._pool.submit(function, *arguments, **named)
            except BrokenExecutor:
                self.shutdown()
        # Spawned and not forked, because the caller may have started threads.
        self._pool = ProcessPoolExecutor(
            1,
            mp_context=get_context("spawn"),
            initializer=_begin,
            initargs=(self._cores,),
        )
        others = set(active_children())
        future = self._pool.submit(function, *arguments, **named)
        (self._process,) = set(active_children()) - others
        return future

    def why_ended(self) -> str:
        """Return how the process ended, in a clause."""
        if self._process is None:
            return "it was not started"
        deadline = time.monotonic() + _PATIENCE
        # `join` is not enough: while a thread of the pool fetches the status, there is none yet.
        while self._process.exitcode is None and time.monotonic() < deadline:
            time.sleep(_PAUSE)
        status = self._process.exitcode
        if status is None or status >= 0:
            return f"it ended with status {status}"
        try:
            return f"{signal.Signals(-status).name} ended it"
        except ValueError:  # a signal without a name
            return f"signal {-status} ended it"

    def kill(self) -> None:
        """End the process at once; a task that it has begun may take minutes."""
        if self._process is not None:
            self._process.kill()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait, cancel_futures=cancel_futures)
            self._pool = None


def shares_of_cores(workers: int) -> list[list[int]]:
    """Return the numbers of the cores of each worker, as many for each and at least one."""
    if hasattr(os, "sched_getaffinity"):
        cores = sorted(os.sched_getaffinity(0))
    else:
        cores = list(range(os.cpu_count() or 1))
    share = max(1, len(cores) // workers)
    following = cycle(cores)
    return [list(islice(following, share)) for _ in range(workers)]


def _begin(cores: Sequence[int]) -> None:
    """Prepare a process that was just started, before it loads a library."""
    follow_parent()
    # XLA has no variable for its threads: it has as many as there are cores that it may run on.
    if hasattr(os, "sched_setaffinity"):
        # A container may have lost a core since they were counted.
        with suppress(OSError):
            os.sched_setaffinity(0, cores)
    for name in _THREADS:
        os.environ.setdefault(name, str(len(cores)))
