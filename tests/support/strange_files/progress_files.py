"""Files with the progress of a learner, with anything changed."""

import json

from conformance.teach.learn.course import hint, show
from conformance.teach.learn.progress import FILE, ProgressError, read_progress

from .loaders import Loader
from .mutations import mutated_file, mutated_json

CONTENT = {"format": 1, "language": "js", "exercise": 3, "hints": 2, "command": ""}
OWN = CONTENT | {"language": "own", "command": "./adam", "exercise": 1}


def write(_prepared, folder, random):
    content = random.choice((CONTENT, OWN))
    structure = random.random() < 0.6
    changed = mutated_json(content, random) if structure else json.dumps(content).encode()
    path = folder / FILE
    path.write_bytes(changed if structure else mutated_file(changed, random))
    return path


def use(_prepared, progress):
    """Go on from it, as the commands do."""
    folder, read = progress
    assert show(folder)
    assert hint(folder)
    assert read_progress(folder).exercise == read.exercise


PROGRESS_FILES = Loader(
    name="progress of a learner",
    prepare=lambda folder: None,
    write=write,
    read=lambda _prepared, path: (path.parent, read_progress(path.parent)),
    error=ProgressError,
    use=use,
    share=20,
    used=100,
    refused=(0.3, 0.99),
)
