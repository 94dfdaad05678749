"""Access to the parallel region: one caller at a time."""

import os
from collections.abc import Callable
from threading import Lock
from typing import Any


class _Threads:
    """The parallel regions of all kernels.

    Numba's own threads end the process when two callers enter at once. OpenMP's threads do so when
    the child of a fork enters. Therefore a second caller, or such a child, walks alone, with the
    same bits.
    """

    def __init__(self) -> None:
        self._region = Lock()
        self._used = False
        self._is_child_of_user = False
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._after_fork)

    def run(
        self, parallel: Callable[..., None], serial: Callable[..., None], *arguments: Any
    ) -> None:
        """Call ``parallel`` if its region is free, else ``serial``."""
        if self._is_child_of_user or not self._region.acquire(blocking=False):
            serial(*arguments)
            return
        self._used = True
        try:
            parallel(*arguments)
        finally:
            self._region.release()

    def _after_fork(self) -> None:
        # The parent may have held the lock at the moment of the fork; nobody releases it in the
        # child.
        self._region = Lock()
        # Threads that never started in the parent may start in the child.
        self._is_child_of_user = self._used


threads = _Threads()
