"""The answers of a vector: from its inputs, by the oracle and the bound, on every axis that matters."""

import json
from collections.abc import Iterable
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from . import truth
from .bound import Bound, Radii, as_step, no_error
from .formats import FORMATS
from .intervals import Cell, cell
from .points import Point, asleep, convention, exists, groups, ordered, spanned
from .special import INTERVAL, Classes, after, ordinary
from .words import Array, decode, decode_number, given

Entry = dict[str, Any]

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
    last = entry.get("cycle", len(entry["steps"])) + max(entry.get("load", {}).get("t", [0]))
    for name in ("beta1", "beta2"):
        beta = Fraction(decode_number(entry["config"][name]))
        for t in range(1, last + 1):
            for number in (beta**t, 1 - beta**t):
                if Fraction(float(np.float32(float(number)))) != number:
                    raise ValueError(f"{name} of {entry['id']} must be exact in binary32 up to step {last}, got {beta}")


class Problem:
    """The inputs of one vector, decoded, and the exact trajectories through them."""

    def __init__(self, entry: Entry) -> None:
        self.entry, self.dtype = entry, entry["dtype"]
        self.sizes = [given(shape, entry.get("tile")) for shape in entry["shapes"]]
        self.decisive = False
        self._known: dict[tuple[tuple[str, str], ...], tuple[dict[str, Any], list[int]]] = {}
        numbers: Entry = {name: v if isinstance(v, bool) else decode_number(v) for name, v in entry["config"].items()}
        self.config = truth.AdamConfig(**numbers)
        self.grads = [
            [None if words is None else self._array(words, at) for at, words in enumerate(step["grads"])]
            for step in entry["steps"]
        ]
        self.calls = [
            truth.Call(
                [None if grad is None else _finite(grad).tolist() for grad in grads],
                decode_number(step["learning_rate"]) if "learning_rate" in step else None,
            )
            for step, grads in zip(entry["steps"], self.grads, strict=True)
        ]
        self.nones = any(grad is None for call in self.calls for grad in call.grads)
        _check_finite(self.config, self.grads)
        if "tile" in entry and (self.config.clipnorm or self.config.global_clipnorm):
            raise ValueError(f"tile must be absent where norms are clipped, got {entry['tile']}: it is no norm's whole")
        self.start = truth.start(self._flats(entry["params"]), self.config.amsgrad)
        if load := entry.get("load"):
            slots = [[tuple(map(Decimal, x)) for x in self._flats(load[name])] for name in _SLOTS[1:] if name in load]
            columns = zip(load["t"], self.start, *slots, strict=True)
            self.start = [truth.Memory(t, memory.param, *moments) for t, memory, *moments in columns]

    def _array(self, words: str, at: int) -> Array:
        return decode(words, self.dtype, [self.sizes[at]]).astype(np.float64)

    def _flats(self, arrays: Iterable[str]) -> list[list[float]]:
        return [self._array(words, at).tolist() for at, words in enumerate(arrays)]

    def solve(self, point: Point) -> tuple[dict[str, Any], list[int]]:
        """The answers at one point of the axes, and the calls that must raise."""
        if point.get("epsilon") == "both" and not self.config.epsilon_root:
            point = point | {"epsilon": "outside"}  # the same by definition
        key = tuple(sorted(point.items()))
        if key not in self._known:
            self._known[key] = self._solve(point)
        return self._known[key]

    def _solve(self, point: Point) -> tuple[dict[str, Any], list[int]]:
        axes = convention(point)
        arithmetic = truth.Arithmetic(point.get("arithmetic", "TTTTT"))
        calls = [self.calls[at % len(self.calls)] for at in range(self.entry.get("cycle", len(self.calls)))]
        outcomes = truth.trajectory(self.config, axes, arithmetic, self.dtype, self.start, calls)
        bound = Bound(self.config, axes, FORMATS[self.dtype], arithmetic.resolve(self.dtype)[4], sum(self.sizes))
        known = [_Known(memory, no_error(n), ordinary(n)) for memory, n in zip(self.start, self.sizes, strict=True)]
        answered: list[list[_Known]] = []
        for call, outcome in enumerate(outcomes, 1):
            known = [
                self._after(one, bound, before, self.grads[(call - 1) % len(self.grads)][at])
                for at, (one, before) in enumerate(zip(outcome.entries, known, strict=True))
            ]
            if call in self.entry["after"]:
                answered.append(known)
        return self._cells(answered), [k for k, o in enumerate(outcomes, 1) if o.raises]

    def _after(self, one: truth.Exact | truth.Memory, bound: Bound, before: "_Known", grad: Array | None) -> "_Known":
        """What is known of a parameter after a call, and whether an element of it has become decisive."""
        if grad is None or isinstance(one, truth.Memory):
            return before._replace(memory=one if isinstance(one, truth.Memory) else one.after)
        step = as_step(one)
        with np.errstate(over="ignore", invalid="ignore"):
            radii = bound.after(step, before.radii)
            classes = after(before.classes, grad, step.m, self.dtype)
            small = DECISIVE * radii.param <= np.abs(step.update)
        # With a learning rate of zero it decides that the parameter must stay as it is.
        tells = (step.update != 0) | ((step.learning_rate == 0) & (radii.param == 0))
        self.decisive |= bool(np.any(small & tells & (classes.params == INTERVAL)))
        return _Known(one.after, radii, classes)

    def _cells(self, answered: list[list["_Known"]]) -> dict[str, Any]:
        slots = ("param", "m", "v", "v_max") if self.config.amsgrad else ("param", "m", "v")
        return {
            of: [
                [cell(getattr(k.memory, slot), getattr(k.radii, slot), getattr(k.classes, of), self.dtype) for k in row]
                for row in answered
            ]
            for of, slot in zip(_SLOTS, slots, strict=False)
        }

    def answers(self) -> list[Entry]:
        """Every distinct answer with the values of the axes that lead to it."""
        spans = {axis: tuple(values) for axis, values in self.entry["axes"].items()}
        if self.entry["kind"] == "decimal":
            codes = dict.fromkeys(truth.Arithmetic(code).resolve(self.dtype) for code in truth.ARITHMETICS)
            spans["arithmetic"] = tuple(codes)
        points = [dict(zip(spans, values, strict=True)) for values in product(*spans.values())]
        points = [point for point in points if exists(point)]
        solved = [self.solve(point) for point in points]
        result: list[Entry] = []
        for of in solved[0][0]:
            texts = [json.dumps(answer[of]) for answer, _ in solved]
            for group in groups(points, texts):
                when = self._when(group[0], of, spans) | spanned(group, spans)
                index = points.index(group[0])
                result.append({"of": of, "when": ordered(when), **_columns(solved[index][0][of])})
        raising = [json.dumps(calls) for _, calls in solved]
        result.extend(
            {"of": "calls", "when": ordered(spanned(group, spans)), "class": "error", "calls": calls}
            for group in groups(points, raising)
            if (calls := json.loads(raising[points.index(group[0])]))
        )
        if not self.decisive:
            raise ValueError(f"vector {self.entry['id']} must have a decisive element, got none; make its steps larger")
        return result

    def _when(self, point: Point, of: str, spans: dict[str, tuple[str, ...]]) -> dict[str, list[str]]:
        """The values of the axes outside ``spans`` that leave the answer as it is, where not all do."""
        here = json.dumps(self.solve(point)[0][of])
        off, when = asleep(self.config, self.nones), {}
        for axis, values in truth.AXES.items():
            if axis in spans or axis in off:
                continue
            same = [value for value in values if self._same(point | {axis: value}, of, here)]
            if len(same) < len(values):
                when[axis] = same
        return when

    def _same(self, point: Point, of: str, here: str) -> bool:
        possible = "unsupported" not in point.values() and exists(point)
        return possible and json.dumps(self.solve(point)[0][of]) == here


class _Known(NamedTuple):
    """What is known of one parameter after a call."""

    memory: truth.Memory
    radii: Radii
    classes: Classes


def _finite(grad: Array) -> Array:
    """``grad`` with zeros for what is not finite, of which only the class is asked."""
    return np.where(np.isfinite(grad), grad, 0)


def _check_finite(config: truth.AdamConfig, grads: Iterable[Iterable[Array | None]]) -> None:
    """Raise ValueError if a number that is not finite would not stay in its element."""
    finite = all(np.isfinite(grad).all() for call in grads for grad in call if grad is not None)
    for name in ("weight_decay", "clipvalue", "clipnorm", "global_clipnorm"):
        value = getattr(config, name)
        if value and not finite:
            raise ValueError(f"{name} must be off where gradients are not finite, got {value!r}")


def _columns(rows: list[list[Cell]]) -> Entry:
    columns = {name: [[getattr(one, name) for one in row] for row in rows] for name in Cell._fields}
    if all(set(text.split()) <= {"interval"} for row in columns["classes"] for text in row):
        del columns["classes"]
    return {"class": "mixed" if "classes" in columns else "interval", **columns}
