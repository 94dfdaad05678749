"""Weights: what an optimizer of tf.keras remembers between steps, as Variables with names and an order."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..variables.pairs import shown
from ..variables.variable import Variable

_FILLS = {"zeros": 0, "ones": 1}


class Weights:
    """The iterations and slots of an optimizer, in the order in which they were made.

    A slot is a Variable that belongs to another one, and has a name: its ``m``, say.

    Args:
        name: prefix of their names.

    Raises:
        ValueError: ``name`` is no string.
    """

    def __init__(self, name: str) -> None:
        self._name = _checked_name(name)
        self._iterations: Variable | None = None
        self._slots: dict[Variable, dict[str, Variable]] = {}
        self._slot_names: list[str] = []
        self._weights: list[Variable] = []

    @property
    def iterations(self) -> Variable:
        """How many steps have been taken. May be set to an integer Variable of one's own before it is first read."""
        if self._iterations is None:
            self.iterations = Variable(np.int64(0), name=f"{self._name}/iter", trainable=False)
        assert self._iterations is not None
        return self._iterations

    @iterations.setter
    def iterations(self, variable: Variable) -> None:
        if self._iterations is not None:
            raise RuntimeError(
                f"iterations must be set before it is first read, got {shown(variable)}; use its assign"
            )
        if not isinstance(variable, Variable) or variable.shape != () or variable.dtype.kind != "i":
            raise TypeError(f"iterations must be a Variable of one integer, got {shown(variable)}")
        self._iterations = variable
        self._weights.append(variable)

    @property
    def _taken(self) -> Any:
        """``iterations`` as a number of NumPy; no Variable is made of it."""
        return np.int64(0) if self._iterations is None else self._iterations.numpy()

    @property
    def weights(self) -> list[Variable]:
        """The iterations and all slots, in the order in which they were made."""
        return list(self._weights)

    def variables(self) -> list[Variable]:
        """The same as ``weights``."""
        return self.weights

    def get_weights(self) -> list[Any]:
        """Copies of the values of ``weights``."""
        return [weight.numpy() for weight in self._weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Assign values to ``weights``, in their order.

        Args:
            weights: arrays, converted to the dtypes of the weights. Of the 3 n + 1 that the first optimizers of Keras
                had for n variables, with or without AMSGrad, the last n are dropped where they have no place here.

        Raises:
            TypeError: one is no array.
            ValueError: they are not as many as the weights, or one has another shape or no numbers; the iterations are
                no count. Nothing has changed then.
        """
        due = len(self._weights)
        if len(weights) == 3 * int((due - 1) / 2) + 1:
            weights = weights[:due]
        if len(weights) != due:
            raise ValueError(
                f"weights must be {due}, got {len(weights)}; a step makes those that are missing"
            )
        arrays = [
            self._fitting(array, weight)
            for array, weight in zip(weights, self._weights, strict=True)
        ]
        for array, weight in zip(arrays, self._weights, strict=True):
            weight.assign(array)

    @np.errstate(all="ignore")
    def _fitting(self, given: Any, weight: Variable) -> Any:
        """An array in the dtype of ``weight``."""
        if not hasattr(given, "shape"):
            raise TypeError(f"weights must be arrays, got {given!r} for {weight.name}")
        array = np.asarray(given)
        if array.shape != weight.shape:
            raise ValueError(
                f"weights must have the shape of {weight.name} {weight.shape}, got {array.shape}"
            )
        if array.dtype.kind not in "biuf":
            raise ValueError(f"weights must be numbers, got {array.dtype} for {weight.name}")
        converted = array.astype(weight.dtype)
        if weight is self._iterations and not (array >= 0 and converted == array):
            raise ValueError(
                f"weights must have a whole number >= 0 for {weight.name}, got {array}"
            )
        return converted

    def get_slot_names(self) -> list[str]:
        """The names of the slots that there are."""
        return list(self._slot_names)

    def get_slot(self, var: Variable, slot_name: str) -> Variable:
        """A slot of ``var``.

        Raises:
            TypeError: ``var`` is not a Variable.
            KeyError: it has no such slot. Slots are made by the first step that has a gradient for ``var``.
        """
        slots = self._slots.get(checked(var), {})
        if slot_name not in slots:
            raise KeyError(
                f"slot_name must be one of {list(slots)} for {var.name}, got {slot_name!r}"
            )
        return slots[slot_name]

    def add_slot(
        self, var: Variable, slot_name: str, initializer: Any = "zeros", shape: Any = None
    ) -> Variable:
        """The slot of ``var`` with this name, made if there is none.

        Args:
            var: the Variable that it belongs to; its dtype is the slot's.
            slot_name: its name.
            initializer: `zeros`, `ones`, an array, or a function of ``shape`` and ``dtype`` that returns one.
            shape: None is that of ``var``.

        Raises:
            TypeError: ``var`` is not a Variable.
            ValueError: the initializer is unknown.
        """
        slots = self._slots.get(checked(var), {})
        if slot_name not in slots:
            array = _initial(initializer, var.shape if shape is None else shape, var.dtype)
            slot = Variable(array, name=f"{self._name}/{var.name}/{slot_name}", trainable=False)
            self._slots.setdefault(var, {})[slot_name] = slot
            self._weights.append(slot)
        if slot_name not in self._slot_names:
            self._slot_names.append(slot_name)
        return self._slots[var][slot_name]

    def add_weight(
        self,
        name: str,
        shape: Any,
        dtype: Any = None,
        initializer: Any = "zeros",
        trainable: bool | None = None,
    ) -> Variable:
        """A new Variable for an optimizer that is made from this one; it is not among ``weights``.

        Args:
            name: its name.
            shape: its shape; a number is that of a vector.
            dtype: None is float32.
            initializer: as of `add_slot`, or a number.
            trainable: whether a loss may be minimized by it; None is yes.

        Raises:
            ValueError: the initializer is unknown, or of another shape; ``name`` is no string.
        """
        due = tuple(np.atleast_1d(shape).tolist())
        array = _initial(initializer, due, np.dtype(dtype or np.float32))
        if array.shape != due:
            raise ValueError(f"initializer must be of shape {due}, got {array.shape}")
        return Variable(array, name=_checked_name(name), trainable=trainable is not False)

    def _forget(self) -> None:
        """Let go of all slots."""
        self._slots, self._slot_names, self._weights = {}, [], [self.iterations]


def checked(var: Any) -> Variable:
    """``var``, if it is a Variable."""
    if not isinstance(var, Variable):
        raise TypeError(f"var must be a Variable, got {shown(var)}")
    return var


def _checked_name(name: Any) -> str:
    if not isinstance(name, str):
        raise ValueError(f"name must be a string, got {name!r}")  # noqa: TRY004  (tf.keras' class)
    return name


def _initial(initializer: Any, shape: Any, dtype: "np.dtype[Any]") -> Any:
    if isinstance(initializer, str):
        if initializer not in _FILLS:
            raise ValueError(
                f"initializer must be one of {', '.join(_FILLS)}, an array or function, got {initializer}"
            )
        return np.full(shape, _FILLS[initializer], dtype)
    return np.array(
        initializer(shape=shape, dtype=dtype) if callable(initializer) else initializer, dtype
    )
