"""Arithmetic of a line of working, such as `0.5*3 + (1 - 0.5)*6^2`, without any rounding."""

import ast
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from math import isqrt

import ml_dtypes  # noqa: F401  (gives NumPy its bfloat16)
import numpy as np

_OPERATIONS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    # Exponents are counts of steps, and a power of a fraction by a count is a fraction.
    ast.Pow: lambda a, b: Fraction(a**b),
}


def value_of(expression: str) -> Fraction:
    """Return the value of an expression, each of whose operations is exact in float32.

    Args:
        expression: of decimals, `+ - * / ^`, parentheses, and the functions `sqrt`, `max` and
            `bfloat16`, which rounds to the nearest bfloat16.

    Raises:
        ValueError: the expression has something else in it, or a result that float32 would round.
    """
    text = expression.replace("^", "**")
    return _value(ast.parse(text, mode="eval").body, text)


def _value(node: ast.expr, text: str) -> Fraction:
    match node:
        case ast.Constant():
            # From its digits, because a float may be another number.
            found = Fraction(ast.get_source_segment(text, node) or "")
        case ast.UnaryOp(op=ast.USub()):
            found = -_value(node.operand, text)
        case ast.BinOp() if type(node.op) in _OPERATIONS:
            operation = _OPERATIONS[type(node.op)]
            found = operation(_value(node.left, text), _value(node.right, text))
        case ast.Call(func=ast.Name(id=name)) if name in _FUNCTIONS:
            found = _FUNCTIONS[name](*[_value(argument, text) for argument in node.args])
        case _:
            raise ValueError(f"a line of working must have numbers and operations, got {text!r}")
    if not is_exact(found, "float32"):
        raise ValueError(f"each result of {text!r} must be exact in float32, got {found}")
    return found


def is_exact(value: Fraction, dtype: str) -> bool:
    """Return whether a dtype holds a value without rounding it."""
    return Fraction(float(np.array(float(value), dtype))) == value


def decimal(value: Fraction) -> str:
    """Return all decimals of a number that float64 holds."""
    text = f"{Decimal(float(value)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _root(square: Fraction) -> Fraction:
    root = Fraction(isqrt(square.numerator), isqrt(square.denominator))
    if root * root != square:
        raise ValueError(f"the root of a line of working must be exact, got sqrt({square})")
    return root


def _to_bfloat16(value: Fraction) -> Fraction:
    return Fraction(float(np.array(float(value), "bfloat16")))


_FUNCTIONS: dict[str, Callable[..., Fraction]] = {
    "sqrt": _root,
    "max": max,
    "bfloat16": _to_bfloat16,
}
