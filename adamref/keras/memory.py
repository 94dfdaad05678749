"""The methods of an optimizer of tf.keras that are about its weights."""

from collections.abc import Sequence
from typing import Any

from ..variables.pairs import flatten
from ..variables.variable import Variable
from .initial import new_weight
from .settings import Settings
from .weights import Weights


class WeightedOptimizer:
    """An optimizer with weights. They are described at `Weights`, which has the same methods."""

    _weights: Weights
    _settings: Settings

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
