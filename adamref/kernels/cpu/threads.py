"""Who may enter a parallel region."""

import os
from collections.abc import Callable
from threading import Lock
from typing import Any


class _Threads:
    """The parallel regions of all kernels: one caller at a time.

    Numba's own threads end the process when two callers enter at once, and OpenMP's when a child of a fork does.
    Whoever comes second, or in such a child, walks alone, with the same bits.
    """

    def __init__(self) -> None:
        self._region = Lock()
        self._used = self._forked = False
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._after_fork)

    def run(
        self, parallel: Callable[..., None], serial: Callable[..., None], *arguments: Any
    ) -> None:
        """Call ``parallel`` if its region is free, else ``serial``."""
        if self._forked or not self._region.acquire(blocking=False):
            serial(*arguments)
            return
        self._used = True
        try:
            parallel(*arguments)
        finally:
            self._region.release()

    def _after_fork(self) -> None:
        self._region = Lock()
        self._forked = self._used


threads = _Threads()
