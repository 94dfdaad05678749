"""Texts of the vector files: frozen inputs or `recipes`, with answers from `truth.answers`.

The inputs of a vector are taken from a recipe once. From then on they are read from the file that
has the vector, and only its answers are derived again: they must come out with the same bytes.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..process.files import write
from ..process.pool import worker_pool
from ..truth import reference
from ..truth.answers import answer_entry
from ..truth.point import values_of
from ..vectors.spec import Entry, VectorSpec
from .lessons.entries import learn_content
from .recipes import RECIPES, TOPICS

# Of the form of the files: a judge refuses another one.
FORMAT = 1
VERSION = "2026.3"


def conventions() -> Entry:
    """Return the content of conventions.json: axes, arithmetics and named conventions."""
    named = {}
    for name, convention in reference.CONVENTIONS.items():
        named[name] = {
            "axes": values_of(convention.convention),
            "arithmetics": list(convention.arithmetics),
            "source": convention.source,
        }
    return {
        "format": FORMAT,
        "axes": reference.AXES,
        "arithmetics": reference.ARITHMETICS,
        "conventions": named,
    }


def render(content: Entry) -> str:
    """Return the canonical text of a file."""
    return json.dumps(content, indent=1) + "\n"


def files(directory: Path, specs: Sequence[VectorSpec] = RECIPES) -> Iterator[tuple[str, str]]:
    """Yield the name and text of every generated file, with answers derived again.

    Args:
        directory: has the frozen inputs.
        specs: inputs that are added where no frozen vector has their id.
    """
    yield "conventions.json", render(conventions())
    yield "learn.json", render(learn_content(FORMAT))
    with worker_pool() as pool:
        # All topics at once, so that no process waits for the end of a topic.
        pending = {}
        for topic in TOPICS:
            entries = _inputs(directory, topic, specs)
            pending[topic] = [pool.submit(answer_entry, entry) for entry in entries]
        for topic, about in TOPICS.items():
            vectors = [vector.result() for vector in pending[topic]]
            content = {"format": FORMAT, "topic": topic, "about": about, "vectors": vectors}
            yield f"{topic}.json", render(content)


def _inputs(directory: Path, topic: str, specs: Sequence[VectorSpec]) -> list[Entry]:
    """Return the frozen vectors of a topic, then those that are new."""
    frozen = _frozen(directory, topic)
    known = {entry["id"] for entry in frozen}
    added = [spec for spec in specs if spec.topic == topic and spec.id not in known]
    return [*frozen, *(spec.to_entry() for spec in added)]


def _frozen(directory: Path, topic: str) -> list[Entry]:
    path = directory / f"{topic}.json"
    return list(json.loads(path.read_text())["vectors"]) if path.exists() else []


def search(directory: Path) -> list[VectorSpec]:
    """Search for inputs that tell what no frozen vector tells, and explain their flags.

    The explanations are added to flags.json.
    """
    # Imported here, because only a search needs Hypothesis and covertable.
    from ..coverage.measure import TOPIC
    from ..coverage.score import measure
    from ..search import combinations, hunt
    from ..vectors.files import load

    known_flags = {flag for entry in _frozen(directory, "found") for flag in entry["flags"]}
    known_ids = {entry["id"] for entry in _frozen(directory, "rounding")}
    suite = load()
    with worker_pool() as pool:
        combined = [vector for vector in suite.vectors if vector.topic == TOPIC]
        known_pairs = list(measure(combined, suite.conventions, pool.map).shown)
    specs = [
        *hunt.found_vectors(known_flags),
        *hunt.rounding_vectors(known_ids),
        *combinations.combined_vectors(known_pairs),
    ]
    path = directory / "flags.json"
    content = json.loads(path.read_text())
    new_flags = {flag for spec in specs for flag in spec.flags}
    added = {name: flag for name, flag in hunt.flags().items() if name in new_flags}
    content["flags"] = dict(sorted((content["flags"] | added).items()))
    write(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    return specs


def manifest(directory: Path, version: str) -> str:
    """Return the text of MANIFEST.json: the checksum of every other file."""
    names = ["schema.json", "conventions.json", "flags.json", "quick.json", "learn.json"]
    names += [f"{topic}.json" for topic in TOPICS]
    sums = {name: hashlib.sha256((directory / name).read_bytes()).hexdigest() for name in names}
    return render({"format": FORMAT, "version": version, "sha256": sums})


def quick() -> str:
    """Return the text of quick.json: the fewest vectors that find every wrong Adam."""
    # Imported here, because all wrong Adams are loaded with it.
    from ..selftest.score import cover
    from ..selftest.selftest import selftest
    from ..vectors.files import load

    about = "The fewest vectors that together find every wrong Adam; not sufficient for a claim."
    return render({"format": FORMAT, "about": about, "ids": cover(selftest(), load())})
