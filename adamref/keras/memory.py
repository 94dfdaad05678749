"""The methods of an optimizer of tf.keras that are about its weights."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..storage.tensorflow_file import TensorFlowFile, real_adam, require_eager, write_objects
from ..variables.pairs import check_names, flatten
from ..variables.real import Twins, check_twins, number_of, real_slots
from ..variables.variable import Variable
from .initial import new_weight
from .settings import Settings
from .weights import Weights, moment_slots


class WeightedOptimizer:
    """An optimizer with weights. They are described at `Weights`, which has the same methods."""

    _weights: Weights
    _settings: Settings

    def _owners(self) -> list[Variable]:
        return self._weights.owners()

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make this optimizer again, as JSON can hold them.

        A function is called for its number.
        """
        return self._settings.to_json()

    @property
    def iterations(self) -> Variable:
        """How many steps have been taken; made when it is first read."""
        return self._weights.iterations

    @iterations.setter
    def iterations(self, variable: Variable) -> None:
        self._weights.iterations = variable

    @property
    def weights(self) -> list[Variable]:
        """The iterations and all slots, in the order in which they were made."""
        return self._weights.in_order()

    def variables(self) -> list[Variable]:
        """Return ``weights``."""
        return self.weights

    def build(self, var_list: Any) -> None:
        """Make the iterations and the slots of some Variables, in lists of any nesting.

        The first step makes what is missing; this is for a state that is set before it.

        Raises:
            ValueError: ``var_list`` holds something else. On error, nothing is changed.
        """
        self._weights.make(flatten("var_list", var_list), self._settings.amsgrad)

    def _create_all_weights(self, var_list: Any) -> None:
        # TensorFlow's name: programs of its users call this.
        self.build(var_list)

    def get_weights(self) -> list[Any]:
        """Return copies of the values of ``weights``."""
        return [weight.numpy() for weight in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Assign arrays to ``weights``, in their order."""
        self._weights.set_weights(weights)

    def get_slot_names(self) -> list[str]:
        """Return the names of the slots so far."""
        return self._weights.get_slot_names()

    def get_slot(self, var: Variable, slot_name: str) -> Variable:
        """Return a slot of ``var``; raise KeyError if it has no slot with this name."""
        return self._weights.get_slot(var, slot_name)

    def add_slot(
        self,
        var: Variable,
        slot_name: str,
        initializer: Any = "zeros",
        shape: Any = None,
    ) -> Variable:
        """Return the slot of ``var`` with this name, made if there is no such slot."""
        return self._weights.add_slot(var, slot_name, initializer, shape)

    def add_weight(
        self,
        name: str,
        shape: Any,
        dtype: Any = None,
        initializer: Any = "zeros",
        trainable: bool | None = None,
    ) -> Variable:
        """Return a new Variable for a subclass; it is not among ``weights``."""
        return new_weight(name, shape, dtype, initializer, trainable)

    def take_state_of(self, real: Any, twins: Twins) -> None:
        """Go on where an optimizer of tf.keras is, with its numbers in our Variables and slots.

        Args:
            real: a `tf.keras.optimizers.legacy.Adam` that has taken a step, with the amsgrad of
                this one.
            twins: pairs of a Variable and the variable of TensorFlow that it stands for.

        Raises:
            TypeError, ValueError: something is not such a pair, a variable has no slots there, or
                amsgrad differs. On error, nothing is changed.
        """
        names = self._names_shared_with(real)
        states = []
        for ours, theirs in check_twins(twins):
            slots = dict(zip(names, real_slots(real, theirs, names), strict=True))
            states.append((ours, number_of(theirs), slots))
        self._take(states, number_of(real.iterations))

    def give_state_to(self, real: Any, twins: Twins) -> None:
        """Let an optimizer of tf.keras go on where this one is; the reverse of the above.

        Raises:
            TypeError, ValueError: something is not such a pair, or amsgrad differs.
            KeyError: a variable has no slots here. On error, nothing is changed.
        """
        pairs = check_twins(twins)
        names = self._names_shared_with(real)
        slots = []
        for ours, _ in pairs:
            slots.append([self.get_slot(ours, name).array for name in names])
        real._create_all_weights([theirs for _, theirs in pairs])
        for (ours, theirs), values in zip(pairs, slots, strict=True):
            theirs.assign(ours.array)
            for name, value in zip(names, values, strict=True):
                real.get_slot(theirs, name).assign(value)
        real.iterations.assign(int(self.iterations.array))

    def read_checkpoint(
        self, path: str | Path, variables: Mapping[str, Variable], optimizer: str = "optimizer"
    ) -> None:
        """Go on where a checkpoint of TensorFlow stops, with its numbers in our Variables.

        Args:
            path: the prefix of the files that `tf.train.Checkpoint` or `save_weights` of a model
                wrote.
            variables: ours, by the paths of their objects in the file, such as `model/w` or
                `layer_with_weights-0/kernel`. Those without slots in the file keep what they have.
            optimizer: the path of the optimizer's object.

        Raises:
            ImportError: TensorFlow is not installed.
            FileNotFoundError: there is no such file.
            CheckpointError: something is not in it, or does not fit. On error, nothing is changed.
        """
        check_names(variables)
        file = TensorFlowFile(path, optimizer)
        names = moment_slots(self._settings.amsgrad)
        states = []
        for name, variable in variables.items():
            # A file of names has them by those of the slots, as the optimizer names them.
            in_file = [f"{name}/{self._weights.owner}/{slot}" for slot in names]
            states.append((variable, *file.variable(name, variable.array, names, in_file)))
        file.require_slots(self._weights.owner, [slots for _, _, slots in states if slots])
        self._take(states, file.number("iter"))

    def write_checkpoint(
        self, path: str | Path, variables: Mapping[str, Variable], optimizer: str = "optimizer"
    ) -> None:
        """Write a checkpoint that `tf.train.Checkpoint` reads; the reverse of the above.

        Raises:
            ImportError: TensorFlow or tf_keras is not installed.
            RuntimeError: TensorFlow does not run eagerly.
            ValueError: no Variable has slots.
        """
        check_names(variables)
        new_variable = require_eager().Variable
        if not any(map(self._weights.slots_of, variables.values())):
            raise ValueError("write_checkpoint needs slots, got none; build makes them")
        real = real_adam(self.get_config())
        theirs = {name: new_variable(ours.array) for name, ours in variables.items()}
        pairs = [(ours, theirs[name]) for name, ours in variables.items()]
        # Those that are not trained have a value alone.
        self.give_state_to(real, [pair for pair in pairs if self._weights.slots_of(pair[0])])
        write_objects(path, {**theirs, optimizer: real})

    def _take(self, states: Sequence[tuple[Variable, Any, dict[str, Any]]], count: Any) -> None:
        """Assign values and slots of Variables, and the number of steps."""
        self.build([variable for variable, _, slots in states if slots])
        for variable, value, slots in states:
            variable.store(value)
            for name, moment in slots.items():
                self.get_slot(variable, name).store(moment)
        self.iterations.store(count.astype(self.iterations.dtype))

    def _names_shared_with(self, real: Any) -> tuple[str, ...]:
        amsgrad = self._settings.amsgrad
        if not (hasattr(real, "amsgrad") and hasattr(real, "get_slot")):
            raise TypeError(f"real must be a tf.keras.optimizers.legacy.Adam, got {real!r}")
        if bool(real.amsgrad) is not amsgrad:
            raise ValueError(f"amsgrad must be that of this optimizer, {amsgrad}, got the other")
        return moment_slots(amsgrad)
