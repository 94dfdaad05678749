"""ArrayLike: the attributes and methods of an array, each by a function of NumPy."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

# Methods that are the NumPy function of the same name.
_METHODS = (
    "all any argmax argmin argsort astype clip copy cumprod cumsum diagonal dot max mean min "
    "nonzero prod ravel repeat round searchsorted squeeze std sum swapaxes take trace var"
)


class ArrayLike(NDArrayOperatorsMixin):
    """The operators, the usual attributes and the usual methods of an array."""

    def numpy(self) -> Any:
        """Return the value as a new array; in a loss it is a constant."""
        raise NotImplementedError

    def __setitem__(self, key: Any, value: Any) -> None:
        way_out = "assign a whole array, or build one with np.where"
        raise TypeError(f"single elements must not be set, got {key!r} of {self!r}; {way_out}")

    def __getattr__(self, name: str) -> Any:
        # Not `in _METHODS`, which would take a part of a name for a name.
        if name in _METHODS.split():
            return lambda *args, **kwargs: getattr(np, name)(self, *args, **kwargs)
        message = f"{type(self).__name__} has no attribute {name!r}"
        # Somebody who asks for an attribute that arrays have gets the way to write it here.
        if hasattr(np.ndarray, name):
            if hasattr(np, name):
                message += f"; write np.{name}(x)"
            else:
                message += f"; .numpy().{name} is the attribute of a constant copy"
        raise AttributeError(message)

    @property
    def rebinds(self) -> bool:
        """Whether t += x names a new t, as for numbers. Of an array, all its names would change."""
        return False

    def __iadd__(self, other: Any) -> Any:
        return self + other if self.rebinds else super().__iadd__(other)

    def __isub__(self, other: Any) -> Any:
        return self - other if self.rebinds else super().__isub__(other)

    def __imul__(self, other: Any) -> Any:
        return self * other if self.rebinds else super().__imul__(other)

    def __itruediv__(self, other: Any) -> Any:
        return self / other if self.rebinds else super().__itruediv__(other)

    def __len__(self) -> int:
        return len(self.numpy())

    def __iter__(self) -> Iterator[Any]:
        return (self[index] for index in range(len(self)))

    def __getitem__(self, key: Any) -> Any:
        raise NotImplementedError

    def __bool__(self) -> bool:
        return bool(self.numpy())

    # Not by numpy(): `plain[0] = x` stores float(x), which would silently be a constant in a loss.
    # np.asarray refuses a traced value instead.

    def __float__(self) -> float:
        return float(np.asarray(self))

    def __int__(self) -> int:
        return int(np.asarray(self))

    # By numpy(): a user who prints a value, or asks for it by name, wants a constant.

    def __format__(self, spec: str) -> str:
        if not spec:
            return str(self)
        return format(self.numpy()[()], spec)

    def item(self, *args: Any) -> Any:
        return self.numpy().item(*args)

    def tolist(self) -> Any:
        return self.numpy().tolist()

    def flatten(self, order: Any = "C") -> Any:
        return np.ravel(np.copy(self), order)

    # The methods take the shape or axes as one tuple or spread out; NumPy's functions, as a tuple.

    def reshape(self, *shape: Any, **options: Any) -> Any:
        if len(shape) < 2:
            return np.reshape(self, *shape, **options)
        return np.reshape(self, shape, **options)

    def transpose(self, *axes: Any) -> Any:
        if len(axes) < 2:
            return np.transpose(self, *axes)
        return np.transpose(self, axes)

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
