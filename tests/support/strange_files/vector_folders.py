"""Folders of vectors with anything changed."""

import contextlib
import hashlib
import io
import json
from math import inf

from conformance import check
from conformance.cli.outputs import console
from conformance.coverage.measure import reference
from conformance.report.outputs.formats import FORMATS, texts
from conformance.report.results import Options, Results
from conformance.report.screens import table
from conformance.vectors import files
from tests.support.outside_adams import OneAhead

from .loaders import Loader
from .mutations import mutated_file, mutated_json

NAMES = ("schema.json", "conventions.json", "flags.json", "quick.json", "learn.json")


def smallest_topics():
    """Return the smallest vector with each part that a vector may have, as topics of one each."""
    entries = {}
    sizes = {}
    contents = {}
    for path in sorted(files.default_directory().glob("*.json")):
        content = json.loads(path.read_text())
        if path.name in NAMES or path.name == "MANIFEST.json":
            contents[path.name] = content
            continue
        for entry in content["vectors"]:
            parts = {*entry, *entry["answers"][0], entry["dtype"]}
            parts |= {f"config {name}" for name in entry["config"]}
            parts |= {f"answer {answer['class']}" for answer in entry["answers"]}
            if "relation" in entry:
                parts.add(f"relation {entry['relation']['kind']}")
            grads = [grad for step in entry["steps"] for grad in step["grads"]]
            parts |= {f"gradient {type(grad).__name__}" for grad in grads}
            size = len(str(entry))
            for part in parts:
                if size < sizes.get(part, inf):
                    sizes[part] = size
                    entries[part] = entry
    topics = [
        {"format": 1, "topic": "mine", "about": "One vector.", "vectors": [entry]}
        for entry in {entry["id"]: entry for entry in entries.values()}.values()
    ]
    contents["flags.json"] = {"format": 1, "flags": {}}
    return contents, topics


def write_folder(folder, contents, random):
    """Write a folder with one file changed, and checksums that are right, or changed themselves."""
    name = random.choice((*contents, "MANIFEST.json", "mine.json", "mine.json", "mine.json"))
    sums = {}
    for other in (*NAMES, "mine.json"):
        written = json.dumps(contents[other]).encode()
        if other == name and random.random() < 0.1:
            written = mutated_file(written, random)
        elif other == name:
            written = mutated_json(contents[other], random, random.choice((1, 1, 2)))
        sums[other] = hashlib.sha256(written).hexdigest()
        (folder / other).write_bytes(written)
    manifest = {"format": 1, "version": "mine", "sha256": sums}
    written = json.dumps(manifest).encode()
    if name == "MANIFEST.json":
        written = mutated_json(manifest, random)
    (folder / "MANIFEST.json").write_bytes(written)


def prepare(_folder):
    return smallest_topics()


def write(prepared, folder, random):
    contents, topics = prepared
    write_folder(folder, contents | {"mine.json": random.choice(topics)}, random)
    return folder


def read(_prepared, folder):
    return files.load(folder)


def judge_by(_prepared, suite):
    """Judge a right and a wrong Adam, and print all that is known about the wrong one."""
    check(reference("paper"), suite=suite, level="full")
    report = check(OneAhead, suite=suite, level="full")
    _ = report.smallest
    results = Results([report], {}, suite.version, Options(level="full"))
    for text in texts(results, FORMATS).values():
        assert text.encode()
    with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO(), "utf-8")):
        table.show(console(), results, blocks=2)


VECTOR_FOLDERS = Loader(
    name="folder of vectors",
    prepare=prepare,
    write=write,
    read=read,
    error=files.VectorError,
    use=judge_by,
    share=4,
    used=60,
    refused=(0.5, 0.85),
)
