"""Command line: a module for each command of `adamref`. Start with `main`.

A command parses its arguments, calls the other rooms, prints, and returns an exit status. It
imports the other rooms inside its function, so that the help appears at once.
"""

from .main import cli, main, supervised_main

__all__ = ["cli", "main", "supervised_main"]
