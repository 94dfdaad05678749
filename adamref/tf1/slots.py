"""Slots: the moments m and v of each variable, in memory and in a file."""

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..state import AdamState, Array, initial
from ..step import advance
from ..storage.checkpoint import Arrays, CheckpointError, read, write
from ..variables.copies import SlotTable
from ..variables.pairs import Pair, apply_constraint, dense_gradient
from ..variables.variable import FLOATS, Variable
from .powers import TF1, StepNumbers


class SavedSlots(NamedTuple):
    """One variable in a file; ``m`` and ``v`` are None if it had no slots."""

    variable: Variable
    value: Array
    m: Array | None
    v: Array | None


class Slots:
    """The slots of each variable that has had a gradient.

    Args:
        owner: the name of the optimizer, and so of the slots: those of `w` are `w/Adam` and
            `w/Adam_1`. A second variable with the same name has `w/Adam_2` and `w/Adam_3`.
    """

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._by_variable = SlotTable()
        # How many slots have each name, before its number.
        self._counts: Counter[str] = Counter()

    def get(self, variable: Variable, name: str) -> Variable | None:
        """Return a slot, or None if there is no such slot."""
        return self._by_variable.get(variable, {}).get(name)

    def block(self, variables: Iterable[Variable]) -> AbstractContextManager[Any]:
        """Return the block in which slots of some variables are made; see `SlotTable.block`."""
        return self._by_variable.block(variables)

    def state(self, variable: Variable) -> AdamState:
        """Return the moments of ``variable``, which are zeros before its first gradient."""
        slots = self._by_variable.get(variable)
        if slots is None:
            return initial(variable.array)
        # t is 0: the optimizer counts steps, as running products.
        return AdamState(0, slots["m"].array, slots["v"].array, None)

    def after_step(
        self,
        pairs: Iterable[Pair],
        numbers: StepNumbers,
    ) -> dict[Variable, tuple[Array, AdamState]]:
        """Return the variables and their moments after a step. Changes nothing.

        Raises:
            ValueError: a gradient does not fit, or a variable has left its slots in a copy.
        """
        after: dict[Variable, tuple[Array, AdamState]] = {}
        for grad, variable in pairs:
            self._by_variable.check_known(variable)
            # A variable that is named twice starts its second step from the end of the first.
            param, state = after.get(variable) or (variable.array, self.state(variable))
            dense = dense_gradient(grad, variable)
            param, state = advance(TF1, numbers.scalars(param.dtype), state, param, dense)
            after[variable] = apply_constraint(variable, param, grad), state
        return after

    def assign(self, variable: Variable, m: Array, v: Array) -> None:
        """Change the slots of ``variable``, or make them."""
        # m first, because the names count up: w/Adam is m, and w/Adam_1 is v.
        for name, moment in (("m", m), ("v", v)):
            slot = self.get(variable, name)
            if slot is None:
                # In a graph, this is the value that it begins with again.
                slot = self.make(variable, name, np.zeros_like(moment))
            slot.store(moment)

    def make(self, variable: Variable, slot_name: str, value: Any, owner: str = "") -> Variable:
        """Make a slot. Its name is that of its variable and of the owner, with a number."""
        name = f"{variable.name}/{owner or self._owner}"
        block = self.block([variable])
        count = self._counts[name]
        self._counts[name] += 1
        # A graph counts by itself, because there may be other optimizers of this name.
        if count and variable.graph is None:
            name += f"_{count}"
        with block:
            slot = Variable(value, name=name, trainable=False)
        self._by_variable.setdefault(variable, {})[slot_name] = slot
        return slot

    def names(self) -> list[str]:
        """Return the names of the slots."""
        found = {name for slots in self._by_variable.values() for name in slots}
        return sorted(found)

    def restore(self, saved: Sequence[SavedSlots], whole: bool) -> None:
        """Assign to the variables of a file and to their slots.

        Of a file of the whole optimizer, all others are forgotten.
        """
        listed = {entry.variable for entry in saved}
        with_slots = {entry.variable for entry in saved if entry.m is not None}
        # Slots that stay are the same objects, because the user may hold them from get_slot.
        self._by_variable = SlotTable(
            (variable, slots)
            for variable, slots in self._by_variable.items()
            if variable in with_slots or not (whole or variable in listed)
        )
        for entry in saved:
            entry.variable.store(entry.value)
            if entry.m is not None and entry.v is not None:
                self.assign(entry.variable, entry.m, entry.v)

    def owners(self) -> list[Variable]:
        """Return the variables that have slots."""
        return list(self._by_variable)

    def variables(self) -> list[Variable]:
        """Return the slots themselves."""
        return [slot for slots in self._by_variable.values() for slot in slots.values()]


def write_slots(
    path: str | Path,
    kind: str,
    variables: Sequence[Variable],
    slots: Slots,
    numbers: dict[str, Any],
) -> None:
    """Write variables with their slots and some numbers, or leave the file unchanged.

    Raises:
        OSError: the folder cannot be written to.
    """
    listed = set(variables)
    numbers = {
        **numbers,
        # Otherwise it is of one of several models that share the optimizer.
        "whole": all(owner in listed for owner in slots.owners()),
        "variables": [variable.name for variable in variables],
        "with_slots": [slots.get(variable, "m") is not None for variable in variables],
    }
    write(path, kind, _arrays(variables, slots), numbers)


def read_slots(
    path: str | Path,
    kind: str,
    variables: Sequence[Variable],
    slots: Slots,
) -> tuple[list[SavedSlots], dict[str, Any]]:
    """Return the slots and the numbers that `write_slots` wrote. Changes nothing.

    Raises:
        OSError: there is no such file.
        CheckpointError: it is damaged, of another kind, or of variables with other names, shapes
            or dtypes.
    """
    # These arrays say which names, shapes and dtypes the file must have.
    arrays, numbers = read(path, kind, _arrays(variables, slots))
    # Names too, because variables in another order may have the same shapes and dtypes.
    names = [variable.name for variable in variables]
    if numbers.get("variables") != names:
        raise CheckpointError(
            f"variables must be named as in the checkpoint, {numbers.get('variables')}, got {names}"
        )
    with_slots = numbers.get("with_slots")
    if not isinstance(with_slots, list) or len(with_slots) != len(names):
        raise CheckpointError(
            f"path must be a checkpoint with sound numbers, got with_slots {with_slots!r}"
        )
    saved = []
    for index, variable in enumerate(variables):
        has_slots = with_slots[index]
        m = arrays.get(f"m.{index}") if has_slots else None
        v = arrays.get(f"v.{index}") if has_slots else None
        saved.append(SavedSlots(variable, arrays[f"variable.{index}"], m, v))
    return saved, numbers


def _arrays(variables: Sequence[Variable], slots: Slots) -> Arrays:
    """Return all arrays of a file by name. Without slots m and v are zeros, to have one layout."""
    arrays = {f"variable.{index}": variable.array for index, variable in enumerate(variables)}
    for index, variable in enumerate(variables):
        # A global step is an integer, and has no slots.
        if variable.dtype in FLOATS:
            state = slots.state(variable)
            arrays[f"m.{index}"] = state.m
            arrays[f"v.{index}"] = state.v
    return arrays
