"""Gradients of one call, on their way to the moments: unscaled, clipped, summed, negated.

The order is that of the reference. Norms are of whole arrays, so that they are taken here, in
floats and in exact arithmetic, before the statements of single elements.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal, localcontext
from typing import Any, NamedTuple

import numpy as np

from ...truth.reference import Convention
from ...vectors.slices import Grad, IndexedSlices, sum_slices, values_of
from ...vectors.words import Array
from .clips import Clip, Exacts, clip_kinds, clips_of
from .reference_run import Taken
from .rules import PARAM, G, Rules
from .tape import NO_NOTE, Note, Statement, decimal_of, without_traps
from .term import UNIT, Term, largest, least, name, rounded_to, square, total

_SLACK = 1e-6


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


def sources(
    taken: Taken,
    convention: Convention,
    wides: Sequence[str],
    exact: bool,
) -> Sources:
    """Return the gradients of a call, and its clips with their norms.

    Args:
        taken: the call.
        convention: the order of clips, and whether they see sums.
        wides: the dtype of each parameter's step.
        exact: whether exact norms are needed.
    """
    config = taken.config
    pairs = zip(taken.call.grads, wides, strict=True)
    given = [_wide(grad, wide) for grad, wide in pairs]
    kinds = clip_kinds(config, convention)
    sums_first = bool(kinds) and convention.clip_duplicates == "after_sum"
    floats = [_without_scale(grad, taken.call.scale) for grad in given]
    exacts: Exacts = [None for _ in given]
    if exact:
        exacts = [_exact_numbers(grad, taken.call.scale) for grad in given]
    if sums_first:
        exacts = list(map(_exact_sums, floats, exacts))
        floats = list(map(_sum_of_rows, floats))
    # To a clip slices are arrays like any others.
    arrays = list(map(_values, floats))
    clips = clips_of(
        config,
        convention,
        arrays,
        exacts,
    )
    return Sources(given, clips, sums_first)


def _wide(grad: Grad | None, wide: str) -> Grad | None:
    if isinstance(grad, IndexedSlices):
        return grad._replace(values=grad.values.astype(wide))
    return None if grad is None else grad.astype(wide)


@np.errstate(all="ignore")
def _without_scale(grad: Grad | None, scale: float | None) -> Grad | None:
    if grad is None or scale is None:
        return grad
    array = values_of(grad)
    wide = np.promote_types(array.dtype, np.float32)
    quotient = np.asarray(array.astype(wide) / wide.type(scale), array.dtype)
    return grad._replace(values=quotient) if isinstance(grad, IndexedSlices) else quotient


def _exact_numbers(grad: Grad | None, scale: float | None) -> list[Decimal] | None:
    if grad is None:
        return None
    with localcontext(without_traps()):
        divisor = Decimal(scale or 1.0)
        return [Decimal(float(x)) / divisor for x in values_of(grad).ravel()]


def _exact_sums(grad: Grad | None, exact: list[Decimal] | None) -> list[Decimal] | None:
    if exact is None or not isinstance(grad, IndexedSlices):
        return exact
    width = len(exact) // max(1, len(grad.indices))
    rows = sorted(set(grad.indices.tolist()))
    sums = [Decimal(0) for _ in range(len(rows) * width)]
    with localcontext(without_traps()):
        for place, number in enumerate(exact):
            row = rows.index(int(grad.indices[place // width]))
            sums[row * width + place % width] += number
    return sums


def _sum_of_rows(grad: Grad | None) -> Grad | None:
    return sum_slices(grad) if isinstance(grad, IndexedSlices) else grad


def _values(grad: Grad | None) -> Array | None:
    return None if grad is None else values_of(grad)


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
    parts = [G]
    if slices is not None:
        parts = [name(f"g{number}") for number in range(1, slices + 1)]
    # First the loss scale, then clips and sums in the order of the convention, and L2 last.
    for part in parts:
        if scale is not None:
            yield _unscale(rules, part)
    if found.sums_first and slices is not None:
        yield _sum(rules, parts)
        parts = [G]
    for number, clip in enumerate(found.clips):
        if parts:
            yield from _clip(
                rules,
                clip,
                number,
                param,
                parts,
            )
    # The squares are taken of what is summed below.
    if rules.convention.duplicates == "sum_of_squares":
        note = rules.note("duplicates") if len(parts) > 1 else NO_NOTE
        squares = total(*map(square, parts))
        yield _line(
            rules,
            "squares",
            "sum of g^2",
            squares,
            note,
        )
    if slices is not None and not found.sums_first:
        yield _sum(rules, parts)
    if rules.config.maximize:
        yield _line(
            rules,
            "g",
            "g",
            -G,
            Note("maximize: ascent is descent along -g"),
        )
    if rules.adds_l2:
        yield _line(
            rules, "g", "g", G + name("wd.", "weight_decay") * PARAM, rules.note("weight_decay")
        )


def _line(
    rules: Rules,
    key: str,
    letters: str,
    term: Term,
    note: Note = NO_NOTE,
) -> Statement:
    return Statement(
        tag="g",
        key=key,
        letters=letters,
        term=term,
        dtype=rules.wide,
        note=note,
    )


def _unscale(rules: Rules, part: Term) -> Statement:
    wide = np.promote_types(rules.wide, np.float32).name
    quotient = part / name("scale")
    if wide != rules.wide:
        quotient = rounded_to(quotient, rules.wide)
    line = _line(
        rules,
        part.key,
        part.letters,
        quotient,
        Note("the loss scale is divided out"),
    )
    return replace(line, dtype=wide)


def _sum(rules: Rules, parts: Sequence[Term]) -> Statement:
    note = ""
    if len(parts) > 1:
        note = f"{len(parts)} slices of this row are summed"
    elif not parts:
        note = "no slice of this row: zero"
    line = _line(
        rules,
        "g",
        "g",
        total(*parts),
        Note(note),
    )
    # Of one slice there is nothing to add, but for the zero that the sum starts from.
    return line if len(parts) > 1 else replace(line, letters_of_term="g")


def _clip(
    rules: Rules, clip: Clip, number: int, param: int, parts: Sequence[Term]
) -> Iterator[Statement]:
    limit = name(f"limit{number}", clip.setting)
    norm = clip.norms[param]
    if norm is None:
        for part in parts:
            clipped = least(largest(part, -limit), limit)
            note = Note(f"{clip.setting}: no element is larger than the limit")
            yield _line(
                rules,
                part.key,
                part.letters,
                clipped,
                note,
            )
        return
    n = name(f"norm{number}", "n")
    if rules.convention.clip_law == "exact":
        factor = limit / largest(n, limit)
    else:
        factor = least(UNIT, limit / (n + name("slack", "1e-6")))
    note = Note(f"{clip.setting}: n is the norm {_of_what(clip)}")
    yield _line(
        rules,
        f"factor{number}",
        "factor",
        factor,
        note,
    )
    for part in parts:
        yield _line(
            rules,
            part.key,
            part.letters,
            part * name(f"factor{number}", "factor"),
        )


def _of_what(clip: Clip) -> str:
    whole = "of all gradients together" if clip.setting == "global_clipnorm" else "of this gradient"
    return f"{whole}; it is shrunk to the limit"


def leaves_of_clips(
    rules: Rules,
    found: Sources,
    param: int,
) -> Iterator[tuple[str, Leaf]]:
    """Yield the numbers that clips bring in, with their keys."""
    kind = np.dtype(rules.wide).type
    yield "slack", Leaf(kind(_SLACK), Decimal("1e-6"))
    for number, clip in enumerate(found.clips):
        yield f"limit{number}", Leaf(kind(clip.limit), decimal_of(clip.limit))
        norm = clip.norms[param]
        if norm is not None:
            yield f"norm{number}", Leaf(norm.value, norm.exact)
