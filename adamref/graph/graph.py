"""Graphs of TensorFlow 1: expressions of Variables are recorded first and computed when run."""

from collections.abc import Callable, Iterable
from inspect import signature
from typing import Any, Self

import numpy as np

from ..variables.pairs import describe
from ..variables.recorder import BLOCK, Block
from ..variables.traced import WRITERS, name_of, recorder_of
from ..variables.variable import Variable
from .nesting import copy_value, parts
from .tensor import GraphRun, OfGraph, Tensor

_FILE_WRITERS = ("save", "savetxt", "savez", "savez_compressed")


class GraphKeys:
    """The names of collections."""

    GLOBAL_VARIABLES = "variables"
    TRAINABLE_VARIABLES = "trainable_variables"
    TRAIN_OP = "train_op"


class Operation(OfGraph):
    """Something that a run does, rather than computes.

    Args:
        graph: that it belongs to.
        name: unique in the graph.
        function: called at each run.
        inputs: the Tensors that it uses. They are computed before any operation of a run.
    """

    def __init__(
        self, graph: "Graph", name: str, function: Callable[[], Any], inputs: Iterable[Tensor]
    ) -> None:
        self.graph = graph
        self.name = name
        self.inputs = list(inputs)
        self._function = function

    def run(self, feed_dict: Any = None, session: object = None) -> None:  # noqa: ARG002
        """Do it; ``feed_dict`` has the values of placeholders."""
        self.eval(feed_dict)

    def eval(self, feed_dict: Any = None, session: object = None) -> Any:  # noqa: ARG002
        """Do it and return the new value, if it is an assignment."""
        with GraphRun(feed_dict) as run:
            self.prepare(run)
            return self.do()

    def prepare(self, run: GraphRun) -> None:
        """Compute what it uses, before it or another operation changes a Variable."""
        for tensor in self.inputs:
            run.value(tensor)

    def do(self) -> Any:
        """Do it, in a run that is prepared."""
        changed = self._function()
        return copy_value(changed) if isinstance(changed, Variable) else None

    def __repr__(self) -> str:
        return f"<Operation {self.name!r}>"


