"""Wide draws: inputs from the whole space that vectors may cover, with many features at once.

Each feature is on in half of the inputs, and its levels are equally likely. So two features stand
together in a quarter of them. For example: half precision, ascent, and an optimizer beside it.
"""

from collections.abc import Collection
from math import prod
from random import Random
from typing import NamedTuple

import numpy as np

from ..vectors.inputs import Call, Inputs, Switches
from ..vectors.slices import Grad, IndexedSlices
from ..vectors.spec import Relation
from ..vectors.switches import HYPERPARAMETERS
from ..vectors.words import Array
from .strategies import DECIMAL, DYADIC

# Powers of two of gradients: the usual ones, as small as epsilon, tiny and huge.
_EXPONENTS = (0, 0, -1, 2, -3, 4, -6, -10, 10, -20, -40, 30)
# Half precision holds a few digits times these.
_HALF_EXPONENTS = (0, -1, 2, -3)
# A smaller epsilon vanishes in half precision, and leaves 0 / 0.
_HALF_NUMBERS = {
    "learning_rate": (2.0**-3, 0.5, 1.0),
    "epsilon": (2.0**-10, 2.0**-3, 1.0),
}
_DIGITS = 15
_RATES = (2.0**-6, 2.0**-3, 0.25, 1.0, 4.0, 2.0**-20, 0.0)
# Added to the pools that small inputs are drawn from; decimals are drawn besides.
_OTHERS = {
    "learning_rate": _RATES,
    "epsilon": (2.0**-10, 2.0**-20, 2.0**-40, 4.0, 0.0),
}
_DECIMAL_BETAS = (0.0, 1e-6, 0.1, 0.5, 0.9, 0.999, 0.99999)
_MOST_DIGITS = 6
# The shapes of a few parameters: from no dimension to five, empty, and of several rows.
_SHAPES = ((1,), (2,), (3,), (), (0,), (2, 2), (5,), (1, 3, 1), (2, 1, 2, 1), (1, 1, 2, 1, 1))
_MANY = (33, 65, 100)
_ROWS = ((4, 2), (9,), (3, 1, 2), (130,))
# Of large inputs only few calls are judged, because each element takes its time.
_MOST_ELEMENTS = 32
_MOST_SLICES = 12
# Long runs pass the multiples of 64, and have few elements.
_LONG = (64, 65, 128)
_LONGEST_CYCLE = 3
_CALLS = (1, 2, 3, 4, 6, 9)


class Drawn(NamedTuple):
    """An input, and the relation of its second run if it has one."""

    inputs: Inputs
    relation: Relation | None = None


class Offer(NamedTuple):
    """What may be drawn for a subject.

    Fields:
        switches: those that may be on.
        kinds: `none`, `sparse`, `schedule`, `float16`, `save`, and `numbers` if a state brings
            back the numbers of the object that was saved.
    """

    switches: Collection[str]
    kinds: Collection[str]


def draw(random: Random, offer: Offer, dtype: str, exact: bool) -> Drawn:
    """Return an input with each feature on or off at random.

    Args:
        random: the source of everything.
        offer: what the subject can do.
        dtype: of parameters and gradients; half precision may take its place.
        exact: whether all numbers are dyadic.
    """
    switches = _draw_switches(random, offer, exact)
    numbers = {name: _draw_number(random, name, exact) for name in HYPERPARAMETERS}
    # Only first steps are exact enough in half precision.
    if exact and "float16" in offer.kinds and _is_on(random):
        for name, values in _HALF_NUMBERS.items():
            numbers[name] = random.choice(values)
        params = _draw_params(random, _few_shapes(random), "float16")
        grads = [_array(random, param.shape, "float16") for param in params]
        inputs = Inputs(numbers, switches, params, [Call([*grads], None)])
        return Drawn(inputs, _draw_relation(random, offer, inputs))
    if random.randrange(6) == 0:
        return _draw_long(random, offer, Inputs(numbers, switches, [], []), dtype)
    shapes = _draw_shapes(random, offer)
    count = random.choice(_CALLS)
    if sum(prod(shape) for shape in shapes) > _MOST_ELEMENTS:
        count = random.choice((1, 2))
    # None for a whole run, so that a gradient is missing in half of the runs and not of the calls.
    kinds = {kind for kind in ("none", "sparse", "schedule") if kind in offer.kinds}
    kinds = {kind for kind in sorted(kinds) if _is_on(random)}
    params = _draw_params(random, shapes, dtype)
    calls = [_draw_call(random, kinds, params, exact) for _ in range(count)]
    inputs = Inputs(numbers, switches, params, calls)
    return Drawn(inputs, _draw_relation(random, offer, inputs))


def _is_on(random: Random) -> bool:
    return random.random() < 0.5


