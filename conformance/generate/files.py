"""The texts of the vector files: inputs as they are frozen or from `recipes`, answers from `truth.answers`."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from ..truth import reference
from ..truth.answers import answer_entry
from ..truth.point import values_of
from ..vectors.spec import Entry, VectorSpec
from .recipes import RECIPES, TOPICS

FORMAT = 1
VERSION = "2026.2"


def conventions() -> Entry:
    """The named conventions as axis values, and the arithmetics."""
    named = {
        name: {
            "axes": values_of(one.convention),
            "arithmetics": list(one.arithmetics),
            "source": one.source,
        }
        for name, one in reference.CONVENTIONS.items()
    }
    return {
        "format": FORMAT,
        "axes": reference.AXES,
        "arithmetics": reference.ARITHMETICS,
        "conventions": named,
    }


def render(content: Entry) -> str:
    """The canonical text of a file."""
    return json.dumps(content, indent=1) + "\n"


def files(directory: Path, fresh: Sequence[VectorSpec] = RECIPES) -> Iterator[tuple[str, str]]:
    """The name and text of every generated file, answers derived anew, inputs as frozen in ``directory``.

    ``fresh``: inputs, each with its topic, to be added where no frozen one has their id.
    """
    yield "conventions.json", render(conventions())
    # Not forked: whoever calls this may have threads of its own, and libraries that warn of that.
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        pending = {
            topic: [pool.submit(answer_entry, one) for one in _inputs(directory, topic, fresh)]
            for topic in TOPICS
        }
        for topic, what in TOPICS.items():
            vectors = [one.result() for one in pending[topic]]
            yield (
                f"{topic}.json",
                render({"format": FORMAT, "topic": topic, "about": what, "vectors": vectors}),
            )


def _inputs(directory: Path, topic: str, fresh: Sequence[VectorSpec]) -> list[Entry]:
    """The frozen vectors of a topic, and the fresh ones beside them."""
    frozen = _frozen(directory, topic)
    known = {entry["id"] for entry in frozen}
    added = [spec for spec in fresh if spec.topic == topic and spec.id not in known]
    return [*frozen, *(spec.to_entry() for spec in added)]


def _frozen(directory: Path, topic: str) -> list[Entry]:
    path = directory / f"{topic}.json"
    return list(json.loads(path.read_text())["vectors"]) if path.exists() else []


def searched(directory: Path) -> list[VectorSpec]:
    """What a search finds for the targets that no frozen vector is for; their flags are explained in flags.json."""
    from ..search import hunt

    known = {flag for entry in _frozen(directory, "found") for flag in entry["flags"]}
    found = list(hunt.found_vectors(known))
    found += hunt.rounding_vectors({entry["id"] for entry in _frozen(directory, "rounding")})
    path = directory / "flags.json"
    content = json.loads(path.read_text())
    names = {flag for spec in found for flag in spec.flags}
    content["flags"] |= {name: flag for name, flag in hunt.flags().items() if name in names}
    content["flags"] = dict(sorted(content["flags"].items()))
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    return found


def manifest(directory: Path, version: str) -> str:
    """The text of MANIFEST.json: the checksum of every other file."""
    names = [
        "schema.json",
        "conventions.json",
        "flags.json",
        "quick.json",
        *(f"{topic}.json" for topic in TOPICS),
    ]
    sums = {name: hashlib.sha256((directory / name).read_bytes()).hexdigest() for name in names}
    return render({"format": FORMAT, "version": version, "sha256": sums})


def quick() -> str:
    """The text of quick.json: the fewest vectors that find every wrong Adam."""
    from ..selftest.score import cover
    from ..selftest.selftest import selftest
    from ..vectors.files import load

    about = "The fewest vectors that together find every wrong Adam; not sufficient for a claim."
    return render({"format": FORMAT, "about": about, "ids": cover(selftest(), load())})
