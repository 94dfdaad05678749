"""Checkpoints of TensorFlow: read with TensorFlow, which must be installed.

`tf.train.Checkpoint` writes values by the path of their object, `model/w`, and the slots of a
variable beside it; `tf.train.Saver` writes all values by name.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..state import Array
from .checkpoint import CheckpointError

_OBJECTS = "_CHECKPOINTABLE_OBJECT_GRAPH"
_VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"


class SavedVariable(NamedTuple):
    """One variable of a file; ``slots`` is empty if it has none."""

    value: Array
    slots: dict[str, Array]


class TensorFlowFile:
    """What a checkpoint of TensorFlow holds.

    Args:
        path: the prefix that TensorFlow returned: that of `path.index`.
        optimizer: the path of the optimizer's object; of no meaning in a file of names.

    Raises:
        ImportError: TensorFlow is not installed.
        FileNotFoundError: there is no such file.
        CheckpointError: it cannot be read.
    """

    def __init__(self, path: str | Path, optimizer: str) -> None:
        self._tensorflow = import_tensorflow()
        self._path = path
        self._optimizer = optimizer
        try:
            self._reader = self._tensorflow.train.load_checkpoint(str(path))
        except self._tensorflow.errors.NotFoundError:
            raise FileNotFoundError(
                f"path must be a checkpoint of TensorFlow, got {path}"
            ) from None
        except (self._tensorflow.errors.OpError, ValueError) as error:
            raise CheckpointError(f"{path} cannot be read: {error}") from error
        self._names = self._reader.get_variable_to_shape_map()
        if not self._names:
            raise CheckpointError(f"{path} holds nothing; path is the prefix, without .index")
        self.has_objects = _OBJECTS in self._names

    def variable(
        self, name: str, array: Array, slots: Sequence[str], slot_names: Sequence[str]
    ) -> SavedVariable:
        """Return a variable and its slots.

        Args:
            name: its name, or the path of its object.
            array: of the shape and dtype that it must have, and its slots.
            slots: the slots that it may have; all or none are there.
            slot_names: their names in a file of names.

        Raises:
            CheckpointError: it is not there, or one of them does not fit.
        """
        value = self._like(name, array)
        found = {}
        for slot, slot_name in zip(slots, slot_names, strict=True):
            of_object = f"{name}/.OPTIMIZER_SLOT/{self._optimizer}/{slot}"
            key = of_object if self.has_objects else slot_name
            if self._key(key) in self._names:
                found[slot] = self._like(key, array)
        if found and len(found) < len(slots):
            raise CheckpointError(
                f"{self._path} must have the slots {', '.join(slots)} of {name}, got only "
                f"{', '.join(found)}; make the optimizer with the amsgrad of the file"
            )
        return SavedVariable(value, found)

    def require_slots(self, owner: str, found: Sequence[Any]) -> None:
        """Raise CheckpointError if no variable has slots in the file.

        Args:
            owner: the name of the optimizer.
            found: the variables that have slots.
        """
        if not found:
            name = self._optimizer if self.has_objects else owner
            names = [one for one in self._names if "/" in one and one != _OBJECTS]
            raise CheckpointError(
                f"{self._path} must have slots of the variables for the optimizer {name}, got none "
                f"among {', '.join(sorted(names)) or 'names without one'}"
            )

    def number(self, name: str) -> Any:
        """Return a number of the optimizer; raise CheckpointError unless it is there."""
        key = f"{self._optimizer}/{name}" if self.has_objects else name
        number = self._read(key)
        if number.shape:
            raise CheckpointError(f"{key} must be one number, got shape {number.shape}")
        return number

    def check_only(self, name: str, last: int) -> None:
        """Raise CheckpointError if a file of names has the name with a number behind the last.

        Those are of other optimizers, and only the user knows which is which.
        """
        others = []
        for one in self._names:
            numbered = re.fullmatch(rf"{re.escape(name)}_(\d+)", one)
            if numbered and int(numbered[1]) > last:
                others.append(one)
        if others and not self.has_objects:
            raise CheckpointError(
                f"{self._path} must have the state of one optimizer, got {name} and "
                f"{', '.join(sorted(others))}; say which by beta1_power, or, if they share "
                "variables, make the optimizers in a graph in the order of the file"
            )

    def _like(self, key: str, array: Array) -> Array:
        value = self._read(key)
        if (value.shape, value.dtype) != (array.shape, array.dtype):
            raise CheckpointError(
                f"{key} must be of {array.dtype} in shape {array.shape}, got {value.dtype} in "
                f"shape {value.shape}"
            )
        return value

    def _read(self, key: str) -> Array:
        name = self._key(key)
        if name not in self._names:
            names = sorted(one.removesuffix(_VALUE) for one in self._names if one != _OBJECTS)
            hint = "; optimizer is the path of its object" if self.has_objects else ""
            raise CheckpointError(f"{self._path} must have {key}, got {', '.join(names)}{hint}")
        try:
            return np.asarray(self._reader.get_tensor(name))
        except self._tensorflow.errors.OpError as error:
            raise CheckpointError(f"{self._path} cannot be read: {error}") from error

    def _key(self, key: str) -> str:
        return key + _VALUE if self.has_objects else key


def write_names(path: str | Path, arrays: Sequence[tuple[str, Array]]) -> None:
    """Write a checkpoint of names and arrays, as `tf.train.Saver` does.

    Raises:
        ImportError: TensorFlow is not installed.
        OSError: the folder cannot be written to.
        ValueError: two have one name.
    """
    tensorflow = import_tensorflow()
    names = [name for name, _ in arrays]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(
            f"names in a file must differ, also from those of slots, got {repeated} twice"
        )
    # In a graph of its own, because the user may have switched eager execution off.
    with tensorflow.Graph().as_default():
        save = tensorflow.raw_ops.SaveV2(
            prefix=str(path),
            tensor_names=names,
            shape_and_slices=["" for _ in arrays],
            tensors=[tensorflow.constant(array) for _, array in arrays],
        )
        with tensorflow.compat.v1.Session() as session:
            try:
                session.run(save)
            except tensorflow.errors.OpError as error:
                raise OSError(f"{path} cannot be written: {error}") from error


def write_objects(path: str | Path, objects: Mapping[str, Any]) -> None:
    """Write a checkpoint of objects of TensorFlow by their paths, as `tf.train.Checkpoint` does."""
    checkpoint = require_eager().train.Checkpoint
    root = checkpoint()
    for name, value in objects.items():
        *parents, last = name.split("/")
        holder = root
        for parent in parents:
            if not hasattr(holder, parent):
                setattr(holder, parent, checkpoint())
            holder = getattr(holder, parent)
        setattr(holder, last, value)
    root.write(str(path))


def import_tensorflow() -> Any:
    """Return the module; raise ImportError if it is not installed."""
    try:
        import tensorflow
    except ImportError as error:
        raise _missing("tensorflow", error) from error
    return tensorflow


def require_eager() -> Any:
    """Return the module; raise RuntimeError if TensorFlow records a graph now."""
    tensorflow = import_tensorflow()
    if not tensorflow.executing_eagerly():
        raise RuntimeError(
            "a checkpoint of objects must be written where TensorFlow runs eagerly; leave the "
            "block of its graph, and do not disable eager execution"
        )
    return tensorflow


def real_adam(config: dict[str, Any]) -> Any:
    """Return tf.keras' optimizer of a config; raise ImportError if tf_keras is not installed."""
    try:
        from tf_keras.optimizers import legacy
    except ImportError as error:
        raise _missing("tf_keras", error) from error
    return legacy.Adam.from_config(config)


def _missing(package: str, error: ImportError) -> ImportError:
    return ImportError(
        f"files of TensorFlow need {package}; write python -m pip install {package}: {error}"
    )
