"""Vectors are written here, and nowhere else.

python -m conformance.generate           write what is missing; inputs that are frozen stay as they are
python -m conformance.generate --search  search for what no frozen vector is for, beside that
python -m conformance.generate --quick   choose the vectors of level quick anew, and write nothing else
python -m conformance.generate --check   derive every answer again from the frozen inputs and compare bytes
"""

import sys
from pathlib import Path

from .files import VERSION, files, manifest, quick, searched
from .recipes import RECIPES


def main(arguments: list[str]) -> int:
    """Write the vectors, or with --check compare them; returns the exit status."""
    directory = Path(__file__).parents[2] / "vectors"
    if "--quick" in arguments:
        (directory / "quick.json").write_text(quick())
        (directory / "MANIFEST.json").write_text(manifest(directory, VERSION))
        return 0
    wrong = []
    fresh = [*RECIPES, *(searched(directory) if "--search" in arguments else ())]
    for name, text in files(directory, fresh):
        path = directory / name
        same = path.exists() and path.read_text() == text
        print(
            f"{name}: {len(text) / 1024:.0f} KiB, {'the same' if same else 'differs'}", flush=True
        )
        if not same:
            wrong.append(name)
            if "--check" not in arguments:
                path.write_text(text)
    text, path = manifest(directory, VERSION), directory / "MANIFEST.json"
    if not path.exists() or path.read_text() != text:
        wrong.append(path.name)
        if "--check" not in arguments:
            path.write_text(text)
    return 1 if wrong and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
