"""The saved state of an Adam: everything that it remembers, in memory and in a file.

The file of an Adam with two parameters has the arrays `param.0`, `m.0`, `v.0`, `param.1`, `m.1` and
`v.1`, and these numbers: the convention, the code of the arithmetic, the config, and every t. A
`Storage` that is not the usual one is among the numbers, and may have arrays `kept.0` and `kept.1`.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..clip import check_limits
from ..config import AdamConfig
from ..convention import AXES, Arithmetic, Convention
from ..groups import Group, groups_of
from ..halves.storage import PLAIN, Storage
from ..state import AdamState, Array, steps_taken
from ..validation import check_features
from .checkpoint import CheckpointError, check_arrays, read, write

# The word in a file that tells it from the checkpoints of other optimizers.
_KIND = "adamref.Adam"


class SavedState(NamedTuple):
    """An Adam between two steps; parameters and states have one entry a parameter.

    ``groups`` is None for an Adam that has no groups. ``storages`` say how parameters are kept;
    None is the usual way for their dtypes and those of their moments.
    """

    config: AdamConfig
    convention: Convention
    arithmetic: Arithmetic
    params: list[Array]
    states: list[AdamState]
    groups: list[Group] | None = None
    storages: list[Storage] | None = None


def copied_state(saved: SavedState, path: str | Path | None) -> SavedState:
    """Return a copy, which whoever writes into it may change; write it to a file as well.

    Raises:
        OSError: the file cannot be written. It is left unchanged.
    """
    copied = deepcopy(saved)
    if path is not None:
        write_saved_state(path, copied)
    return copied


def open_saved_state(saved: object, like: SavedState) -> SavedState:
    """Return a saved state from memory or from a file, if the Adam of ``like`` can resume from it.

    Args:
        saved: a SavedState, or the path of a file.
        like: the present state of the Adam.

    Raises:
        OSError: there is no such file.
        TypeError: ``saved`` is neither.
        CheckpointError: it is damaged, of another convention, or of other parameters.
        ValueError: its config asks for what the convention lacks.
    """
    if isinstance(saved, (str, Path)):
        return read_saved_state(saved, like)
    if not isinstance(saved, SavedState):
        raise TypeError(f"saved must be what save returned, or the path of a file, got {saved!r}")
    check_saved_state(saved, like)
    return saved


def open_state_of_one_t(saved: object, like: SavedState) -> tuple[SavedState, int | None]:
    """Return a saved state as above, and the count of steps that all its parameters share.

    None is the count of an Adam without parameters.

    Raises:
        CheckpointError: also if parameters or rows have taken different numbers of steps.
    """
    found = open_saved_state(saved, like)
    # A row may have a count of its own.
    counts = {int(t) for state in found.states for t in np.ravel(state.t)}
    if len(counts) > 1:
        raise CheckpointError(
            f"t must be one for all parameters here, got {sorted(counts)}; use adamref.Adam"
        )
    return found, next(iter(counts), None)


def check_saved_state(saved: SavedState, like: SavedState) -> None:
    """Check that two states have one convention, one amsgrad, and like arrays.

    Raises:
        CheckpointError: they differ in one of them.
        ValueError: the config asks for what the convention lacks.
    """
    _check_rules(_rules(saved), like)
    _check_storages(_storage_numbers(saved), like)
    # As where an Adam is made: otherwise it would silently go without.
    check_features(saved.config, like.convention)
    check_limits(saved.config, like.convention)
    for group in saved.groups or ():
        check_features(group.config(saved.config), like.convention)
    given = _given_groups(saved)
    if given and like.groups is None:
        raise CheckpointError(
            f"a checkpoint must have no groups here, got {given}; resume in an adamref.Adam"
        )
    # Of the config only this must agree, because it decides whether there is a v_max.
    if saved.config.amsgrad != like.config.amsgrad:
        raise CheckpointError(
            f"amsgrad of a checkpoint must be {like.config.amsgrad}, got {saved.config.amsgrad}"
        )
    check_arrays(_arrays(saved), _arrays(like))


def write_saved_state(path: str | Path, saved: SavedState) -> None:
    """Write a state atomically: on error the old file is left unchanged.

    Raises:
        OSError: the file cannot be written.
    """
    # A count, or a list of counts where each row has its own.
    t = [np.asarray(state.t).tolist() for state in saved.states]
    numbers = {
        **_rules(saved),
        "config": asdict(saved.config),
        "t": t,
    }
    # Left out where there are none, as in the files of earlier versions.
    if given := _given_groups(saved):
        numbers["groups"] = given
    numbers |= _storage_numbers(saved)
    write(path, _KIND, _arrays(saved), numbers)


def read_saved_state(path: str | Path, like: SavedState) -> SavedState:
    """Return the state in a file, if the Adam of ``like`` can resume from it.

    Raises:
        OSError: there is no such file.
        CheckpointError: it is damaged, of another convention or arithmetic, or of other parameters.
        ValueError: its config asks for what the convention lacks.
    """
    # Before its arrays, because a storage decides which there are.
    arrays, numbers = read(path, _KIND, _arrays(like), check=partial(_check_storages, like=like))
    # The convention comes first: if it differs, the numbers that follow mean something else.
    _check_rules(numbers, like)
    try:
        config = AdamConfig(**numbers["config"])
        pairs = zip(numbers["t"], like.params, strict=True)
        by_row = like.convention.sparse == "lazy_row_t"
        counts = [steps_taken(t, param, by_row) for t, param in pairs]
        groups = groups_of(numbers.get("groups", ()), len(counts))
        for group in groups:
            group.config(config)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"path must be a checkpoint with sound numbers, got {str(path)!r}: {error}"
        ) from None
    params = []
    states = []
    for at, t in enumerate(counts):
        params.append(arrays[f"param.{at}"])
        v_max = arrays.get(f"v_max.{at}")
        kept = arrays.get(f"kept.{at}")
        states.append(AdamState(t, arrays[f"m.{at}"], arrays[f"v.{at}"], v_max, kept))
    saved = SavedState(
        config=config,
        convention=like.convention,
        arithmetic=like.arithmetic,
        params=params,
        states=states,
        groups=groups,
        storages=like.storages,
    )
    check_saved_state(saved, like)
    return saved


def _given_groups(saved: SavedState) -> list[dict[str, Any]]:
    """Return the groups that have numbers of their own, as a user writes them."""
    return [group.as_given() for group in saved.groups or () if group.numbers]


def _storage_numbers(saved: SavedState) -> dict[str, Any]:
    """Return the texts of all storages; nothing where all are usual, as in older files."""
    usual = []
    for param, state in zip(saved.params, saved.states, strict=True):
        plain = param.dtype == state.m.dtype
        usual.append(PLAIN if plain else Storage())
    storages = saved.storages or usual
    if storages == usual:
        return {}
    return {"storage": [str(storage) for storage in storages]}


def _check_storages(numbers: Mapping[str, Any], like: SavedState) -> None:
    """Raise CheckpointError unless numbers of a file have the storages wanted."""
    wanted = _storage_numbers(like).get("storage")
    got = numbers.get("storage")
    if got != wanted:
        raise CheckpointError(
            f"storage of a checkpoint must match this Adam, {_short(wanted)}, got {_short(got)}; "
            "make an Adam with that storage"
        )


def _short(storages: Any) -> str:
    """Return each of the texts once."""
    if storages is None:
        return "the usual one"
    if not isinstance(storages, list):
        return repr(storages)
    return " and ".join(sorted({str(storage) for storage in storages}))


def _rules(saved: SavedState) -> dict[str, Any]:
    """Return the values of the axes and the code, without the name, which is no rule."""
    values = {axis: getattr(saved.convention, axis) for axis in AXES}
    return {
        "convention": values,
        "arithmetic": saved.arithmetic.code,
    }


def _check_rules(numbers: dict[str, Any], like: SavedState) -> None:
    """Raise CheckpointError unless numbers of a file have the convention and arithmetic wanted."""
    for name, wanted in _rules(like).items():
        got = numbers.get(name)
        if got == wanted:
            continue
        # Of two conventions only the axes that differ are worth reading.
        if isinstance(got, dict) and isinstance(wanted, dict):
            differing = [axis for axis in wanted if got.get(axis) != wanted[axis]]
            got = {axis: got.get(axis) for axis in differing}
            wanted = {axis: wanted[axis] for axis in differing}
        raise CheckpointError(f"{name} of a checkpoint must match this Adam, {wanted}, got {got}")


def _arrays(saved: SavedState) -> dict[str, Array]:
    """Return the arrays of a state by their names in a file."""
    arrays: dict[str, Array] = {}
    for at, (param, state) in enumerate(zip(saved.params, saved.states, strict=True)):
        arrays[f"param.{at}"] = param
        arrays[f"m.{at}"] = state.m
        arrays[f"v.{at}"] = state.v
        if state.v_max is not None:
            arrays[f"v_max.{at}"] = state.v_max
        if state.kept is not None:
            arrays[f"kept.{at}"] = state.kept
    return arrays
