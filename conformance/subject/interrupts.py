"""Interrupts: whether an exception that passes a subject came from it, or from outside."""

from ..process.signals import from_outside

__all__ = ["from_outside"]
