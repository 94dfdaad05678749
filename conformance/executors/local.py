"""Local workers: one process each, which is started anew when it has ended."""

import os
import signal
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
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


class LocalWorker(Executor):
    """One process of this machine. If it ends, its tasks fail, and the next task starts another.

    Args:
        threads: that libraries may use in it; what the user has set in the environment stays.
    """

    def __init__(self, threads: int = 1) -> None:
        self._threads = threads
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
            initargs=(self._threads,),
        )
        others = set(active_children())
        future = self._pool.submit(function, *arguments, **named)
        (self._process,) = set(active_children()) - others
        return future

    def why_ended(self) -> str:
        """Return how the process ended, in a clause."""
        if self._process is None:
            return "it was not started"
        self._process.join(_PATIENCE)
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


def share_of_cores(workers: int) -> int:
    """Return how many threads each of some workers may use."""
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    return max(1, cores // workers)


def _begin(threads: int) -> None:
    """Prepare a process that was just started, before it loads a library."""
    follow_parent()
    for name in _THREADS:
        os.environ.setdefault(name, str(threads))
