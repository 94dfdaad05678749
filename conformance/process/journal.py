"""Journal: a file in which a long run writes what it has measured, to go on from it later.

Every line is JSON: first a header that says which run it is, then a key and a value for each piece
of work. A line is written in one go. A run that was killed leaves at most a part of its last line,
which is cut off when the next run goes on.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from .regular_file import UnreadableFile, read_regular
from .strict_json import parse

# Bytes of a file; all shipped subjects need 2^28.
_MOST_BYTES = 2**32
FORMAT = 1
# The most characters of a value that a message repeats.
_SHOWN = 100

Key = tuple[str, ...]


class JournalError(Exception):
    """A journal that cannot be used; the message says why, and the way out."""


class Journal:
    """What a run has measured so far, in a file.

    Args:
        path: the file. If it exists, the run goes on from it.
        header: what must be the same for the values to be of use, as JSON has it.

    Raises:
        JournalError: the file is no journal, is one of another run, is used by another process, or
            cannot be read or written.
    """

    def __init__(self, path: Path, header: Mapping[str, Any]) -> None:
        self.path = path
        self._header = {"format": FORMAT, **header}
        # Key -> place and length of its line; values would fill the memory.
        self._places: dict[Key, tuple[int, int]] = {}
        end = 0
        try:
            content = read_regular(path, _MOST_BYTES)
            end = self._read(content)
        except UnreadableFile as error:
            if not error.missing:
                raise JournalError(f"{path} cannot be read: {error}") from None
        try:
            self._file: IO[bytes] = path.open("r+b" if end else "w+b")
            _lock(self._file, path)
            self._file.truncate(end)
            self._end = end
            if not end:
                self._append(self._header)
        except OSError as error:
            raise JournalError(f"{path} cannot be written: {error.strerror}") from None

    def __contains__(self, key: Key) -> bool:
        return key in self._places

    def __iter__(self) -> Iterator[Key]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def get(self, key: Key) -> Any:
        """Return the value of a key that is there."""
        start, length = self._places[key]
        self._file.seek(start)
        return json.loads(self._file.read(length))["value"]

    def add(self, key: Key, value: Any) -> None:
        """Write a key and its value, as JSON has it."""
        self._places[key] = self._append({"key": key, "value": value})

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _append(self, entry: Mapping[str, Any]) -> tuple[int, int]:
        line = json.dumps(entry, allow_nan=False, separators=(",", ":")).encode() + b"\n"
        place = (self._end, len(line))
        try:
            self._file.seek(self._end)
            self._file.write(line)
            # To the system, which keeps it if this process is killed.
            self._file.flush()
        except OSError as error:
            raise JournalError(f"{self.path} cannot be written: {error.strerror}") from None
        self._end += len(line)
        return place

    def _read(self, content: bytes) -> int:
        """Find the places of all keys, and return where the last whole line ends."""
        start = 0
        number = 0
        while (end := content.find(b"\n", start)) >= 0:
            number += 1
            try:
                self._enter(parse(content[start:end].decode()), start, end + 1 - start)
            except ValueError as error:
                raise JournalError(
                    f"{self.path} line {number}: {error}; name a new file, and the run starts anew"
                ) from None
            start = end + 1
        return start

    def _enter(self, entry: Any, start: int, length: int) -> None:
        if start == 0 and isinstance(entry, dict):
            self._check_header(entry)
            return
        key = _key_of(entry)
        if key is None:
            raise ValueError(f"a line must have a key and a value, got {str(entry)[:_SHOWN]}")
        self._places[tuple(key)] = (start, length)

    def _check_header(self, entry: Mapping[str, Any]) -> None:
        # As JSON gives it back, which has lists and no tuples.
        expected = json.loads(json.dumps(self._header))
        for name in {**expected, **entry}:
            if entry.get(name) != expected.get(name):
                got = str(entry.get(name))[:_SHOWN]
                raise ValueError(f"{name} of this run is {expected.get(name)}, but was {got}")


def _key_of(entry: Any) -> list[str] | None:
    """Return the key of a line, or None if it is no line of a journal."""
    if not isinstance(entry, dict) or entry.keys() != {"key", "value"}:
        return None
    key = entry["key"]
    if isinstance(key, list) and all(isinstance(part, str) for part in key):
        return key
    return None


def _lock(file: IO[bytes], path: Path) -> None:
    """Raise JournalError if another process writes to the file."""
    with suppress(ImportError):
        # Not every system has it.
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise JournalError(
                f"{path} must belong to one run at a time, but another has it open"
            ) from None
        # Process workers must not hold it when this process has ended.
        os.set_inheritable(file.fileno(), False)
