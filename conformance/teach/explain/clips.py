"""Clips of one call: their limits, and the norms of whole gradients in floats and exactly."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal, localcontext
from typing import Any, NamedTuple

import numpy as np

from ...truth.reference import AdamConfig, Convention
from ...vectors.words import Array
from .reference_run import limit_arrays
from .tape import without_traps

# Kind, as in the values of the axis clip_order -> the name of its limit.
_LIMITS = {"value": "clipvalue", "norm": "clipnorm", "global": "global_clipnorm"}
Exacts = list[list[Decimal] | None]


class Norm(NamedTuple):
    """A norm in floats, and the exact norm of the exact gradients."""

    value: Any
    exact: Decimal


class Clip(NamedTuple):
    """One clip of a call.

    Fields:
        setting: the name of the limit. limit: as it is set.
        norms: for each parameter the norm of its gradient; None without gradient or norm.
    """

    setting: str
    limit: float
    norms: list[Norm | None]


def clips_of(
    config: AdamConfig,
    convention: Convention,
    arrays: Sequence[Array | None],
    exacts: Exacts,
) -> list[Clip]:
    """Return the clips of a call, in their order.

    Args:
        config: the limits.
        convention: their order.
        arrays: the numbers of each gradient as clips see them; None is a missing gradient.
        exacts: the same in exact arithmetic; None where exact norms are not needed.
    """
    clips = []
    for kind in clip_kinds(config, convention):
        setting = _LIMITS[kind]
        limit = getattr(config, setting)
        norms = _norms(kind, arrays, exacts)
        clips.append(Clip(setting, limit, norms))
        # Each clip sees the gradients after the clips before it.
        alone = replace(_without_limits(config), **{setting: limit})
        arrays = limit_arrays(alone, convention, arrays)
        pairs = zip(exacts, norms, strict=True)
        exacts = [
            _limit_exactly(
                one,
                norm,
                limit,
                convention,
            )
            for one, norm in pairs
        ]
    return clips


def clip_kinds(config: AdamConfig, convention: Convention) -> list[str]:
    """Return the kinds of limits that apply, in the order of the convention."""
    order = convention.clip_order.split("_")
    kinds = [kind for kind in order if getattr(config, _LIMITS[kind]) is not None]
    return kinds[:1] if convention.clip == "first" else kinds


def _without_limits(config: AdamConfig) -> AdamConfig:
    return replace(
        config,
        clipvalue=None,
        clipnorm=None,
        global_clipnorm=None,
    )


@np.errstate(all="ignore")
def _norms(
    kind: str, arrays: Sequence[Array | None], exacts: Sequence[list[Decimal] | None]
) -> list[Norm | None]:
    """Return the norm of each gradient, or for each that of all."""
    if kind == "value":
        return [None for _ in arrays]
    squares = list(map(_sum_of_squares, arrays))
    with localcontext(without_traps()):
        exact = list(map(_exact_sum_of_squares, exacts))
        if kind == "global":
            squares = _shared_sum(squares)
            exact_both = sum(exact, Decimal(0))
            exact = [exact_both for _ in exact]
        norms: list[Norm | None] = []
        for one, exact_one in zip(squares, exact, strict=True):
            norms.append(None if one is None else Norm(np.sqrt(one), exact_one.sqrt()))
    return norms


def _shared_sum(squares: Sequence[Any]) -> list[Any]:
    """Return for each gradient the sum of all; None where there is no gradient."""
    present = [one for one in squares if one is not None]
    # A start of the narrowest dtype leaves the sum in that of the gradients.
    both = sum(present, start=np.float16(0))
    shared: list[Any] = [None for _ in squares]
    for place, square in enumerate(squares):
        if square is not None:
            shared[place] = both
    return shared


def _sum_of_squares(array: Array | None) -> Any:
    if array is None:
        return None
    return np.sum(array * array, dtype=array.dtype)


def _exact_sum_of_squares(numbers: list[Decimal] | None) -> Decimal:
    squares = [x * x for x in numbers or ()]
    return sum(squares, Decimal(0))


def _limit_exactly(
    numbers: list[Decimal] | None, norm: Norm | None, limit: float, convention: Convention
) -> list[Decimal] | None:
    if numbers is None:
        return None
    bound = Decimal(limit)
    if norm is None:
        return [max(min(x, bound), -bound) for x in numbers]
    with localcontext(without_traps()):
        if convention.clip_law == "exact":
            factor = bound / max(norm.exact, bound)
        else:
            factor = min(Decimal(1), bound / (norm.exact + Decimal("1e-6")))
        return [x * factor for x in numbers]
