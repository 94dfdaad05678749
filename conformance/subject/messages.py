"""Messages: an exception of a subject in one line, whatever its own methods do.

The text of an exception, its class and its traceback may be code of the subject, and may fail.
"""

import traceback
from collections.abc import Callable
from pathlib import Path

from ..process.signals import from_outside

# A place in the judge is never the place of a subject's mistake.
_JUDGE = Path(__file__).parents[1]
_LIBRARIES = {"site-packages", "dist-packages"}
# An exception may hold a whole array as text.
_LONGEST_MESSAGE = 400
_ELLIPSIS = " ..."


def text_or(otherwise: str, read: Callable[[], str]) -> str:
    """Return the text that ``read`` returns in one line; ``otherwise`` if it fails."""
    try:
        # A subclass of str may have methods of its own, which are not asked.
        text = str.__str__(read())
    except BaseException as error:
        if from_outside(error):
            raise
        return otherwise
    line = " ".join(text.split())
    if len(line) > _LONGEST_MESSAGE:
        line = line[: _LONGEST_MESSAGE - len(_ELLIPSIS)] + _ELLIPSIS
    return line


def describe(error: BaseException) -> str:
    """Return an exception in one line: its class, its message, and the place that raised it."""
    place = place_of(error)
    return message_of(error) + (f" ({place})" if place else "")


def message_of(error: BaseException) -> str:
    """Return class and message of an exception in one line, cut if it is long."""
    kind = text_or("an exception", lambda: type(error).__name__)
    return f"{kind}: {text_of(error) or 'no message'}"


def text_of(error: BaseException) -> str:
    """Return the message of an exception in one line; empty if it has none."""
    return text_or("its message cannot be read", lambda: str(error))


def shown(value: object) -> str:
    """Return a value of a subject as messages show it."""
    return text_or("a value that cannot be shown", lambda: repr(value))


def place_of(error: BaseException) -> str:
    """Return file and line of the subject that raised, else of its library, else ''."""
    return text_or("", lambda: _place(error))


def _place(error: BaseException) -> str:
    places = []
    # No line of source is read: the loader of a module may be code of the subject, too.
    for frame, line in traceback.walk_tb(error.__traceback__):
        if not _is_machinery(frame.f_code.co_filename):
            places.append((frame.f_code.co_filename, line))
    # The author of a subject looks for the line in it, not for one deep in a library.
    outside_libraries = [
        (file, line) for file, line in places if not _LIBRARIES.intersection(Path(file).parts)
    ]
    for file, line in reversed(outside_libraries or places):
        return f"{file}:{line}"
    return ""


def _is_machinery(filename: str) -> bool:
    """Return whether a file is the judge or Python's import."""
    path = Path(filename)
    is_import = filename.startswith("<frozen") or "importlib" in path.parts
    return is_import or _JUDGE in path.parents
