"""Text and numbers as people are shown them."""

# The longest piece of foreign text that is shown to people; JSON lines have all of it.
_LONGEST = 1000


def printable(text: str) -> str:
    """``text`` in one line, cut where it is long, without what XML forbids and a terminal would obey."""
    line = " ".join(text.split())
    cut = line if len(line) <= _LONGEST else f"{line[: _LONGEST - 4]} ..."
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in cut)


def short(ratio: float | None) -> str:
    """A ratio in the fewest digits that tell."""
    if ratio is None:
        return "-"
    return f"{ratio:.2f}".lstrip("0") if ratio < 10 else f"{ratio:.0e}"
