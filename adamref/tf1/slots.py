"""What an optimizer keeps beside its variables between two steps: the slots m and v, in memory and in a file."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..state import AdamState, Array, initial
from ..storage.checkpoint import Arrays, CheckpointError, read, write
from ..variables.variable import FLOATS, Variable


class Saved(NamedTuple):
    """One variable in a file; ``m`` and ``v`` are None if it had no slots."""

    variable: Variable
    value: Array
    m: Array | None
    v: Array | None


class Slots:
    """The slots of each variable that has had a gradient.

    Args:
        owner: the name of the optimizer, and so of the slots: those of `w` are `w/Adam` and `w/Adam_1`; those of
            another variable of the same name go on counting.
    """

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._held: dict[Variable, dict[str, Variable]] = {}
        self._named: Counter[str] = Counter()

    def get(self, variable: Variable, name: str) -> Variable | None:
        return self._held.get(variable, {}).get(name)

    def state(self, variable: Variable) -> AdamState:
        """The moments of ``variable``; zeros before its first gradient. The count of steps is the optimizer's."""
        if held := self._held.get(variable):
            return AdamState(0, held["m"]._array, held["v"]._array, None)
        return initial(variable._array)

    def assign(self, variable: Variable, m: Array, v: Array) -> None:
        """Change the slots of ``variable``, or make them."""
        if variable not in self._held:
            self._held[variable] = {
                slot: Variable(
                    np.zeros_like(variable._array), name=self._next_name(variable), trainable=False
                )
                for slot in ("m", "v")
            }
        self._held[variable]["m"].assign(m)
        self._held[variable]["v"].assign(v)

    def _next_name(self, variable: Variable) -> str:
        at = self._named[variable.name]
        self._named[variable.name] += 1
        return f"{variable.name}/{self._owner}_{at}" if at else f"{variable.name}/{self._owner}"

    def restore(self, saved: Sequence[Saved]) -> None:
        """Assign to the variables of a file and to their slots, and forget all others."""
        kept = {one.variable for one in saved if one.m is not None}
        self._held = {variable: held for variable, held in self._held.items() if variable in kept}
        for variable, value, m, v in saved:
            variable.assign(value)
            if m is not None and v is not None:
                self.assign(variable, m, v)

    def owners(self) -> list[Variable]:
        """The variables that have slots."""
        return list(self._held)

    def variables(self) -> list[Variable]:
        """The slots themselves."""
        return [slot for held in self._held.values() for slot in held.values()]


def write_slots(
    path: str | Path,
    kind: str,
    variables: Sequence[Variable],
    slots: Slots,
    numbers: dict[str, Any],
) -> None:
    """Write variables with their slots and some numbers whole, or leave the file as it was.

    Raises:
        OSError: the folder cannot be written to.
        ValueError: a variable that has slots is not among ``variables``.
    """
    listed = set(variables)
    missing = [owner.name for owner in slots.owners() if owner not in listed]
    if missing:
        raise ValueError(
            f"variables must hold every one that has slots, got a list without {', '.join(missing)}"
        )
    with_slots = [slots.get(variable, "m") is not None for variable in variables]
    names = [variable.name for variable in variables]
    write(
        path,
        kind,
        _arrays(variables, slots),
        {**numbers, "variables": names, "with_slots": with_slots},
    )


def read_slots(
    path: str | Path, kind: str, variables: Sequence[Variable], slots: Slots
) -> tuple[list[Saved], dict[str, Any]]:
    """What `write_slots` wrote. Changes nothing.

    Raises:
        OSError: there is no such file.
        CheckpointError: it is damaged, of another kind, or of variables with other names, shapes or dtypes.
    """
    arrays, numbers = read(path, kind, _arrays(variables, slots))
    names, with_slots = [variable.name for variable in variables], numbers.get("with_slots")
    if numbers.get("variables") != names:
        raise CheckpointError(
            f"variables must be named as in the checkpoint, {numbers.get('variables')}, got {names}"
        )
    if not isinstance(with_slots, list) or len(with_slots) != len(names):
        raise CheckpointError(
            f"path must be a checkpoint with sound numbers, got with_slots {with_slots!r}"
        )
    found = []
    for at, (variable, has) in enumerate(zip(variables, with_slots, strict=True)):
        m, v = (arrays.get(f"{slot}.{at}") if has else None for slot in ("m", "v"))
        found.append(Saved(variable, arrays[f"variable.{at}"], m, v))
    return found, numbers


def _arrays(variables: Sequence[Variable], slots: Slots) -> Arrays:
    arrays = {f"variable.{at}": variable._array for at, variable in enumerate(variables)}
    for at, variable in enumerate(variables):
        if variable.dtype in FLOATS:
            state = slots.state(variable)
            arrays |= {f"m.{at}": state.m, f"v.{at}": state.v}
    return arrays
