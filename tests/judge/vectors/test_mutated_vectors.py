"""Folders of vectors with anything changed: read, or refused with a sentence; never a crash."""

import contextlib
import hashlib
import io
import json
from math import inf
from random import Random

from conformance import check
from conformance.cli.outputs import console
from conformance.report.outputs.formats import FORMATS, texts
from conformance.report.results import Options, Results
from conformance.report.screens import table
from conformance.vectors import files
from tests.support.outside_adams import OneAhead
from tests.support.strange_files.mutations import mutated_bytes, mutated_json, read_or_refuse

NAMES = ("schema.json", "conventions.json", "flags.json", "quick.json")


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
            written = mutated_bytes(written, random)
        elif other == name:
            written = mutated_json(contents[other], random, random.choice((1, 1, 2)))
        sums[other] = hashlib.sha256(written).hexdigest()
        (folder / other).write_bytes(written)
    manifest = {"format": 1, "version": "mine", "sha256": sums}
    written = json.dumps(manifest).encode()
    if name == "MANIFEST.json":
        written = mutated_json(manifest, random)
    (folder / "MANIFEST.json").write_bytes(written)


def run_mutants(folder, count, seed, judged):
    """Load mutated folders; judge an Adam by every so many that are accepted."""
    contents, topics = smallest_topics()
    random = Random(seed)
    refused = 0
    accepted = 0
    for number in range(count):
        write_folder(folder, contents | {"mine.json": random.choice(topics)}, random)
        suite, error = read_or_refuse(files.VectorError, files.load, folder)
        if error:
            refused += 1
            assert str(error).isprintable(), (number, error)
            continue
        accepted += 1
        if accepted % judged == 0:
            judge_by(suite)
    return refused, accepted


def judge_by(suite):
    """Judge a right and a wrong Adam, and print all that is known about the wrong one."""
    check("adamref", suite=suite, level="full")
    report = check(OneAhead, suite=suite, level="full")
    _ = report.smallest
    results = Results([report], {}, suite.version, Options(level="full"))
    for text in texts(results, FORMATS).values():
        assert text.encode()
    with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO(), "utf-8")):
        table.show(console(), results, blocks=2)


def test_a_changed_folder_is_read_or_refused_with_a_sentence(tmp_path):
    refused, accepted = run_mutants(tmp_path, 200, seed=1, judged=25)
    assert refused + accepted == 200
    # Neither is everything refused before its content is looked at, nor anything accepted.
    assert refused > 100
    assert accepted > 30
