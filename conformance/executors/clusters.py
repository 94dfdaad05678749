"""Clusters: the workers of Dask and the processes of MPI, by the executors of their libraries."""

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any

# Seconds until a cluster must answer.
_PATIENCE = 10


class ExecutorError(Exception):
    """There is no such executor, or it was lost; the message says why, and the way out."""


@contextmanager
def open_dask(address: str) -> Iterator[list[Executor]]:
    """Yield an executor for each worker of the Dask cluster whose scheduler is at an address."""
    try:
        from distributed import Client
    except ImportError:
        raise ExecutorError(
            "executor dask needs its library: pip install 'adamref[dask]'"
        ) from None
    try:
        client = Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ExecutorError(f"no Dask scheduler answers at {address!r}: {error}") from None
    with client:
        count = len(client.nthreads())
        if not count:
            raise ExecutorError(
                f"the Dask cluster at {address} must have a worker; start `dask worker {address} "
                "--nthreads 1`"
            )
        # Not pure: a task that is tried again must run again.
        executor = client.get_executor(pure=False)
        yield [executor for _ in range(count)]


@contextmanager
def open_mpi() -> Iterator[list[Executor]]:
    """Yield an executor for each worker process of MPI."""
    try:
        from mpi4py.futures import MPIPoolExecutor
    except (ImportError, RuntimeError) as error:
        # A RuntimeError if mpi4py is there, and no MPI.
        raise ExecutorError(
            f"executor mpi needs an MPI and its library: pip install 'adamref[mpi]' ({error})"
        ) from None
    # Workers must not run the command line again.
    pool: Any = MPIPoolExecutor(main=False)
    try:
        pool.bootup()
        yield [pool for _ in range(pool.num_workers)]
    finally:
        # What waits for a worker is of no use any more.
        pool.shutdown(cancel_futures=True)
