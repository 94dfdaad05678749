"""Files of an optimizer of TensorFlow 1 and its variables."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from ..variables.pairs import check_variables
from ..variables.variable import Variable
from .powers import Powers, powers_from_json
from .slots import Slots, read_slots, write_slots

_KIND = "adamref.tf1.AdamOptimizer"


class _Memory(Protocol):
    _slots: Slots
    _powers: Powers

    def _lock(self) -> AbstractContextManager[object]: ...


class StorableOptimizer:
    """An optimizer that can be saved."""

    def save(self: _Memory, path: str | Path, variables: Sequence[Variable] | None = None) -> None:
        """Write ``variables`` and all memory of them to a file, or leave the file unchanged.

        Args:
            path: the file.
            variables: those of one model, and others, such as a global step; None is all that have
                slots. Slots of variables that are not listed are not in the file.

        Raises:
            OSError: the folder cannot be written to.
            ValueError: ``variables`` is not a list of Variables.
        """
        variables = self._slots.owners() if variables is None else variables
        check_variables("variables", variables)
        # Under the lock, so that no step changes one array between two that are written.
        with self._lock():
            numbers = {"powers": self._powers.to_json()}
            write_slots(path, _KIND, variables, self._slots, numbers)

    def restore(
        self: _Memory, path: str | Path, variables: Sequence[Variable] | None = None
    ) -> None:
        """Resume from a file bit for bit, with an optimizer that was made with the same numbers.

        Args:
            path: a file that `save` wrote.
            variables: in the order of `save`, with the same names, shapes and dtypes. They are
                assigned to. Slots of other variables stay as they are.

        Raises:
            OSError: there is no such file.
            CheckpointError: the file is damaged, of another class, or of other variables. On error,
                nothing is changed.
        """
        variables = self._slots.owners() if variables is None else variables
        check_variables("variables", variables)
        # First read and check all of the file; then assign, which cannot fail.
        saved, numbers = read_slots(path, _KIND, variables, self._slots)
        powers = powers_from_json(numbers.get("powers"))
        with self._lock():
            self._slots.restore(saved)
            self._powers.assign(powers)
