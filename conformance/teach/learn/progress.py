"""Progress: how far a learner has come, in a small file in the folder of the exercises."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ...process import strict_json
from ...process.files import write
from ...process.regular_file import UnreadableFile, read_regular
from .exercise import Language, exercises

FILE = "progress.json"
FORMAT = 1
# It has a few lines.
_MOST_BYTES = 2**16
# The most characters of what is wrong that a message repeats.
_SHOWN = 60


class ProgressError(Exception):
    """A folder whose progress cannot be used; the message says why, and the way out."""


@dataclass(frozen=True, kw_only=True)
class CourseProgress:
    """How far a learner has come.

    Fields:
        language: of the exercises.
        exercise: the number of the one that is being solved, from 1; one more than there are when
            all are solved.
        hints: how many hints to it were given.
        command: of the learner's own program, for the language `own`; else empty.
    """

    language: Language
    exercise: int = 1
    hints: int = 0
    command: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether all exercises are solved."""
        return self.exercise > self.count

    @property
    def count(self) -> int:
        """How many exercises there are; with a program of one's own it is one, to write it."""
        return 1 if self.language is Language.OWN else len(exercises(self.language))

    def save(self, folder: Path) -> None:
        """Write it, whole or not at all.

        Raises:
            WriteError: it cannot be written; the old file remains.
        """
        content = {"format": FORMAT, **asdict(self)}
        write(folder / FILE, json.dumps(content, indent=1) + "\n")


def read_progress(folder: Path) -> CourseProgress:
    """Return the progress that a folder has.

    Raises:
        ProgressError: there is none, or the file is damaged.
    """
    path = folder / FILE
    try:
        content = strict_json.parse(read_regular(path, _MOST_BYTES).decode(), counts_only=True)
        return _valid(content)
    except UnreadableFile as error:
        if error.missing:
            raise ProgressError(
                f"{folder} must be a folder of exercises, but has no {FILE}; "
                "`adamref learn start DIR` makes one, and the other commands run in it"
            ) from None
        raise ProgressError(f"{path} cannot be read: {error}") from None
    except ValueError as error:
        raise ProgressError(
            f"{path} is damaged: {error}; delete it, and `adamref learn start DIR --exercise N` "
            "goes on with exercise N. Your files stay"
        ) from None


def _valid(content: Any) -> CourseProgress:
    """Return what the content of the file says.

    Raises:
        ValueError: it has another form.
    """
    names = {"format", "language", "exercise", "hints", "command"}
    if not isinstance(content, dict) or content.keys() != names:
        raise ValueError(f"it must have {', '.join(sorted(names))}, got {_show(content)}")
    if content["format"] != FORMAT:
        raise ValueError(f"format must be {FORMAT}, got {_show(content['format'])}")
    if content["language"] not in list(Language):
        known = ", ".join(Language)
        raise ValueError(f"language must be one of {known}, got {_show(content['language'])}")
    language = Language(content["language"])
    command = content["command"]
    if not isinstance(command, str) or bool(command) != (language is Language.OWN):
        raise ValueError(f"command must be a text for the language own, got {_show(command)}")
    found = CourseProgress(language=language, command=command)
    exercise = _count("exercise", content["exercise"], 1, found.count + 1)
    hints = _count("hints", content["hints"], 0, _MOST_BYTES)
    return CourseProgress(language=language, exercise=exercise, hints=hints, command=command)


def _count(name: str, value: Any, lowest: int, highest: int) -> int:
    is_count = isinstance(value, int) and not isinstance(value, bool)
    if not is_count or not lowest <= value <= highest:
        raise ValueError(f"{name} must be a count from {lowest} to {highest}, got {_show(value)}")
    return int(value)


def _show(value: Any) -> str:
    return repr(value)[:_SHOWN]
