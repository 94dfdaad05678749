"""Checkpoints that are files of another kind: refused, and nothing is changed."""

import json

import pytest

from adamref.storage.checkpoint import CheckpointError
from tests.support.strange_files.checkpoints import Core, join, parts_of
from tests.support.strange_files.paths import STRANGE


def test_a_file_of_terabytes_is_refused_before_it_is_read(tmp_path):
    file = tmp_path / "adam.safetensors"
    Core(1).optimizer.save(file)
    header, _ = parts_of(file.read_bytes())
    size = 2**42
    entry = {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}
    text = json.dumps({"__metadata__": header["__metadata__"], "param.0": entry}).encode()
    with file.open("wb") as stream:
        stream.write(join(text, b""))
        # A hole takes no space.
        stream.truncate(8 + len(text) + size)
    with pytest.raises(CheckpointError, match="with at most .* got 43980465"):
        Core(1).optimizer.restore(file)


@pytest.mark.parametrize("dtype", ["BF16", "F16", "F8_E4M3", "F8_E5M2", "BOOL", "I64", "C64", "F4"])
def test_arrays_of_every_other_dtype_are_refused(dtype, tmp_path):
    file = tmp_path / "adam.safetensors"
    Core(1).optimizer.save(file)
    header, rest = parts_of(file.read_bytes())
    entry = header["param.0"]
    size = entry["data_offsets"][1] - entry["data_offsets"][0]
    bits = {"BF16": 16, "F16": 16, "I64": 64, "C64": 64, "F4": 4}.get(dtype, 8)
    entry.update(dtype=dtype, shape=[size * 8 // bits])
    file.write_bytes(join(json.dumps(header).encode(), rest))
    with pytest.raises(CheckpointError):
        Core(1).optimizer.restore(file)


@pytest.mark.parametrize("kind", STRANGE)
def test_a_path_that_leads_to_no_file_is_refused(kind, tmp_path):
    make, _ = STRANGE[kind]
    make(tmp_path / "strange")
    optimizer = Core(1)
    before = optimizer.state()
    with pytest.raises((CheckpointError, OSError), match=r"path must|No such file|symbolic links"):
        optimizer.optimizer.restore(tmp_path / "strange")
    assert optimizer.state() == before


def test_what_a_stranger_wrote_is_shown_without_what_a_terminal_obeys(tmp_path):
    file = tmp_path / "adam.safetensors"
    Core(1).optimizer.save(file)
    header, rest = parts_of(file.read_bytes())
    header["param.\x1b[31m\u202e"] = header.pop("param.0")
    file.write_bytes(join(json.dumps(header).encode(), rest))
    with pytest.raises(CheckpointError, match="path must be a whole checkpoint") as raised:
        Core(1).optimizer.restore(file)
    assert str(raised.value).isprintable()
