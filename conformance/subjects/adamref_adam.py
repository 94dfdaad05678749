"""Our own backends: `adamref`, `adamref_cpu` and `adamref_cuda`.

The name of a convention may follow: `adamref_cpu_tf1` is the CPU backend under convention tf1.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from adamref import CONVENTIONS, Adam, AdamConfig

from ..subject.subject import Unsupported
from ..vectors.switches import REFUSALS

_BACKENDS = {"adamref_cpu": "cpu", "adamref_cuda": "cuda", "adamref": "numpy"}
_NUMBERS = ("learning_rate", "beta1", "beta2", "epsilon")


class _WideAdam(Adam):
    """An Adam of half precision with moments of float32, which takes loaded ones of any dtype."""

    def load(self, params: Sequence[Any], slots: Mapping[str, Any], t: Sequence[int]) -> None:
        wide = {}
        for name, arrays in slots.items():
            wide[name] = [np.asarray(array, "float32") for array in arrays]
        super().load(params, wide, t)


def _subject(backend: str, name: str) -> Callable[..., Adam]:
    def make(
        params: Sequence[Any],
        *numbers: float,
        groups: Sequence[Mapping[str, Any]] = (),
        **switches: Any,
    ) -> Adam:
        named: dict[str, Any] = dict(zip(_NUMBERS, numbers, strict=True))
        config = AdamConfig(**named, **switches)
        # The kernels keep the moments of half precision in float32 only.
        half = any(np.asarray(param).dtype == np.float16 for param in params)
        wide = half and backend != "numpy"
        adam = _WideAdam if wide else Adam
        state_dtype = "float32" if wide else None
        try:
            return adam(
                params, config, name, state_dtype=state_dtype, backend=backend, groups=groups
            )
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
    has = f"it has {', '.join(_BACKENDS)}, each followed by _ and a convention"
    raise AttributeError(f"{__name__} has no {name!r}; {has}")
