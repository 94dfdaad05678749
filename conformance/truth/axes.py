"""Axes: which matter to an input, and how the points with one answer are written down.

For example, `v` has one answer at every value of `epsilon`, so its `when` leaves `epsilon` out.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from math import prod

from ..vectors.storage import HALVES
from . import reference
from .point import Values

# Axis -> the values on it for which an answer holds; an axis that is not there may have any.
When = dict[str, list[str]]


def idle_axes(
    config: reference.AdamConfig,
    missing: bool,
    sparse: bool,
    is_complex: bool,
) -> set[str]:
    """Return the axes that cannot matter, because the feature that they are about is off.

    ``missing``: some gradient is None. ``sparse``: some gradient is sparse. ``is_complex``: the
    parameters are complex.
    """
    clips = any((config.clipvalue, config.clipnorm, config.global_clipnorm))
    idle = {"bias_correction"} if config.amsgrad else {"amsgrad", "amsgrad_bias_correction"}
    if not sparse:
        idle |= {"sparse", "duplicates", "empty_sparse"}
    # A lazy sparse gradient goes by the t of its parameter, and an ignored one counts as missing.
    if not missing and not sparse:
        idle |= {"step_scope", "none_gradient", "all_none"}
    if config.epsilon != 0:
        idle |= {"epsilon_zero"}
    if not config.maximize:
        idle |= {"maximize"}
    if config.weight_decay == 0:
        idle |= {"weight_decay", "decay_when", "decay_scale"}
    if not sparse or not clips:
        idle |= {"clip_duplicates"}
    if not clips:
        idle |= {"clip", "clip_order", "clip_law", "clip_when"}
    if not is_complex:
        idle |= {"complex"}
    return idle


def groups(points: Sequence[Values], answers: Sequence[Hashable]) -> Iterator[list[Values]]:
    """Yield the points with the same answer, each group a product of values."""
    alike: dict[Hashable, list[Values]] = {}
    for point, answer in zip(points, answers, strict=True):
        alike.setdefault(answer, []).append(point)
    for group in alike.values():
        yield from _products(group)


def _products(points: Sequence[Values]) -> Iterator[list[Values]]:
    """Split ``points`` until each part holds every combination of the values in it."""
    values = {}
    for axis in points[0]:
        values[axis] = {point[axis] for point in points}
    combinations = prod(len(seen) for seen in values.values())
    if len(points) == combinations:
        yield list(points)
        return
    first_axis = next(axis for axis, seen in values.items() if len(seen) > 1)
    parts: dict[str, list[Values]] = {}
    for point in points:
        parts.setdefault(point[first_axis], []).append(point)
    for part in parts.values():
        yield from _products(part)


def when_of(group: Sequence[Values], spans: Mapping[str, Sequence[str]]) -> When:
    """Return the values of the spanned axes in ``group``, of the axes that do not have all."""
    when = {}
    for axis in spans:
        values = list(dict.fromkeys(point[axis] for point in group))
        if axis in HALVES:
            # Never all: some storages have no exact answer.
            when[axis] = values
            continue
        # Of the arithmetics only the known ones are spanned.
        possible = spans[axis] if axis == "arithmetic" else reference.AXES[axis]
        if len(values) < len(possible):
            when[axis] = values
    return when


def in_order(when: When) -> When:
    """Return ``when`` in the order of the axes, the arithmetic and the storage last."""
    order = (*reference.AXES, "arithmetic", *HALVES)
    return {axis: when[axis] for axis in order if axis in when}
