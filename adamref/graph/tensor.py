"""Tensors: values of a graph, recorded where they are written and computed when they are run."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from contextvars import ContextVar
from itertools import count
from typing import Any, Self

import numpy as np

from ..variables.recorder import Recorder, closed_graphs
from ..variables.traced import Operand
from ..variables.variable import TAPE
from .nesting import copy_value, map_parts, parts

_RECORDED = count()
# The run that computes now; None outside of a run.
_RUN: ContextVar["GraphRun | None"] = ContextVar("run", default=None)


class OfGraph:
    """Something that belongs to a graph, whose other parts a copy would not belong to."""

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError(
            f"{type(self).__name__} must not be copied or pickled, because it belongs to a graph, "
            f"got {self!r}; write the graph again"
        )


class Tensor(OfGraph, Operand):
    """The result of a call of NumPy that is made when the Tensor is run.

    It can be used like an array; the result is another Tensor. What has no value yet, such as a
    shape or the condition of an `if`, is an error that says so.

    Args:
        graph: where it is recorded.
        name: unique in the graph.
        function: the function to call.
        args, kwargs: its arguments; Tensors in them, in lists of any nesting, are computed first.
        sources: what it depends on, if that is not in the arguments.
    """

    def __init__(
        self,
        graph: Recorder,
        name: str,
        function: Callable[..., Any],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
        sources: tuple[Any, ...] = (),
    ) -> None:
        self.graph: Recorder = graph
        self.name = name
        self.function = function
        # Copies, because a graph is run long after it is written.
        self.args = tuple(map(_constant, args))
        self.kwargs = {key: _constant(value) for key, value in (kwargs or {}).items()}
        self.sources = sources
        # Whatever a Tensor is computed from was recorded before it.
        self.number = next(_RECORDED)

    @property
    def inputs(self) -> list[Any]:
        """What the function takes: Tensors, Variables and constants."""
        return list(parts([self.args, self.kwargs]))

    def eval(self, feed_dict: Any = None, session: object = None) -> Any:  # noqa: ARG002
        """Return the value; ``feed_dict`` has the values of placeholders."""
        with GraphRun(feed_dict) as run:
            return copy_value(run.value(self))

    def accept(self, value: Any) -> Any:
        """Return a value that is fed as an array; raise ValueError if it does not fit."""
        return np.array(value)

    def compute(self, values: Mapping["Tensor", Any]) -> Any:
        """Return the value, given those of the Tensors that it is computed from."""
        args = fill(self.args, values)
        kwargs = fill(self.kwargs, values)
        try:
            return self.function(*args, **kwargs)
        except Exception as error:
            error.add_note(f"in the Tensor {self.name!r}")
            raise

    def numpy(self) -> Any:
        run = _RUN.get()
        if run is None:
            raise self._only_when_run(
                "value and a truth", "tensor.eval() outside of the graph, and np.where for an if"
            )
        return run.value(self)

    def read(self) -> Any:
        # In a loss that is differentiated, the value must be traced.
        return self.numpy() if TAPE.get() is None else current_run().value_anew(self)

    @property
    def shape(self) -> Any:
        if _RUN.get() is None:
            raise self._only_when_run("shape", "np.shape(tensor)")
        return super().shape

    @property
    def dtype(self) -> Any:
        if _RUN.get() is None:
            raise self._only_when_run("dtype", "np.astype(tensor, dtype)")
        return super().dtype

    def __len__(self) -> int:
        if _RUN.get() is None:
            raise self._only_when_run("length", "np.shape(tensor)[0]")
        return super().__len__()

    def _only_when_run(self, what: str, way_out: str) -> TypeError:
        return TypeError(
            f"a Tensor has a {what} only when it is run, got {self!r}; write {way_out}"
        )

    # t += 1 names a new Tensor t, as in TensorFlow.
    rebinds = True

    # A class with __eq__ loses its hash, and values are kept in dictionaries by their Tensor.
    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"<Tensor {self.name!r}>"


class GraphRun:
    """One run of a graph: the Variables are read as they are, and each Tensor is computed once.

    Args:
        feed_dict: the values of placeholders, or of any Tensors instead of computing them.

    Raises:
        TypeError: a key is no Tensor.
        ValueError: a value does not fit its placeholder.
    """

    def __init__(self, feed_dict: Any = None) -> None:
        self._feeds: dict[Tensor, Any] = {}
        if not isinstance(feed_dict, Mapping | None):
            raise TypeError(
                f"feed_dict must be a dictionary, got {feed_dict!r}; write {{x: value}}"
            )
        for tensor, value in (feed_dict or {}).items():
            if not isinstance(tensor, Tensor):
                raise TypeError(f"feed_dict must have Tensors as its keys, got {tensor!r}")
            self._feeds[tensor] = tensor.accept(value)
        self._values = dict(self._feeds)
        self._blocks = ExitStack()

    def __enter__(self) -> Self:
        token = _RUN.set(self)
        self._blocks.callback(_RUN.reset, token)
        self._blocks.enter_context(closed_graphs())
        return self

    def __exit__(self, *error: object) -> None:
        self._blocks.close()

    def value(self, tensor: Tensor) -> Any:
        """Return the value of a Tensor."""
        for each in self._missing(tensor):
            self._values[each] = each.compute(self._values)
        return self._values[tensor]

    def value_anew(self, tensor: Tensor) -> Any:
        """Return the value, computed from the feeds and the Variables alone, to be traced."""
        return GraphRun(self._feeds).value(tensor)

    def _missing(self, tensor: Tensor) -> list[Tensor]:
        """Return the Tensors without a value that one needs, in the order of computation."""
        # No recursion, because a graph may be deeper than Python's stack.
        needed: set[Tensor] = set()
        waiting = [tensor]
        while waiting:
            each = waiting.pop()
            if each in self._values or each in needed:
                continue
            needed.add(each)
            waiting.extend(one for one in each.inputs if isinstance(one, Tensor))
        return sorted(needed, key=lambda each: each.number)


def active_run() -> GraphRun | None:
    """Return the run that computes now, or None."""
    return _RUN.get()


def current_run() -> GraphRun:
    """Return the run that computes now; raise RuntimeError if there is none."""
    run = active_run()
    if run is None:
        raise RuntimeError("a Tensor must be computed in a run; write tensor.eval()")
    return run


def fill(value: Any, values: Mapping[Tensor, Any]) -> Any:
    """Return nested lists, tuples and dictionaries with the value of each Tensor in its place."""
    return map_parts(value, lambda part: values[part] if isinstance(part, Tensor) else part)


def _constant(value: Any) -> Any:
    return map_parts(value, lambda part: part.copy() if isinstance(part, np.ndarray) else part)
