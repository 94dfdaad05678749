"""The graph that expressions of Variables are recorded in, if one is open; `tf1.Graph` is one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple, Protocol


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


class OpenGraphs(NamedTuple):
    """The graphs whose blocks are open, the innermost first; whether nothing is recorded now."""

    graphs: tuple[Recorder, ...] = ()
    closed: bool = False


# A context variable, so that each thread has its own.
GRAPHS: ContextVar[OpenGraphs] = ContextVar("graphs", default=OpenGraphs())  # noqa: B039


def open_graph() -> Recorder | None:
    """Return the graph whose block is open, or None."""
    graphs, closed = GRAPHS.get()
    return graphs[0] if graphs and not closed else None


def graph_unless_closed(graph: Recorder | None) -> Recorder | None:
    """Return the graph that something belongs to, or None while a graph is run."""
    return None if GRAPHS.get().closed else graph


@contextmanager
def closed_graphs() -> Iterator[None]:
    """Compute what is written in this block, whatever graph it belongs to."""
    token = GRAPHS.set(OpenGraphs(closed=True))
    try:
        yield
    finally:
        GRAPHS.reset(token)
