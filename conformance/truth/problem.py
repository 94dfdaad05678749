"""The inputs of a vector, solved by the oracle and the bound at every point of the axes that matters to them."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Context, Decimal, localcontext
from itertools import product
from math import prod
from typing import Any, NamedTuple

import numpy as np

from ..vectors.entries import Entry
from ..vectors.slices import Grad, IndexedSlices, decode_grad, exact_sums
from ..vectors.words import Array, decode, decode_number, given
from . import reference
from .axes import groups, idle_axes, ordered, spanned
from .bound import Bound
from .exact_state import Known, known, known_after
from .formats import FORMATS
from .intervals import Cell, cell
from .point import NATIVE, UNSUPPORTED, Point, Values, exists

_SLOTS = ("params", "m", "v", "v_max")


class Solved(NamedTuple):
    """What is right at one point of the axes.

    Fields:
        known: for each answered call, what is known of each parameter.
        raising: the calls that must raise.
    """

    known: list[list[Known]]
    raising: list[int]

    @property
    def decides(self) -> bool:
        """Whether some element moved far enough to tell right from wrong."""
        return any(one.decides for row in self.known for one in row)


class Problem:
    """The inputs of one vector, decoded, and the exact trajectories through them."""

    def __init__(self, entry: Entry) -> None:
        self.entry, self.dtype = entry, entry["dtype"]
        self.sizes = [given(shape, entry.get("tile")) for shape in entry["shapes"]]
        self._solved: dict[Point, Solved] = {}
        self._texts: dict[int, dict[str, str]] = {}
        numbers: Entry = {
            name: v if isinstance(v, bool) else decode_number(v)
            for name, v in entry["config"].items()
        }
        self.config = reference.AdamConfig(**numbers)
        self.grads = [
            [self._grad(words, at) for at, words in enumerate(step["grads"])]
            for step in entry["steps"]
        ]
        self.calls = [
            reference.Call(
                [_exact(grad) for grad in grads],
                decode_number(step["learning_rate"]) if "learning_rate" in step else None,
            )
            for step, grads in zip(entry["steps"], self.grads, strict=True)
        ]
        grads = [grad for call in self.grads for grad in call]
        self.nones = any(grad is None for grad in grads)
        self.slices = any(isinstance(grad, IndexedSlices) for grad in grads)
        own = zip(self.sizes, zip(*self.grads, strict=True), strict=True)
        self._clipped = sum(max(size, *map(_elements, column)) for size, column in own)
        _check_finite(self.config, grads)
        _check_sums(self.config, grads, self.dtype)
        if "tile" in entry and (self.config.clipnorm or self.config.global_clipnorm):
            raise ValueError(
                f"tile must be absent where norms are clipped, got {entry['tile']}: it is no norm's whole"
            )
        self.start = reference.start(self._flats(entry["params"]), self.config.amsgrad)
        if load := entry.get("load"):
            slots = [
                [tuple(map(Decimal, x)) for x in self._flats(load[name])]
                for name in _SLOTS[1:]
                if name in load
            ]
            columns = zip(load["t"], self.start, *slots, strict=True)
            self.start = [
                reference.Memory(t, memory.param, *moments) for t, memory, *moments in columns
            ]

    def _array(self, words: str, at: int) -> Array:
        return decode(words, self.dtype, [self.sizes[at]]).astype(np.float64)

    def _grad(self, words: Any, at: int) -> Grad | None:
        """A gradient as float64; a dense one flat, and only what is given of it."""
        if words is None or isinstance(words, str):
            return None if words is None else self._array(words, at)
        grad = decode_grad(words, self.dtype, self.entry["shapes"][at])
        assert isinstance(grad, IndexedSlices)
        return grad._replace(values=grad.values.astype(np.float64))

    def _flats(self, arrays: Iterable[str]) -> list[list[float]]:
        return [self._array(words, at).tolist() for at, words in enumerate(arrays)]

    def solve(self, point: Point) -> Solved:
        """What is right at one point.

        Raises:
            ValueError: something is divided by zero there, as 0 by 0 with epsilon 0: no number is right.
        """
        if point.convention.epsilon == "both" and not self.config.epsilon_root:
            # The same by definition.
            point = replace(point, convention=replace(point.convention, epsilon="outside"))
        if point not in self._solved:
            with localcontext(Context(prec=60)):
                try:
                    self._solved[point] = self._solve(point)
                except ArithmeticError as error:
                    raise ValueError(
                        f"vector {self.entry['id']} must divide by no zero, got {error!r}"
                    ) from None
        return self._solved[point]

    def _solve(self, point: Point) -> Solved:
        axes, arithmetic = point.convention, point.arithmetic
        calls = [
            self.calls[at % len(self.calls)]
            for at in range(self.entry.get("cycle", len(self.calls)))
        ]
        outcomes = reference.trajectory(
            self.config, axes, arithmetic, self.dtype, self.start, calls
        )
        bound = Bound(
            self.config,
            axes,
            FORMATS[self.dtype],
            arithmetic.for_dtype(self.dtype).correction,
            self._clipped,
        )
        now = [known(memory) for memory in self.start]
        answered: list[list[Known]] = []
        for call, outcome in enumerate(outcomes, 1):
            grads = [_dense(grad) for grad in self.grads[(call - 1) % len(self.grads)]]
            columns = zip(now, outcome.entries, grads, strict=True)
            now = [
                known_after(before, one, bound, grad, self.dtype) for before, one, grad in columns
            ]
            if call in self.entry["after"]:
                answered.append(now)
        return Solved(answered, [k for k, o in enumerate(outcomes, 1) if o.raises])

    @property
    def decides(self) -> bool:
        """Whether some element moved far enough at one of the points that were asked for."""
        return any(one.decides for one in self._solved.values())

    def answers_at(self, point: Point) -> list[Entry]:
        """The answers at one point, for whoever asks.

        Raises:
            ValueError: a bound is infinite: the input tells nothing there.
        """
        with localcontext(Context(prec=60)):
            solution = self.solve(point)
            try:
                found = [
                    {"of": of, "when": {}, **_columns(self._cells(solution, of))}
                    for of in self.slots
                ]
            except OverflowError:
                raise ValueError(
                    f"vector {self.entry['id']} must stay in the range of {self.dtype}, but leaves it"
                ) from None
        calls = (
            [{"of": "calls", "when": {}, "class": "error", "calls": solution.raising}]
            if solution.raising
            else []
        )
        return found + calls

    @property
    def slots(self) -> tuple[str, ...]:
        """What is answered: parameters and moments."""
        return _SLOTS if self.config.amsgrad else _SLOTS[:3]

    def _cells(self, solution: Solved, of: str) -> list[list[Cell]]:
        slot = "param" if of == "params" else of
        return [
            [
                cell(
                    getattr(k.memory, slot),
                    getattr(k.radii, slot),
                    getattr(k.classes, of),
                    self.dtype,
                )
                for k in row
            ]
            for row in solution.known
        ]

    def _text(self, values: Values, of: str) -> str:
        """The cells at a point, as text: what is the same there is the same answer."""
        solution = self.solve(_point(values))
        texts = self._texts.setdefault(id(solution), {})
        if of not in texts:
            texts[of] = json.dumps(self._cells(solution, of))
        return texts[of]

    def answers(self) -> list[Entry]:
        """Every distinct answer with the values of the axes that lead to it."""
        spans = {axis: tuple(values) for axis, values in self.entry["axes"].items()}
        if self.entry["kind"] == "decimal":
            codes = dict.fromkeys(
                reference.Arithmetic.parse(code).for_dtype(self.dtype).code
                for code in reference.ARITHMETICS
            )
            spans["arithmetic"] = tuple(codes)
        points = [dict(zip(spans, values, strict=True)) for values in product(*spans.values())]
        points = [point for point in points if _exists(point)]
        result: list[Entry] = []
        for of in self.slots:
            for group in groups(points, [self._text(point, of) for point in points]):
                when = self._when(group[0], of, spans) | spanned(group, spans)
                result.append(
                    {
                        "of": of,
                        "when": ordered(when),
                        **_columns(self._cells(self.solve(_point(group[0])), of)),
                    }
                )
        raising = [json.dumps(self.solve(_point(point)).raising) for point in points]
        result.extend(
            {
                "of": "calls",
                "when": ordered(spanned(group, spans)),
                "class": "error",
                "calls": calls,
            }
            for group in groups(points, raising)
            if (calls := self.solve(_point(group[0])).raising)
        )
        if not self.decides:
            raise ValueError(
                f"vector {self.entry['id']} must have a decisive element, got none; make its steps larger"
            )
        return result

    def _when(
        self, point: Values, of: str, spans: dict[str, tuple[str, ...]]
    ) -> dict[str, list[str]]:
        """The values of the axes outside ``spans`` that leave the answer as it is, where not all do."""
        off, when = idle_axes(self.config, self.nones, self.slices), {}
        for axis, values in reference.AXES.items():
            if axis in spans or axis in off:
                continue
            same = [
                value
                for value in values
                if self._same(point | {axis: value}, of, self._text(point, of))
            ]
            if len(same) < len(values):
                when[axis] = same
        return when

    def _same(self, point: Values, of: str, here: str) -> bool:
        possible = UNSUPPORTED not in point.values() and _exists(point)
        return possible and self._text(point, of) == here


def _point(values: Values) -> Point:
    """The point of values that may hold an arithmetic."""
    axes = {axis: value for axis, value in values.items() if axis != "arithmetic"}
    return Point.of(axes, values.get("arithmetic", NATIVE))


def _exists(values: Values) -> bool:
    return exists({axis: value for axis, value in values.items() if axis != "arithmetic"})


def _finite(grad: Array) -> Array:
    """``grad`` with zeros for what is not finite, of which only the class is asked."""
    return np.where(np.isfinite(grad), grad, 0)


def _dense(grad: Grad | None) -> Array | None:
    return None if isinstance(grad, IndexedSlices) else grad


def _elements(grad: Grad | None) -> int:
    """How many numbers a gradient has."""
    return 0 if grad is None else _values(grad).size


def _values(grad: Grad) -> Array:
    return grad.values if isinstance(grad, IndexedSlices) else grad


def _exact(grad: Grad | None) -> Any:
    """A gradient for the oracle."""
    if isinstance(grad, IndexedSlices):
        rows, width = grad.dense_shape[0], prod(grad.dense_shape[1:])
        return reference.Slices(grad.values.ravel().tolist(), grad.indices.tolist(), rows, width)
    return None if grad is None else _finite(grad).tolist()


def _check_finite(config: reference.AdamConfig, grads: Sequence[Grad | None]) -> None:
    """Raise ValueError if a number that is not finite would not stay in its element, or is in a sparse gradient."""
    finite = all(np.isfinite(_values(grad)).all() for grad in grads if grad is not None)
    if not all(np.isfinite(grad.values).all() for grad in grads if isinstance(grad, IndexedSlices)):
        raise ValueError("values of a sparse gradient must be finite, got an infinity or NaN")
    for name in ("weight_decay", "clipvalue", "clipnorm", "global_clipnorm"):
        value = getattr(config, name)
        if value and not finite:
            raise ValueError(f"{name} must be off where gradients are not finite, got {value!r}")


def _check_sums(config: reference.AdamConfig, grads: Sequence[Grad | None], dtype: str) -> None:
    """Raise ValueError if slices that may be summed before they are clipped have a sum that may be rounded."""
    slices = [grad for grad in grads if isinstance(grad, IndexedSlices)]
    clips = config.clipvalue or config.clipnorm or config.global_clipnorm
    if clips and not all(exact_sums(one, FORMATS[dtype].roundoff) for one in slices):
        raise ValueError(f"slices of a row must have exact sums where they are clipped, in {dtype}")


def _columns(rows: list[list[Cell]]) -> Entry:
    columns = {name: [[getattr(one, name) for one in row] for row in rows] for name in Cell._fields}
    if all(set(text.split()) <= {"interval"} for row in columns["classes"] for text in row):
        del columns["classes"]
    return {"class": "mixed" if "classes" in columns else "interval", **columns}
