"""Variable: an array that an optimizer changes, used in a loss like any array of NumPy."""

from contextvars import ContextVar
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .numbers import fitting, natural
from .traced import Operand

FLOATS = (np.float16, np.float32, np.float64)
# The tape of the loss that is being differentiated; see tape.py.
TAPE: ContextVar[Any] = ContextVar("tape", default=None)

_CREATED = count()


class Variable(Operand):
    """An array that can be assigned to, with a shape and dtype that stay.

    It can be used like an array; what comes of it is a plain array, except in a loss that is being differentiated.
    Two Variables are equal when they are the same object, so that they can be keys; `==` with anything else goes by
    element.

    Args:
        value: numbers or an array; copied. Python's floats become float32 and its ints int32; arrays stay as they are.
        dtype: to convert to.
        name: for messages, and the names of slots.
        trainable: whether an optimizer that is given no variables takes this one if the loss reads it.

    Raises:
        TypeError: ``value`` is not numbers of a real type, ``dtype`` would cut off their fractions, or ``name`` is no
            string.
        ValueError: the rows of ``value`` differ in length.

    >>> w = Variable([3.0, 4.0], name="w")
    >>> np.sqrt(np.sum(w**2))
    np.float32(5.0)
    """

    def __init__(
        self, value: Any, dtype: Any = None, name: str | None = None, *, trainable: bool = True
    ) -> None:
        if not isinstance(name, str | None):
            raise TypeError(f"name must be a string, got {name!r}")
        array = natural(value)
        wanted = array.dtype if dtype is None else np.dtype(dtype)
        if wanted.kind not in "iub" and wanted not in FLOATS:
            raise TypeError(
                f"value must be bool, int, float16, float32 or float64, got {wanted}; convert it first"
            )
        if not np.can_cast(array.dtype, wanted, "same_kind"):
            raise TypeError(
                f"value must be convertible to {wanted} without loss of its kind, got {array.dtype}"
            )
        self.name = name or "Variable"
        self.trainable = trainable
        self.created = next(_CREATED)
        self._array = _frozen(array, wanted)

    def read(self) -> Any:
        tape = TAPE.get()
        return self._array if tape is None else tape.watch(self)

    def numpy(self) -> Any:
        """A copy of the value, a NumPy number if it is a scalar; in a loss it is a constant."""
        return self._array.copy()[()]

    def assign(self, value: Any) -> "Variable":
        """Change the value, and return the variable.

        Raises:
            ValueError: ``value`` has another shape, or is an array of another dtype. Nothing has changed then.
        """
        self._array = _frozen(self._fitting(value), self.dtype)
        return self

    def assign_add(self, delta: Any) -> "Variable":
        """Add to the value, as `assign`."""
        return self.assign(self._array + self._fitting(delta))

    def assign_sub(self, delta: Any) -> "Variable":
        """Subtract from the value, as `assign`."""
        return self.assign(self._array - self._fitting(delta))

    def _fitting(self, value: Any) -> Any:
        array = fitting("value", value, self.dtype)
        if array.shape != self.shape:
            raise ValueError(
                f"value must have the shape of {self.name} {self.shape}, got {array.shape}"
            )
        return array

    value = read_value = read  # as TensorFlow names it

    @property
    def shape(self) -> tuple[int, ...]:
        return self._array.shape

    @property
    def dtype(self) -> "np.dtype[Any]":
        return self._array.dtype

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> Any:
        return self is other if isinstance(other, Variable) else super().__eq__(other)

    def __ne__(self, other: object) -> Any:
        return self is not other if isinstance(other, Variable) else super().__ne__(other)

    def __repr__(self) -> str:
        return (
            f"<Variable {self.name!r} shape={self.shape} dtype={self.dtype}, numpy={self._array!r}>"
        )


def _frozen(array: Any, dtype: "np.dtype[Any]") -> NDArray[Any]:
    """A copy that nobody can write to: views of it are handed out."""
    fresh: NDArray[Any] = np.array(array, dtype)
    fresh.setflags(write=False)
    return fresh
