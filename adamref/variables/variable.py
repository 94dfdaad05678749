"""Variable: an array that an optimizer changes, used in a loss like any array of NumPy."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from contextvars import ContextVar
from copy import deepcopy
from itertools import count
from typing import Any, NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from .numbers import as_tensor, require_dtype
from .recorder import closed_graphs, open_graph
from .traced import Operand, Traced, recorder_of

FLOATS = (np.float16, np.float32, np.float64)

_CREATED = count()


class Watcher(Protocol):
    """The part of a tape that reading needs. `Tape` itself imports this file."""

    def watch(self, variable: "Variable") -> Any:
        """Return the value of ``variable``, traced if it is of floats."""

    def gather(self, variable: "Variable", indices: Any) -> Traced:
        """Return rows of ``variable``, traced by themselves."""


# The tape of the loss that is being differentiated; None outside of a loss.
# A context variable, so that losses in several threads do not see each other's tapes.
TAPE: ContextVar[Watcher | None] = ContextVar("tape", default=None)


class Variable(Operand):
    """An array that can be assigned to, with a shape and dtype that stay.

    It can be used like an array. The result is a plain array, except in a loss that is being
    differentiated. Two Variables are equal when they are the same object, so that they can be
    keys; `==` with anything else compares elements.

    Args:
        value: numbers or an array, or a function that returns them; copied. Python's floats become
            float32 and its ints int32; arrays keep their dtype.
        dtype: to convert to.
        name: for messages, and for the names of slots.
        trainable: whether an optimizer that gets no list of variables changes this one, if the
            loss reads it.
        initial_value: TensorFlow's name of ``value``.
        constraint: a function of the value after a dense step, which returns the value that it
            gets instead.

    Raises:
        TypeError: ``value`` is not numbers of a real type, ``dtype`` would cut off their
            fractions, or ``name`` is no string.
        ValueError: the rows of ``value`` differ in length.

    >>> w = Variable([3.0, 4.0], name="w")
    >>> np.sqrt(np.sum(w**2))
    np.float32(5.0)
    """

    # Of a pickle that is older than constraints.
    constraint: Callable[[Any], Any] | None = None

    def __init__(
        self,
        value: Any = None,
        dtype: Any = None,
        name: str | None = None,
        *,
        trainable: bool = True,
        initial_value: Any = None,
        constraint: Callable[[Any], Any] | None = None,
    ) -> None:
        # TensorFlow's name of the first argument.
        value = initial_value if value is None else value
        if callable(value) and not isinstance(value, Operand):
            value = value()
        if not (constraint is None or callable(constraint)):
            raise TypeError(f"constraint must be a function of the value, got {constraint!r}")
        # A dtype of TensorFlow knows that of NumPy.
        dtype = getattr(dtype, "as_numpy_dtype", dtype)
        if not isinstance(name, str | None):
            raise TypeError(f"name must be a string, got {name!r}")
        # Of a Variable its value now, in a graph too.
        array = value.array if isinstance(value, Variable) else as_tensor(value)
        wanted = array.dtype if dtype is None else np.dtype(dtype)
        if wanted.kind not in "iub" and wanted not in FLOATS:
            raise TypeError(
                f"value must be bool, int, float16, float32 or float64, got {wanted}; "
                "convert it first"
            )
        if not np.can_cast(array.dtype, wanted, "same_kind"):
            raise TypeError(
                f"value must be convertible to {wanted} without loss of its kind, got {array.dtype}"
            )
        self.name = name or "Variable"
        self.trainable = trainable
        self.constraint = constraint
        # The order in which an optimizer takes the variables that a loss has read: by when the
        # original of a copy was made, and then by when the variable itself was.
        number = next(_CREATED)
        self.created = (number, number)
        self._array = _read_only_copy(array, wanted)
        graph = open_graph()
        if graph:
            graph.add(self)

    @property
    def array(self) -> NDArray[Any]:
        """The value as a read-only array, without a copy and past any tape."""
        return self._array

    def read(self) -> Any:
        tape = TAPE.get()
        if tape is not None:
            return tape.watch(self)
        graph = recorder_of([self])
        return graph.record(np.copy, (self,), {}) if graph else self._array

    def value(self) -> Any:
        """Return the value as `read` does; TensorFlow's name."""
        return self.read()

    def read_value(self) -> Any:
        """Return the value as `read` does; TensorFlow's name."""
        return self.read()

    def numpy(self) -> Any:
        """Return a copy of the value, a NumPy number if it is a scalar; in a loss, a constant."""
        return self._array.copy()[()]

    def assign(self, value: Any) -> Any:
        """Change the value, and return the variable; in a graph, return the operation that will.

        Raises:
            ValueError: ``value`` has another shape, or is an array of another dtype. On error,
                nothing is changed.
        """
        return self._change(lambda new: new, value)

    def assign_add(self, delta: Any) -> Any:
        """Add to the value, as `assign`."""
        return self._change(lambda new: self._array + new, delta)

    def assign_sub(self, delta: Any) -> Any:
        """Subtract from the value, as `assign`."""
        return self._change(lambda new: self._array - new, delta)

    def store(self, value: Any) -> "Variable":
        """Change the value as `assign`, at once also in a graph."""
        # A new array, not new numbers in the old one: a thread that reads meanwhile sees the old
        # value or the new one, and never half of each.
        self._array = _read_only_copy(self._accept(value), self.dtype)
        return self

    def eval(self, session: object = None) -> Any:  # noqa: ARG002
        """Return the value as `numpy` does; TensorFlow's name in a graph."""
        return self.numpy()

    def constrain(self, value: Any) -> Any:
        """Return the value after a step as the constraint lets it be."""
        return value if self.constraint is None else self._accept(self.constraint(value))

    def ref(self) -> "Reference":
        """Return a key for dictionaries and sets; TensorFlow's way to the same as ours."""
        return Reference(self)

    def _change(self, new_value: Callable[[Any], Any], operand: Any) -> Any:
        """Change the value to a function of an operand, or return the operation that will."""

        def change() -> "Variable":
            return self.store(new_value(self._accept(operand)))

        graph = recorder_of([self, operand])
        return graph.act("Assign", change, [self, operand]) if graph else change()

    def _accept(self, value: Any) -> Any:
        """Return ``value`` as an array of the shape and dtype of this variable."""
        array = require_dtype("value", value, self.dtype)
        if array.shape != self.shape:
            raise ValueError(
                f"value must have the shape of {self.name} {self.shape}, got {array.shape}"
            )
        return array

    # Of ArrayLike's own, each would copy the value first.

    @property
    def shape(self) -> tuple[int, ...]:
        return self._array.shape

    @property
    def dtype(self) -> "np.dtype[Any]":
        return self._array.dtype

    # Copies share the array, because nobody can write to it.

    def __deepcopy__(self, memo: dict[Any, Any]) -> Self:
        copied = object.__new__(type(self))
        memo[id(self)] = copied
        memo[id(self._array)] = self._array
        copied.__setstate__(deepcopy(self.__getstate__(), memo))
        for follow in followers(memo, self):
            follow(copied)
        return copied

    def __getstate__(self) -> dict[str, Any]:
        # A copy belongs to no graph.
        return {name: value for name, value in vars(self).items() if name != "graph"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self.created = (self.created[0], next(_CREATED))
        # NumPy makes arrays from a pickle writeable.
        self._array.setflags(write=False)

    def __bool__(self) -> bool:
        if recorder_of([self]):
            raise TypeError(
                f"a graph must not ask for the truth of a value, got {self!r}; write np.where, or "
                "ask .numpy() of a Variable"
            )
        return bool(self._array)

    # A class with __eq__ loses its hash, and slots are kept in dictionaries by their variable.
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> Any:
        if isinstance(other, Variable):
            return self is other
        return super().__eq__(other)

    def __ne__(self, other: object) -> Any:
        if isinstance(other, Variable):
            return self is not other
        return super().__ne__(other)

    def __repr__(self) -> str:
        description = f"shape={self.shape} dtype={self.dtype}, numpy={self._array!r}"
        return f"<Variable {self.name!r} {description}>"


def block_of(variables: Iterable[Variable]) -> AbstractContextManager[Any]:
    """Return the block in which what belongs to some Variables is made: that of their graph.

    Raises:
        ValueError: they belong to several graphs, or only some belong to one.
    """
    graphs: list[Any] = []
    for variable in variables:
        if not any(variable.graph is graph for graph in graphs):
            graphs.append(variable.graph)
    if len(graphs) > 1:
        raise ValueError(
            "an optimizer must have the Variables of one graph, or of none, got some of "
            f"{len(graphs)}; make another optimizer for the others"
        )
    return graphs[0] if graphs and graphs[0] is not None else closed_graphs()


class Reference(NamedTuple):
    """A Variable as a key."""

    variable: Variable

    def deref(self) -> Variable:
        """Return the Variable."""
        return self.variable


def followers(memo: dict[Any, Any], variable: Variable) -> list[Callable[[Variable], None]]:
    """Return what is called with the copy of ``variable``, if a deep copy comes to make one.

    Args:
        memo: of the deep copy.
        variable: not copied yet.
    """
    # The other keys of a memo are integers.
    found: list[Callable[[Variable], None]] = memo.setdefault(("followers", id(variable)), [])
    return found


def _read_only_copy(array: Any, dtype: "np.dtype[Any]") -> NDArray[Any]:
    """Return a copy that cannot be written to, because users get views of it."""
    fresh: NDArray[Any] = np.array(array, dtype)
    fresh.setflags(write=False)
    return fresh
