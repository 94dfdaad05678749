"""Placeholders: Tensors whose values are given at each run."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..variables.recorder import Recorder, open_graph
from .tensor import Tensor, active_run

Shape = tuple[int | None, ...]


class Placeholder(Tensor):
    """A Tensor whose value is given at each run."""

    def __init__(
        self,
        graph: Recorder,
        name: str,
        dtype: "np.dtype[Any]",
        shape: Shape | None,
    ) -> None:
        super().__init__(graph, name, np.copy)
        self._dtype = dtype
        self._shape = shape

    @property
    def shape(self) -> Any:
        """The shape that it was made with, None for any length; or that of its value in a run."""
        made = active_run() is None and self._shape is not None
        return self._shape if made else super().shape

    @property
    def dtype(self) -> "np.dtype[Any]":
        return self._dtype

    def compute(self, values: Mapping[Tensor, Any]) -> Any:
        fed = [tensor.name for tensor in values if isinstance(tensor, Placeholder)]
        raise ValueError(
            f"You must feed a value for placeholder tensor {self.name!r} with dtype {self._dtype}: "
            f"feed_dict must have it, got {fed}"
        )

    def accept(self, value: Any) -> Any:
        """Return a value as an array of the dtype; raise ValueError if it has another shape."""
        array = np.array(value, self._dtype)
        shape = self._shape
        if shape is not None:
            pairs = zip(array.shape, shape, strict=False)
            fits = len(array.shape) == len(shape) and all(due in (None, got) for got, due in pairs)
            if not fits:
                raise ValueError(
                    f"Cannot feed value of shape {array.shape} for Tensor {self.name!r}, which has "
                    f"shape {shape}"
                )
        return array


def placeholder(dtype: Any, shape: Any = None, name: str | None = None) -> Placeholder:
    """Return a Tensor whose value is given at each run, by ``feed_dict``.

    Args:
        dtype: of the values, which are converted to it.
        shape: a sequence in which None stands for any length; None is any shape.
        name: None is "Placeholder".

    Raises:
        RuntimeError: no graph is open.
        TypeError: ``dtype`` is no dtype.
        ValueError: a length is neither None nor an integer >= 0.
    """
    graph = open_graph()
    if graph is None:
        raise RuntimeError("placeholder must be called in a graph; write with tf1.Graph():")
    dtype = getattr(dtype, "as_numpy_dtype", dtype)
    try:
        kind = None if dtype is None else np.dtype(dtype)
    except TypeError:
        kind = None
    if kind is None:
        raise TypeError(f"dtype must be a dtype, such as np.float32, got {dtype!r}")
    if shape is not None:
        shape = tuple(shape)
        if not all(one is None or (isinstance(one, int) and one >= 0) for one in shape):
            raise ValueError(f"shape must be of None or integers >= 0, got {shape}")
    return Placeholder(graph, graph.unique_name(name or "Placeholder"), kind, shape)
