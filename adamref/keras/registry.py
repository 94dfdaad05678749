"""Optimizers as dictionaries, which JSON can hold, and by name."""

from collections.abc import Mapping
from typing import Any

from .optimizer import Adam


def serialize(optimizer: Adam) -> dict[str, Any]:
    """Return ``{"class_name": ..., "config": ...}``, which JSON can hold, without its state."""
    return {"class_name": type(optimizer).__name__, "config": optimizer.get_config()}


def deserialize(config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Adam:
    """Return the optimizer that `serialize` got, without its state.

    Args:
        config: the result of `serialize`, or of the function of tf.keras or Keras 3. The case of
            our class does not matter there.
        custom_objects: the user's own classes of optimizers and schedules, by name.

    Raises:
        ValueError: the class is not known, or the config has what Adam has not.
    """
    if not isinstance(config, Mapping) or "class_name" not in config or "config" not in config:
        raise ValueError(f"config must have a class_name and a config, got {config!r}")
    kinds: dict[str, Any] = {"adam": Adam, "Adam": Adam, **(custom_objects or {})}
    name = config["class_name"]
    if name not in kinds:
        raise ValueError(
            f"class_name must be one of {', '.join(kinds)}, got {name!r}; "
            "name others in custom_objects"
        )
    optimizer: Adam = kinds[name].from_config(dict(config["config"]), dict(custom_objects or {}))
    return optimizer


def get(identifier: Any) -> Adam:
    """Return an optimizer: itself, of a config, or `Adam()` of the name `adam`.

    Raises:
        ValueError: it is something else.
    """
    if isinstance(identifier, Adam):
        return identifier
    if isinstance(identifier, Mapping):
        return deserialize(identifier)
    if isinstance(identifier, str):
        return deserialize({"class_name": identifier, "config": {}})
    raise ValueError(
        f"Could not interpret optimizer identifier: it must be an optimizer, a config or a name, "
        f"got {identifier!r}"
    )
