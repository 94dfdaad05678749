"""Strategies: inputs that Hypothesis draws, configurations and gradients of several parameters.

For example: two parameters of three elements, four steps, `amsgrad` on, one gradient missing. Every
strategy lists the simplest choice first, because Hypothesis shrinks towards it: one parameter of
one element, one step, gradients of 1, and all options off.
"""

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from math import inf, nan, prod
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import hypothesis
import numpy as np
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir

from ..vectors.inputs import Call, Inputs
from ..vectors.slices import Grad, IndexedSlices, values_of
from ..vectors.switches import HYPERPARAMETERS, LOSS_SCALE

# Values of each number, the simplest first. They are dyadic, so that every arithmetic gives the
# same answer and a failure is one of the algorithm.
DYADIC: dict[str, tuple[float, ...]] = {
    "learning_rate": (2.0**-6, 1.0, 2.0**-3),
    "beta1": (0.5, 0.75, 0.25, 0.0),
    "beta2": (0.75, 0.5, 0.25, 0.0),
    "epsilon": (2.0**-10, 1.0, 2.0**-20, 2.0**-3, 0.0),
    "weight_decay": (0.5, 1.0, 0.125, 2.0),
    "epsilon_root": (2.0**-10, 1.0, 2.0**-20),
    "clipvalue": (1.0, 4.0, 0.25),
    "clipnorm": (5.0, 1.0, 2.0**-20),
    "global_clipnorm": (5.0, 1.0, 2.0**-20),
}
# The same with betas and rates that people use, which arithmetics round differently.
DECIMAL = DYADIC | {
    "beta1": (0.9, 0.5, 0.8),
    "beta2": (0.999, 0.99, 0.75),
    "learning_rate": (0.001, 0.1),
}
# Powers of two, from gradients of usual size to gradients as small as epsilon and far larger ones.
_EXPONENTS = (0, -1, 2, -3, 4, -6, -10, -13, 10, -20)
# One parameter of one element is simplest; three elements show a mixed-up order.
_SHAPES = ((1,), (2,), (3,))
_MOST_PARAMETERS = 3
_MOST_SLICES = 3
# Powers of two: whatever an Adam does with them is exact.
_SCALES = (1.0, 2.0**16, 2.0**-3, 2.0**24)
# Most calls are ordinary ones.
_OVERFLOWS = (0.0, 0.0, inf, -inf, nan)


def numbers(largest: int = 15) -> st.SearchStrategy[float]:
    """Return a strategy for zero and a few digits times a power of two, of either sign."""
    parts = st.tuples(st.integers(0, largest), st.sampled_from(_EXPONENTS), st.booleans())
    return parts.map(_number)


def _number(parts: tuple[int, int, bool]) -> float:
    digits, exponent, negative = parts
    sign = -1.0 if negative else 1.0
    return sign * digits * 2.0**exponent


