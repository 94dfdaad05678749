"""Sparse Adam that brings rows up to date when they are needed. Start with `deferred_table`.

`replay` takes the missed steps one after another, `series` sums them.
"""

from .deferred_table import DeferredTable

__all__ = ["DeferredTable"]
