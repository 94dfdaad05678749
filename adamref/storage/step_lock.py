"""Locks that make steps wait for each other, and that the child of a fork finds free."""

import os
from threading import RLock
from typing import Any, Protocol
from weakref import WeakSet


class Lock(Protocol):
    """What a lock of another library must have."""

    def acquire(self) -> Any: ...

    def release(self) -> Any: ...


class StepLock:
    """A lock that is held while a step changes numbers.

    A fork waits until no step holds such a lock. The child has no thread that could finish a step:
    its lock would never be released there, and the step would stay half done.

    Args:
        calls_users: whether functions of the user are called while it is held.

    Attributes:
        lock: to be held; the child of a fork has another.
    """

    # weakref: an optimizer that nobody uses is not kept for the sake of its lock.
    __slots__ = ("__weakref__", "calls_users", "lock")

    def __init__(self, *, calls_users: bool = False) -> None:
        self.calls_users = calls_users
        self.lock = RLock()
        with _REGISTRY:
            _LOCKS.add(self)

    def __reduce__(self) -> Any:
        # The copy of an optimizer has a lock of its own.
        return StepLock, ()


_LOCKS: WeakSet[StepLock] = WeakSet()
# Held while the set of locks is read or changed.
_REGISTRY = RLock()
# Locks of other libraries that a step may wait for.
_INNER: list[Lock] = []
# The locks that the present fork holds.
_held: set[StepLock] = set()


def hold_in_forks(lock: Lock) -> None:
    """Hold the lock of another library too whenever the process forks."""
    _INNER.append(lock)


def _take_all() -> None:
    _REGISTRY.acquire()
    while missing := set(_LOCKS) - _held:
        # Free while this waits, because a step that it waits for may make another optimizer.
        _REGISTRY.release()
        # In the order in which a step takes them: a function of the user may step another
        # optimizer. In another order, the fork and a step could wait for each other.
        for step_lock in sorted(missing, key=lambda one: not one.calls_users):
            step_lock.lock.acquire()
            _held.add(step_lock)
        _REGISTRY.acquire()
    # Last, because a step takes them while it holds its own.
    for inner in _INNER:
        inner.acquire()


def _release_all() -> None:
    for step_lock in _held:
        step_lock.lock.release()
    _release_others()


def _renew_all() -> None:
    # New locks, because threads that the child does not have may have waited for the old.
    for step_lock in _held:
        step_lock.lock = RLock()
    _release_others()


def _release_others() -> None:
    _held.clear()
    for inner in _INNER:
        inner.release()
    _REGISTRY.release()


# Windows has no forks.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_take_all,
        after_in_parent=_release_all,
        after_in_child=_renew_all,
    )
