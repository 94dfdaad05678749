"""What stands in the place of an array: the attributes and methods of one, by the functions of NumPy."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

# Methods that are the NumPy function of the same name.
_METHODS = (
    "all any argmax argmin argsort astype clip copy cumprod cumsum diagonal dot max mean min nonzero prod ravel repeat "
    "round searchsorted squeeze std sum swapaxes take trace var"
)


class ArrayLike(NDArrayOperatorsMixin):
    """The operators, the usual attributes and the usual methods of an array."""

    def numpy(self) -> Any:
        """The value as a new array; in a loss it is a constant."""
        raise NotImplementedError

    def __setitem__(self, key: Any, value: Any) -> None:
        way_out = "assign a whole array, or build one with np.where"
        raise TypeError(f"single elements must not be set, got {key!r} of {self!r}; {way_out}")

    def __getattr__(self, name: str) -> Any:
        if name in _METHODS.split():
            return lambda *args, **kwargs: getattr(np, name)(self, *args, **kwargs)
        remedy = (
            f"write np.{name}(x)"
            if hasattr(np, name)
            else f".numpy().{name} is that of a constant copy"
        )
        way_out = f"; {remedy}" if hasattr(np.ndarray, name) else ""
        raise AttributeError(
            f"name must be that of an attribute of {type(self).__name__}, got {name!r}{way_out}"
        )

    def __len__(self) -> int:
        return len(self.numpy())

    def __iter__(self) -> Iterator[Any]:
        return (self[index] for index in range(len(self)))

    def __getitem__(self, key: Any) -> Any:
        raise NotImplementedError

    def __bool__(self) -> bool:
        return bool(self.numpy())

    # Not by numpy(): what `plain[0] = x` stores is float(x), and in a loss it would be a constant without a word.

    def __float__(self) -> float:
        return float(np.asarray(self))

    def __int__(self) -> int:
        return int(np.asarray(self))

    # What is asked for by name, or to be printed, is a constant in a loss.

    def __format__(self, spec: str) -> str:
        return format(self.numpy()[()], spec) if spec else str(self)

    def item(self, *args: Any) -> Any:
        return self.numpy().item(*args)

    def tolist(self) -> Any:
        return self.numpy().tolist()

    def flatten(self, order: Any = "C") -> Any:
        return np.ravel(np.copy(self), order)

    def reshape(self, *shape: Any, **options: Any) -> Any:
        return np.reshape(self, *(shape if len(shape) < 2 else (shape,)), **options)

    def transpose(self, *axes: Any) -> Any:
        return np.transpose(self, *(axes if len(axes) < 2 else (axes,)))

    @property
    def shape(self) -> tuple[int, ...]:
        return np.shape(self.numpy())

    @property
    def dtype(self) -> "np.dtype[Any]":
        return np.result_type(self.numpy())

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return int(np.size(self.numpy()))

    @property
    def T(self) -> Any:  # noqa: N802  # NumPy's name
        return np.transpose(self)

    @property
    def mT(self) -> Any:  # noqa: N802  # NumPy's name
        return np.matrix_transpose(self)
