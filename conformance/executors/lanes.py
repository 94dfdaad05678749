"""Lanes: the executors of a run. A lane is a place where one task runs at a time."""

from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Executor
from contextlib import contextmanager

from .clusters import ExecutorError, open_dask, open_mpi
from .local import LocalWorker, shares_of_cores

# Kinds besides processes of this machine -> how they are written.
KINDS = ("mpi", "dask://HOST:PORT")


@contextmanager
def open_lanes(jobs: int, kind: str | None = None) -> Iterator[list[Executor]]:
    """Yield an executor for each task that may run at a time; several may be the same one.

    Args:
        jobs: how many processes of this machine; with ``kind`` it has no meaning.
        kind: `mpi` for the processes of MPI, `dask://HOST:PORT` for the workers of a Dask cluster;
            None for this machine.

    Raises:
        ExecutorError: there is no such kind, its library is missing, or the cluster is not there.
    """
    if kind is None:
        with _open_local(jobs) as lanes:
            yield lanes
    elif kind == "mpi":
        with open_mpi() as lanes:
            yield lanes
    elif kind.startswith("dask://"):
        with open_dask(kind.removeprefix("dask://")) as lanes:
            yield lanes
    else:
        raise ExecutorError(f"executor must be one of {', '.join(KINDS)}, got {kind!r}")


@contextmanager
def _open_local(jobs: int) -> Iterator[list[Executor]]:
    workers = [LocalWorker(cores) for cores in shares_of_cores(jobs)]
    try:
        yield list(workers)
    except BaseException:
        for worker in workers:
            worker.kill()
        raise
    finally:
        for worker in workers:
            worker.shutdown(cancel_futures=True)


def why_ended(executor: Executor, error: BaseException) -> str:
    """Return how the process of a task ended, in a clause; empty if the executor itself is lost.

    Args:
        executor: of the lane.
        error: what its future raised.
    """
    if isinstance(executor, LocalWorker) and isinstance(error, BrokenExecutor):
        return executor.why_ended()
    # By name, because the library need not be installed. Dask has tried several workers by then.
    if type(error).__name__ == "KilledWorker":
        return "every worker that was given it ended"
    return ""
