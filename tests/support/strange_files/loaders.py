"""Loaders: every reader of files from strangers, with files that are almost what it reads.

A loader is one entry of `LOADERS`. It says how a file is written that nobody wrote on purpose, how
it is read, and by which error it is refused.
"""

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, NamedTuple


class Loader(NamedTuple):
    """A reader of files.

    Fields:
        name: for people.
        prepare: called once; returns what `write` and `read` are given first.
        write: (prepared, folder, random) writes one file, and returns the path to read.
        read: (prepared, path) reads it; if it raises, nothing may have changed.
        error: by which a file is refused.
        use: (prepared, what was read) does with a file that is accepted what the program would.
        share: of how many inputs in a thousand.
        used: of accepted files every so many are used.
        refused: the least and the greatest part of the inputs that are refused.
    """

    name: str
    prepare: Callable[[Path], Any]
    write: Callable[[Any, Path, Random], Path]
    read: Callable[[Any, Path], Any]
    error: type[Exception]
    use: Callable[[Any, Any], object]
    share: int
    used: int
    refused: tuple[float, float]


class Outcome(NamedTuple):
    """How many inputs were refused, and how many accepted."""

    refused: int
    accepted: int


def run(loader: Loader, folder: Path, count: int, seed: int) -> Outcome:
    """Read so many files, and use those that are accepted.

    An error of another class than the loader's is raised with the number of the input.
    """
    prepared = loader.prepare(folder)
    outcome = Outcome(0, 0)
    for number in range(count):
        # Of its own, so that one input is found again without those before it.
        random = Random(f"{seed} {number}")
        path = loader.write(prepared, folder, random)
        try:
            outcome = _outcome_of(loader, prepared, path, outcome)
        except BaseException as error:
            error.add_note(f"loader {loader.name}, seed {seed}, input {number}: {path!r}")
            raise
    return outcome


def _outcome_of(loader: Loader, prepared: Any, path: Path, before: Outcome) -> Outcome:
    try:
        content = loader.read(prepared, path)
    except loader.error as error:
        message = str(error).replace("\n", " ")
        assert message, "an error must have a message"
        assert message.isprintable(), message
        return before._replace(refused=before.refused + 1)
    accepted = before.accepted + 1
    if accepted % loader.used == 0:
        loader.use(prepared, content)
    return before._replace(accepted=accepted)
