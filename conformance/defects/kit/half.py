"""Right Adams of half precision: a step in float32, between two roundings that can be replaced.

The step is that of `EditableAdam`, whose parameters are the float32 weights that it starts from.
`HalfPieces` lists what comes before and after it, and `RIGHT` the right functions.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar

import numpy as np

from ...truth.point import Point
from ...vectors.slices import Grad, IndexedSlices
from ...vectors.storage import NATIVE, STOCHASTIC, DeclaredStorage
from .by_convention import build, pieces_of
from .editable import EditableAdam, Pieces
from .records import Array, Grads, Slots

_MOMENTS = ("m", "v", "v_max")
# Keys of what is kept besides the weights, so that it is saved with them.
_PARAMS = "params"
_LOST = "lost"


@dataclass(frozen=True, kw_only=True)
class HalfPieces:
    """The pieces of an Adam of half precision, in the order in which they are called.

    T is the format of the parameters. A piece takes the Adam, then the array that it rounds.

    Fields:
        working: the format of a step.
        set_numbers: changes the numbers that the user set.
        widen: a gradient in the format of a step.
        store: the parameter to return, of a weight.
        coins: of each element the share from which on it is rounded up, where that is random.
        keep_lost: what rounding lost of a weight, for a parameter with this number.
        next_start: the weight that the next step of this parameter starts from.
        moment: the moment to keep, of `m`, `v` or `v_max`.
    """

    working: Callable[["HalfAdam"], Any]
    set_numbers: Callable[["HalfAdam"], None]
    widen: Callable[["HalfAdam", Array], Array]
    store: Callable[["HalfAdam", Array], Array]
    coins: Callable[["HalfAdam", Array], Array]
    keep_lost: Callable[["HalfAdam", int, Array], Array]
    next_start: Callable[["HalfAdam", int, Array], Array]
    moment: Callable[["HalfAdam", str, Array], Array]


class HalfAdam(EditableAdam):
    """A subject that is given parameters of half precision.

    Attributes:
        half: its pieces besides those of the step.
        right: the pieces of the step without a mistake.
        storage: dtype -> what it keeps between steps.
        dtype: T, the format of the parameters.
        kept: what it keeps of it.
        random: where its coins come from.
    """

    half: ClassVar[HalfPieces]
    right: ClassVar[Pieces]
    storage: ClassVar[dict[str, str]]
    dtypes: ClassVar[frozenset[str]]

    def __init__(
        self,
        params: Sequence[Array],
        learning_rate: float,
        beta1: float,
        beta2: float,
        epsilon: float,
        seed: int = 0,
        **switches: Any,
    ) -> None:
        self.dtype = params[0].dtype
        self.kept = DeclaredStorage.parse(self.storage[self.dtype.name])
        self.random = np.random.default_rng(seed)
        self.working = self.half.working(self)
        weights = [self.wide(param) for param in params]
        super().__init__(weights, learning_rate, beta1, beta2, epsilon, **switches)
        self.half.set_numbers(self)
        self._show(params)

    @property
    def params(self) -> list[Array]:
        """The parameters as they are returned, in T."""
        arrays: list[Array] = self.memory[_PARAMS]
        return arrays

    @property
    def lost(self) -> list[Array]:
        """What rounding lost of each parameter, in T."""
        arrays: list[Array] = self.memory[_LOST]
        return arrays

    def step(
        self, grads: Grads, learning_rate: float | None = None, scale: float | None = None
    ) -> list[Array]:
        """Take one step on every parameter that has a gradient."""
        super().step([self._widen(grad) for grad in grads], learning_rate, scale)
        with np.errstate(all="ignore"):
            for number, grad in enumerate(grads):
                if grad is not None:
                    self._keep(number)
        return self.params

    def load(self, params: Sequence[Array], slots: Slots, t: Sequence[int]) -> None:
        """Continue from parameters, moments and step counts."""
        wide = {}
        for name, arrays in slots.items():
            wide[name] = [self.wide(array) for array in arrays]
        super().load([self.wide(param) for param in params], wide, t)
        self._show(params)

    def wide(self, array: Array) -> Array:
        """Return an array in the format of a step."""
        return np.asarray(array, self.working)

    def rounded(self, array: Array) -> Array:
        """Return numbers rounded to T, in the format of a step."""
        return self.wide(array.astype(self.dtype))

    def number_in_half(self, number: float) -> float:
        """Return the number of T that is nearest."""
        return float(np.float64(number).astype(self.dtype))

    def _show(self, params: Sequence[Array]) -> None:
        self.memory[_PARAMS] = list(params)
        self.memory[_LOST] = [np.zeros_like(param) for param in params]

    def _widen(self, grad: Grad | None) -> Array | None:
        # It does not declare sparse gradients, and is given none.
        assert not isinstance(grad, IndexedSlices)
        return None if grad is None else self.half.widen(self, grad)

    def _keep(self, number: int) -> None:
        """Round what is kept of a parameter after a step."""
        state = self.state
        weight = state.params[number]
        self.params[number] = self.half.store(self, weight)
        self.lost[number] = self.half.keep_lost(self, number, weight)
        state.params[number] = self.half.next_start(self, number, weight)
        for name in _MOMENTS:
            arrays = getattr(state, name)
            arrays[number] = self.half.moment(self, name, arrays[number])


# --- the right pieces


def working(adam: HalfAdam) -> Any:
    # Also where every operation is rounded to T: a right Adam may have more digits.
    return np.float32


def set_numbers(adam: HalfAdam) -> None:
    """Do nothing."""


def widen(adam: HalfAdam, grad: Array) -> Array:
    return adam.wide(grad)


def store(adam: HalfAdam, weight: Array) -> Array:
    if adam.kept.weights == "split":
        return upper_half(weight).astype(adam.dtype)
    if adam.kept.weights == STOCHASTIC:
        return round_at_random(adam, weight)
    return weight.astype(adam.dtype)


def upper_half(weight: Array) -> Array:
    """Return numbers of float32 with the lower 16 bits cut off."""
    return (weight.view(np.uint32) & np.uint32(0xFFFF0000)).view(np.float32)


def round_at_random(adam: HalfAdam, weight: Array) -> Array:
    """Return a neighbour of each weight: the upper one as often as it is near."""
    low, high = neighbours(adam, weight)
    width = np.where(high > low, high.astype(np.float32) - low.astype(np.float32), 1)
    share = (weight - low.astype(np.float32)) / width
    return np.where(adam.half.coins(adam, weight) < share, high, low)


def neighbours(adam: HalfAdam, weight: Array) -> tuple[Array, Array]:
    """Return the numbers of T below and above; both are the weight if it is one of T."""
    near = weight.astype(adam.dtype)
    wide = near.astype(np.float32)
    below = np.nextafter(near, adam.dtype.type(-np.inf))
    above = np.nextafter(near, adam.dtype.type(np.inf))
    return np.where(wide > weight, below, near), np.where(wide < weight, above, near)


def coins(adam: HalfAdam, weight: Array) -> Array:
    return adam.random.random(weight.shape)


def keep_lost(adam: HalfAdam, number: int, weight: Array) -> Array:
    return (weight - adam.wide(adam.params[number])).astype(adam.dtype)


def next_start(adam: HalfAdam, number: int, weight: Array) -> Array:
    if adam.kept.weights in ("master", "split"):
        return weight
    param = adam.wide(adam.params[number])
    if adam.kept.weights == "compensated":
        return param + adam.wide(adam.lost[number])
    return param


def moment(adam: HalfAdam, name: str, array: Array) -> Array:
    # The maximum of AMSGrad is kept as v is.
    form = adam.kept.m if name == "m" else adam.kept.v
    return adam.rounded(array) if form == NATIVE else array


RIGHT = HalfPieces(
    working=working,
    set_numbers=set_numbers,
    widen=widen,
    store=store,
    coins=coins,
    keep_lost=keep_lost,
    next_start=next_start,
    moment=moment,
)
_NAMES = {field.name for field in fields(HalfPieces)}


def build_half(name: str, point: Point, **changes: Any) -> type[HalfAdam]:
    """Return the Adam at a point that has a storage, with some pieces changed, as a subject.

    ``changes``: fields of `HalfPieces` or `Pieces`.
    """
    own = {piece: change for piece, change in changes.items() if piece in _NAMES}
    others = {piece: change for piece, change in changes.items() if piece not in _NAMES}
    members = {
        "half": replace(RIGHT, **own),
        "right": pieces_of(point),
        "storage": dict(point.storage),
        "dtypes": frozenset(dict(point.storage)),
        "supports": frozenset({"none", "readonly"}),
    }
    return type(name, (HalfAdam, build(name, point, **others)), members)
