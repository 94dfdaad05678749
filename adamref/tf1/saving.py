"""Files of an optimizer of TensorFlow 1 and its variables."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from ..storage.tensorflow_file import TensorFlowFile, write_names
from ..variables.pairs import check_names, check_variables
from ..variables.real import Twins, check_twins, number_of, real_slots
from ..variables.variable import Variable
from .powers import Number, Powers, check_powers, powers_from_json, steps_from_json
from .slots import SavedSlots, Slots, read_slots, write_slots

_KIND = "adamref.tf1.AdamOptimizer"
_SLOTS = ("m", "v")
_POWERS = ("beta1_power", "beta2_power")


class _Memory(Protocol):
    _name: str
    _settings: dict[str, Number]
    _slots: Slots
    _powers: Powers

    def create_slots(self, var_list: object) -> None: ...

    def _lock(self) -> AbstractContextManager[object]: ...

    def _power_names(self, beta1_power: str | None) -> list[str]: ...

    def _slot_names(self, name: str, variable: Variable, scope: str) -> list[str]: ...


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
            numbers = {"powers": self._powers.to_json(), "steps": self._powers.steps}
            write_slots(path, _KIND, variables, self._slots, numbers)

    def restore(
        self: _Memory, path: str | Path, variables: Sequence[Variable] | None = None
    ) -> None:
        """Resume from a file bit for bit, with an optimizer that was made with the same numbers.

        Args:
            path: a file that `save` wrote.
            variables: in the order of `save`, with the same names, shapes and dtypes. They are
                assigned to. Slots of other variables stay as they are if the file is of some
                variables, and are forgotten if it is of all.

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
        # Older files have no such count.
        steps = steps_from_json(numbers.get("steps"))
        block = self._slots.block(variables)
        with self._lock():
            if variables and variables[0].graph is not None:
                self._powers.make(self._settings, block)
            # Files without this word were always whole.
            self._slots.restore(saved, whole=numbers.get("whole") is not False)
            self._powers.assign(powers, steps)

    def take_state_of(self: _Memory, real: Any, twins: Twins) -> None:
        """Go on where an optimizer of TensorFlow is, with its numbers in our variables and slots.

        Args:
            real: a `tf.compat.v1.train.AdamOptimizer` that runs eagerly and has taken a step.
            twins: pairs of a Variable and the variable of TensorFlow that it stands for.

        Raises:
            TypeError, ValueError: something is not such a pair, or a variable has no slots. On
                error, nothing is changed.
        """
        pairs = check_twins(twins)
        _require_real(real)
        slots = [real_slots(real, theirs, _SLOTS) for _, theirs in pairs]
        powers = [number_of(power) for power in real._get_beta_accumulators()]
        block = self._slots.block(ours for ours, _ in pairs)
        with self._lock():
            self._powers.make(self._settings, block)
            for (ours, theirs), (m, v) in zip(pairs, slots, strict=True):
                ours.store(number_of(theirs))
                self._slots.assign(ours, m, v)
            # TensorFlow does not count the steps.
            self._powers.assign(powers, None)

    def give_state_to(self: _Memory, real: Any, twins: Twins) -> None:
        """Let an optimizer of TensorFlow go on where this one is; the reverse of the above.

        Raises:
            TypeError, ValueError: something is not a pair, or a variable has no slots here. On
                error, nothing is changed.
        """
        pairs = check_twins(twins)
        _require_real(real)
        for ours, _ in pairs:
            if self._slots.get(ours, "m") is None:
                raise ValueError(f"twins must have slots, got {ours.name}; create_slots makes them")
        real._create_slots([theirs for _, theirs in pairs])
        for ours, theirs in pairs:
            theirs.assign(ours.array)
            state = self._slots.state(ours)
            real.get_slot(theirs, "m").assign(state.m)
            real.get_slot(theirs, "v").assign(state.v)
        accumulators = real._get_beta_accumulators()
        for power, accumulator in zip(self._powers.variables, accumulators, strict=True):
            accumulator.assign(power.array)

    def read_checkpoint(
        self: _Memory,
        path: str | Path,
        variables: Mapping[str, Variable],
        optimizer: str = "optimizer",
        beta1_power: str | None = None,
    ) -> None:
        """Go on where a checkpoint of TensorFlow stops, with its numbers in our variables.

        Args:
            path: the prefix of the files: a checkpoint of `tf.train.Saver`, in which the slots of
                `w` are `w/Adam` and `w/Adam_1`, or have the names that they have here, or of
                `tf.train.Checkpoint`.
            variables: ours, by their names in a file of a Saver, or by the paths of their objects,
                such as `model/w`. Those without slots in the file have none afterwards.
            optimizer: the path of the optimizer's object, for a file of `tf.train.Checkpoint`.
            beta1_power: its name in a file of a Saver, `scope/beta1_power_1` for instance, whose
                scope the slots have too. None is the name that it has here, or `beta1_power`.

        Raises:
            ImportError: TensorFlow is not installed.
            FileNotFoundError: there is no such file.
            CheckpointError: something is not in it, or does not fit. On error, nothing is changed.
        """
        check_names(variables)
        file = TensorFlowFile(path, optimizer)
        power_names = self._power_names(beta1_power)
        if beta1_power is None and not self._powers.variables:
            file.check_only(power_names[0], 0)
        scope = power_names[0].rpartition("/")[0]
        saved = []
        for name, variable in variables.items():
            names = self._slot_names(name, variable, scope)
            if self._slots.get(variable, "m") is None:
                file.check_only(names[0], 1)
            value, slots = file.variable(name, variable.array, _SLOTS, names)
            saved.append(SavedSlots(variable, value, slots.get("m"), slots.get("v")))
        file.require_slots(self._name, [value for value in saved if value.m is not None])
        in_file = _POWERS if file.has_objects else power_names
        powers = check_powers([file.number(name) for name in in_file], path)
        block = self._slots.block(variables.values())
        with self._lock():
            self._powers.make(self._settings, block)
            self._slots.restore(saved, whole=False)
            # TensorFlow does not count the steps.
            self._powers.assign(powers, None)

    def write_checkpoint(
        self: _Memory, path: str | Path, variables: Mapping[str, Variable]
    ) -> None:
        """Write a checkpoint that `tf.train.Saver` reads; the reverse of the above.

        Args:
            path: the prefix of the files.
            variables: by their names in the file.

        Raises:
            ImportError: TensorFlow is not installed.
            OSError: the folder cannot be written to.
            ValueError: there was no step, and so no beta1^t.
        """
        check_names(variables)
        if not self._powers.variables:
            raise ValueError("write_checkpoint needs slots, got none; create_slots makes them")
        arrays = []
        with self._lock():
            for name, variable in variables.items():
                arrays.append((name, variable.array))
                if self._slots.get(variable, "m") is not None:
                    state = self._slots.state(variable)
                    names = self._slot_names(name, variable, "")
                    arrays += zip(names, (state.m, state.v), strict=True)
            arrays += [(power.name, power.array) for power in self._powers.variables]
        write_names(path, arrays)

    def _power_names(self: _Memory, beta1_power: str | None) -> list[str]:
        """Return the names of the powers in a file of names."""
        if beta1_power is None and self._powers.variables:
            return [power.name for power in self._powers.variables]
        first = beta1_power or "beta1_power"
        if "beta1_power" not in first:
            raise ValueError(f"beta1_power must be a name with that word in it, got {first!r}")
        return [first, first.replace("beta1_power", "beta2_power")]

    def _slot_names(self: _Memory, name: str, variable: Variable, scope: str) -> list[str]:
        """Return the names of the slots in a file of names."""
        slots = [self._slots.get(variable, slot) for slot in _SLOTS]
        # In a graph, where names are unique, those of a second optimizer are w/Adam_2 and w/Adam_3.
        made = [slot for slot in slots if slot is not None and variable.graph is not None]
        own = [slot.name.removeprefix(variable.name) for slot in made]
        prefix = f"{scope}/" if scope else ""
        return [prefix + name + ending for ending in own or [f"/{self._name}", f"/{self._name}_1"]]


def _require_real(real: Any) -> None:
    if not (hasattr(real, "_get_beta_accumulators") and hasattr(real, "get_slot")):
        raise TypeError(f"real must be a tf.compat.v1.train.AdamOptimizer, got {real!r}")
