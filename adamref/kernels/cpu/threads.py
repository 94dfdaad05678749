"""Access to the parallel region: one caller at a time, and none in the child of a fork."""

import os
from collections.abc import Callable
from threading import Lock
from typing import Any

import numba
from numba.core.compiler_lock import global_compiler_lock

from ...storage.step_lock import hold_in_forks


class _Threads:
    """The parallel regions of all kernels.

    Numba's own threads end the process when two callers enter at once. The child of a fork has none
    of the threads of its parent: OpenMP ends a child that enters, and others would wait for ever.
    Therefore a second caller, or the child of a fork, walks alone, with the same bits.
    """

    def __init__(self) -> None:
        self._region = Lock()
        # Whether threads were ever started does not count: other libraries may have started them.
        self._is_child = False
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._become_child)

    def count(self) -> int:
        """Return how many threads walk at once."""
        # Numba holds a lock while it counts, which a thread of the parent may have held.
        return 1 if self._is_child else int(numba.get_num_threads())

    def run(
        self, parallel: Callable[..., None], serial: Callable[..., None], *arguments: Any
    ) -> None:
        """Call ``parallel`` if its region is free, else ``serial``."""
        if self._is_child or not self._region.acquire(blocking=False):
            serial(*arguments)
            return
        try:
            parallel(*arguments)
        finally:
            self._region.release()

    def _become_child(self) -> None:
        self._is_child = True


threads = _Threads()
# Otherwise the child of a fork could not compile if a thread of its parent was compiling.
hold_in_forks(global_compiler_lock)
