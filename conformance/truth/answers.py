"""Answer tables: all answers of a vector, each with the conventions for which it holds.

A vector spans some axes, as `epsilon` with `outside` and `hat`. The table has one answer for each
distinct result, with the values that lead to it: `when` is `{"epsilon": ["outside"]}` for one
answer, and leaves out every axis on which any value leads to the same numbers.
"""

from collections.abc import Iterator, Sequence
from decimal import Context, localcontext
from fractions import Fraction
from itertools import product

from ..vectors.answer import Answer
from ..vectors.reading import read_spec
from ..vectors.spec import Entry, VectorSpec
from . import reference
from .axes import groups, idle_axes, in_order, when_of
from .formats import is_binary32
from .point import NATIVE, UNSUPPORTED, Point, Values, exists
from .problem import DIGITS, Problem
from .solution import Cells

# axis -> the values that are told apart
Spans = dict[str, tuple[str, ...]]


def answer_entry(entry: Entry) -> Entry:
    """Return the JSON object of a vector with its answers, derived anew."""
    spec = read_spec(entry)
    if not spec.decimal:
        check_dyadic(spec)
    with localcontext(Context(prec=DIGITS)):
        answers = [answer.to_entry() for answer in answer_table(Problem(spec))]
    inputs = {name: value for name, value in entry.items() if name != "answers"}
    return {**inputs, "answers": answers}


def check_dyadic(spec: VectorSpec) -> None:
    """Raise ValueError unless every power of the betas, and 1 minus it, is exact in binary32."""
    last = spec.call_count
    if spec.inputs.load:
        # The counter starts late.
        last += max(spec.inputs.load[1])
    for number in spec.betas:
        beta = Fraction(number)
        # Fractions are exact, floats would round.
        for t in range(1, last + 1):
            if not (is_binary32(beta**t) and is_binary32(1 - beta**t)):
                raise ValueError(
                    f"betas of {spec.id} must be exact in binary32 up to step {last}, got {beta}"
                )


def answer_table(problem: Problem) -> list[Answer]:
    """Return every distinct answer with the values of the axes that lead to it.

    Raises:
        ValueError: no element moves far enough to tell right from wrong.
    """
    spans = _spans(problem.spec)
    combinations = product(*spans.values())
    points = [dict(zip(spans, values, strict=True)) for values in combinations]
    points = [point for point in points if _exists(point)]
    answers = []
    for quantity in problem.quantities:
        cells = [_cells(problem, point, quantity) for point in points]
        for group in groups(points, cells):
            # All points of a group have one solution: the first stands for them.
            first = group[0]
            when = _when(problem, first, quantity, spans) | when_of(group, spans)
            solution = problem.solve(_point(first))
            answers.append(solution.answer(quantity, in_order(when), problem.spec))
    answers.extend(_raising(problem, points, spans))
    if not problem.decides:
        raise ValueError(
            f"vector {problem.spec.id} must have a decisive element, got none; "
            "make its steps larger"
        )
    return answers


def _spans(spec: VectorSpec) -> Spans:
    spans = {axis: tuple(values) for axis, values in spec.axes.items()}
    # The arithmetics of a dyadic vector have one answer.
    if spec.decimal:
        arithmetics = (reference.Arithmetic.parse(code) for code in reference.ARITHMETICS)
        codes = (arithmetic.for_dtype(spec.dtype).code for arithmetic in arithmetics)
        spans["arithmetic"] = tuple(dict.fromkeys(codes))
    return spans


def _raising(problem: Problem, points: list[Values], spans: Spans) -> Iterator[Answer]:
    """Yield which calls must raise, where some must."""
    by_point = [problem.solve(_point(values)).raising for values in points]
    for group in groups(points, by_point):
        if raising := problem.solve(_point(group[0])).raising:
            when = in_order(when_of(group, spans))
            yield Answer("calls", when, problem.spec.shapes, raising=raising)


def _cells(problem: Problem, values: Values, quantity: str) -> Cells:
    return problem.solve(_point(values)).cells(quantity)


def _result(problem: Problem, values: Values, quantity: str) -> tuple[Cells, Sequence[int]]:
    """Return the numbers of a point and the calls that must raise there."""
    solution = problem.solve(_point(values))
    return solution.cells(quantity), solution.raising


def _point(values: Values) -> Point:
    """Return the point of values that may include an arithmetic."""
    return Point.of(_without_arithmetic(values), values.get("arithmetic", NATIVE))


def _exists(values: Values) -> bool:
    return exists(_without_arithmetic(values))


def _without_arithmetic(values: Values) -> Values:
    return {axis: value for axis, value in values.items() if axis != "arithmetic"}


def _when(problem: Problem, point: Values, quantity: str, spans: Spans) -> dict[str, list[str]]:
    """Return the values of the axes outside ``spans`` that give the answer at ``point``.

    An axis on which every value does is left out.
    """
    off = idle_axes(problem.config, problem.nones, problem.slices, problem.spec.inputs.is_complex)
    here = _result(problem, point, quantity)
    when = {}
    for axis, values in reference.AXES.items():
        if axis in spans or axis in off:
            continue
        same = []
        for value in values:
            neighbour = point | {axis: value}
            # Values that exclude each other are no convention at all.
            if _is_possible(neighbour) and _has_result(problem, neighbour, quantity, here):
                same.append(value)
        if len(same) < len(values):
            when[axis] = same
    return when


def _has_result(problem: Problem, values: Values, quantity: str, result: object) -> bool:
    """Return whether a point has this result."""
    try:
        return _result(problem, values, quantity) == result
    except ValueError:
        # What is exact at one point need not be at another; full precision has always a result.
        if problem.dtype in problem.spec.axes:
            return False
        raise


def _is_possible(values: Values) -> bool:
    return UNSUPPORTED not in values.values() and _exists(values)
