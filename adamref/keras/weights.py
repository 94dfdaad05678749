"""Weights: the memory of an optimizer of tf.keras between two steps, as Variables."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..state import AdamState, Array
from ..variables.copies import SlotTable
from ..variables.pairs import describe, require_variable
from ..variables.variable import Variable
from .initial import initial_array, require_name


def moment_slots(amsgrad: bool) -> tuple[str, ...]:
    """Return the names of the slots that a step needs, in the order in which they are made."""
    return ("m", "v", "vhat") if amsgrad else ("m", "v")


class SavedSlot(NamedTuple):
    """One slot in a file."""

    variable: Variable
    name: str
    array: Array


class Weights:
    """The iterations and slots of an optimizer, in the order in which they were made.

    A slot is a Variable that belongs to another Variable and has a name, for example its ``m``.

    Args:
        owner: name of the optimizer, a prefix of the names of slots.

    Raises:
        ValueError: ``owner`` is no string.
    """

    def __init__(self, owner: str) -> None:
        self.owner = require_name(owner)
        self._iterations: Variable | None = None
        # By the Variable that they belong to, then by name.
        self._slots = SlotTable()
        self._slot_names: list[str] = []
        # Iterations and slots as they come. This order is part of get_weights() and of files.
        self._ordered: list[Variable] = []

    @property
    def iterations(self) -> Variable:
        """How many steps have been taken; made when it is first read, as in tf.keras.

        Before that it may be set to an integer Variable of the user.
        """
        if self._iterations is None:
            self.iterations = Variable(np.int64(0), name=f"{self.owner}/iter", trainable=False)
        assert self._iterations is not None
        return self._iterations

    @iterations.setter
    def iterations(self, variable: Variable) -> None:
        if self._iterations is not None:
            raise RuntimeError(
                "iterations must be set before it is first read, "
                f"got {describe(variable)}; use its assign"
            )
        if not isinstance(variable, Variable) or variable.shape != () or variable.dtype.kind != "i":
            raise TypeError(
                f"iterations must be a Variable of one integer, got {describe(variable)}"
            )
        # Now it has its place among the weights, and so it cannot be replaced later.
        self._iterations = variable
        self._ordered.append(variable)

    @property
    def steps_taken(self) -> Any:
        """The iterations as a number of NumPy, without making the Variable."""
        return np.int64(0) if self._iterations is None else self._iterations.numpy()

    def in_order(self) -> list[Variable]:
        """Return the iterations and all slots, in the order in which they were made."""
        return list(self._ordered)

    def slots_in_order(self) -> list[Variable]:
        """Return all slots, in the order in which they were made."""
        return [weight for weight in self._ordered if weight is not self._iterations]

    def set_weights(self, values: Sequence[Any]) -> None:
        """Assign arrays to all weights, in their order.

        Args:
            values: converted to the dtypes of the weights.

        Raises:
            TypeError: a value is no array.
            ValueError: they are not as many as the weights, or one has another shape or no
                numbers; the iterations are no count. On error, nothing is changed.
        """
        count = len(self._ordered)
        # The first optimizers of Keras had 3 n + 1 weights for n variables, also without AMSGrad.
        # tf.keras drops the last n of such a list: the vhat that have no place here.
        if len(values) == 3 * int((count - 1) / 2) + 1:
            values = values[:count]
        if len(values) != count:
            raise ValueError(
                f"weights must be {count}, got {len(values)}; a step makes those that are missing"
            )
        # First convert all, which may raise; then assign.
        pairs = list(zip(self._ordered, values, strict=True))
        arrays = [self._convert(value, weight) for weight, value in pairs]
        for weight, array in zip(self._ordered, arrays, strict=True):
            weight.store(array)

    @np.errstate(all="ignore")
    def _convert(self, value: Any, weight: Variable) -> Any:
        """Return an array in the dtype of ``weight``."""
        if not hasattr(value, "shape"):
            raise TypeError(f"weights must be arrays, got {value!r} for {weight.name}")
        array = np.asarray(value)
        if array.shape != weight.shape:
            raise ValueError(
                f"weights must have the shape of {weight.name} {weight.shape}, got {array.shape}"
            )
        if array.dtype.kind not in "biuf":
            raise ValueError(f"weights must be numbers, got {array.dtype} for {weight.name}")
        converted = array.astype(weight.dtype)
        # Slots may be rounded. A count that changes when it is converted is no count.
        if weight is self._iterations and not (array >= 0 and converted == array):
            raise ValueError(
                f"weights must have a whole number >= 0 for {weight.name}, got {array}"
            )
        return converted

    def get_slot_names(self) -> list[str]:
        """Return the names of the slots so far."""
        return list(self._slot_names)

    def slots_of(self, variable: Variable) -> dict[str, Variable]:
        """Return the slots of ``variable`` by name."""
        return dict(self._slots.get(variable, {}))

    def owners(self) -> list[Variable]:
        """Return the Variables that have slots."""
        return list(self._slots)

    def get_slot(self, variable: Variable, name: str) -> Variable:
        """Return a slot of ``variable``.

        Raises:
            TypeError: ``variable`` is not a Variable.
            KeyError: it has no such slot. The first step with a gradient for it makes its slots.
        """
        slots = self._slots.get(require_variable(variable), {})
        if name not in slots:
            raise KeyError(
                f"slot_name must be one of {list(slots)} for {variable.name}, got {name!r}; a step "
                "makes the slots, or build"
            )
        return slots[name]

    def add_slot(
        self,
        variable: Variable,
        name: str,
        initializer: Any = "zeros",
        shape: Any = None,
    ) -> Variable:
        """Return the slot of ``variable`` with this name, made if there is no such slot.

        Args:
            variable: the Variable that it belongs to; its dtype is the slot's.
            name: its name.
            initializer: `zeros`, `ones`, an array, or a function of ``shape`` and ``dtype`` that
                returns an array.
            shape: None is the shape of ``variable``.

        Raises:
            TypeError: ``variable`` is not a Variable.
            ValueError: the initializer is unknown; the variable is of another graph than others.
        """
        slots = self._slots.get(require_variable(variable), {})
        if name not in slots:
            if shape is None:
                shape = variable.shape
            array = initial_array(initializer, shape, variable.dtype)
            slot_name = f"{self.owner}/{variable.name}/{name}"
            with self._slots.block([variable]):
                slot = Variable(array, name=slot_name, trainable=False)
            self._keep(variable, name, slot)
        elif name not in self._slot_names:
            self._slot_names.append(name)
        return self._slots[variable][name]

    def _keep(self, variable: Variable, name: str, slot: Variable) -> None:
        self._slots.setdefault(variable, {})[name] = slot
        self._ordered.append(slot)
        if name not in self._slot_names:
            self._slot_names.append(name)

    def state(self, variable: Variable, amsgrad: bool) -> AdamState:
        """Return the iterations and moments of ``variable``; zeros for slots that are not made."""
        # Slots are made when a step is committed, so that a step that fails makes none.
        m = self._moment(variable, "m")
        v = self._moment(variable, "v")
        v_max = self._moment(variable, "vhat") if amsgrad else None
        return AdamState(int(self.steps_taken), m, v, v_max)

    def _moment(self, variable: Variable, name: str) -> Array:
        slots = self._slots.get(variable, {})
        if name in slots:
            return slots[name].array
        return np.zeros(variable.shape, variable.dtype)

    def check_known(self, variable: Variable) -> None:
        """Raise ValueError if ``variable`` has left its slots in a copy of this optimizer."""
        self._slots.check_known(variable)

    def commit(self, after: Mapping[Variable, tuple[Array, AdamState]]) -> None:
        """Count the step, assign the Variables and their moments, and make missing slots.

        Args:
            after: of one step; all states with a v_max, or none.
        """
        # Not by a switch, which a function of the user may have changed during the step.
        names = moment_slots(any(state.v_max is not None for _, state in after.values()))
        self.iterations.store(self.iterations.numpy() + 1)
        self._make_slots(list(after), names)
        for variable, (param, state) in after.items():
            variable.store(param)
            for name, moment in zip(names, (state.m, state.v, state.v_max), strict=False):
                self._slots[variable][name].store(moment)

    def make_iterations(self, variables: Sequence[Variable]) -> None:
        """Make the iterations where some Variables are, unless there are any.

        Raises:
            ValueError: the Variables, and those with slots, do not belong to one graph, or to none.
        """
        with self._slots.block(variables):
            assert self.iterations is not None

    def make(self, variables: Sequence[Variable], amsgrad: bool) -> None:
        """Make the iterations and the slots of some Variables, as far as there are none."""
        for variable in variables:
            self.check_known(variable)
        self.make_iterations(variables)
        self._make_slots(variables, moment_slots(amsgrad))

    def _make_slots(self, variables: Sequence[Variable], names: Sequence[str]) -> None:
        # Slot by slot, not Variable by Variable: this is the order of tf.keras' weights.
        for name in names:
            for variable in variables:
                self.add_slot(variable, name)

    def restore(
        self, iterations: int, slots: Sequence[SavedSlot], replaced: Collection[Variable]
    ) -> None:
        """Replace the slots of some Variables by those of a file, in their order; others stay."""
        before = {owner: dict(kept) for owner, kept in self._slots.items()}
        others = {owner: kept for owner, kept in self._slots.items() if owner not in replaced}
        self.iterations.store(iterations)
        self._slots = SlotTable(others.items())
        self._slot_names = list(dict.fromkeys(name for kept in others.values() for name in kept))
        kept_slots = {slot for kept in others.values() for slot in kept.values()}
        self._ordered = [self.iterations, *(one for one in self._ordered if one in kept_slots)]
        for slot in slots:
            old = before.get(slot.variable, {}).get(slot.name)
            if old is not None and old.shape == slot.array.shape:
                self._keep(slot.variable, slot.name, old)
            # In a graph, slots of zeros begin with zeros again.
            made = self.add_slot(slot.variable, slot.name, "zeros", slot.array.shape)
            made.store(slot.array)
