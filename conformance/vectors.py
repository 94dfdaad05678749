"""Vectors: golden cases with their answers, read from the package or from a folder, checksums first."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .words import Array, decode, decode_number

Axes = Mapping[str, str]
# What MANIFEST.json lists beside topic files.
_NO_TOPICS = ("MANIFEST.json", "schema.json", "conventions.json", "flags.json")
Grid = list[list[Array]]


class VectorError(Exception):
    """A vector file that cannot be trusted; the message says which, why, and what to do."""


@dataclass(frozen=True)
class Answer:
    """What a correct subject returns, for the conventions that ``when`` names.

    Fields:
        of: `params`, `m`, `v`, `v_max`, or `calls`: which calls must raise.
        when: axis -> the values for which this answer holds; every other axis may have any value.
    """

    of: str
    when: dict[str, list[str]]
    entry: dict[str, Any]
    dtype: str
    shapes: list[list[int]]

    def holds(self, axes: Axes) -> bool:
        """Whether this is the answer for a convention; ``axes`` includes the arithmetic, resolved."""
        return all(axes.get(axis) in values for axis, values in self.when.items())

    @property
    def calls(self) -> list[int]:
        """The calls that must raise."""
        return list(self.entry["calls"])

    @cached_property
    def lo(self) -> Grid:
        """Least permitted value, by answered step and parameter."""
        return self._words("lo")

    @cached_property
    def hi(self) -> Grid:
        """Greatest permitted value."""
        return self._words("hi")

    @cached_property
    def offset(self) -> list[list[NDArray[np.float64]]]:
        """The exact result: how far above lo, in units in the last place of lo."""
        return self._numbers("offset")

    @cached_property
    def bound(self) -> list[list[NDArray[np.float64]]]:
        """The bound, in units in the last place of lo."""
        return self._numbers("bound")

    def _words(self, name: str) -> Grid:
        return [
            [decode(words, self.dtype, shape) for words, shape in zip(row, self.shapes, strict=True)]
            for row in self.entry[name]
        ]

    def _numbers(self, name: str) -> list[list[NDArray[np.float64]]]:
        return [
            [
                np.array(words.split(), dtype=np.float64).reshape(shape)
                for words, shape in zip(row, self.shapes, strict=True)
            ]
            for row in self.entry[name]
        ]


class Call(NamedTuple):
    """One call of step: a gradient or None for each parameter, and a new learning rate or None."""

    grads: list[Array | None]
    learning_rate: float | None


@dataclass(frozen=True)
class Vector:
    """One case. Its arrays are decoded when they are first asked for."""

    topic: str
    entry: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.entry["id"])

    @property
    def why(self) -> str:
        return str(self.entry["why"])

    @property
    def dtype(self) -> str:
        return str(self.entry["dtype"])

    @property
    def dyadic(self) -> bool:
        return bool(self.entry["kind"] == "dyadic")

    @property
    def after(self) -> list[int]:
        """The calls, from 1, after which there are answers."""
        return list(self.entry["after"])

    @cached_property
    def numbers(self) -> dict[str, float]:
        """The hyperparameters."""
        return {k: decode_number(v) for k, v in self.entry["config"].items() if isinstance(v, dict)}

    @cached_property
    def switches(self) -> dict[str, float | bool]:
        """What is turned on beyond the four numbers of Adam."""
        on = {k: v for k, v in self.entry["config"].items() if isinstance(v, bool) and v}
        four = ("learning_rate", "beta1", "beta2", "epsilon")
        return on | {k: v for k, v in self.numbers.items() if k not in four}

    @cached_property
    def features(self) -> frozenset[str]:
        """What a subject must be able to do, beside plain steps, to be asked this."""
        steps = self.entry["steps"]
        return frozenset(
            {self.dtype, *self.switches}
            | ({"none"} if any(grad is None for step in steps for grad in step["grads"]) else set())
            | ({"load"} if "load" in self.entry else set())
            | ({"schedule"} if any("learning_rate" in step for step in steps) else set())
        )

    @cached_property
    def params(self) -> list[Array]:
        return self._arrays(self.entry["params"])

    @cached_property
    def calls(self) -> list[Call]:
        return [
            Call(
                [
                    None if words is None else decode(words, self.dtype, shape)
                    for words, shape in zip(step["grads"], self.entry["shapes"], strict=True)
                ],
                decode_number(step["learning_rate"]) if "learning_rate" in step else None,
            )
            for step in self.entry["steps"]
        ]

    @cached_property
    def load(self) -> tuple[dict[str, list[Array]], list[int]] | None:
        """The moments and steps taken from which the subject starts."""
        if "load" not in self.entry:
            return None
        load = self.entry["load"]
        return {name: self._arrays(words) for name, words in load.items() if name != "t"}, list(load["t"])

    @cached_property
    def answers(self) -> list[Answer]:
        return [
            Answer(entry["of"], entry["when"], entry, self.dtype, self.entry["shapes"])
            for entry in self.entry["answers"]
        ]

    def _arrays(self, words: list[str]) -> list[Array]:
        return [decode(w, self.dtype, shape) for w, shape in zip(words, self.entry["shapes"], strict=True)]


@dataclass(frozen=True)
class Named:
    """A named convention: its value on every axis, and the arithmetics it accepts."""

    name: str
    axes: dict[str, str]
    arithmetics: list[str]
    source: str


@dataclass(frozen=True)
class Suite:
    """All vectors of a folder, and the conventions that have names."""

    version: str
    vectors: list[Vector]
    conventions: dict[str, Named]
    arithmetics: dict[str, str]


def default_directory() -> Path:
    """The packaged vectors, or those beside the checkout."""
    packaged = Path(__file__).parent / "_vectors"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent / "vectors"


def load(directory: Path | None = None) -> Suite:
    """Read and verify every vector of ``directory``; None is the ones that ship with the package.

    Raises:
        VectorError: a file is missing, unreadable, does not have the checksum of MANIFEST.json, or, in a folder of the
            user's, does not fit the schema.
    """
    contents = dict(_verified(directory or default_directory()))
    topics = {name: content for name, content in contents.items() if name not in _NO_TOPICS}
    if directory is not None:
        _validate(topics)
    vectors = [Vector(content["topic"], entry) for content in topics.values() for entry in content["vectors"]]
    if directory is not None:
        for vector in vectors:
            _decode(vector)
    named = contents["conventions.json"]
    try:
        conventions = {name: Named(name, **one) for name, one in named["conventions"].items()}
        return Suite(str(contents["MANIFEST.json"]["version"]), vectors, conventions, dict(named["arithmetics"]))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise VectorError(f"conventions.json must name conventions and arithmetics, but {error!r}") from None


def _validate(topics: dict[str, dict[str, Any]]) -> None:
    """Raise VectorError unless every topic file fits the schema: ours, for a schema is turned into code."""
    import fastjsonschema

    valid = fastjsonschema.compile(json.loads(_read(default_directory() / "schema.json")))
    for name, content in topics.items():
        try:
            valid(content)
        except fastjsonschema.JsonSchemaException as error:
            raise VectorError(f"{name} does not fit schema.json: {error.message[:300]}") from None


def _decode(vector: Vector) -> None:
    """Raise VectorError unless the arrays of ``vector`` fit its shapes and its answers its calls."""
    wrong = ""
    try:
        assert (vector.params, vector.calls, vector.load) is not None
        rows = [grid for a in vector.answers if a.of != "calls" for grid in (a.lo, a.hi, a.offset, a.bound)]
        if any(len(grid) != len(vector.after) for grid in rows):
            wrong = "an answer must have a row for each call in after"
        if not all(0 < call <= len(vector.calls) for call in vector.after):
            wrong = f"after must name calls from 1 to {len(vector.calls)}, got {vector.after}"
    except ValueError as error:
        wrong = str(error)
    if wrong:
        raise VectorError(f"vector {vector.id} does not hold together: {wrong}")


def _verified(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and content of every file that the manifest lists, and the manifest itself."""
    manifest = _json("MANIFEST.json", _read(folder / "MANIFEST.json"))
    yield "MANIFEST.json", manifest
    sums = manifest.get("sha256")
    if not isinstance(sums, dict) or "conventions.json" not in sums or "schema.json" not in sums:
        raise VectorError("MANIFEST.json must list the checksums of all files under sha256; restore it")
    unlisted = {path.name for path in folder.glob("*.json")} - set(sums) - {"MANIFEST.json"}
    if unlisted:
        raise VectorError(f"{sorted(unlisted)[0]} is not in MANIFEST.json; remove it, or use an unchanged copy")
    for name, expected in sums.items():
        if Path(name).name != name:
            raise VectorError(f"MANIFEST.json must list plain file names, got {name!r}")
        content = _read(folder / name)
        found = hashlib.sha256(content).hexdigest()
        if found != expected:
            raise VectorError(
                f"{name} must have the checksum {expected[:12]}... of MANIFEST.json, got {found[:12]}...; "
                "it was changed or cut off: use an unchanged copy (`adamref vectors copy DIR` writes one)"
            )
        yield name, _json(name, content)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise VectorError(f"{path} cannot be read: {error.strerror}; name a folder with --vectors") from None


def _json(name: str, content: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise VectorError(f"{name} must be JSON, got {error}") from None
    if not isinstance(parsed, dict):
        raise VectorError(f"{name} must be a JSON object, got {type(parsed).__name__}")
    return parsed
