"""keras.optimizers.Adam of Keras 3, a subject for each backend; a process can load only one."""

import os
import sys

from ..subject.subject import SubjectError
from .kinds.keras_optimizer import keras3, subject_of

_PREFIX = "on_"
_BACKENDS = ("tensorflow", "torch", "jax")


def _on(backend):
    """Return the subject of Keras 3 on a backend, which is imported now."""
    loaded = sys.modules.get("keras")
    if loaded is not None and loaded.config.backend() != backend:
        running = loaded.config.backend()
        raise SubjectError(
            f"Keras 3 must have one backend in a process, got {backend} after {running}; "
            "check it alone"
        )
    # Keras reads it when it is imported, and never again.
    os.environ["KERAS_BACKEND"] = backend
    import keras

    return subject_of(keras3(keras.optimizers.Adam, {}))


def __getattr__(name):
    """Return ``on_tensorflow``, ``on_torch`` or ``on_jax``."""
    backend = name.removeprefix(_PREFIX)
    if name.startswith(_PREFIX) and backend in _BACKENDS:
        return _on(backend)
    raise AttributeError(f"keras3_adam has no {name!r}; it has on_tensorflow, on_torch and on_jax")
