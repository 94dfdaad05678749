"""Session: runs Tensors and operations of a graph."""

from contextlib import ExitStack
from typing import Any, Self

from ..variables.variable import Variable
from .graph import Graph, Operation
from .tensor import GraphRun, OfGraph, Tensor, copy_value, map_parts, parts


class Session(OfGraph):
    """Runs what is recorded in a graph.

    A Session of TensorFlow holds the values of the variables; here a Variable holds its own, for
    all Sessions.

    Args:
        target, config: of no effect.
        graph: open inside ``with Session(graph):``, if it is given.
    """

    def __init__(
        self,
        target: str = "",  # noqa: ARG002
        graph: Graph | None = None,
        config: object = None,  # noqa: ARG002
    ) -> None:
        self.graph = graph
        self._blocks = ExitStack()

    def __enter__(self) -> Self:
        if self.graph is not None:
            self._blocks.enter_context(self.graph)
        return self

    def __exit__(self, *error: object) -> None:
        self._blocks.close()

    def close(self) -> None:
        """Do nothing: there is nothing to free."""

    def run(self, fetches: Any, feed_dict: Any = None) -> Any:
        """Compute Tensors and do operations.

        First all Tensors are computed and Variables are read. Then the operations are done, in the
        order in which they are named. So a loss that is fetched with a step is that before it.

        Args:
            fetches: Tensors, operations and Variables, or lists, tuples and dictionaries of them.
            feed_dict: the values of placeholders, or of any Tensors instead of computing them.

        Returns:
            Values in the place of what was copy_value; None for an operation that is no assignment.

        Raises:
            TypeError: something else is copy_value, or fed to.
            ValueError: a placeholder has no value, or one that does not fit.
        """
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
