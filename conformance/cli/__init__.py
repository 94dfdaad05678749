"""The command line: adamref check, list, report, vectors, waivers; a module for each."""

from .main import cli, main

__all__ = ["cli", "main"]
