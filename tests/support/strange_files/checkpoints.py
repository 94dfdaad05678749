"""Checkpoints with anything changed."""

import json
from functools import partial

import numpy as np

from adamref import Adam, AdamConfig, Variable, keras, tf1
from adamref.storage.checkpoint import CheckpointError, _digest

from .loaders import Loader
from .mutations import mutated_file, mutated_json


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
        return mutated_file(content, random)
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


def prepare(kind, folder):
    """Return a whole checkpoint, and an optimizer to restore it into, as it is before."""
    path = folder / "whole.safetensors"
    saved = kind(1)
    saved.optimizer.save(path, *variables_of(saved))
    other = kind(2)
    return path.read_bytes(), [other, other.state()]


def variables_of(holder):
    # All that has slots, and a Variable without them.
    return [holder.variables] if hasattr(holder, "variables") else []


def write(prepared, folder, random):
    path = folder / "adam.safetensors"
    path.write_bytes(mutated(prepared[0], random))
    return path


def read(kind, prepared, path):
    """Restore a checkpoint; a refused one must leave the optimizer as it was."""
    holder = prepared[1]
    other, before = holder
    try:
        other.optimizer.restore(path, *variables_of(other))
    except ValueError as error:
        assert other.state() == before
        # The other error is about a config that the convention lacks.
        if not isinstance(error, CheckpointError) and "convention" in str(error):
            raise CheckpointError(str(error)) from None
        raise
    fresh = kind(2)
    holder[:] = [fresh, fresh.state()]
    return other


def use(_prepared, other):
    try:
        other.step()
    except ValueError as error:
        # Only what is rounded at a step is refused there: in float32 1e300 is infinite.
        if " must " not in str(error):
            raise


def loader_of(kind):
    return Loader(
        name=f"checkpoint of {kind.__name__}",
        prepare=partial(prepare, kind),
        write=write,
        read=partial(read, kind),
        error=CheckpointError,
        use=use,
        share=32,
        used=1,
        refused=(0.5, 0.99),
    )


CHECKPOINTS = [loader_of(kind) for kind in (Core, TF1, Keras)]
