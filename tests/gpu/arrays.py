"""Arrays on the device, and the reference in NumPy.

Halves are integers of 16 bits, because NumPy has no bfloat16.
"""

from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
from numba import cuda

from adamref import AdamConfig
from adamref.kernels.cuda.host import address, device_number
from adamref.named_conventions import look_up
from adamref.scalars import scalars
from adamref.state import AdamState
from adamref.step import advance, objective_gradient

WORDS = {"float32": np.float32, "float64": np.float64, "float16": np.uint16, "bfloat16": np.uint16}
WIDE = {"float32": np.float32, "float64": np.float64, "float16": np.float32, "bfloat16": np.float32}


class View(NamedTuple):
    """Some elements of a device array, which look like a tensor of PyTorch to `FusedAdam`."""

    array: Any
    first: int
    size: int
    storage: str

    is_cuda = True
    is_sparse = False

    @property
    def device(self):
        return SimpleNamespace(index=device_number())

    @property
    def shape(self):
        return (self.size,)

    @property
    def dtype(self):
        return self.storage

    def data_ptr(self):
        return address(self.array) + self.first * self.element_size()

    def element_size(self):
        return np.dtype(WORDS[self.storage]).itemsize

    def is_contiguous(self):
        return True

    def stride(self):
        return (1,)

    def put(self, values):
        if self.size:
            self.array[self.first : self.first + self.size].copy_to_device(values)

    def get(self):
        if not self.size:
            return np.zeros(0, WORDS[self.storage])
        return self.array[self.first : self.first + self.size].copy_to_host()


def placed(arrays, storage, offset=0):
    """Arrays on the device, each in memory of its own, ``offset`` elements after its start."""
    views = [
        View(cuda.device_array(len(a) + offset, WORDS[storage]), offset, len(a), storage)
        for a in arrays
    ]
    for view, values in zip(views, arrays, strict=True):
        view.put(values)
    return views


def draw(rng, size, storage):
    """Return numbers over many decades; every fourth has any bits, also of infinities and NaN."""
    wide = WIDE[storage]
    values = rng.standard_normal(size, wide) * wide(10) ** rng.integers(-8, 4, size).astype(wide)
    values = narrow(values, storage)
    words = f"u{values.itemsize}"
    anything = rng.integers(0, 2 ** (8 * values.itemsize), size, words, endpoint=False)
    return np.where(rng.random(size, np.float32) < 0.25, anything, values.view(words)).view(
        values.dtype
    )


def widen(values, storage):
    if storage == "bfloat16":
        return (values.astype(np.uint32) << 16).view(np.float32)
    return values.view(np.float16).astype(np.float32) if storage == "float16" else values


@np.errstate(all="ignore")
def narrow(values, storage):
    """Rounded to nearest, ties to even."""
    if storage == "float16":
        return values.astype(np.float16).view(np.uint16)
    if storage != "bfloat16":
        return values
    bits = values.view(np.uint32)
    rounded = bits + (0x7FFF + ((bits >> 16) & 1)).astype(np.uint32)
    return (np.where(np.isnan(values), bits | 0x00400000, rounded) >> 16).astype(np.uint16)


class Reference:
    """`adamref.step` on one array in the words of its storage."""

    def __init__(self, param, storage, config: AdamConfig, convention):
        self.param = param.copy()
        self.storage = storage
        self.config = config
        self.convention, self.arithmetic = look_up(convention)
        zeros = [np.zeros(param.shape, WIDE[storage]) for _ in range(3)]
        self.state = AdamState(0, zeros[0], zeros[1], zeros[2] if config.amsgrad else None)

    def step(self, grad):
        wide = widen(self.param, self.storage)
        grown = widen(grad, self.storage)
        s = scalars(self.config, self.convention, self.arithmetic, self.state.t + 1, wide.dtype)
        moved, self.state = advance(
            self.convention, s, self.state, wide, objective_gradient(self.config, s, wide, grown)
        )
        self.param = narrow(moved, self.storage)


def differences(want, got, storage):
    """How many elements have other bits, and the first of them; any NaN is like any other."""
    words = f"u{want.itemsize}"
    wrong = want.view(words) != got.view(words)
    if wrong.any():
        wrong &= ~(np.isnan(widen(want, storage)) & np.isnan(widen(got, storage)))
    found = np.flatnonzero(wrong)
    if not len(found):
        return None
    at = int(found[0])
    return {
        "count": len(found),
        "at": at,
        "want": hex(want.view(words)[at]),
        "got": hex(got.view(words)[at]),
    }


def compare(reference, param, fused, at):
    """What of one parameter and its state differs from the reference."""
    storage = reference.storage
    state = "float64" if reference.storage == "float64" else "float32"
    found = {"param": differences(reference.param, param.get(), storage)}
    for name in ("m", "v", "v_max") if reference.config.amsgrad else ("m", "v"):
        found[name] = differences(
            getattr(reference.state, name), getattr(fused, name)[at].copy_to_host(), state
        )
    return {name: difference for name, difference in found.items() if difference}
