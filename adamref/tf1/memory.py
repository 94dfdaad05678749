"""The memory of an optimizer of TensorFlow 1: slots of Variables, and Variables of its own."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..variables.pairs import check_variables, describe, flatten
from ..variables.traced import Operand
from ..variables.variable import Variable
from .slots import Slots


class SlotMemory:
    """Slots by Variable and name, and Variables that belong to no other.

    Args:
        name: of the optimizer, and so of its slots.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._slots = Slots(name)
        self._non_slots: dict[str, Variable] = {}

    def _owners(self) -> list[Variable]:
        return self._slots.owners()

    def get_slot(self, var: Variable, name: str) -> Variable | None:
        """Return a slot of a variable, or None if there is none.

        The next step starts from a value that is assigned to it.
        """
        if not isinstance(var, Variable):
            raise TypeError(f"var must be a Variable, got {describe(var)}")
        return self._slots.get(var, name)

    def get_slot_names(self) -> list[str]:
        """Return the names of the slots; an empty list before the first step."""
        return self._slots.names()

    def get_name(self) -> str:
        return self._name

    def variables(self) -> list[Variable]:
        """Return slots and other memory, as the next step will use them, by name."""
        memory = [*self._memory(), *self._slots.variables()]
        return sorted(memory, key=lambda variable: variable.name)

    def _memory(self) -> Iterable[Variable]:
        return self._non_slots.values()

    def _zeros_slot(self, var: Variable, slot_name: str, op_name: str) -> Variable:
        """Return a slot, which is made of zeros if there is none; ``op_name`` is of its name."""
        return self._get_or_make_slot(var, np.zeros_like(var.array), slot_name, op_name)

    def _get_or_make_slot(self, var: Variable, val: Any, slot_name: str, op_name: str) -> Variable:
        """Return a slot, which begins with ``val`` if there is none."""
        slot = self._slots.get(var, slot_name)
        return self._slots.make(var, slot_name, val, op_name) if slot is None else slot

    def _create_non_slot_variable(
        self,
        initial_value: Any,
        name: str,
        colocate_with: object = None,  # noqa: ARG002
    ) -> Variable:
        """Return a Variable of the optimizer's own, which is made if there is none."""
        if name not in self._non_slots:
            self._non_slots[name] = Variable(initial_value, name=name, trainable=False)
        return self._non_slots[name]

    def _get_non_slot_variable(
        self,
        name: str,
        graph: object = None,  # noqa: ARG002
    ) -> Variable | None:
        """Return a Variable of the optimizer's own, or None."""
        return self._non_slots.get(name)

    def _call_if_callable(self, param: Any) -> Any:
        """Return a number, or what a function returns."""
        return param() if callable(param) else param


def variables_of(var_list: Any) -> list[Variable]:
    """Return the variables in nested lists; a Variable by itself is a slip."""
    if isinstance(var_list, Operand):
        check_variables("var_list", var_list)
    return flatten("var_list", var_list)
