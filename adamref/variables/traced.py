"""NumPy on Variables: plain results, or a trace of them while a loss is differentiated.

NumPy hands a call to its operands (`__array_ufunc__`, `__array_function__`). If an operand is
traced, `numpy_rules` may have the function in another form. Otherwise the function of the same name
in `autograd.numpy`, which knows its derivative, is called instead. In the block of a graph nothing
is computed: the call is recorded.
"""

import operator
from collections.abc import Callable, Iterator
from inspect import signature
from typing import Any

import numpy as np

from .arraylike import ArrayLike
from .numpy_rules import REWRITTEN
from .recorder import Recorder, graph_unless_closed, open_graph

Function = Callable[..., Any]
Args = tuple[Any, ...]
Kwargs = dict[str, Any]

# Keywords that change a result while autograd's derivatives ignore them; and what to write instead.
_OVERLOOKED = {
    "out": "write a = a + b for a += b, and a = np.add(a, b) for out=a",
    "where": "use np.where",
    "initial": "combine the result with it, as in np.sum(a) + initial",
    "correction": "use ddof",
    "mean": "the function computes it",
}
# Functions that write into their first argument, as every ufunc.at does too.
WRITERS = ("copyto", "fill_diagonal", "place", "put", "put_along_axis", "putmask")


