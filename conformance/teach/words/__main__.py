"""The vectors that show defects, found anew: `python -m conformance.teach.words`.

It adds what is missing in vectors_of_defects.toml, after a defect or a vector has been added.
"""

from pathlib import Path

from ...defects import DEFECTS
from ...defects.defect import Defect
from ...judge.check import check
from ...vectors.files import load
from ...vectors.vector import size
from .mistakes import FILE, vectors_of_defects, vectors_of_flags

_HEAD = "# Defect -> the smallest vector that rejects it, for those that no flag of a vector names."


def main() -> None:
    """Write the file with what was missing."""
    suite = load()
    known = vectors_of_defects()
    flags = vectors_of_flags(suite)
    lines = [_HEAD]
    for defect in DEFECTS:
        if defect.name in flags:
            continue
        vector = known.get(defect.name) or _smallest(defect)
        lines.append(f'{defect.name} = "{vector}"')
    Path(FILE).write_text("\n".join(lines) + "\n", "utf-8")


def _smallest(defect: Defect) -> str:
    """Return the smallest vector that rejects a defect.

    Raises:
        ValueError: none does.
    """
    for level in ("quick", "core"):
        failures = check(defect.make, level=level).failures
        if failures:
            return min((failure.vector for failure in failures), key=size).id
    raise ValueError(f"vectors must reject every defect, got none that rejects {defect.name}")


if __name__ == "__main__":
    main()
