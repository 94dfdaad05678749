"""Text and numbers in the form in which people see them."""

# The longest piece of foreign text that people see; JSON lines have all of it.
_LONGEST = 1000
_ELLIPSIS = " ..."
_REPLACEMENT = "\ufffd"
# From here on the order of magnitude says more than digits.
_LARGE_RATIO = 10


def printable(text: str) -> str:
    """Return ``text`` in one short line, without characters that a terminal would obey.

    The characters that it replaces are those that XML forbids, too.
    """
    line = " ".join(text.split())
    if len(line) > _LONGEST:
        line = line[: _LONGEST - len(_ELLIPSIS)] + _ELLIPSIS
    return "".join(map(_visible, line))


def _visible(letter: str) -> str:
    return letter if letter.isprintable() else _REPLACEMENT


def short(ratio: float | None) -> str:
    """Return a ratio in a few characters: ``.87``, ``1.20``, ``5e+05``; ``-`` for None."""
    if ratio is None:
        return "-"
    # 1 is the limit: what is within it must not read 1.00, nor what is beyond it. Bounds have six
    # digits, by which an error just below its bound has a ratio of 1.
    if 0.99 < ratio <= 1:
        return ".99"
    if 1 < ratio < 1.01:
        return "1.01"
    if ratio < _LARGE_RATIO:
        return f"{ratio:.2f}".lstrip("0")
    return f"{ratio:.0e}"


def count_of(count: int, noun: str) -> str:
    """Return a number with its noun: ``1 vector``, ``2 vectors``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
