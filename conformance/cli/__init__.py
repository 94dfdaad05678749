"""The command line: adamref check, list, report, vectors; a module for each."""

from .main import cli, main

__all__ = ["cli", "main"]
