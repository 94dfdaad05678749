"""Session: runs Tensors and operations of a graph."""

from contextlib import ExitStack
from typing import Any, Self

from ..variables.variable import Variable
from .graph import Graph, Operation, graph_of
from .nesting import copy_value, map_parts, parts
from .tensor import GraphRun, OfGraph, Tensor


class Session(OfGraph):
    """Runs what is recorded in a graph.

    A Session of TensorFlow holds the values of the variables; here a Variable holds its own, for
    all Sessions.

    Args:
        target, config: of no effect.
        graph: whose Tensors and operations it runs, and which is open inside
            ``with Session(graph=graph):``. None is the open one; outside of a graph, it is any.

    Raises:
        TypeError: ``graph`` is no Graph, or ``target`` no string.
    """

    def __init__(
        self,
        target: Any = "",
        graph: Any = None,
        config: object = None,  # noqa: ARG002
    ) -> None:
        if not isinstance(graph, Graph | None) or not isinstance(target, str):
            got = target if graph is None else graph
            raise TypeError(f"graph must be a Graph, got {got!r}; write Session(graph=graph)")
        self.graph: Graph | None = graph_of([]) if graph is None else graph
        self._closed = False
        self._blocks = ExitStack()

    def __enter__(self) -> Self:
        if self.graph is not None:
            self._blocks.enter_context(self.graph)
        return self

    def __exit__(self, *error: object) -> None:
        self._blocks.close()
        self.close()

    def close(self) -> None:
        """Run nothing any more."""
        self._closed = True

    def run(self, fetches: Any, feed_dict: Any = None) -> Any:
        """Compute Tensors and do operations.

        First all Tensors are computed and Variables are read. Then the operations are done, in the
        order in which they are named. So a loss that is fetched with a step is that before it.

        Args:
            fetches: Tensors, operations and Variables, or lists, tuples and dictionaries of them.
            feed_dict: the values of placeholders, or of any Tensors instead of computing them.

        Returns:
            Values in the place of what was fetched; None for an operation that is no assignment.

        Raises:
            RuntimeError: the Session is closed.
            TypeError: something else is fetched, or fed to.
            ValueError: a placeholder has no value, or one that does not fit; something is of
                another graph.
        """
        if self._closed:
            raise RuntimeError("Attempted to use a closed Session: make another one")
        if self.graph is not None:
            self.graph.check_own(fetches)
        for fetch in parts(fetches):
            if not isinstance(fetch, Tensor | Operation | Variable):
                raise TypeError(f"fetches must be Tensors, operations and Variables, got {fetch!r}")
        with GraphRun(feed_dict) as run:
            values: dict[Any, Any] = {}
            operations = []
            for fetch in parts(fetches):
                if isinstance(fetch, Tensor):
                    values[fetch] = copy_value(run.value(fetch))
                elif isinstance(fetch, Variable):
                    values[fetch] = fetch.numpy()
                elif fetch not in operations:
                    operations.append(fetch)
            # What an operation uses is computed before another one changes it.
            for operation in operations:
                operation.prepare(run)
            for operation in operations:
                values[operation] = operation.do()
        return map_parts(fetches, values.__getitem__)
