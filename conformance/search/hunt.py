"""Hunt for vectors: Hypothesis finds the smallest input for each target, and it is frozen.

    python -m conformance.generate --search

The result depends on the seed and on the version of Hypothesis, so each vector names both as its
source. A frozen vector does not depend on them any more.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import repeat
from random import Random
from typing import Any, NamedTuple
from zlib import crc32

import hypothesis
import numpy as np
from hypothesis.errors import Flaky, NoSuchExample

from ..diagnosis.shrink import shrink
from ..on_demand.judging import APART, judge_vector, problem_of, vector_at
from ..process.pool import worker_pool
from ..subject.subject import Subject, from_make
from ..truth.point import Point
from ..variants.dense import VARIANTS
from ..variants.subject import variant_subject
from ..vectors import switches
from ..vectors.inputs import Inputs
from ..vectors.slices import Grad, IndexedSlices
from ..vectors.spec import VectorSpec
from .strategies import DECIMAL, inputs
from .targets import Target, targets

SEED = 20261125
SETTINGS = hypothesis.settings(
    max_examples=2000,
    database=None,
    deadline=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)
_DTYPES = ("float32", "float64")


class Find(NamedTuple):
    """An input, and the targets for which it is the smallest."""

    targets: list[Target]
    inputs: Inputs


def found_vectors(known: Collection[str], seed: int = SEED) -> Iterator[VectorSpec]:
    """Yield a vector for every target that is not ``known``, if the search finds one."""
    unknown = [target for target in targets() if target.name not in known]
    for find in finds(unknown, seed):
        names = [target.name for target in find.targets]
        # One input serves both dtypes, if it still tells everything after rounding.
        for dtype in _DTYPES:
            cast_inputs = as_dtype(find.inputs, dtype)
            if not all(_tells(target, cast_inputs) for target in find.targets):
                continue
            yield VectorSpec(
                id=f"found.{_short(dtype)}.{names[0]}",
                inputs=cast_inputs,
                axes=_axes(find),
                why=f"The smallest input for {' and '.join(names)}.",
                flags=names,
                source=_source(seed),
            )


def _short(dtype: str) -> str:
    return f"f{dtype.removeprefix('float')}"


def _source(seed: int) -> str:
    return f"hypothesis {hypothesis.__version__}, seed {seed}"


def flags() -> dict[str, dict[str, Any]]:
    """Return the flag of each target as flags.json holds it."""
    return {
        target.name: {"finds": target.finds, "who": target.who, "links": list(target.links)}
        for target in targets()
    }


def finds(wanted: Sequence[Target], seed: int = SEED) -> list[Find]:
    """Return the smallest input for each target; targets with the same input share a find."""
    names = [target.name for target in wanted]
    # A target holds functions, which no process can send to another: its name goes instead.
    with worker_pool() as pool:
        smallest_inputs = list(pool.map(_smallest_for, names, repeat(seed)))
    # Two targets with one input share a vector.
    by_content: dict[str, Find] = {}
    for target, found in zip(wanted, smallest_inputs, strict=True):
        if found is not None:
            entry = VectorSpec(id="", inputs=found).to_entry()
            content = str((entry["config"], entry["params"], entry["steps"]))
            by_content.setdefault(content, Find([], found)).targets.append(target)
    return list(by_content.values())


def _smallest_for(name: str, seed: int) -> Inputs | None:
    return smallest(next(target for target in targets() if target.name == name), seed)


def smallest(target: Target, seed: int = SEED) -> Inputs | None:
    """Return the smallest input that reaches a target, or None if the search finds none."""
    strategy = inputs(target.switches, target.needed, target.supports)
    # Each target has its own seed, so that one more target changes none of the others.
    random = Random(crc32(target.name.encode()) ^ seed)

    def reaches(found: Inputs) -> bool:
        return _tells(target, found)

    try:
        first = hypothesis.find(strategy, reaches, settings=SETTINGS, random=random)
    # Flaky: a state that outlives a run is seen in one run and not in the next.
    except (NoSuchExample, Flaky):
        return None
    return shrink(first, reaches)


def _tells(target: Target, found: Inputs) -> bool:
    try:
        problem = problem_of(found)
        return target.margin(problem) >= APART and problem.decides
    except ValueError:  # an infinite bound, or a sum that is not exact where it must be
        return False


class Rounding(NamedTuple):
    """A search for the input on which right Adams come nearest to their bound.

    Attributes:
        quantity: whose error counts: `params`, `m` or `v`.
        epsilon: the value of the axis epsilon, which stands in the name of the vector.
        code: the arithmetic.
        dtype: of the parameters.
    """

    quantity: str
    epsilon: str
    code: str
    dtype: str

    @property
    def id(self) -> str:
        return f"rounding.{_short(self.dtype)}.{self.quantity}-{self.epsilon}"

    @property
    def label(self) -> str:
        """The text that seeds the search; changing it would change what is found."""
        return str((self.quantity, self.epsilon, self.dtype))


ROUNDINGS = [
    Rounding(quantity, epsilon, code, dtype)
    for quantity in ("params", "m", "v")
    for epsilon, code in (("outside", "ddddd"), ("hat", "sssss"))
    for dtype in _DTYPES
]


class WorstRounding(NamedTuple):
    """The right Adam with the largest error, its error over the bound, and the input."""

    variant: str
    ratio: float
    inputs: Inputs


def rounding_vectors(known: Collection[str], seed: int = SEED) -> Iterator[VectorSpec]:
    """Yield vectors on which a right Adam comes nearest to its bound."""
    unknown = [rounding for rounding in ROUNDINGS if rounding.id not in known]
    with worker_pool() as pool:
        worst_roundings = list(pool.map(_worst_rounding, unknown, repeat(seed)))
    for rounding, worst in zip(unknown, worst_roundings, strict=True):
        yield VectorSpec(
            id=rounding.id,
            inputs=worst.inputs,
            axes=switches.TWO_PLACES,
            why=(
                "Right Adams round worst here, as far as a search tells: "
                f"{worst.variant} has {worst.ratio:.2f} of the bound in {rounding.quantity}."
            ),
            flags=["worst-rounding"],
            source=_source(seed),
        )


def _worst_rounding(rounding: Rounding, seed: int) -> WorstRounding:
    """Return the largest error over bound that any right Adam has on any input drawn."""
    point = Point.of({"epsilon": rounding.epsilon}, rounding.code)
    subjects = {
        variant.name: from_make(variant_subject(variant, point))
        for variant in VARIANTS
        # A narrow variant is right for some inputs only.
        if not variant.narrow
    }
    worst: WorstRounding | None = None

    # Targeted search only: shrinking would lose the rounding that was found.
    @hypothesis.seed(crc32(rounding.label.encode()) ^ seed)
    @hypothesis.settings(
        SETTINGS,
        max_examples=500,
        phases=(hypothesis.Phase.generate, hypothesis.Phase.target),
    )
    @hypothesis.given(inputs(pool=DECIMAL, dtype=rounding.dtype, steps=3, largest=2**20))
    def search(drawn: Inputs) -> None:
        nonlocal worst
        ratios = _ratios(subjects, drawn, point, rounding.quantity)
        for variant, ratio in ratios.items():
            if worst is None or ratio > worst.ratio:
                worst = WorstRounding(variant, ratio, drawn)
        # Hypothesis climbs towards the largest error; zero would be no slope.
        if any(ratios.values()):
            hypothesis.target(max(ratios.values()), label="error over bound")

    search()
    assert worst is not None
    return worst


def _ratios(
    subjects: dict[str, Subject],
    drawn: Inputs,
    point: Point,
    quantity: str,
) -> dict[str, float]:
    """Return the largest error over bound of each subject; empty if the input tells nothing."""
    try:
        vector = vector_at(problem_of(drawn), point)
    except ValueError:
        return {}
    return {
        variant: judge_vector(subject, vector).worst.get(quantity, 0.0)
        for variant, subject in subjects.items()
    }


def as_dtype(given: Inputs, dtype: str) -> Inputs:
    """Return inputs with the same numbers in another dtype."""

    def cast(grad: Grad | None) -> Grad | None:
        if grad is None:
            return None
        if isinstance(grad, IndexedSlices):
            return grad._replace(values=grad.values.astype(dtype))
        return np.asarray(grad, dtype)

    calls = []
    for call in given.calls:
        grads = [cast(grad) for grad in call.grads]
        calls.append(call._replace(grads=grads))
    return given._replace(params=[param.astype(dtype) for param in given.params], calls=calls)


def _axes(find: Find) -> dict[str, list[str]]:
    """Return the axes that matter to an input, with the values that its vector answers for."""
    features = VectorSpec(id="", inputs=find.inputs).features
    grads = [grad for call in find.inputs.calls for grad in call.grads]
    slices = [grad for grad in grads if isinstance(grad, IndexedSlices)]
    several_limits = len(features & set(switches.LIMITS)) > 1
    # Exact answers are written for as few values as the input can tell apart.
    axes = dict(switches.TWO_PLACES if "weight_decay" in features or slices else switches.PLACES)
    if "amsgrad" in features:
        axes |= switches.TWO_MAXIMA
    if "weight_decay" in features:
        # L2 makes every gradient dense, so that a sparse one has decoupled decay only.
        axes |= {"weight_decay": ["decoupled"]} if slices else switches.KINDS
    if "none" in features:
        axes |= switches.COUNTING
    if find.inputs.numbers["epsilon"] == 0:
        axes |= {"epsilon_zero": ["as_given", "default"]}
    if several_limits:
        axes |= switches.ORDERS
    if slices:
        axes |= switches.OURS
    if any(_has_duplicates(grad) for grad in slices):
        axes |= switches.SUMS
    # A target answers for the values that it tells apart, whatever the features.
    for target in find.targets:
        for axis, values in target.axes.items():
            axes[axis] = list(dict.fromkeys([*axes.get(axis, ()), *values]))
    # Where limits exclude each other no subject is asked for several of them.
    if several_limits:
        axes["clip"] = [value for value in axes["clip"] if value != "exclusive"]
    return axes


def _has_duplicates(slices: IndexedSlices) -> bool:
    return len(np.unique(slices.indices)) < len(slices.indices)
