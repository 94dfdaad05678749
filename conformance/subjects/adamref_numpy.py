"""Our NumPy reference, once for each convention."""

from collections.abc import Callable, Sequence
from typing import Any

from adamref import CONVENTIONS, Adam, AdamConfig

from ..subject import Unsupported


def _subject(name: str) -> Callable[..., Adam]:
    def make(
        params: Sequence[Any], learning_rate: float, beta1: float, beta2: float, epsilon: float, **on: Any
    ) -> Adam:
        config = AdamConfig(learning_rate=learning_rate, beta1=beta1, beta2=beta2, epsilon=epsilon, **on)
        try:
            return Adam(params, config, name)
        except ValueError as error:  # the convention has no such switch
            raise Unsupported(str(error)) from None

    convention = CONVENTIONS[name].convention
    lacks = {"none"} if convention.none_gradient == "error" else set()
    lacks |= {"sparse"} if convention.sparse == "unsupported" else set()
    make.supports = {"float16", "none", "sparse"} - lacks  # type: ignore[attr-defined]
    return make


adamref = _subject("paper")


def __getattr__(name: str) -> Callable[..., Adam]:
    """The reference under another convention: ``conformance.subjects.adamref_numpy:adamref_tf1``."""
    convention = name.removeprefix("adamref_").replace("_", "-")
    for known in CONVENTIONS:
        if known.replace(".", "-") == convention:
            return _subject(known)
    raise AttributeError(f"conformance.subjects.adamref_numpy has no {name!r}; it has adamref_ and a convention")