class Graph(OfGraph):
    """Inside ``with Graph():``, NumPy's functions of Variables are recorded and not computed.

    There an expression is a `Tensor`, steps and assignments are an `Operation`, and Variables
    belong to the graph, which makes their names unique as TensorFlow does. Numbers and arrays are
    computed as ever. A Variable has its value at once, and has one value for all Sessions.

    >>> with Graph():
    ...     x = Variable(3.0, name="x")
    ...     loss = (x - 1) ** 2
    >>> loss
    <Tensor 'power'>
    >>> loss.eval()
    np.float32(4.0)
    """

    def __init__(self) -> None:
        self._names: set[str] = set()
        # The first value of each Variable, which the initializer assigns.
        self._first: dict[Variable, Any] = {}
        self._steps: list[Operation] = []
        self._starts: list[Callable[[], None]] = []

    def __enter__(self) -> Self:
        BLOCK.set(Block(self, BLOCK.get()))
        return self

    def __exit__(self, *error: object) -> None:
        block = BLOCK.get()
        BLOCK.set(block and block.outer)

    def as_default(self) -> Self:
        """Return the graph itself, for a `with`; TensorFlow's way to write it."""
        return self

    def record(self, function: Callable[..., Any], args: Any, kwargs: Any) -> Tensor:
        """Return the Tensor that is the result of a call.

        Raises:
            TypeError: the call writes into an array, which would not be the user's.
            ValueError: a Tensor or a Variable among the arguments is of another graph.
        """
        name = name_of(function)
        if name in WRITERS or name.endswith(".at") or _has_out(function, args, kwargs):
            raise TypeError(f"a graph must not write into an array, got np.{name}; use its result")
        if name in _FILE_WRITERS:
            raise TypeError(f"a graph must not write a file, got np.{name}; save tensor.eval()")
        self.check_own([*args, *kwargs.values()])
        return Tensor(self, self.unique_name(name), function, args, kwargs)

    def act(self, name: str, function: Callable[[], Any], inputs: Any) -> Operation:
        """Return the operation that calls a function."""
        self.check_own(inputs)
        tensors = [part for part in parts(inputs) if isinstance(part, Tensor)]
        return Operation(self, self.unique_name(name), function, tensors)

    def check_own(self, values: Any) -> None:
        """Raise ValueError if a Tensor, Variable or operation is of another graph, or of none."""
        for value in parts(values):
            if isinstance(value, Tensor | Variable | Operation) and value.graph is not self:
                where = "none" if value.graph is None else "another one"
                raise ValueError(
                    f"{describe(value)} must be from the same graph as what is written with it, "
                    f"got one of {where}; make both inside with graph:"
                )

    def add(self, variable: Variable) -> None:
        """Take a new Variable into the graph, under a name that no other has."""
        variable.graph = self
        variable.name = self.unique_name(variable.name)
        self._first[variable] = variable.array

    def at_start(self, function: Callable[[], None]) -> None:
        """Call a function whenever the initializer is run."""
        self._starts.append(function)

    def add_step(self, step: Operation) -> None:
        """Take the operation of an optimizer into the collection of them."""
        self._steps.append(step)

    def unique_name(self, name: str) -> str:
        """Return a name, with a number behind it if it is taken, and take it."""
        unique = name
        number = 0
        # TensorFlow's names differ in more than case.
        while unique.lower() in self._names:
            number += 1
            unique = f"{name}_{number}"
        self._names.add(unique.lower())
        return unique

    def get_collection(self, key: str) -> list[Any]:
        """Return a collection of `GraphKeys`; an empty list for any other."""
        if key == GraphKeys.TRAIN_OP:
            return list(self._steps)
        variables = list(self._first)
        if key == GraphKeys.TRAINABLE_VARIABLES:
            return [variable for variable in variables if variable.trainable]
        return variables if key == GraphKeys.GLOBAL_VARIABLES else []

    def initializer(self) -> Operation:
        """Return the operation that gives all Variables of the graph their first values again."""

        def initialize() -> None:
            for variable, value in self._first.items():
                variable.store(value)
            for start in self._starts:
                start()

        return self.act("init", initialize, [])


def _has_out(function: Callable[..., Any], args: Any, kwargs: Any) -> bool:
    """Return whether a call of NumPy writes its result into an array."""
    ufunc = getattr(function, "__self__", None)
    if isinstance(ufunc, np.ufunc) and function.__name__ == "__call__":
        return len(args) > ufunc.nin or kwargs.get("out") is not None
    try:
        arguments = signature(function).bind(*args, **kwargs).arguments
    except (TypeError, ValueError):
        # Some functions in C have no signature.
        arguments = kwargs
    return arguments.get("out") is not None


def get_default_graph() -> Graph:
    """Return the graph whose block is open, the innermost one; raise RuntimeError if none is."""
    graph = graph_of([])
    if graph is None:
        raise RuntimeError("a graph must be open, got none; write with tf1.Graph():")
    return graph


def graph_of(values: Any) -> Graph | None:
    """Return the graph that is open, or else the one that Tensors or Variables belong to.

    Raises:
        ValueError: one of the values is of another graph.
    """
    graph = recorder_of(values)
    if not isinstance(graph, Graph):
        return None
    graph.check_own(values)
    return graph


def global_variables() -> list[Variable]:
    """Return all Variables of the open graph, in the order in which they were made."""
    return get_default_graph().get_collection(GraphKeys.GLOBAL_VARIABLES)


def trainable_variables() -> list[Variable]:
    """Return the Variables of the open graph that were not made with ``trainable=False``."""
    return get_default_graph().get_collection(GraphKeys.TRAINABLE_VARIABLES)


def global_variables_initializer() -> Operation:
    """Return the operation that gives all Variables their first values again, slots included."""
    return get_default_graph().initializer()
