"""Checkpoints with anything changed: restored, or refused with a sentence and nothing changed."""

import json
from random import Random

import numpy as np
import pytest

from adamref import Adam, AdamConfig, Variable, keras, tf1
from adamref.storage.checkpoint import CheckpointError, _digest
from tests.support.strange_files.mutations import mutated_bytes, mutated_json, read_or_refuse


class Core:
    """adamref.Adam after some steps."""

    def __init__(self, steps):
        params = [np.linspace(-1, 1, 6, dtype=np.float32).reshape(3, 2), np.array(0.5, np.float32)]
        self.optimizer = Adam(params, AdamConfig(amsgrad=True), "tfkeras")
        for _ in range(steps):
            self.step()

    def step(self):
        self.optimizer.step([np.ones((3, 2), np.float32), None])

    def state(self):
        slots = [array for arrays in self.optimizer.slots().values() for array in arrays]
        arrays = [array.tobytes() for array in (*self.optimizer.params, *slots)]
        return arrays, self.optimizer.config


class TF1:
    """adamref.tf1.AdamOptimizer after some steps."""

    def __init__(self, steps):
        self.variables = [Variable(np.ones(3), name="w"), Variable(0, name="step")]
        self.optimizer = tf1.AdamOptimizer()
        for _ in range(steps):
            self.step()
        self.optimizer.apply_gradients([(np.ones(3), self.variables[0])])

    def step(self):
        pairs = [(np.ones(3), self.variables[0])]
        self.optimizer.apply_gradients(pairs, global_step=self.variables[1])

    def state(self):
        return [one.numpy().tobytes() for one in (*self.variables, *self.optimizer.variables())]


class Keras:
    """adamref.keras.Adam after some steps, with a number and a schedule in its config."""

    def __init__(self, steps):
        self.variables = [Variable(np.ones(3), name="a"), Variable(np.float32(2), name="b")]
        self.optimizer = keras.Adam(amsgrad=True, decay=0.1)
        for _ in range(steps):
            self.step()

    def step(self):
        self.optimizer.apply_gradients([(np.ones(3), self.variables[0])])

    def state(self):
        weights = (*self.variables, *self.optimizer.weights)
        return [one.numpy().tobytes() for one in weights], str(self.optimizer.get_config())


def parts_of(content):
    """Return the header of a safetensors file, as JSON, and the bytes after it."""
    length = int.from_bytes(content[:8], "little")
    return json.loads(content[8 : 8 + length]), content[8 + length :]


def join(header, rest):
    return len(header).to_bytes(8, "little") + header + rest


def mutated(content, random):
    """Return a checkpoint with one change; with the right digest where the numbers change."""
    header, rest = parts_of(content)
    kind = random.randrange(4)
    if kind == 0:
        return mutated_bytes(content, random)
    if kind == 1:
        return join(mutated_json(header, random), rest)
    metadata = header["__metadata__"]
    numbers = json.loads(metadata["numbers"])
    text = mutated_json(numbers, random).decode("utf-8", "replace")
    metadata["numbers"] = text
    metadata["sha256"] = _digest(metadata["kind"], text, arrays_of(header, rest))
    return join(json.dumps(header).encode(), rest)


def arrays_of(header, rest):
    types = {"F32": np.float32, "F64": np.float64, "I32": np.int32, "I64": np.int64}
    arrays = {}
    for name, entry in header.items():
        if name != "__metadata__":
            first, last = entry["data_offsets"]
            array = np.frombuffer(rest[first:last], types[entry["dtype"]])
            arrays[name] = array.reshape(entry["shape"])
    return arrays


def run_mutants(file, kind, count, seed):
    """Restore mutated checkpoints; a refused one must leave the optimizer as it was."""
    saved = kind(1)
    # All that has slots, and a Variable without them.
    variables = () if kind is Core else [saved.variables]
    saved.optimizer.save(file, *variables)
    content = file.read_bytes()
    random = Random(seed)
    refused = 0
    for number in range(count):
        file.write_bytes(mutated(content, random))
        other = kind(2)
        variables = () if kind is Core else [other.variables]
        before = other.state()
        _, error = read_or_refuse(ValueError, other.optimizer.restore, file, *variables)
        if error:
            refused += 1
            assert other.state() == before, number
            # The other error is about a config that the convention lacks.
            assert isinstance(error, CheckpointError) or "convention" in str(error), number
            continue
        # Only what is rounded at a step is refused there: in float32 1e300 is infinite.
        _, error = read_or_refuse(ValueError, other.step)
        assert not error or " must " in str(error), number
    return refused


@pytest.mark.parametrize("kind", [Core, TF1, Keras])
def test_a_changed_checkpoint_is_restored_or_refused_with_a_sentence(kind, tmp_path):
    refused = run_mutants(tmp_path / "adam.safetensors", kind, 200, seed=1)
    # Neither is everything refused, nor anything restored.
    assert 100 < refused < 200


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
