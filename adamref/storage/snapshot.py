"""Everything that an Adam remembers, in memory and in a file."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..config import AdamConfig
from ..convention import AXES, Arithmetic, Convention
from ..state import AdamState, Array, Count
from .checkpoint import CheckpointError, check_arrays, read, write

_KIND = "adamref.Adam"


class Snapshot(NamedTuple):
    """An Adam between two steps; parameters and states have one entry a parameter."""

    config: AdamConfig
    convention: Convention
    arithmetic: Arithmetic
    params: list[Array]
    states: list[AdamState]


def restored(saved: object, like: Snapshot) -> Snapshot:
    """What was saved, in memory or in the file of that path, if it is of the Adam of ``like``.

    Raises:
        OSError: there is no such file.
        TypeError: ``saved`` is neither.
        CheckpointError: it is damaged, of another convention, or of other parameters.
    """
    if isinstance(saved, (str, Path)):
        return read_snapshot(saved, like)
    if not isinstance(saved, Snapshot):
        raise TypeError(f"saved must be what save returned, or the path of a file, got {saved!r}")
    check_snapshot(saved, like)
    return saved


def check_snapshot(snapshot: Snapshot, like: Snapshot) -> None:
    """Raise CheckpointError unless ``snapshot`` is of the convention, the switches and the parameters of ``like``."""
    _check_rules(_rules(snapshot), like)
    if snapshot.config.amsgrad != like.config.amsgrad:
        raise CheckpointError(
            f"amsgrad of a checkpoint must be {like.config.amsgrad}, got {snapshot.config.amsgrad}"
        )
    check_arrays(_arrays(snapshot), _arrays(like))


def write_snapshot(path: str | Path, snapshot: Snapshot) -> None:
    """Write a snapshot whole, or leave the file as it was."""
    t = [np.asarray(state.t).tolist() for state in snapshot.states]
    write(
        path,
        _KIND,
        _arrays(snapshot),
        {**_rules(snapshot), "config": asdict(snapshot.config), "t": t},
    )


def read_snapshot(path: str | Path, like: Snapshot) -> Snapshot:
    """The snapshot in a file.

    Raises:
        OSError: there is no such file.
        CheckpointError: it is damaged, of another convention or arithmetic, or of other parameters than ``like``.
    """
    arrays, numbers = read(path, _KIND, _arrays(like))
    _check_rules(numbers, like)
    try:
        config = AdamConfig(**numbers["config"])
        counts = [_count(t, param) for t, param in zip(numbers["t"], like.params, strict=True)]
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"path must be a checkpoint with sound numbers, got {str(path)!r}: {error}"
        ) from None
    rows = range(len(counts))
    states = [
        AdamState(counts[at], arrays[f"m.{at}"], arrays[f"v.{at}"], arrays.get(f"v_max.{at}"))
        for at in rows
    ]
    snapshot = like._replace(
        config=config, params=[arrays[f"param.{at}"] for at in rows], states=states
    )
    check_snapshot(snapshot, like)
    return snapshot


def _rules(snapshot: Snapshot) -> dict[str, Any]:
    values = {axis: getattr(snapshot.convention, axis) for axis in AXES}
    return {"convention": values, "arithmetic": snapshot.arithmetic.code}


def _check_rules(numbers: dict[str, Any], like: Snapshot) -> None:
    for name, own in _rules(like).items():
        found = numbers.get(name)
        if found != own:
            if isinstance(found, dict) and isinstance(own, dict):  # what is alike helps nobody
                differ = [axis for axis in own if found.get(axis) != own[axis]]
                found, own = ({axis: one.get(axis) for axis in differ} for one in (found, own))
            raise CheckpointError(
                f"{name} of a checkpoint must be that of this Adam, {own}, got {found}"
            )


def _arrays(snapshot: Snapshot) -> dict[str, Array]:
    columns: dict[str, Sequence[Array | None]] = {
        "param": snapshot.params,
        **{
            slot: [getattr(state, slot) for state in snapshot.states]
            for slot in ("m", "v", "v_max")
        },
    }
    named = {
        f"{name}.{at}": array for name, arrays in columns.items() for at, array in enumerate(arrays)
    }
    return {name: array for name, array in named.items() if array is not None}


def _count(t: Any, param: Array) -> Count:
    """Steps taken, of a parameter or of each of its rows."""
    counts = np.array(t)
    if counts.dtype != np.int64 or counts.shape not in ((), param.shape[:1]) or (counts < 0).any():
        raise ValueError(f"t must be a count >= 0, or one a row, got {t!r}")
    return counts if counts.shape else int(t)
