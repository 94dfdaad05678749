"""Our NumPy reference, once for each convention."""

from collections.abc import Callable, Sequence
from typing import Any

from adamref import CONVENTIONS, Adam, AdamConfig


def _subject(name: str) -> Callable[..., Adam]:
    def make(
        params: Sequence[Any], learning_rate: float, beta1: float, beta2: float, epsilon: float, **on: Any
    ) -> Adam:
        config = AdamConfig(learning_rate=learning_rate, beta1=beta1, beta2=beta2, epsilon=epsilon, **on)
        return Adam(params, config, name)

    if CONVENTIONS[name].convention.none_gradient != "error":
        make.supports = {"none"}  # type: ignore[attr-defined]
    return make


adamref = _subject("paper")
adamref_paper_hat = _subject("paper-hat")
adamref_tf1 = _subject("tf1")
adamref_tfkeras = _subject("tfkeras")
adamref_torch = _subject("torch")
adamref_optax = _subject("optax")
