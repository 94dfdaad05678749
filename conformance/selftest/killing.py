"""The search for a killer: a vector that a mutant fails under some convention."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..subject.subject import from_make
from ..trial.compare import compare
from ..trial.run import run
from ..truth.point import Point
from ..truth.reference import CONVENTIONS, Arithmetic
from ..vectors.suite import Suite
from ..vectors.vector import Vector
from .changed_copy import changed_adam
from .mutants import Mutant

# Also tried: points with values that no named convention has, as a named convention and changes.
_BEYOND: list[tuple[str, dict[str, str]]] = [
    ("paper", {"epsilon": "inside"}),
    ("paper", {"bias_correction": "first", "amsgrad_bias_correction": "first"}),
    ("paper", {"bias_correction": "second", "amsgrad_bias_correction": "second"}),
    ("torch-adamw", {"decay_scale": "lr_t"}),
    ("torch-adamw", {"decay_scale": "one", "decay_when": "after"}),
    ("torch", {"none_gradient": "skip_but_count"}),
    ("paper", {"empty_sparse": "ignored"}),
    ("paper", {"step_scope": "parameter", "sparse": "lazy_row_t"}),
    ("keras3", {"duplicates": "sum_of_squares"}),
    ("tfkeras", {"clip_law": "plus_1e-6"}),
    ("tfkeras", {"clip_duplicates": "after_sum"}),
    ("tfkeras", {"clip_order": "norm_value_global"}),
]


def points() -> dict[str, Point]:
    """Return the points where mutants are tried, by name."""
    found = {name: named_point(name) for name in CONVENTIONS}
    for base, values in _BEYOND:
        point = found[base]
        convention = replace(point.convention, **values)  # type: ignore[arg-type]
        changes = [f"{axis} = {value}" for axis, value in values.items()]
        name = f"{base} with {' and '.join(changes)}"
        found[name] = Point(convention, point.arithmetic)
    return found


def named_point(name: str) -> Point:
    """Return a named convention with the first arithmetic that it accepts."""
    named = CONVENTIONS[name]
    arithmetic = Arithmetic.parse(named.arithmetics[0])
    return Point(named.convention, arithmetic)


def killer(mutant: Mutant, suite: Suite) -> str | None:
    """Return a vector that a mutant fails, and under which convention; None if it passes all."""
    core = [vector for vector in suite.vectors if vector.level == "core"]
    found = [vector for vector in core if vector.topic == "found"]
    smallest = [vector for vector in found if vector.dtype == "float32"]
    tried: set[tuple[int, ...]] = set()
    # The small vectors of searches first: most mutants die there, and they are quick.
    for vectors in (smallest, core):
        for name, point in points().items():
            killers = _failures(mutant, point, vectors, tried)
            for vector in killers:
                return f"{vector.id} as {name}"
    return None


def _failures(
    mutant: Mutant,
    point: Point,
    vectors: Sequence[Vector],
    tried: set[tuple[int, ...]],
) -> Iterator[Vector]:
    """Yield the vectors that a mutant fails at a point; ``tried`` are tests that it passed."""
    subject = from_make(changed_adam(mutant, point))
    for vector in vectors:
        answers = vector.answers_for(
            point.values,
            point.arithmetic.code,
        )
        # Points with the same answers are the same test.
        test = tuple(map(id, answers))
        if not answers or test in tried:
            continue
        tried.add(test)
        if compare(run(subject, vector), answers).failed:
            yield vector
