"""The answers of a vector: from its inputs, by the oracle and the bound, on every axis that matters."""

import json
from collections.abc import Iterable, Iterator
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from . import truth
from .bound import Bound, Radii, as_step, no_error
from .formats import FORMATS
from .words import Array, decode, decode_number, encode

Entry = dict[str, Any]
Point = dict[str, str]

DECISIVE = 64
_SLOTS = ("params", "m", "v", "v_max")


def solved(entry: Entry) -> Entry:
    """``entry`` with its answers."""
    if entry["kind"] == "dyadic":
        check_dyadic(entry)
    with localcontext(Context(prec=60)):
        return {**{k: v for k, v in entry.items() if k != "answers"}, "answers": Problem(entry).answers()}


def check_dyadic(entry: Entry) -> None:
    """Raise ValueError unless every power of the betas, and 1 minus it, is exact in binary32."""
    last = len(entry["steps"]) + max(entry.get("load", {}).get("t", [0]))
    for name in ("beta1", "beta2"):
        beta = Fraction(decode_number(entry["config"][name]))
        for t in range(1, last + 1):
            for number in (beta**t, 1 - beta**t):
                if Fraction(float(np.float32(float(number)))) != number:
                    raise ValueError(f"{name} of {entry['id']} must be exact in binary32 up to step {last}, got {beta}")


class Problem:
    """The inputs of one vector, decoded, and the exact trajectories through them."""

    def __init__(self, entry: Entry) -> None:
        self.entry, self.dtype, self.shapes = entry, entry["dtype"], entry["shapes"]
        self.decisive = False
        self._known: dict[tuple[tuple[str, str], ...], tuple[dict[str, Any], list[int]]] = {}
        numbers: Entry = {name: v if isinstance(v, bool) else decode_number(v) for name, v in entry["config"].items()}
        self.config = truth.AdamConfig(**numbers)
        self.calls = [
            truth.Call(
                [None if words is None else self._flat(words, at) for at, words in enumerate(step["grads"])],
                decode_number(step["learning_rate"]) if "learning_rate" in step else None,
            )
            for step in entry["steps"]
        ]
        self.nones = any(grad is None for call in self.calls for grad in call.grads)
        self.start = truth.start(self._flats(entry["params"]), self.config.amsgrad)
        if load := entry.get("load"):
            slots = [[tuple(map(Decimal, x)) for x in self._flats(load[name])] for name in _SLOTS[1:] if name in load]
            columns = zip(load["t"], self.start, *slots, strict=True)
            self.start = [truth.Memory(t, memory.param, *moments) for t, memory, *moments in columns]

    def _flat(self, words: str, at: int) -> list[float]:
        return [float(x) for x in decode(words, self.dtype, self.shapes[at]).ravel()]

    def _flats(self, arrays: Iterable[str]) -> list[list[float]]:
        return [self._flat(words, at) for at, words in enumerate(arrays)]

    def solve(self, point: Point) -> tuple[dict[str, Any], list[int]]:
        """The answers at one point of the axes, and the calls that must raise."""
        key = tuple(sorted(point.items()))
        if key not in self._known:
            self._known[key] = self._solve(point)
        return self._known[key]

    def _solve(self, point: Point) -> tuple[dict[str, Any], list[int]]:
        convention = _convention(point)
        arithmetic = truth.Arithmetic(point.get("arithmetic", "TTTTT"))
        outcomes = truth.trajectory(self.config, convention, arithmetic, self.dtype, self.start, self.calls)
        bound = Bound(self.config, convention, FORMATS[self.dtype], arithmetic.resolve(self.dtype)[4])
        radii = [no_error(len(memory.param)) for memory in self.start]
        answered: list[list[tuple[truth.Memory, Radii]]] = []
        for call, outcome in enumerate(outcomes, 1):
            for at, one in enumerate(outcome.entries):
                if isinstance(one, truth.Exact):
                    step = as_step(one)
                    radii[at] = bound.after(step, radii[at])
                    moves = step.update != 0
                    self.decisive |= bool(np.any(DECISIVE * radii[at].param[moves] <= np.abs(step.update[moves])))
            if call in self.entry["after"]:
                memories = [one.after if isinstance(one, truth.Exact) else one for one in outcome.entries]
                answered.append(list(zip(memories, radii, strict=True)))
        return self._intervals(answered), [k for k, o in enumerate(outcomes, 1) if o.raises]

    def _intervals(self, answered: list[list[tuple[truth.Memory, Radii]]]) -> dict[str, Any]:
        slots = ("param", "m", "v", "v_max") if self.config.amsgrad else ("param", "m", "v")
        return {
            of: [[interval(getattr(one, slot), getattr(r, slot), self.dtype) for one, r in row] for row in answered]
            for of, slot in zip(_SLOTS, slots, strict=False)
        }

    def answers(self) -> list[Entry]:
        """Every distinct answer with the values of the axes that lead to it."""
        spans = {axis: tuple(values) for axis, values in self.entry["axes"].items()}
        if self.entry["kind"] == "decimal":
            codes = dict.fromkeys(truth.Arithmetic(code).resolve(self.dtype) for code in truth.ARITHMETICS)
            spans["arithmetic"] = tuple(codes)
        points = [dict(zip(spans, values, strict=True)) for values in product(*spans.values())]
        points = [point for point in points if _exists(point)]
        solved = [self.solve(point) for point in points]
        result: list[Entry] = []
        for of in solved[0][0]:
            texts = [json.dumps(answer[of]) for answer, _ in solved]
            for group in _groups(points, texts):
                when = self._when(group[0], of, spans) | _spanned(group, spans)
                index = points.index(group[0])
                result.append({"of": of, "when": _ordered(when), "class": "interval", **_columns(solved[index][0][of])})
        raising = [json.dumps(calls) for _, calls in solved]
        result.extend(
            {"of": "calls", "when": _ordered(_spanned(group, spans)), "class": "error", "calls": calls}
            for group in _groups(points, raising)
            if (calls := json.loads(raising[points.index(group[0])]))
        )
        if not self.decisive:
            raise ValueError(f"vector {self.entry['id']} must have a decisive element, got none; make its steps larger")
        return result

    def _when(self, point: Point, of: str, spans: dict[str, tuple[str, ...]]) -> dict[str, list[str]]:
        """The values of the axes outside ``spans`` that leave the answer as it is, where not all do."""
        here = json.dumps(self.solve(point)[0][of])
        asleep, when = _asleep(self.config, self.nones), {}
        for axis, values in truth.AXES.items():
            if axis in spans or axis in asleep:
                continue
            same = [value for value in values if self._same(point | {axis: value}, of, here)]
            if len(same) < len(values):
                when[axis] = same
        return when

    def _same(self, point: Point, of: str, here: str) -> bool:
        possible = "unsupported" not in point.values() and _exists(point)
        return possible and json.dumps(self.solve(point)[0][of]) == here