class Operand(ArrayLike):
    """An array that NumPy's functions take: a Variable, or a value between it and the loss."""

    # The graph that it belongs to, if any.
    graph: Recorder | None = None

    @property
    def recorder(self) -> Recorder | None:
        """The graph in which what is computed with it is recorded, in the graph's block or not."""
        return graph_unless_closed(self.graph)

    def read(self) -> Any:
        """Return the value: an array, or a Traced while a loss is differentiated."""
        raise NotImplementedError

    def __array_ufunc__(
        self,
        ufunc: np.ufunc,
        method: str,
        *inputs: Any,
        **kwargs: Any,
    ) -> Any:
        if method == "at" and isinstance(inputs[0], Operand):
            raise _in_place(inputs[0], f"np.{ufunc.__name__}.at")
        return _call(getattr(ufunc, method), inputs, kwargs)

    def __array_function__(
        self,
        function: Function,
        types: Any,
        args: Any,
        kwargs: Any,
    ) -> Any:
        return _call(function, args, kwargs)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        value = self.read()
        # A plain array has no way back to the Variable: the gradient would silently lack a part.
        if isinstance(value, Traced):
            raise TypeError(
                "a loss must not turn a value that it is differentiated by into a plain array, "
                f"got {self!r}; use np.stack or np.concatenate to build arrays, "
                "x * np.ones(shape) for np.full(shape, x), .numpy() for a constant, "
                "or f'{x:.3f}' to print it"
            )
        if isinstance(value, Operand):
            raise TypeError(
                f"a graph must not turn a value into a plain array, got {self!r}; use np.stack or "
                "np.concatenate to build arrays, and .numpy() of a Variable for a constant"
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

    # A value that nobody can change is its own copy, and so stays in the trace.

    def __copy__(self) -> "Traced":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "Traced":
        return self

    @property
    def rebinds(self) -> bool:
        return not self.shape

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError(
            f"a loss must not pickle a value that it is differentiated by, got {self!r}; "
            "pickle .numpy() of it"
        )

    def numpy(self) -> Any:
        from autograd.tracer import getval

        return np.array(getval(self.box))

    def __repr__(self) -> str:
        return f"<Traced shape={self.shape} dtype={self.dtype}, numpy={self.numpy()!r}>"


def _call(function: Function, args: Args, kwargs: Kwargs) -> Any:
    """Call a function of NumPy, traced if something in the arguments is."""
    for target in leaves(kwargs.get("out")):
        if isinstance(target, Operand):
            raise _in_place(target, "it as out")
    graph = recorder_of([args, *kwargs.values()])
    if graph:
        return graph.record(function, args, kwargs)
    # Reading tells the tape, and tells us: outside of a loss an operand reads as a plain array.
    args = _read_operands(args)
    kwargs = {name: _read_operands(value) for name, value in kwargs.items()}
    if _has_traced([args, *kwargs.values()]):
        return _traced_call(function, args, kwargs)
    return function(*args, **kwargs)


def recorder_of(values: Any) -> Recorder | None:
    """Return the graph in which a call with some arguments is recorded, or None: it is made."""
    graphs = (leaf.recorder for leaf in leaves(values) if isinstance(leaf, Operand))
    return open_graph() or next(filter(None, graphs), None)


def _traced_call(function: Function, args: Args, kwargs: Kwargs) -> Any:
    name = name_of(function)
    _check_call(name, args, kwargs)
    # First our own form of the function, where autograd lacks a derivative or has a wrong one.
    result = _rewritten_call(function, name, args, kwargs)
    if result is not NotImplemented:
        return result
    # autograd differentiates by positional arguments alone, and takes keywords for constants.
    for keyword, value in kwargs.items():
        if _has_traced(value):
            raise TypeError(
                f"{keyword} must be given by its position to be differentiated, got {keyword}="
            )
    try:
        return _wrap_boxes(differentiable(function)(*_unwrap_boxes(args), **kwargs))
    # The four ways in which autograd says that it has no derivative.
    except (NotImplementedError, AssertionError, KeyError, TypeError) as error:
        raise no_derivative(f"{name}: {error}") from error


def _check_call(name: str, args: Args, kwargs: Kwargs) -> None:
    """Raise TypeError if autograd would silently compute a wrong derivative."""
    from autograd.tracer import isbox

    if any(map(isbox, leaves(args))):
        raise TypeError(
            "a loss must not mix Variables with values that autograd traces by itself, got both"
        )
    if name in WRITERS or name.endswith(".at"):
        raise TypeError(
            "a loss must not write a value that it is differentiated by into an array, "
            f"got np.{name}; build a new array: np.stack, np.concatenate, np.where, "
            "or x * np.ones(shape) for np.full(shape, x)"
        )
    for keyword, remedy in _OVERLOOKED.items():
        if kwargs.get(keyword) is not None:
            raise TypeError(
                f"{keyword} must be left out in a loss, got {keyword}=, which autograd overlooks; "
                f"{remedy}"
            )


def _rewritten_call(function: Function, name: str, args: Args, kwargs: Kwargs) -> Any:
    """Return the result by `numpy_rules`; NotImplemented if there is no rule for this call."""
    # NumPy hands over a ufunc as its method np.clip.__call__; the rules have np.clip.
    is_ufunc = isinstance(getattr(function, "__self__", None), np.ufunc)
    if is_ufunc:
        function = getattr(np, name, function)
    rule = REWRITTEN.get(function)
    if rule is None:
        return NotImplemented
    try:
        signature(rule).bind(*args, **kwargs)
    except TypeError as error:
        raise no_derivative(f"{name}: {error}") from None
    return rule(*args, **kwargs)


def differentiable(function: Function) -> Function:
    """Return autograd's function for one of NumPy."""
    import autograd.numpy as anp

    if function is operator.getitem:
        return operator.getitem  # of autograd's box
    homes = {"numpy.linalg": anp.linalg, "numpy.fft": anp.fft}
    home = homes.get(getattr(function, "__module__", ""), anp)
    counterpart = getattr(home, name_of(function), None)
    if counterpart is None:
        raise NotImplementedError("no function of autograd.numpy")
    return counterpart  # type: ignore[no-any-return]


def name_of(function: Function) -> str:
    """Return the name of a function: `exp` for a call of np.exp, `add.reduce` for np.add.reduce."""
    ufunc = getattr(function, "__self__", None)
    if not isinstance(ufunc, np.ufunc):
        # An object that is called has a class.
        return getattr(function, "__name__", type(function).__name__)
    if function.__name__ == "__call__":
        return ufunc.__name__
    return f"{ufunc.__name__}.{function.__name__}"


def _in_place(target: Operand, got: str) -> TypeError:
    if isinstance(target, Traced):
        return TypeError(
            f"a value in a loss must not be changed in place, got {got}; write t = t + 1 for t += 1"
        )
    return TypeError(
        f"a Variable must not be changed in place, got {got}; "
        "write var.assign(var + 1) for var += 1"
    )


def no_derivative(got: str) -> TypeError:
    """Return the error for a function that autograd cannot differentiate."""
    return TypeError(
        f"a loss must consist of functions that autograd.numpy differentiates, got {got}; "
        "write it with other functions, or apply it to a constant, var.numpy()"
    )


def leaves(value: Any) -> Iterator[Any]:
    """Yield all values in nested lists and tuples."""
    if isinstance(value, list | tuple):
        for part in value:
            yield from leaves(part)
    else:
        yield value


def _has_traced(value: Any) -> bool:
    return any(isinstance(leaf, Traced) for leaf in leaves(value))


def _read_operands(value: Any) -> Any:
    """Return ``value`` with the value of each Operand in its place."""
    if isinstance(value, list | tuple):
        return type(value)(_read_operands(part) for part in value)
    return value.read() if isinstance(value, Operand) else value


def _unwrap_boxes(value: Any) -> Any:
    """Return ``value`` with autograd's box in the place of each Traced."""
    if isinstance(value, list | tuple):
        return type(value)(_unwrap_boxes(part) for part in value)
    return value.box if isinstance(value, Traced) else value


def _wrap_boxes(result: Any) -> Any:
    """Return a result of autograd with a Traced in the place of each box."""
    from autograd.tracer import getval, isbox

    if getattr(result, "dtype", None) == np.dtype(object):
        raise NotImplementedError("an array of traces, not a trace")
    kind = type(getval(result))
    if issubclass(kind, list | tuple):
        # A box of a tuple has no iterator of its own, but an index gives a box.
        items = [_wrap_boxes(result[index]) for index in range(len(result))]
        # Results of np.linalg are named tuples, which take their items one by one.
        return kind(*items) if hasattr(kind, "_fields") else kind(items)
    return Traced(result) if isbox(result) else result
