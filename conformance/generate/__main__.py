"""Command that writes the vectors; nothing else writes them.

python -m conformance.generate           write what is missing; frozen inputs stay as they are
python -m conformance.generate --search  also search for inputs that tell what no vector tells
python -m conformance.generate --quick   choose the vectors of level quick again, and nothing else
python -m conformance.generate --check   derive every answer again from the frozen inputs, and
                                         compare bytes
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from ..process.files import write
from .files import VERSION, files, manifest, quick, search
from .recipes import RECIPES

_MANIFEST = "MANIFEST.json"


def main(arguments: list[str]) -> int:
    """Write the vectors, or with --check compare them, and return the exit status."""
    directory = Path(__file__).parents[2] / "vectors"
    if "--quick" in arguments:
        write(directory / "quick.json", quick())
        write(directory / _MANIFEST, manifest(directory, VERSION))
        return 0
    specs = list(RECIPES)
    if "--search" in arguments:
        specs += search(directory)
    check = "--check" in arguments
    differs = False
    for path, text in _texts(directory, files(directory, specs)):
        same = path.exists() and path.read_text() == text
        verdict = "the same" if same else "differs"
        print(f"{path.name}: {len(text) / 1024:.0f} KiB, {verdict}", flush=True)
        differs = differs or not same
        if not same and not check:
            write(path, text)
    return 1 if differs and check else 0


def _texts(directory: Path, topics: Iterator[tuple[str, str]]) -> Iterator[tuple[Path, str]]:
    for name, text in topics:
        yield directory / name, text
    # Last, because it has the checksums of the files that are written by now.
    yield directory / _MANIFEST, manifest(directory, VERSION)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
