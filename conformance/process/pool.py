"""Pool: worker processes that end with the work, whatever ends it."""

import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.connection import wait
from os import _exit

# Taken before a subject can be called: while one is, `os._exit` is closed.
_END = _exit


@contextmanager
def worker_pool(workers: int | None = None) -> Iterator[ProcessPoolExecutor]:
    """Yield a pool of processes; an exception inside the context ends them at once.

    Args:
        workers: the number of processes; None is one for each core.
    """
    others = set(active_children())
    # Spawned and not forked, because the caller may have started threads.
    context = get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=follow_parent)
    try:
        yield pool
        pool.shutdown()
    except BaseException:
        # The pool alone would finish what it has begun, which can take minutes.
        for process in set(active_children()) - others:
            process.kill()
        pool.shutdown(cancel_futures=True)
        raise


def follow_parent() -> None:
    """Make this worker end when its parent does, and not before."""
    # These reach every process of a terminal, but the parent decides when its workers end.
    for name in ("SIGINT", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    threading.Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent() -> None:
    parent = parent_process()
    assert parent is not None
    wait([parent.sentinel])
    # A killed parent tells nobody. The work is of no use to anyone, and there is nothing to save.
    _END(1)
