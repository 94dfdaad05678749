"""Gradients of one call, on their way to the moments: unscaled, clipped, summed, negated.

The order is that of the reference. Norms are of whole arrays, so that they are taken here, in
floats and in exact arithmetic, before the statements of single elements.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Context, Decimal, localcontext
from typing import Any, NamedTuple

import numpy as np

from ...truth.problem import DIGITS
from ...truth.reference import AdamConfig, Convention
from ...vectors.slices import Grad, IndexedSlices, sum_slices, values_of
from ...vectors.words import Array
from .program import PARAM, G, Rules
from .reference_run import Taken, limited
from .tape import Statement, decimal_of
from .term import UNIT, Term, largest, least, name, rounded_to, square, total

_LIMITS = {"value": "clipvalue", "norm": "clipnorm", "global": "global_clipnorm"}
_SLACK = 1e-6


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


class Sources(NamedTuple):
    """The gradients of a call as clips see them.

    Fields:
        given: as they came, in the dtype of their step.
        clips: in their order.
        sums_first: whether clips see the sums of repeated rows.
    """

    given: list[Grad | None]
    clips: list[Clip]
    sums_first: bool


def sources(taken: Taken, convention: Convention, wides: Sequence[str], exact: bool) -> Sources:
    """Return the gradients of a call, and its clips with their norms.

    Args:
        taken: the call.
        convention: the order of clips, and whether they see sums.
        wides: the dtype of each parameter's step.
        exact: whether exact norms are needed.
    """
    config = taken.config
    given = [_wide(grad, wide) for grad, wide in zip(taken.call.grads, wides, strict=True)]
    kinds = _kinds(config, convention)
    sums_first = bool(kinds) and convention.clip_duplicates == "after_sum"
    floats = [_unscaled(grad, taken.call.scale) for grad in given]
    exacts = [_exact_numbers(grad, taken.call.scale) if exact else None for grad in given]
    if sums_first:
        exacts = [_exact_sums(*pair) for pair in zip(floats, exacts, strict=True)]
        floats = [sum_slices(one) if isinstance(one, IndexedSlices) else one for one in floats]
    # To a clip slices are arrays like any others.
    arrays = [None if one is None else values_of(one) for one in floats]
    clips = []
    for kind in kinds:
        setting = _LIMITS[kind]
        limit = getattr(config, setting)
        norms = _norms(kind, arrays, exacts)
        clips.append(Clip(setting, limit, norms))
        alone = replace(_without_limits(config), **{setting: limit})
        arrays = limited(alone, convention, arrays)
        exacts = [
            _limit_exactly(one, norm, limit, convention)
            for one, norm in zip(exacts, norms, strict=True)
        ]
    return Sources(given, clips, sums_first)


def _kinds(config: AdamConfig, convention: Convention) -> list[str]:
    order = convention.clip_order.split("_")
    kinds = [kind for kind in order if getattr(config, _LIMITS[kind]) is not None]
    return kinds[:1] if convention.clip == "first" else kinds


def _without_limits(config: AdamConfig) -> AdamConfig:
    return replace(config, clipvalue=None, clipnorm=None, global_clipnorm=None)


def _wide(grad: Grad | None, wide: str) -> Grad | None:
    if isinstance(grad, IndexedSlices):
        return grad._replace(values=grad.values.astype(wide))
    return None if grad is None else grad.astype(wide)


@np.errstate(all="ignore")
def _unscaled(grad: Grad | None, scale: float | None) -> Grad | None:
    if grad is None or scale is None:
        return grad
    array = values_of(grad)
    wide = np.promote_types(array.dtype, np.float32)
    quotient = np.asarray(array.astype(wide) / wide.type(scale), array.dtype)
    return grad._replace(values=quotient) if isinstance(grad, IndexedSlices) else quotient


def _exact_numbers(grad: Grad | None, scale: float | None) -> list[Decimal] | None:
    if grad is None:
        return None
    with localcontext(_untrapped()):
        divisor = Decimal(scale or 1.0)
        return [Decimal(float(x)) / divisor for x in values_of(grad).ravel()]


def _exact_sums(grad: Grad | None, exact: list[Decimal] | None) -> list[Decimal] | None:
    if exact is None or not isinstance(grad, IndexedSlices):
        return exact
    width = len(exact) // max(1, len(grad.indices))
    rows = sorted(set(grad.indices.tolist()))
    sums = [Decimal(0) for _ in range(len(rows) * width)]
    with localcontext(_untrapped()):
        for place, number in enumerate(exact):
            row = rows.index(int(grad.indices[place // width]))
            sums[row * width + place % width] += number
    return sums


@np.errstate(all="ignore")
def _norms(
    kind: str, arrays: Sequence[Array | None], exacts: Sequence[list[Decimal] | None]
) -> list[Norm | None]:
    """Return the norm of each gradient, or for each that of all."""
    if kind == "value":
        return [None for _ in arrays]
    squares = [None if one is None else _sum_of_squares(one) for one in arrays]
    with localcontext(_untrapped()):
        exact = [sum((x * x for x in one or ()), Decimal(0)) for one in exacts]
        if kind == "global":
            present = [one for one in squares if one is not None]
            # A start of the narrowest dtype leaves the sum in that of the gradients.
            both = sum(present, start=np.float16(0))
            squares = [None if one is None else both for one in squares]
            exact = [sum(exact, Decimal(0)) for _ in exact]
        norms: list[Norm | None] = []
        for one, exact_one in zip(squares, exact, strict=True):
            norms.append(None if one is None else Norm(np.sqrt(one), exact_one.sqrt()))
    return norms


def _sum_of_squares(array: Array) -> Any:
    return np.sum(array * array, dtype=array.dtype)


def _limit_exactly(
    numbers: list[Decimal] | None, norm: Norm | None, limit: float, convention: Convention
) -> list[Decimal] | None:
    if numbers is None:
        return None
    bound = Decimal(limit)
    if norm is None:
        return [max(min(x, bound), -bound) for x in numbers]
    with localcontext(_untrapped()):
        if convention.clip_law == "exact":
            factor = bound / max(norm.exact, bound)
        else:
            factor = min(Decimal(1), bound / (norm.exact + Decimal("1e-6")))
        return [x * factor for x in numbers]


def _untrapped() -> Context:
    return Context(prec=DIGITS, traps=[])


class Leaf(NamedTuple):
    """A number that statements start from, in floats and exactly."""

    value: Any
    exact: Decimal


def statements_of_gradient(
    rules: Rules, found: Sources, param: int, slices: int | None, scale: float | None
) -> Iterator[Statement]:
    """Yield the way from a given gradient to the one that enters the moments.

    Args:
        rules: of the parameter.
        found: the gradients of the call.
        param: the number of the parameter.
        slices: how many slices its row has; None for a dense gradient.
        scale: the loss scale, or None.
    """
    parts = [G] if slices is None else [name(f"g{n}") for n in range(1, slices + 1)]
    for part in parts:
        if scale is not None:
            yield _unscale(rules, part)
    if found.sums_first and slices is not None:
        yield _sum(rules, parts)
        parts = [G]
    for number, clip in enumerate(found.clips):
        if parts:
            yield from _clip(rules, clip, number, param, parts)
    if rules.convention.duplicates == "sum_of_squares":
        note = rules.note("duplicates") if len(parts) > 1 else ""
        squares = total(*map(square, parts))
        yield _line(rules, "squares", "sum of g^2", squares, note)
    if slices is not None and not found.sums_first:
        yield _sum(rules, parts)
    if rules.config.maximize:
        yield _line(rules, "g", "g", -G, "maximize: ascent is descent along -g")
    if rules.adds_l2:
        yield _line(
            rules, "g", "g", G + name("wd.", "weight_decay") * PARAM, rules.note("weight_decay")
        )


def _line(rules: Rules, key: str, letters: str, term: Term, note: str = "") -> Statement:
    return Statement(tag="g", key=key, letters=letters, term=term, dtype=rules.wide, note=note)


def _unscale(rules: Rules, part: Term) -> Statement:
    wide = np.promote_types(rules.wide, np.float32).name
    quotient = part / name("scale")
    if wide != rules.wide:
        quotient = rounded_to(quotient, rules.wide)
    line = _line(rules, part.key, part.letters, quotient, "the loss scale is divided out")
    return replace(line, dtype=wide)


def _sum(rules: Rules, parts: Sequence[Term]) -> Statement:
    note = ""
    if len(parts) > 1:
        note = f"{len(parts)} slices of this row are summed"
    elif not parts:
        note = "no slice of this row: zero"
    line = _line(rules, "g", "g", total(*parts), note)
    # Of one slice there is nothing to add, but for the zero that the sum starts from.
    return line if len(parts) > 1 else replace(line, paper="g")


def _clip(
    rules: Rules, clip: Clip, number: int, param: int, parts: Sequence[Term]
) -> Iterator[Statement]:
    limit = name(f"limit{number}", clip.setting)
    norm = clip.norms[param]
    if norm is None:
        for part in parts:
            clipped = least(largest(part, -limit), limit)
            note = f"{clip.setting}: no element is larger than the limit"
            yield _line(rules, part.key, part.letters, clipped, note)
        return
    n = name(f"norm{number}", "n")
    if rules.convention.clip_law == "exact":
        factor = limit / largest(n, limit)
    else:
        factor = least(UNIT, limit / (n + name("slack", "1e-6")))
    note = f"{clip.setting}: n is the norm {_of_what(clip)}"
    yield _line(rules, f"factor{number}", "factor", factor, note)
    for part in parts:
        yield _line(rules, part.key, part.letters, part * name(f"factor{number}", "factor"))


def _of_what(clip: Clip) -> str:
    whole = "of all gradients together" if clip.setting == "global_clipnorm" else "of this gradient"
    return f"{whole}; it is shrunk to the limit"


def leaves_of_clips(rules: Rules, found: Sources, param: int) -> Iterator[tuple[str, Leaf]]:
    """Yield the numbers that clips bring in, with their keys."""
    kind = np.dtype(rules.wide).type
    yield "slack", Leaf(kind(_SLACK), Decimal("1e-6"))
    for number, clip in enumerate(found.clips):
        yield f"limit{number}", Leaf(kind(clip.limit), decimal_of(clip.limit))
        norm = clip.norms[param]
        if norm is not None:
            yield f"norm{number}", Leaf(norm.value, norm.exact)
