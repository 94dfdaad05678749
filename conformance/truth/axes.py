"""Axes: which matter to an input, and how the points with one answer are written down.

For example, the answer for `v` is the same at every value of `epsilon`, so its `when` leaves `epsilon` out.
"""

from collections.abc import Hashable, Iterator, Sequence
from math import prod

from . import reference
from .point import Values


def idle_axes(config: reference.AdamConfig, missing: bool, sparse: bool) -> set[str]:
    """Return the axes that cannot matter, because the feature that they are about is off.

    ``missing``: some gradient is None; ``sparse``: some gradient is sparse.
    """
    clips = any((config.clipvalue, config.clipnorm, config.global_clipnorm))
    axes = {"bias_correction"} if config.amsgrad else {"amsgrad", "amsgrad_bias_correction"}
    if not sparse:
        axes |= {"sparse", "duplicates", "empty_sparse"}
    # A sparse gradient without rows may count as none, and a lazy one goes by the t of its parameter.
    if not missing and not sparse:
        axes |= {"step_scope", "none_gradient", "all_none"}
    if config.epsilon != 0:
        axes |= {"epsilon_zero"}
    if not config.maximize:
        axes |= {"maximize"}
    if config.weight_decay == 0:
        axes |= {"weight_decay", "decay_when", "decay_scale"}
    if not sparse or not clips:
        axes |= {"clip_duplicates"}
    if not clips:
        axes |= {"clip", "clip_order", "clip_law", "clip_when"}
    return axes


def groups(points: Sequence[Values], answers: Sequence[Hashable]) -> Iterator[list[Values]]:
    """Yield the points with the same answer, each group a product of values."""
    alike: dict[Hashable, list[Values]] = {}
    for point, answer in zip(points, answers, strict=True):
        alike.setdefault(answer, []).append(point)
    for group in alike.values():
        yield from _products(group)


def _products(points: Sequence[Values]) -> Iterator[list[Values]]:
    """Split ``points`` until each part holds every combination of the values in it."""
    values = {axis: {point[axis] for point in points} for axis in points[0]}
    if len(points) == prod(len(seen) for seen in values.values()):
        yield list(points)
        return
    axis = next(axis for axis, seen in values.items() if len(seen) > 1)
    for value in dict.fromkeys(point[axis] for point in points):
        yield from _products([point for point in points if point[axis] == value])


def spanned(group: Sequence[Values], spans: dict[str, tuple[str, ...]]) -> dict[str, list[str]]:
    """Return the values of the spanned axes in ``group``, of the axes that do not have all."""
    when = {}
    for axis in spans:
        values = list(dict.fromkeys(point[axis] for point in group))
        possible = spans[axis] if axis == "arithmetic" else reference.AXES[axis]
        if len(values) < len(possible):
            when[axis] = values
    return when


def ordered(when: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return ``when`` in the order of the axes, the arithmetic last."""
    return {axis: when[axis] for axis in (*reference.AXES, "arithmetic") if axis in when}
