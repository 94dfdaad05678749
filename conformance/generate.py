"""Vectors are written here, and nowhere else: inputs from `recipes`, answers from `answers`.

python -m conformance.generate           write what is missing; inputs that are frozen stay as they are
python -m conformance.generate --check   derive every answer again from the frozen inputs and compare bytes
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from . import truth
from .answers import Entry, solved
from .recipes import RECIPES, TOPICS

FORMAT = 1
VERSION = "2026.1"


def conventions() -> Entry:
    """The named conventions as axis values, and the arithmetics."""
    named = {
        name: {
            "axes": {axis: getattr(one.convention, axis) for axis in truth.AXES},
            "arithmetics": list(one.arithmetics),
            "source": one.source,
        }
        for name, one in truth.CONVENTIONS.items()
    }
    return {"format": FORMAT, "axes": truth.AXES, "arithmetics": truth.ARITHMETICS, "conventions": named}


def render(content: Entry) -> str:
    """The canonical text of a file."""
    return json.dumps(content, indent=1) + "\n"


def files(directory: Path) -> Iterator[tuple[str, str]]:
    """The name and text of every generated file, answers derived anew, inputs as frozen in ``directory``."""
    yield "conventions.json", render(conventions())
    # Not forked: whoever calls this may have threads of its own, and libraries that warn of that.
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        pending = {topic: [pool.submit(solved, entry) for entry in _inputs(directory, topic)] for topic in TOPICS}
        for topic, what in TOPICS.items():
            vectors = [one.result() for one in pending[topic]]
            yield f"{topic}.json", render({"format": FORMAT, "topic": topic, "about": what, "vectors": vectors})


def _inputs(directory: Path, topic: str) -> list[Entry]:
    """The frozen vectors of a topic, and those that the recipes have beside them."""
    path = directory / f"{topic}.json"
    frozen = json.loads(path.read_text())["vectors"] if path.exists() else []
    known = {entry["id"] for entry in frozen}
    fresh = [entry for entry in RECIPES if entry["topic"] == topic and entry["id"] not in known]
    return [*frozen, *({k: v for k, v in entry.items() if k != "topic"} for entry in fresh)]


def manifest(directory: Path, version: str) -> str:
    """The text of MANIFEST.json: the checksum of every other file."""
    names = ["schema.json", "conventions.json", "flags.json", *(f"{topic}.json" for topic in TOPICS)]
    sums = {name: hashlib.sha256((directory / name).read_bytes()).hexdigest() for name in names}
    return render({"format": FORMAT, "version": version, "sha256": sums})


def main(arguments: list[str]) -> int:
    """Write the vectors, or with --check compare them; returns the exit status."""
    directory = Path(__file__).parent.parent / "vectors"
    wrong = []
    for name, text in files(directory):
        path = directory / name
        same = path.exists() and path.read_text() == text
        print(f"{name}: {len(text) / 1024:.0f} KiB, {'the same' if same else 'differs'}", flush=True)
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
