"""Sparse Adam whose rows are brought up to date when they are needed. Start with `deferred_table`."""

from .deferred_table import DeferredTable

__all__ = ["DeferredTable"]
