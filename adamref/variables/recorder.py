"""The graph that expressions of Variables are recorded in, if one is open; `tf1.Graph` is one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol


class Recorder(Protocol):
    """The part of a graph that Variables and NumPy's functions on them need."""

    def record(self, function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """Return what stands for the result of a call that is made later."""

    def act(self, name: str, function: Callable[[], Any], inputs: Any) -> Any:
        """Return what stands for a call that changes Variables later."""

    def unique_name(self, name: str) -> str:
        """Return a name that nothing else in the graph has."""

    def add(self, variable: Any) -> None:
        """Take a new Variable into the graph."""


# The graphs whose blocks are open, the innermost first. A context variable, so that each thread has
# its own.
GRAPHS: ContextVar[tuple[Recorder, ...]] = ContextVar("graphs", default=())


def open_graph() -> Recorder | None:
    """Return the graph in which expressions are recorded now, or None: they are computed."""
    graphs = GRAPHS.get()
    return graphs[0] if graphs else None


@contextmanager
def closed_graphs() -> Iterator[None]:
    """Compute what is written in this block, also inside the block of a graph."""
    token = GRAPHS.set(())
    try:
        yield
    finally:
        GRAPHS.reset(token)
