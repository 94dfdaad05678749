"""The Adam of keras.py between two steps, in memory and in a file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from ..state import AdamState
from ..storage.checkpoint import Arrays, CheckpointError, read, write
from ..variables.pairs import check_variables
from ..variables.variable import Variable
from .settings import Settings
from .weights import Weights

_KIND = "adamref.keras.Adam"


class Stored(Settings, Weights):
    """An Adam without its steps: what the user sets and what it remembers."""

    def save(self, path: str | Path, variables: Sequence[Variable] | None = None) -> None:
        """Write the variables and all that the optimizer knows to a safetensors file, whole or not at all.

        Args:
            path: the file; it is replaced.
            variables: all that it has taken steps with, and any others; None is all that have slots, in the order of
                their first gradients.

        Raises:
            OSError: the file cannot be written.
            TypeError: ``variables`` is a single Variable.
            ValueError: it is not a list of them; the optimizer has slots that are not m, v or vhat of these.
        """
        variables = list(self._slots) if variables is None else variables
        check_variables("variables", variables)
        where = {
            slot: [at, name]
            for at, var in enumerate(variables)
            for name, slot in self._slots.get(var, {}).items()
            if name in self._own_slots()
        }
        slots = [slot for slot in self.weights if slot is not self._iterations]
        for slot in slots:
            if slot not in where:
                raise ValueError(
                    f"variables must have all slots of the optimizer, got none with {slot.name}"
                )
        numbers = {
            "config": self.get_config(),
            "names": [var.name for var in variables],
            "iterations": int(self.iterations.numpy()),
            "slots": [where[slot] for slot in slots],
        }
        write(path, _KIND, self._arrays(variables), numbers)

    def restore(self, path: str | Path, variables: Sequence[Variable] | None = None) -> None:
        """Continue from a file that `save` wrote, bit for bit.

        Numbers are taken from the file. Functions and schedules that this optimizer has are kept: it must have been
        made with them.

        Args:
            path: the file.
            variables: as many as were saved, in their order, with the same names, shapes and dtypes; None is all that
                have slots.

        Raises:
            OSError: there is no such file.
            TypeError, ValueError: ``variables`` is not a list of Variables.
            CheckpointError: the file is damaged, of something else, or of other variables. Nothing has changed then.
        """
        variables = list(self._slots) if variables is None else variables
        check_variables("variables", variables)
        arrays, numbers = read(path, _KIND, self._arrays(variables))
        names = [var.name for var in variables]
        if numbers.get("names") != names:
            raise CheckpointError(
                f"names of the variables of a checkpoint must be {names}, got {numbers.get('names')}"
            )
        try:
            settings, iterations, order = self._read(numbers)
            slots = [(variables[at], name, arrays[f"{name}.{at}"]) for at, name in order]
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise CheckpointError(
                f"path must be a checkpoint with sound numbers, got {str(path)!r}: {error}"
            ) from None
        self._take(settings)
        self._forget()
        self.iterations.assign(iterations)
        for at, var in enumerate(variables):
            var.assign(arrays[f"param.{at}"])
        for var, name, array in slots:
            self.add_slot(var, name, array)

    def _read(self, numbers: dict[str, Any]) -> tuple[Self, int, list[tuple[int, str]]]:
        """The settings, iterations, and slots with their variables' positions, of a file."""
        own = {name for name, value in self._hyper.items() if callable(value)}
        settings = self.from_config(
            {name: value for name, value in dict(numbers["config"]).items() if name not in own}
        )
        iterations = numbers["iterations"]
        if type(iterations) is not int or not 0 <= iterations <= np.iinfo(self._taken.dtype).max:
            raise ValueError(
                f"iterations must be a count of {self._taken.dtype}, got {iterations!r}"
            )
        if settings.amsgrad != self.amsgrad:
            raise ValueError(
                f"amsgrad must be that of this optimizer, {self.amsgrad}, got {settings.amsgrad}"
            )
        return settings, iterations, [(int(at), str(name)) for at, name in numbers["slots"]]

    def _own_slots(self) -> tuple[str, ...]:
        return ("m", "v", "vhat") if self.amsgrad else ("m", "v")

    def _state(self, var: Variable) -> AdamState:
        """The iterations and moments of ``var``, which are zeros before there are slots."""
        slots = self._slots.get(var, {})
        m, v, v_max = (
            slots[name]._array if name in slots else np.zeros(var.shape, var.dtype)
            for name in ("m", "v", "vhat")
        )
        return AdamState(int(self._taken), m, v, v_max if self.amsgrad else None)

    def _arrays(self, variables: Sequence[Variable]) -> Arrays:
        """The variables and their moments by name, with zeros where there is no slot yet."""
        arrays: Arrays = {f"param.{at}": var._array for at, var in enumerate(variables)}
        for at, var in enumerate(variables):
            moments: zip[tuple[str, Any]] = zip(
                self._own_slots(), self._state(var)[1:], strict=False
            )
            arrays |= {f"{name}.{at}": moment for name, moment in moments}
        return arrays
