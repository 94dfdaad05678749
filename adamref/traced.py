"""NumPy on Variables: plain results, or a record of the way to them while a loss is differentiated.

NumPy hands a call to its operands (`__array_ufunc__`, `__array_function__`). If one of them is traced, the function of
the same name in `autograd.numpy`, which knows its derivative, is called in its place.
"""

import operator
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

Function = Callable[..., Any]

# Methods that are the NumPy function of the same name.
_METHODS = (
    "all any argmax argmin astype clip cumsum diagonal dot max mean min prod ravel repeat reshape round squeeze std "
    "sum swapaxes trace transpose var"
)
# Keywords that change a result, and that autograd's derivatives pass by.
_OVERLOOKED = ("out", "where", "initial", "correction", "mean")


class Operand(NDArrayOperatorsMixin):
    """What stands in the place of an array: operators, functions and the usual methods of NumPy work on it."""

    def read(self) -> Any:
        """The value: an array, or a Traced while a loss is differentiated."""
        raise NotImplementedError

    def numpy(self) -> Any:
        """The value as a new array; in a loss it is a constant."""
        raise NotImplementedError

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method == "at":
            raise in_place(f"np.{ufunc.__name__}.at")
        return _call(getattr(ufunc, method), inputs, kwargs)

    def __array_function__(self, function: Function, types: Any, args: Any, kwargs: Any) -> Any:
        return _call(function, args, kwargs)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        value = self.read()
        if isinstance(value, Traced):
            raise TypeError(
                f"a loss must not turn into a plain array what it is differentiated by, got {self!r}; use np.stack or "
                "np.concatenate to build arrays, or .numpy() for a constant"
            )
        return np.array(value, dtype, copy=copy)

    def __pos__(self) -> Any:  # np.positive has no derivative in autograd
        return self.read()

    def __getitem__(self, key: Any) -> Any:
        return _call(operator.getitem, (self, key), {})

    def __setitem__(self, key: Any, value: Any) -> None:
        raise TypeError(f"single elements must not be set, got {key!r} of {self!r}; assign a whole array")

    def __getattr__(self, name: str) -> Any:
        if name not in _METHODS.split():
            raise AttributeError(f"name must be that of an attribute of {type(self).__name__}, got {name!r}")
        return lambda *args, **kwargs: getattr(np, name)(self, *args, **kwargs)

    def __len__(self) -> int:
        return len(self.numpy())

    def __iter__(self) -> Iterator[Any]:
        return (self[index] for index in range(len(self)))

    def __bool__(self) -> bool:
        return bool(self.numpy())

    def __float__(self) -> float:
        return float(np.asarray(self))

    def __int__(self) -> int:
        return int(np.asarray(self))

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


class Traced(Operand):
    """A value that depends on Variables, while a loss is differentiated.

    Args:
        box: autograd's: the value with the node that knows the derivative.
    """

    def __init__(self, box: Any) -> None:
        self.box = box

    def read(self) -> "Traced":
        return self

    def numpy(self) -> Any:
        from autograd.tracer import getval

        return np.array(getval(self.box))

    def __repr__(self) -> str:
        return f"<Traced shape={self.shape} dtype={self.dtype}, numpy={self.numpy()!r}>"


def _call(function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """``function`` of NumPy, traced if something in ``args`` is."""
    if any(isinstance(one, Operand) for one in _leaves(kwargs.get("out"))):
        raise in_place("it as out")
    args, kwargs = _opened(args), {name: _opened(value) for name, value in kwargs.items()}
    for name, value in kwargs.items():
        if any(isinstance(one, Traced) for one in _leaves(value)):
            raise TypeError(f"{name} must be given by its position to be differentiated, got {name}=")
    if any(isinstance(one, Traced) for one in _leaves(args)):
        return _traced_call(function, args, kwargs)
    return function(*args, **kwargs)


def _traced_call(function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    from autograd.tracer import isbox

    if any(isbox(one) for one in _leaves(args)):
        raise TypeError("a loss must not mix Variables with values that autograd traces by itself, got both")
    for name in _OVERLOOKED:
        if kwargs.get(name) is not None:
            raise TypeError(f"{name} must be left out in a loss, got {name}=, which autograd overlooks; use np.where")
    try:
        return _closed(_differentiable(function)(*_opened(args, boxes=True), **kwargs))
    except (NotImplementedError, AssertionError, TypeError) as error:
        raise no_derivative(f"{_name(function)}: {error}") from error


def _differentiable(function: Function) -> Function:
    """What autograd has in the place of a function of NumPy."""
    import autograd.numpy as anp

    if function is operator.getitem:
        return operator.getitem  # of autograd's box
    homes = {"numpy.linalg": anp.linalg, "numpy.fft": anp.fft}
    found = getattr(homes.get(getattr(function, "__module__", ""), anp), _name(function), None)
    if found is None:
        raise NotImplementedError("no function of autograd.numpy")
    return found  # type: ignore[no-any-return]


def _name(function: Function) -> str:
    """The name of a function; that of a ufunc for its call, which NumPy hands over as a method."""
    ufunc = getattr(function, "__self__", None)
    if isinstance(ufunc, np.ufunc):
        return ufunc.__name__ if function.__name__ == "__call__" else f"{ufunc.__name__}.{function.__name__}"
    return function.__name__


def in_place(got: str) -> TypeError:
    return TypeError(f"a Variable must not be changed in place, got {got}; write var.assign(var + 1) for var += 1")


def no_derivative(got: str) -> TypeError:
    return TypeError(
        f"a loss must consist of what autograd.numpy differentiates, got {got}; "
        "write it with other functions, or apply it to a constant, var.numpy()"
    )


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, list | tuple):
        for one in value:
            yield from _leaves(one)
    else:
        yield value


def _opened(value: Any, boxes: bool = False) -> Any:
    """``value`` with what its operands read in their place; with autograd's boxes instead of Traced if asked."""
    if isinstance(value, list | tuple):
        return type(value)(_opened(one, boxes) for one in value)
    if isinstance(value, Operand):
        value = value.read()
    return value.box if boxes and isinstance(value, Traced) else value


def _closed(result: Any) -> Any:
    """A result of autograd with Traced in the place of boxes."""
    from autograd.tracer import getval, isbox

    kind = type(getval(result))
    if getattr(result, "dtype", None) == np.dtype(object):
        raise NotImplementedError("an array of traces, not a trace")
    if issubclass(kind, list | tuple):
        items = [_closed(result[index]) for index in range(len(result))]
        return kind(*items) if hasattr(kind, "_fields") else kind(items)
    return Traced(result) if isbox(result) else result
