"""The search for vectors: Hypothesis finds the smallest input for each target, and it is frozen.

    python -m conformance.generate --search

What is found depends on the seed and on the version of Hypothesis, which its source names; what is frozen does not.
"""

from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from random import Random
from typing import Any, NamedTuple
from zlib import crc32

import hypothesis
import numpy as np
from hypothesis.errors import Flaky, NoSuchExample

from ..diagnosis.shrink import shrink
from ..on_demand.judging import APART, judge_vector, problem_of, vector_at
from ..subject.subject import from_make
from ..truth.point import Point
from ..truth.spans import COUNTING, KINDS, ORDERS, OURS, PLACES, SUMS, TWO_MAXIMA, TWO_PLACES
from ..variants.dense import VARIANTS
from ..variants.dense import subject as honest
from ..vectors.inputs import Inputs
from ..vectors.slices import Grad, IndexedSlices
from ..vectors.spec import VectorSpec
from ..vectors.switches import LIMITS
from .strategies import DECIMAL, inputs
from .targets import Target, targets

SEED = 20261125
QUIET = hypothesis.settings(
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


def entries(known: Collection[str], seed: int = SEED) -> Iterator[VectorSpec]:
    """A vector, without answers, for every target that is not ``known``, as far as one is found."""
    for one in finds([target for target in targets() if target.name not in known], seed):
        first, names = one.targets[0], [target.name for target in one.targets]
        why = f"The smallest input for {' and '.join(names)}."
        source = _source(seed)
        for dtype in _DTYPES:
            given = as_dtype(one.inputs, dtype)
            name = f"found.f{dtype.removeprefix('float')}.{first.name}"
            if all(_tells(target, given) for target in one.targets):
                yield VectorSpec(
                    id=name, inputs=given, axes=_axes(one), why=why, flags=names, source=source
                )


def _source(seed: int) -> str:
    return f"hypothesis {hypothesis.__version__}, seed {seed}"


def flags() -> dict[str, dict[str, Any]]:
    """What the flag of each target is for, as flags.json has it."""
    return {
        one.name: {"finds": one.finds, "who": one.who, "links": list(one.links)}
        for one in targets()
    }


def finds(due: Sequence[Target], seed: int = SEED) -> list[Find]:
    """The smallest inputs for ``due``, those that are the same once."""
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        inputs_found = list(pool.map(_by_name, [target.name for target in due], [seed] * len(due)))
    found: dict[str, Find] = {}
    for target, given in zip(due, inputs_found, strict=True):
        if given is not None:
            entry = VectorSpec(id="", inputs=given).to_entry()
            key = str((entry["config"], entry["params"], entry["steps"]))
            found.setdefault(key, Find([], given)).targets.append(target)
    return list(found.values())


def smallest(target: Target, seed: int = SEED) -> Inputs | None:
    """The smallest input by which a target is told, or None if the search ends without one."""
    strategy = inputs(target.switches, target.needed, target.supports)
    random = Random(crc32(target.name.encode()) ^ seed)
    try:
        first = hypothesis.find(
            strategy, lambda given: _tells(target, given), settings=QUIET, random=random
        )
    except (
        NoSuchExample,
        Flaky,
    ):  # flaky: what is seen in one run and not in the next, as a state that outlives it
        return None
    return shrink(first, lambda given: _tells(target, given))


def _by_name(name: str, seed: int) -> Inputs | None:
    return smallest(next(target for target in targets() if target.name == name), seed)


def _tells(target: Target, given: Inputs) -> bool:
    try:
        asked = problem_of(given)
        return target.gap(asked) >= APART and asked.decides
    except ValueError:  # an infinite bound, or a sum that is not exact where it must be
        return False


def roundings(known: Collection[str], seed: int = SEED) -> Iterator[VectorSpec]:
    """Vectors, without answers, on which a right Adam comes nearest to the bound: the worst rounding found."""
    due = [
        (of, name, dtype) for of in ("params", "m", "v") for name in _ROUNDED for dtype in _DTYPES
    ]
    due = [
        one
        for one in due
        if f"rounding.f{one[2].removeprefix('float')}.{one[0]}-{one[1]}" not in known
    ]
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        found = list(pool.map(_roundest, due, [seed] * len(due)))
    for (of, name, dtype), (variant, ratio, given) in zip(due, found, strict=True):
        why = f"Right Adams round worst here, as far as a search tells: {variant} has {ratio:.2f} of the bound in {of}."
        title = f"rounding.f{dtype.removeprefix('float')}.{of}-{name}"
        yield VectorSpec(
            id=title,
            inputs=given,
            axes=TWO_PLACES,
            why=why,
            flags=["worst-rounding"],
            source=_source(seed),
        )


# Where the worst rounding is searched for: of which right Adams. Names of vectors have hat or outside in them.
_ROUNDED = {"outside": ("outside", "ddddd"), "hat": ("hat", "sssss")}


def _roundest(due: tuple[str, str, str], seed: int) -> tuple[str, float, Inputs]:
    """Of the right Adams the one, of the inputs the one, with the largest error over bound, and that."""
    of, name, dtype = due
    epsilon, code = _ROUNDED[name]
    subjects = {
        one.name: from_make(honest(one, epsilon, code)) for one in VARIANTS if not one.narrow
    }
    best: tuple[str, float, Inputs] | None = None

    @hypothesis.seed(crc32(f"{due}".encode()) ^ seed)
    @hypothesis.settings(
        QUIET, max_examples=500, phases=(hypothesis.Phase.generate, hypothesis.Phase.target)
    )
    @hypothesis.given(inputs(pool=DECIMAL, dtype=dtype, steps=3, largest=2**20))
    def search(given: Inputs) -> None:
        nonlocal best
        try:
            vector = vector_at(problem_of(given), Point.of({"epsilon": epsilon}, code))
        except ValueError:
            return
        worst = 0.0
        for variant, subject in subjects.items():
            ratio = judge_vector(subject, vector).worst.get(of, 0.0)
            worst = max(worst, ratio)
            if best is None or ratio > best[1]:
                best = (variant, ratio, given)
        if worst:
            hypothesis.target(worst, label="error over bound")

    search()
    assert best is not None
    return best


def as_dtype(given: Inputs, dtype: str) -> Inputs:
    """The same numbers in another dtype."""

    def cast(grad: Grad | None) -> Grad | None:
        if isinstance(grad, IndexedSlices):
            return grad._replace(values=grad.values.astype(dtype))
        return None if grad is None else np.asarray(grad, dtype)

    calls = [call._replace(grads=[cast(grad) for grad in call.grads]) for call in given.calls]
    return given._replace(params=[param.astype(dtype) for param in given.params], calls=calls)


def _axes(one: Find) -> dict[str, list[str]]:
    """The axes that matter to an input, and the values on them that are told apart."""
    features = VectorSpec(id="", inputs=one.inputs).features
    slices = [
        grad for call in one.inputs.calls for grad in call.grads if isinstance(grad, IndexedSlices)
    ]
    axes = dict(TWO_PLACES if "weight_decay" in features or slices else PLACES)
    if "amsgrad" in features:
        axes |= TWO_MAXIMA
    if "weight_decay" in features:
        axes |= {"weight_decay": ["decoupled"]} if slices else KINDS
    if "none" in features:
        axes |= COUNTING
    if one.inputs.numbers["epsilon"] == 0:
        axes |= {"epsilon_zero": ["as_given", "default"]}
    if len(features & set(LIMITS)) > 1:
        axes |= ORDERS
    if slices:
        axes |= OURS
    if any(len(set(grad.indices.tolist())) < len(grad.indices) for grad in slices):
        axes |= SUMS
    for target in one.targets:
        for axis, values in target.axes.items():
            axes[axis] = list(dict.fromkeys([*axes.get(axis, ()), *values]))
    if len(features & set(LIMITS)) > 1:  # where they exclude each other nobody is asked for both
        axes["clip"] = [value for value in axes["clip"] if value != "exclusive"]
    return axes
