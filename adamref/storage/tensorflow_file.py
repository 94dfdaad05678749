"""Checkpoints of TensorFlow: read with TensorFlow, which must be installed.

`tf.train.Checkpoint` writes values by the path of their object, `model/w`, and the slots of a
variable beside it; `tf.train.Saver` writes all values by name.
"""

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

    def number(self, name: str) -> Any:
        """Return a number of the optimizer; raise CheckpointError unless it is there."""
        key = f"{self._optimizer}/{name}" if self.has_objects else name
        number = self._read(key)
        if number.shape:
            raise CheckpointError(f"{key} must be one number, got shape {number.shape}")
        return number

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
            raise CheckpointError(f"{self._path} must have {key}, got {', '.join(names)}")
        try:
            return np.asarray(self._reader.get_tensor(name))
        except self._tensorflow.errors.OpError as error:
            raise CheckpointError(f"{self._path} cannot be read: {error}") from error

    def _key(self, key: str) -> str:
        return key + _VALUE if self.has_objects else key


def write_names(path: str | Path, arrays: Mapping[str, Array]) -> None:
    """Write a checkpoint of names, as `tf.train.Saver` does.

    Raises:
        ImportError: TensorFlow is not installed.
        OSError: the folder cannot be written to.
    """
    tensorflow = import_tensorflow()
    try:
        tensorflow.raw_ops.SaveV2(
            prefix=str(path),
            tensor_names=list(arrays),
            shape_and_slices=["" for _ in arrays],
            tensors=[tensorflow.constant(array) for array in arrays.values()],
        )
    except tensorflow.errors.OpError as error:
        raise OSError(f"{path} cannot be written: {error}") from error


def write_objects(path: str | Path, objects: Mapping[str, Any]) -> None:
    """Write a checkpoint of objects of TensorFlow by their paths, as `tf.train.Checkpoint` does."""
    checkpoint = import_tensorflow().train.Checkpoint
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
