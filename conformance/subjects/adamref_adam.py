"""Our own backends: `adamref`, `adamref_cpu` and `adamref_cuda`.

The name of a convention may follow: `adamref_cpu_tf1` is the CPU backend under convention tf1. So
may that of a storage of half precision: `adamref_cpu_master` keeps float32 weights.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from adamref import CONVENTIONS, Adam, AdamConfig

from ..subject.subject import Unsupported
from ..vectors.storage import ALL_NATIVE, HALVES
from ..vectors.switches import REFUSALS

_BACKENDS = {"adamref_cpu": "cpu", "adamref_cuda": "cuda", "adamref": "numpy"}
_NUMBERS = ("learning_rate", "beta1", "beta2", "epsilon")


# Of the subjects that are judged in half precision alone.
_STORAGES = {
    "master": "weights=master",
    "split": "weights=split,moments=T",
    "compensated": "weights=compensated,moments=T",
    "narrow": "moments=T",
}


class _HalfAdam(Adam):
    """An Adam of half precision that shows its moments alone, and takes them in any dtype."""

    def slots(self) -> dict[str, Any]:
        shown = super().slots()
        return {name: arrays for name, arrays in shown.items() if name != "kept"}

    def load(self, params: Sequence[Any], slots: Mapping[str, Any], t: Sequence[int]) -> None:
        own = self.slots()
        cast = {}
        for name, arrays in slots.items():
            pairs = zip(arrays, own[name], strict=True)
            cast[name] = [np.asarray(array, kept.dtype) for array, kept in pairs]
        super().load(params, cast, t)


def _subject(backend: str, name: str, text: str | None = None) -> Callable[..., Adam]:
    """Return a backend under a convention; ``text``: the storage of half precision."""
    storage = dict.fromkeys(HALVES, text or "")
    if text is None and backend == "numpy":
        storage["float16"] = ALL_NATIVE
    if text is not None and "split" in text:
        del storage["float16"]

    def make(
        params: Sequence[Any],
        *numbers: float,
        groups: Sequence[Mapping[str, Any]] = (),
        **switches: Any,
    ) -> Adam:
        named: dict[str, Any] = dict(zip(_NUMBERS, numbers, strict=True))
        config = AdamConfig(**named, **switches)
        halves = {np.asarray(param).dtype.name for param in params} & set(HALVES)
        kept = storage[halves.pop()] if halves else None
        adam = Adam if kept is None else _HalfAdam
        try:
            return adam(params, config, name, backend=backend, groups=groups, storage=kept)
        except ValueError as error:
            # The convention has no such switch.
            raise Unsupported(str(error)) from None

    supports = {"float16", "readonly", "indices_int32", "mixed_dtypes", "loss_scale"}
    convention = CONVENTIONS[name].convention
    if convention.none_gradient != "error":
        supports.add("none")
    if convention.sparse != "unsupported":
        supports.add("sparse")
    make.supports = supports
    make.refuses = set(REFUSALS)
    make.storage = storage
    if text is not None:
        make.dtypes = set(storage)
    return make


def _suffix(convention: str) -> str:
    """Return what follows the name of a backend; nothing for the paper's convention."""
    if convention == "paper":
        return ""
    return "_" + convention.replace("-", "_").replace(".", "_")


def __getattr__(name: str) -> Callable[..., Adam]:
    """Return a backend under a convention, for instance ``adamref_cpu_tf1``."""
    for prefix, backend in _BACKENDS.items():
        for convention in CONVENTIONS:
            if name == prefix + _suffix(convention):
                # It raises here, and not in the first vector, without a compiler or a device.
                Adam([], backend=backend)
                return _subject(backend, convention)
        for storage, text in _STORAGES.items():
            if name == f"{prefix}_{storage}":
                Adam([], backend=backend)
                return _subject(backend, "paper", text)
    has = f"it has {', '.join(_BACKENDS)}, each followed by _ and a convention or a storage"
    raise AttributeError(f"{__name__} has no {name!r}; {has}")
