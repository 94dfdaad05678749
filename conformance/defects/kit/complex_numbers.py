"""Complex parameters: the pieces see real arrays, whose last axis has both parts of a number."""

from collections.abc import Sequence
from functools import wraps
from typing import Any

import numpy as np

from ...vectors.inputs import in_form
from ...vectors.slices import Grad, IndexedSlices
from ...vectors.switches import COMPLEX
from .editable import EditableAdam
from .records import Array, Grads, Slots, Step


class AdamOfParts(EditableAdam):
    """An Adam in pieces that takes complex parameters too.

    Attributes:
        is_complex: whether the parameters of this Adam are complex.
    """

    # So that it has the signature of the Adam that it changes.
    @wraps(EditableAdam.__init__)  # type: ignore[misc]
    def __init__(self, params: Sequence[Array], *numbers: Any, **settings: Any) -> None:
        self.is_complex = any(map(np.iscomplexobj, params))
        super().__init__([as_parts(param) for param in params], *numbers, **settings)

    def step(
        self, grads: Grads, learning_rate: float | None = None, scale: float | None = None
    ) -> list[Array]:
        """Take one step on every parameter that has a gradient."""
        parts = [_parts_of(grad) for grad in grads]
        return self._as_given(super().step(parts, learning_rate, scale))

    def slots(self) -> Slots:
        """Return the moments."""
        return {name: self._as_given(arrays) for name, arrays in super().slots().items()}

    def _as_given(self, arrays: list[Array]) -> list[Array]:
        if not self.is_complex:
            return arrays
        return [as_numbers(array) for array in arrays]


def as_parts(array: Array) -> Array:
    """Return both parts of complex numbers on one axis more, and a real array as it is."""
    return np.stack((array.real, array.imag), axis=-1) if np.iscomplexobj(array) else array


def as_numbers(parts: Array) -> Array:
    """Return the complex numbers with these parts."""
    return in_form(parts, COMPLEX)


def _parts_of(grad: Grad | None) -> Grad | None:
    if grad is None or isinstance(grad, IndexedSlices):
        return grad
    return as_parts(grad)


def squared_modulus(adam: AdamOfParts, step: Step, v: Array, grad: Array) -> Array:
    square = grad * grad
    if adam.is_complex:
        # Each part has the squares of both.
        square = square + square[..., ::-1]
    return adam.beta2 * v + (1 - adam.beta2) * square  # E2