def _asleep(config: truth.AdamConfig, nones: bool) -> set[str]:
    """The axes that cannot matter, because what they are about is off; ``nones``: some gradient is missing."""
    axes = {"clip_duplicates", "sparse", "duplicates", "empty_sparse"}
    axes |= {"bias_correction"} if config.amsgrad else {"amsgrad", "amsgrad_bias_correction"}
    if not nones:
        axes |= {"step_scope", "none_gradient", "all_none"}
    if config.epsilon != 0:
        axes |= {"epsilon_zero"}
    if not config.maximize:
        axes |= {"maximize"}
    if config.weight_decay == 0:
        axes |= {"weight_decay", "decay_when", "decay_scale"}
    if config.clipvalue is config.clipnorm is config.global_clipnorm is None:
        axes |= {"clip", "clip_order", "clip_law", "clip_when"}
    return axes


def interval(exact: tuple[Decimal, ...], radius: Array, dtype: str) -> tuple[str, str, str, str]:
    """lo, hi as words; the exact result and the bound in units in the last place of lo, above lo.

    lo is the least number of the format that is >= exact - bound, hi the greatest <= exact + bound.
    """
    rows = [_interval(x, Fraction(float(r)), np.dtype(dtype).type) for x, r in zip(exact, radius, strict=True)]
    lows, highs = (np.array([row[at] for row in rows], dtype) for at in (0, 1))
    return encode(lows), encode(highs), " ".join(row[2] for row in rows), " ".join(row[3] for row in rows)


def _interval(exact: Decimal, radius: Fraction, kind: Any) -> tuple[Any, Any, str, str]:
    value = Fraction(exact)
    low, high = kind(float(value - radius)), kind(float(value + radius))
    while Fraction(float(low)) < value - radius:
        low = np.nextafter(low, kind(np.inf))
    while Fraction(float(high)) > value + radius:
        high = np.nextafter(high, kind(-np.inf))
    while Fraction(float(before := np.nextafter(low, kind(-np.inf)))) >= value - radius:
        low = before
    while Fraction(float(after := np.nextafter(high, kind(np.inf)))) <= value + radius:
        high = after
    unit = Fraction(float(np.spacing(np.abs(low))))
    offset = float((value - Fraction(float(low))) / unit)
    return low, high, f"{offset:.6g}", f"{float(radius / unit):.6g}"


def _convention(point: Point) -> truth.Convention:
    axes = {axis: value for axis, value in point.items() if axis != "arithmetic"}
    return truth.Convention(**axes)  # type: ignore[arg-type]


def _exists(point: Point) -> bool:
    """Whether the values do not exclude each other."""
    try:
        _convention(point)
    except ValueError:
        return False
    return True


def _groups(points: list[Point], texts: list[str]) -> Iterator[list[Point]]:
    """Points with the same answer, each group a product of values."""
    for text in dict.fromkeys(texts):
        yield from _products([point for point, other in zip(points, texts, strict=True) if other == text])


def _products(points: list[Point]) -> Iterator[list[Point]]:
    values = {axis: {point[axis] for point in points} for axis in points[0]}
    if len(points) == np.prod([len(v) for v in values.values()]):
        yield points
        return
    axis = next(axis for axis, seen in values.items() if len(seen) > 1)
    for value in dict.fromkeys(point[axis] for point in points):
        yield from _products([point for point in points if point[axis] == value])


def _spanned(group: list[Point], spans: dict[str, tuple[str, ...]]) -> dict[str, list[str]]:
    """The values of the spanned axes in ``group``, where they are not all that exist."""
    when = {}
    for axis in spans:
        values = list(dict.fromkeys(point[axis] for point in group))
        everything = spans[axis] if axis == "arithmetic" else truth.AXES[axis]
        if len(values) < len(everything):
            when[axis] = values
    return when


def _ordered(when: dict[str, list[str]]) -> dict[str, list[str]]:
    return {axis: when[axis] for axis in (*truth.AXES, "arithmetic") if axis in when}


def _columns(rows: list[list[tuple[str, str, str, str]]]) -> Entry:
    return {
        name: [[cell[at] for cell in row] for row in rows] for at, name in enumerate(("lo", "hi", "offset", "bound"))
    }
