"""What a step of one element starts from: the numbers of the config, the state, what is kept."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np

from ...truth.reference import DEFAULT_EPSILON, Format
from ...vectors.words import Array
from .gradient import Leaf
from .reference_run import Taken
from .rules import Rules
from .tape import decimal_of

Given = dict[str, Leaf]
# The slots of a state that a step reads and writes.
SLOTS = ("m", "v", "v_max")
_OF_FORMAT = {Format.BINARY64: "float64", Format.BINARY32: "float32"}


class ElementPlace(NamedTuple):
    """An element: the number of its parameter, and its number in C order."""

    param: int
    element: int

    def text(self, shape: Sequence[int]) -> str:
        """Return the place as reports write it."""
        if not shape:
            return f"params[{self.param}]"
        axes = ", ".join(str(int(axis)) for axis in np.unravel_index(self.element, shape))
        return f"params[{self.param}] element [{axes}]"

    def of(self, array: Array) -> Any:
        """Return the number at this place in an array of its parameter."""
        return array.reshape(-1)[self.element]


def start_of(
    rules: Rules,
    taken: Taken,
    place: ElementPlace,
    t: int,
) -> Given:
    """Return the numbers that a step starts from, but for its gradient."""
    given = _numbers_of_config(rules)
    given["t"] = Leaf(t, Decimal(t))
    given["scale"] = _scale_of(taken, rules)
    state = taken.before.states[place.param]
    stored = place.of(taken.before.params[place.param])
    # A step computes with all of them in one dtype, to which halves are widened exactly.
    wide = np.dtype(rules.wide).type
    given["param"] = _leaf(wide(stored))
    given["stored"] = given["param"]
    for slot in SLOTS:
        array = getattr(state, slot)
        # There is no v_max without AMSGrad.
        if array is not None:
            given[slot] = _leaf(wide(place.of(array)))
    if state.kept is not None and rules.storage is not None:
        kept = place.of(state.kept)
        given["kept"] = _leaf(_kept(rules.storage.weights, stored, kept))
    return given


def _scale_of(taken: Taken, rules: Rules) -> Leaf:
    # Narrow gradients are divided in float32; see `unscale` of the reference.
    wide = np.promote_types(rules.wide, np.float32)
    scale = taken.call.scale or 1.0
    return Leaf(wide.type(scale), decimal_of(scale))


def _kept(
    weights: str,
    stored: Any,
    kept: Any,
) -> Any:
    """Return what is kept of a weight as a float32: of `split` the whole weight."""
    if weights != "split":
        return np.float32(kept)
    # The parameter has the upper 16 bits.
    upper = np.asarray(stored).view(np.uint16).astype(np.uint32)
    bits = np.asarray(upper << np.uint32(16) | np.uint32(kept))
    return bits.view(np.float32)[()]


def _numbers_of_config(rules: Rules) -> Given:
    """Return the numbers that a user sets, in the formats of the arithmetic, by their keys."""
    config = rules.config
    arithmetic = rules.arithmetic
    epsilon = config.epsilon
    if epsilon == 0 and rules.convention.epsilon_zero == "default":
        epsilon = DEFAULT_EPSILON
    # With `inside` the only epsilon is the one under the root.
    is_inside = rules.convention.epsilon == "inside"
    epsilon_root = epsilon if is_inside else config.epsilon_root
    numbers = (
        ("lr", config.learning_rate, arithmetic.learning_rate),
        ("wd", config.weight_decay, arithmetic.learning_rate),
        ("beta1", config.beta1, arithmetic.moment_beta),
        ("beta2", config.beta2, arithmetic.moment_beta),
        # The same betas again, which may have another format in the powers.
        ("base1", config.beta1, arithmetic.power_beta),
        ("base2", config.beta2, arithmetic.power_beta),
        ("eps", epsilon, arithmetic.epsilon),
        ("eps_root", epsilon_root, arithmetic.epsilon),
    )
    given = {}
    for key, value, number_format in numbers:
        dtype = _OF_FORMAT.get(number_format, rules.wide)
        # Rounded once, and from there on computed with in binary64.
        rounded = np.dtype(dtype).type(value)
        given[key] = _leaf(np.float64(rounded))
    return given


def _leaf(value: Any) -> Leaf:
    return Leaf(value, decimal_of(value))