def _draw_switches(random: Random, offer: Offer, exact: bool) -> Switches:
    switches: Switches = {}
    for name in sorted(offer.switches):
        if not _is_on(random):
            continue
        if name in ("amsgrad", "maximize"):
            switches[name] = True
        else:
            switches[name] = _draw_number(random, name, exact)
    return switches


def _draw_number(random: Random, name: str, exact: bool) -> float:
    if exact:
        return random.choice((*DYADIC[name], *_OTHERS.get(name, ())))
    if name not in ("beta1", "beta2", "learning_rate"):
        return random.choice((*DECIMAL[name], *_OTHERS.get(name, ())))
    if _is_on(random):
        usual = _DECIMAL_BETAS if name.startswith("beta") else (*DECIMAL[name], *_RATES)
        return random.choice(usual)
    # A beta of any size, so that either may be the larger one.
    return round(random.random(), random.randint(1, _MOST_DIGITS)) % 1


def _draw_shapes(random: Random, offer: Offer) -> list[tuple[int, ...]]:
    which = random.randrange(16)
    if which == 0:
        return [(1,) for _ in range(random.choice(_MANY))]
    if which < 3 and "sparse" in offer.kinds:
        return [random.choice(_ROWS)]
    return _few_shapes(random)


def _few_shapes(random: Random) -> list[tuple[int, ...]]:
    return [random.choice(_SHAPES) for _ in range(random.randint(1, 4))]


def _draw_params(random: Random, shapes: Collection[tuple[int, ...]], dtype: str) -> list[Array]:
    # Half of the runs start from zero, where a step is not hidden by rounding.
    if _is_on(random):
        return [np.zeros(shape, dtype) for shape in shapes]
    return [_array(random, shape, dtype) for shape in shapes]


def _draw_call(
    random: Random, kinds: Collection[str], params: Collection[Array], exact: bool
) -> Call:
    grads = [_draw_grad(random, kinds, param) for param in params]
    rate = None
    # No convention says whether a rate is kept if its call raises.
    has_one = any(grad is not None for grad in grads)
    if "schedule" in kinds and has_one and _is_on(random):
        rate = _draw_number(random, "learning_rate", exact)
    return Call(grads, rate)


def _draw_grad(random: Random, kinds: Collection[str], param: Array) -> Grad | None:
    if "none" in kinds and random.randrange(3) == 0:
        return None
    dtype = param.dtype.name
    if "sparse" not in kinds or not param.ndim or not len(param) or not _is_on(random):
        return _array(random, param.shape, dtype)
    rows = [random.randrange(len(param)) for _ in range(random.randint(0, _MOST_SLICES))]
    values = _array(random, (len(rows), *param.shape[1:]), dtype)
    return IndexedSlices(values, np.array(rows, np.int64), param.shape)


def _array(random: Random, shape: tuple[int, ...], dtype: str) -> Array:
    exponents = _HALF_EXPONENTS if dtype == "float16" else _EXPONENTS
    # Gradients of one array have one size more often than not, so that none is lost beside it.
    size = random.choice(exponents)
    elements = []
    for _ in range(prod(shape)):
        exponent = random.choice(exponents) if random.randrange(4) == 0 else size
        elements.append(random.randint(-_DIGITS, _DIGITS) * 2.0**exponent)
    return np.array(elements, dtype).reshape(shape)


def _draw_long(random: Random, offer: Offer, inputs: Inputs, dtype: str) -> Drawn:
    """Return a run of many calls on one element, in which few gradients come round."""
    cycle = [_array(random, (1,), dtype) for _ in range(random.randint(1, _LONGEST_CYCLE))]
    count = random.choice(_LONG)
    calls = [Call([cycle[number % len(cycle)]], None) for number in range(count)]
    inputs = inputs._replace(params=_draw_params(random, [(1,)], dtype), calls=calls)
    return Drawn(inputs, _draw_relation(random, offer, inputs))


def _draw_relation(random: Random, offer: Offer, inputs: Inputs) -> Relation | None:
    if not _is_on(random):
        return None
    # A state that brings back no numbers is restored where they are the same.
    differences = ["params"]
    kind = random.choice(("resume", "beside", "again"))
    if kind != "resume" or "numbers" in offer.kinds:
        differences.append("numbers")
    if kind != "resume" and len(inputs.params) > 1:
        differences.append("shapes")
    other = tuple(name for name in differences if _is_on(random))
    if kind != "resume":
        return Relation(kind, other=other)
    calls = len(inputs.calls)
    if calls == 1 or "save" not in offer.kinds:
        return None
    after = random.randint(1, calls - 1)
    also_after = None
    if after > 1 and _is_on(random):
        also_after = random.randint(1, after - 1)
    return Relation(kind, after=after, also_after=also_after, used=_is_on(random), other=other)
