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

    def at_start(self, function: Callable[[], None]) -> None:
        """Call a function whenever all Variables get their first values again."""

    def __enter__(self) -> Any: ...

    def __exit__(self, *error: object) -> None: ...

    def add(self, variable: Any) -> None:
        """Take a new Variable into the graph."""


class Block(NamedTuple):
    """A `with` block: of a graph that is open in it, or, with None, of a run, which records none.

    ``outer`` is the block around it.
    """

    graph: Recorder | None
    outer: "Block | None"


# The innermost block; None outside of all. A context variable, so that each thread has its own.
BLOCK: ContextVar[Block | None] = ContextVar("block", default=None)


def open_graph() -> Recorder | None:
    """Return the graph whose block is open, or None."""
    block = BLOCK.get()
    return None if block is None else block.graph


def records_nothing() -> bool:
    """Return whether a graph is run now, or a loss is computed, so that nothing is recorded."""
    block = BLOCK.get()
    return block is not None and block.graph is None


def graph_unless_closed(graph: Recorder | None) -> Recorder | None:
    """Return the graph that something belongs to, or None while a graph is run."""
    return None if records_nothing() else graph


@contextmanager
def closed_graphs() -> Iterator[None]:
    """Compute what is written in this block, whatever graph it belongs to."""
    token = BLOCK.set(Block(None, BLOCK.get()))
    try:
        yield
    finally:
        BLOCK.reset(token)
