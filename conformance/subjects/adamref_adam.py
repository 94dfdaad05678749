"""Our own backends: `adamref`, `adamref_cpu` and `adamref_cuda`; another convention than the paper's follows."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adamref import CONVENTIONS, Adam, AdamConfig

from ..subject.subject import Unsupported


def _subject(backend: str, name: str) -> Callable[..., Adam]:
    def make(
        params: Sequence[Any],
        learning_rate: float,
        beta1: float,
        beta2: float,
        epsilon: float,
        **on: Any,
    ) -> Adam:
        config = AdamConfig(
            learning_rate=learning_rate, beta1=beta1, beta2=beta2, epsilon=epsilon, **on
        )
        half = backend != "numpy" and any(np.asarray(param).dtype == np.float16 for param in params)
        try:
            return Adam(
                params, config, name, state_dtype="float32" if half else None, backend=backend
            )
        except ValueError as error:  # the convention has no such switch
            raise Unsupported(str(error)) from None

    convention = CONVENTIONS[name].convention
    lacks = {"none"} if convention.none_gradient == "error" else set()
    lacks |= {"sparse"} if convention.sparse == "unsupported" else set()
    make.supports = {"float16", "none", "sparse"} - lacks  # type: ignore[attr-defined]
    return make


_BACKENDS = {"adamref_cpu": "cpu", "adamref_cuda": "cuda", "adamref": "numpy"}


def __getattr__(name: str) -> Callable[..., Adam]:
    """A backend under a convention, for instance ``adamref_cpu_tf1``."""
    for prefix, backend in _BACKENDS.items():
        for convention in CONVENTIONS:
            spelled = (
                ""
                if convention == "paper"
                else f"_{convention.replace('-', '_').replace('.', '_')}"
            )
            if name == prefix + spelled:
                Adam([], backend=backend)  # it raises where there is no compiler, or no device
                return _subject(backend, convention)
    has = f"it has {', '.join(_BACKENDS)}, each followed by _ and a convention"
    raise AttributeError(f"{__name__} has no {name!r}; {has}")
