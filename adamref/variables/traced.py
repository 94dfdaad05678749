"""NumPy on Variables: plain results, or a record of the way to them while a loss is differentiated.

NumPy hands a call to its operands (`__array_ufunc__`, `__array_function__`). If one of them is traced, the function of
the same name in `autograd.numpy`, which knows its derivative, is called in its place; or what `numpy_rules` has.
"""

import operator
from collections.abc import Callable, Iterator
from inspect import signature
from typing import Any

import numpy as np

from .arraylike import ArrayLike
from .numpy_rules import REWRITTEN

Function = Callable[..., Any]

# Keywords that change a result, and that autograd's derivatives pass by; and what to write instead.
_OVERLOOKED = {
    "out": "write a = a + b for a += b, and a = np.add(a, b) for out=a",
    "where": "use np.where",
    "initial": "combine the result with it, as in np.sum(a) + initial",
    "correction": "use ddof",
    "mean": "the function computes it",
}
# Functions that write into their first argument, as do all named ufunc.at.
_WRITERS = ("copyto", "fill_diagonal", "place", "put", "put_along_axis", "putmask")


class Operand(ArrayLike):
    """An array that NumPy's functions and operators take: a Variable, or a value on the way from it to a loss."""

    def read(self) -> Any:
        """The value: an array, or a Traced while a loss is differentiated."""
        raise NotImplementedError

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method == "at" and isinstance(inputs[0], Operand):
            raise _in_place(inputs[0], f"np.{ufunc.__name__}.at")
        return _call(getattr(ufunc, method), inputs, kwargs)

    def __array_function__(self, function: Function, types: Any, args: Any, kwargs: Any) -> Any:
        return _call(function, args, kwargs)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        value = self.read()
        if isinstance(value, Traced):
            raise TypeError(
                f"a loss must not turn into a plain array what it is differentiated by, got {self!r}; use np.stack or "
                "np.concatenate to build arrays, x * np.ones(shape) for np.full(shape, x), .numpy() for a constant, "
                "or f'{x:.3f}' to print it"
            )
        return np.array(value, dtype, copy=copy)

    def __getitem__(self, key: Any) -> Any:
        return _call(operator.getitem, (self, key), {})


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
    for target in leaves(kwargs.get("out")):
        if isinstance(target, Operand):
            raise _in_place(target, "it as out")
    args, kwargs = _opened(args), {name: _opened(value) for name, value in kwargs.items()}
    if any(isinstance(one, Traced) for one in leaves([args, *kwargs.values()])):
        return _traced_call(function, args, kwargs)
    return function(*args, **kwargs)


def _traced_call(function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    name = _name(function)
    _check_call(name, args, kwargs)
    result = _rewritten_call(function, name, args, kwargs)
    if result is not NotImplemented:
        return result
    for keyword, value in kwargs.items():
        if any(isinstance(one, Traced) for one in leaves(value)):
            raise TypeError(
                f"{keyword} must be given by its position to be differentiated, got {keyword}="
            )
    try:
        return _closed(_differentiable(function)(*_opened(args, boxes=True), **kwargs))
    except (NotImplementedError, AssertionError, KeyError, TypeError) as error:
        raise no_derivative(f"{name}: {error}") from error


def _check_call(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    from autograd.tracer import isbox

    if any(isbox(one) for one in leaves(args)):
        raise TypeError(
            "a loss must not mix Variables with values that autograd traces by itself, got both"
        )
    if name in _WRITERS or name.endswith(".at"):
        raise TypeError(
            f"a loss must not write into an array what it is differentiated by, got np.{name}; build a new array: "
            "np.stack, np.concatenate, np.where, or x * np.ones(shape) for np.full(shape, x)"
        )
    for keyword, remedy in _OVERLOOKED.items():
        if kwargs.get(keyword) is not None:
            raise TypeError(
                f"{keyword} must be left out in a loss, got {keyword}=, which autograd overlooks; {remedy}"
            )


def _rewritten_call(
    function: Function, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """The call by other functions, if it has to be."""
    is_ufunc = isinstance(getattr(function, "__self__", None), np.ufunc)
    rewritten = REWRITTEN.get(getattr(np, name, function) if is_ufunc else function)
    if rewritten is None:
        return NotImplemented
    try:
        signature(rewritten).bind(*args, **kwargs)
    except TypeError as error:
        raise no_derivative(f"{name}: {error}") from None
    return rewritten(*args, **kwargs)


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
        return (
            ufunc.__name__
            if function.__name__ == "__call__"
            else f"{ufunc.__name__}.{function.__name__}"
        )
    return function.__name__


def _in_place(target: Operand, got: str) -> TypeError:
    if isinstance(target, Traced):
        return TypeError(
            f"a value in a loss must not be changed in place, got {got}; write t = t + 1 for t += 1"
        )
    return TypeError(
        f"a Variable must not be changed in place, got {got}; write var.assign(var + 1) for var += 1"
    )


def no_derivative(got: str) -> TypeError:
    return TypeError(
        f"a loss must consist of what autograd.numpy differentiates, got {got}; "
        "write it with other functions, or apply it to a constant, var.numpy()"
    )


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, list | tuple):
        for one in value:
            yield from leaves(one)
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