@st.composite
def inputs(
    draw: st.DrawFn,
    switches: Collection[str] = (),
    needed: Collection[str] = (),
    supports: Collection[str] = (),
    pool: dict[str, tuple[float, ...]] = DYADIC,
    dtype: str = "float32",
    steps: int = 6,
    largest: int = 15,
) -> Inputs:
    """Draw everything that a subject is given.

    Args:
        draw: the function that Hypothesis passes.
        switches: switches that may be on.
        needed: switches that are on.
        supports: kinds of input that may occur: `none`, `sparse`, `schedule`, `load`, `loss_scale`.
        pool: values of each number.
        dtype: dtype of the arrays.
        steps: number of calls at most.
        largest: largest integer before it is scaled by a power of two.
    """
    hyperparameters = {name: draw(st.sampled_from(pool[name])) for name in HYPERPARAMETERS}
    switched_on: dict[str, float | bool] = {}
    for name in sorted({*switches, *needed}):
        if name not in needed and not draw(st.booleans()):
            continue
        if name in ("amsgrad", "maximize"):
            switched_on[name] = True
        else:
            switched_on[name] = draw(st.sampled_from(pool[name]))
    count = draw(st.integers(1, _MOST_PARAMETERS))
    shapes = [draw(st.sampled_from(_SHAPES)) for _ in range(count)]
    params = [_array(draw, shape, dtype, largest) for shape in shapes]
    kinds = ["dense", *(kind for kind in ("none", "sparse") if kind in supports)]
    calls = []
    for _ in range(draw(st.integers(1, steps))):
        grads = [
            _grad(draw, draw(st.sampled_from(kinds)), shape, dtype, largest) for shape in shapes
        ]
        rate = None
        # No convention says whether a rate is kept if its call raises, as a call without any
        # gradient may do. Such a call gets none.
        if "schedule" in supports and any(grad is not None for grad in grads):
            rate = draw(st.sampled_from((None, *pool["learning_rate"])))
        calls.append(Call(grads, rate))
    # Without any gradient libraries differ in what they do with a scale.
    if LOSS_SCALE in supports and all(map(_has_gradient, calls)) and draw(st.booleans()):
        calls = [_with_scale(draw, call) for call in calls]
    return Inputs(hyperparameters, switched_on, params, calls)


def _has_gradient(call: Call) -> bool:
    return any(grad is not None for grad in call.grads)


def _with_scale(draw: st.DrawFn, call: Call) -> Call:
    """Return a call with gradients times a loss scale, one of which may overflow."""
    scale = draw(st.sampled_from(_SCALES))
    grads: list[Grad | None] = []
    for grad in call.grads:
        if isinstance(grad, IndexedSlices):
            grads.append(grad._replace(values=grad.values * grad.values.dtype.type(scale)))
        else:
            grads.append(None if grad is None else grad * grad.dtype.type(scale))
    arrays = [values_of(grad) for grad in grads if grad is not None]
    elements = [array.ravel() for array in arrays if array.size]
    bad = draw(st.sampled_from(_OVERFLOWS))
    if bad and elements:
        draw(st.sampled_from(elements))[-1] = bad
    return Call(grads, call.learning_rate, scale)


def take(strategy: st.SearchStrategy[Inputs], count: int, random: Random) -> list[Inputs]:
    """Return ``count`` inputs, or all that there are.

    Hypothesis only draws. If it ran a subject, it would set the global random state before each
    input, and a subject that errs at random would do the same every time.
    """
    drawn: list[Inputs] = []

    @hypothesis.seed(random.getrandbits(64))
    @hypothesis.settings(
        max_examples=count,
        # A database would bring inputs of earlier runs, which the seed does not name.
        database=None,
        deadline=None,
        phases=(hypothesis.Phase.generate,),
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(strategy)
    def keep(example: Inputs) -> None:
        drawn.append(example)

    with _without_a_folder():
        keep()
    return drawn


@contextmanager
def _without_a_folder() -> Iterator[None]:
    """Keep Hypothesis from writing into the current folder, unless the user chose a folder.

    Without a database it still writes the constants that it found in the loaded modules.
    """
    if "HYPOTHESIS_STORAGE_DIRECTORY" in os.environ:
        yield
        return
    with TemporaryDirectory() as folder:
        set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            set_hypothesis_home_dir(None)


def _array(draw: Any, shape: tuple[int, ...], dtype: str, largest: int) -> Any:
    size = prod(shape)
    elements = draw(st.lists(numbers(largest), min_size=size, max_size=size))
    return np.array(elements, dtype).reshape(shape)


def _grad(draw: Any, kind: str, shape: tuple[int, ...], dtype: str, largest: int) -> Grad | None:
    if kind == "none":
        return None
    if kind == "dense":
        return np.asarray(_array(draw, shape, dtype, largest))
    # Rows may repeat, and there may be none.
    rows = draw(st.lists(st.integers(0, shape[0] - 1), max_size=_MOST_SLICES))
    values = _array(draw, (len(rows), *shape[1:]), dtype, largest)
    return IndexedSlices(values, np.array(rows, np.int64), shape)
