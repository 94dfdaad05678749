"""Watch: the arrays that the caller of a subject owns, during one run.

The caller keeps its gradients, which must not have changed at the end. What it gets back it either
overwrites at once, or it keeps that as well. Overwritten, it must not matter to the subject. Kept,
it must not change when the subject steps on, which also finds views that nobody can write to.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..vectors.slices import Grad, IndexedSlices
from ..vectors.words import Array
from .arrays import copy_of, overwrite
from .contract import Misbehaved
from .outcomes import Detail

# What tells two arrays apart: the dtype, the shape, and the bytes.
_Bits = tuple[str, tuple[int, ...], bytes]


class _Lent(NamedTuple):
    """The gradients of a call: the list and the arrays that the subject was given, and its model.

    The list may be changed as well as the arrays, so that the arrays are kept twice.
    """

    listed: list[Grad | None]
    grads: tuple[Grad | None, ...]
    originals: Sequence[Grad | None]


class _Received(NamedTuple):
    """An entry that came back, with its bits at that time."""

    where: str
    entry: Any
    shape: tuple[int, ...]
    bits: _Bits


class Watch:
    """What went to a subject and came back in one run.

    Args:
        overwrites: whether what came back is overwritten at once, and not kept.
    """

    def __init__(self, *, overwrites: bool) -> None:
        self.overwrites = overwrites
        self._lent: list[_Lent] = []
        self._received: list[_Received] = []

    def lend(self, grads: list[Grad | None], originals: Sequence[Grad | None]) -> None:
        """Keep the gradients that a call is given."""
        self._lent.append(_Lent(grads, tuple(grads), originals))

    def receive(self, where: str, entries: Sequence[Any], copies: Sequence[Array | None]) -> None:
        """Overwrite or keep the entries that came back, after all of them were copied."""
        for entry, copy in zip(entries, copies, strict=True):
            if copy is None:
                continue
            if self.overwrites:
                overwrite(entry, copy.shape)
            else:
                self._received.append(_Received(where, entry, copy.shape, _bits(copy)))

    def require_unchanged(self) -> None:
        """Raise Misbehaved if the subject has changed anything that its caller owns."""
        for lent in self._lent:
            _require_gradients(lent)
        for one in self._received:
            if _bits(copy_of(one.entry, one.shape)) != one.bits:
                raise Misbehaved(
                    f"step and slots() must hand back copies, but {one.where} changed later",
                    Detail.HYGIENE,
                )


def _require_gradients(lent: _Lent) -> None:
    rule = "step must leave the caller's gradients as they are, but changed"
    if len(lent.listed) != len(lent.grads):
        raise Misbehaved(f"{rule} the length of their list", Detail.HYGIENE)
    triples = zip(lent.listed, lent.grads, lent.originals, strict=True)
    for number, (listed, grad, original) in enumerate(triples):
        if listed is not grad or _bits_of_grad(grad) != _bits_of_grad(original):
            raise Misbehaved(f"{rule} grads[{number}]", Detail.HYGIENE)


def _bits_of_grad(grad: Grad | None) -> list[_Bits]:
    if grad is None:
        return []
    if isinstance(grad, IndexedSlices):
        # Its shape is a tuple, which nobody can change.
        return [_bits(grad.values), _bits(grad.indices)]
    return [_bits(grad)]


def _bits(array: np.ndarray[Any, Any]) -> _Bits:
    return array.dtype.str, array.shape, array.tobytes()
