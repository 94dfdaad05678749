"""An optimizer of keras.py in a file: settings, Variables and weights."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..state import Array
from ..storage.checkpoint import Arrays, CheckpointError, read, write
from ..variables.pairs import check_variables
from ..variables.variable import Variable
from .settings import Settings
from .weights import SavedSlot, Weights, moment_slots

_KIND = "adamref.keras.Adam"


class SavedOptimizer(NamedTuple):
    """The content of a file.

    Fields:
        settings: of the optimizer that was saved. iterations: its steps.
        params: the values of the Variables. slots: in the order in which they were made.
        whole: whether the optimizer had no other slots.
    """

    settings: Settings
    iterations: int
    params: list[Array]
    slots: list[SavedSlot]
    whole: bool


def write_optimizer(
    path: str | Path,
    config: dict[str, Any],
    weights: Weights,
    amsgrad: bool,
    variables: Sequence[Variable],
) -> None:
    """Write the Variables and all memory of an optimizer to a file, or leave the file unchanged.

    Raises:
        OSError: the file cannot be written.
        TypeError: ``variables`` is a single Variable.
        ValueError: ``variables`` is not a list of Variables.
    """
    check_variables("variables", variables)
    # A slot is written as a position and a name: names alone may repeat among Variables.
    places = {}
    for index, variable in enumerate(variables):
        for name, slot in weights.slots_of(variable).items():
            places[slot] = [index, name]
    # Those of other Variables may belong to another model, with a file of its own.
    slots = [slot for slot in weights.slots_in_order() if slot in places]
    numbers = {
        "config": config,
        "names": [variable.name for variable in variables],
        "iterations": int(weights.iterations.numpy()),
        "slots": [places[slot] for slot in slots],
        "whole": len(slots) == len(weights.slots_in_order()),
    }
    arrays = optimizer_arrays(weights, amsgrad, variables)
    write(path, _KIND, arrays | _other_slots(weights, amsgrad, variables), numbers)


def read_optimizer(
    path: str | Path,
    settings: Settings,
    weights: Weights,
    variables: Sequence[Variable],
    settings_from: Callable[[dict[str, Any]], Settings],
) -> SavedOptimizer:
    """Return the content of a file that `write_optimizer` wrote. Changes nothing.

    Numbers are taken from the file. The optimizer that reads keeps its functions and schedules: it
    must have been made with the ones that the saved optimizer had, and with its slots of other
    names than m, v and vhat, which `add_slot` makes.

    Args:
        path: the file.
        settings: of the optimizer that reads.
        weights: of the optimizer that reads.
        variables: as many as were saved, with the same names, shapes and dtypes.
        settings_from: makes settings of a config, or raises TypeError or ValueError.

    Raises:
        OSError: there is no such file.
        TypeError, ValueError: ``variables`` is not a list of Variables.
        CheckpointError: the file is damaged, of something else, or of other Variables.
    """
    check_variables("variables", variables)
    # These arrays say which names, shapes and dtypes the file must have.
    like = optimizer_arrays(weights, settings.amsgrad, variables)
    others = _other_slots(weights, settings.amsgrad, variables)
    arrays, numbers = read(path, _KIND, like, others)
    names = [variable.name for variable in variables]
    if numbers.get("names") != names:
        raise CheckpointError(
            f"names of the variables of a checkpoint must be {names}, got {numbers.get('names')}"
        )
    try:
        return SavedOptimizer(
            _saved_settings(numbers, settings, settings_from),
            _saved_iterations(numbers, weights),
            [arrays[f"param.{index}"] for index in range(len(variables))],
            _saved_slots(numbers, arrays, variables, settings.amsgrad),
            # Files without this word were always whole.
            numbers.get("whole") is not False,
        )
    except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
        raise CheckpointError(
            f"path must be a checkpoint with sound numbers, got {str(path)!r}: {error}"
        ) from None


def _saved_settings(
    numbers: dict[str, Any],
    settings: Settings,
    settings_from: Callable[[dict[str, Any]], Settings],
) -> Settings:
    config = dict(numbers["config"])
    # The optimizer that reads keeps its functions and schedules, so that a file need not hold
    # what makes them: the class of a schedule may be the user's own.
    for name, hyperparameter in settings.hyperparameters.items():
        if hyperparameter.is_function:
            config.pop(name, None)
    saved = settings_from(config)
    # The arrays of a file depend on this switch, and so it is no number to take.
    if saved.amsgrad != settings.amsgrad:
        raise ValueError(
            f"amsgrad must be that of this optimizer, {settings.amsgrad}, got {saved.amsgrad}"
        )
    return saved


def _saved_iterations(numbers: dict[str, Any], weights: Weights) -> int:
    iterations = numbers["iterations"]
    # The user's own Variable may be narrower than int64.
    dtype = weights.steps_taken.dtype
    # Not isinstance: True is an int, and no count.
    if type(iterations) is not int or not 0 <= iterations <= np.iinfo(dtype).max:
        raise ValueError(f"iterations must be a count of {dtype}, got {iterations!r}")
    return iterations


def _saved_slots(
    numbers: dict[str, Any],
    arrays: Arrays,
    variables: Sequence[Variable],
    amsgrad: bool,
) -> list[SavedSlot]:
    slots = []
    for position, slot_name in numbers["slots"]:
        index = int(position)
        name = str(slot_name)
        array = arrays[_array_name(index, name, amsgrad)]
        slots.append(SavedSlot(variables[index], name, array))
    return slots


def optimizer_arrays(
    weights: Weights,
    amsgrad: bool,
    variables: Sequence[Variable],
) -> Arrays:
    """Return the Variables, their moments by name; zeros for slots that are not made."""
    arrays: Arrays = {f"param.{index}": variable.array for index, variable in enumerate(variables)}
    for index, variable in enumerate(variables):
        state = weights.state(variable, amsgrad)
        arrays[f"m.{index}"] = state.m
        arrays[f"v.{index}"] = state.v
        if state.v_max is not None:
            arrays[f"vhat.{index}"] = state.v_max
    return arrays


def _other_slots(weights: Weights, amsgrad: bool, variables: Sequence[Variable]) -> Arrays:
    """Return the slots that no step uses, by their names in a file."""
    arrays = {}
    for index, variable in enumerate(variables):
        for name, slot in weights.slots_of(variable).items():
            if name not in moment_slots(amsgrad):
                arrays[_array_name(index, name, amsgrad)] = slot.array
    return arrays


def _array_name(index: int, name: str, amsgrad: bool) -> str:
    """Return the name in a file of a slot of the Variable at an index."""
    # Also a vhat that no step uses.
    return f"{name}.{index}" if name in moment_slots(amsgrad) else f"slot.{index}.{name}"
