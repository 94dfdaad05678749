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

from .entries import Entry, written
from .live import APART, problem
from .recipes.build import PLACES, TWO_MAXIMA, TWO_PLACES
from .recipes.clip import ORDERS
from .recipes.contract import COUNTING
from .recipes.decay import KINDS
from .recipes.sparse import SUMS, WHOSE
from .shrink import shrunk
from .slices import Grad, IndexedSlices
from .strategies import inputs
from .targets import LIMITS, Target, targets
from .vectors import Inputs, Vector

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


def entries(known: Collection[str], seed: int = SEED) -> Iterator[Entry]:
    """A vector, without answers, for every target that is not ``known``, as far as one is found."""
    for one in finds([target for target in targets() if target.name not in known], seed):
        first, names = one.targets[0], [target.name for target in one.targets]
        why = f"The smallest input for {' and '.join(names)}."
        source = f"hypothesis {hypothesis.__version__}, seed {seed}, conformance/hunt.py"
        for dtype in _DTYPES:
            given = as_dtype(one.inputs, dtype)
            name = f"found.f{dtype.removeprefix('float')}.{first.name}"
            entry = written(name, given, _axes(one), why=why, flags=names, source=source)
            if all(_tells(target, given) for target in one.targets):
                yield {"topic": "found", **entry}


def flags() -> dict[str, dict[str, Any]]:
    """What the flag of each target is for, as flags.json has it."""
    return {one.name: {"finds": one.finds, "who": one.who, "links": list(one.links)} for one in targets()}


def finds(due: Sequence[Target], seed: int = SEED) -> list[Find]:
    """The smallest inputs for ``due``, those that are the same once."""
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        smallest = list(pool.map(_by_name, [target.name for target in due], [seed] * len(due)))
    found: dict[str, Find] = {}
    for target, given in zip(due, smallest, strict=True):
        if given is not None:
            entry = written("", given, {})
            key = str((entry["config"], entry["params"], entry["steps"]))
            found.setdefault(key, Find([], given)).targets.append(target)
    return list(found.values())


def smallest(target: Target, seed: int = SEED) -> Inputs | None:
    """The smallest input by which a target is told, or None if the search ends without one."""
    strategy = inputs(target.switches, target.needed, target.supports)
    random = Random(crc32(target.name.encode()) ^ seed)
    try:
        first = hypothesis.find(strategy, lambda given: _tells(target, given), settings=QUIET, random=random)
    except (NoSuchExample, Flaky):  # flaky: what is seen in one run and not in the next, as a state that outlives it
        return None
    return shrunk(first, lambda given: _tells(target, given))


def _by_name(name: str, seed: int) -> Inputs | None:
    return smallest(next(target for target in targets() if target.name == name), seed)


def _tells(target: Target, given: Inputs) -> bool:
    try:
        asked = problem(given)
        return target.gap(asked) >= APART and asked.decides
    except ValueError:  # an infinite bound, or a sum that is not exact where it must be
        return False


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
    features = Vector("", written("", one.inputs, {})).features
    slices = [grad for call in one.inputs.calls for grad in call.grads if isinstance(grad, IndexedSlices)]
    axes = dict(TWO_PLACES if "weight_decay" in features or slices else PLACES)
    if "amsgrad" in features:
        axes |= TWO_MAXIMA
    if "weight_decay" in features:
        axes |= KINDS
    if "none" in features:
        axes |= COUNTING
    if len(features & set(LIMITS)) > 1:
        axes |= ORDERS
    if slices:
        axes |= WHOSE
    if any(len(set(grad.indices.tolist())) < len(grad.indices) for grad in slices):
        axes |= SUMS
    for target in one.targets:
        for axis, values in target.axes.items():
            axes[axis] = list(dict.fromkeys([*axes.get(axis, ()), *values]))
    return axes
