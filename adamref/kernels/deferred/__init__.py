"""Sparse Adam whose rows are brought up to date when they are needed. Start with `deferred_table`.

`replay` takes the missed steps one after the other, `series` sums them.
"""

from .deferred_table import DeferredTable

__all__ = ["DeferredTable"]
