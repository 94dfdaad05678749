"""Points on the axes: which exist, which give the same answer, and how a set of them is written down."""

from collections.abc import Iterator, Mapping

import numpy as np

from . import reference

Point = dict[str, str]


def asleep(config: reference.AdamConfig, nones: bool, slices: bool) -> set[str]:
    """The axes that cannot matter, because what they are about is off.

    ``nones``: some gradient is missing; ``slices``: some gradient is sparse.
    """
    axes = set() if slices else {"sparse", "duplicates", "empty_sparse"}
    axes |= {"bias_correction"} if config.amsgrad else {"amsgrad", "amsgrad_bias_correction"}
    if not nones and not slices:
        axes |= {"step_scope", "none_gradient", "all_none"}
    if config.epsilon != 0:
        axes |= {"epsilon_zero"}
    if not config.maximize:
        axes |= {"maximize"}
    if config.weight_decay == 0:
        axes |= {"weight_decay", "decay_when", "decay_scale"}
    limits = (config.clipvalue, config.clipnorm, config.global_clipnorm)
    if not slices or not any(limits):
        axes |= {"clip_duplicates"}
    if not any(limits):
        axes |= {"clip", "clip_order", "clip_law", "clip_when"}
    return axes


def convention(point: Point) -> reference.Convention:
    axes = {axis: value for axis, value in point.items() if axis != "arithmetic"}
    return reference.Convention(**axes)  # type: ignore[arg-type]


def point_of(one: reference.Convention) -> Point:
    """The value of a convention on every axis."""
    return {axis: getattr(one, axis) for axis in reference.AXES}


def supported(axes: Mapping[str, str]) -> Point:
    """The values of the axes that a convention has at all."""
    return {axis: value for axis, value in axes.items() if value != "unsupported"}


def exists(point: Point) -> bool:
    """Whether the values do not exclude each other."""
    try:
        convention(point)
    except ValueError:
        return False
    return True


def groups(points: list[Point], texts: list[str]) -> Iterator[list[Point]]:
    """Points with the same answer, each group a product of values."""
    for text in dict.fromkeys(texts):
        yield from _products(
            [point for point, other in zip(points, texts, strict=True) if other == text]
        )


def _products(points: list[Point]) -> Iterator[list[Point]]:
    values = {axis: {point[axis] for point in points} for axis in points[0]}
    if len(points) == np.prod([len(v) for v in values.values()]):
        yield points
        return
    axis = next(axis for axis, seen in values.items() if len(seen) > 1)
    for value in dict.fromkeys(point[axis] for point in points):
        yield from _products([point for point in points if point[axis] == value])


def spanned(group: list[Point], spans: dict[str, tuple[str, ...]]) -> dict[str, list[str]]:
    """The values of the spanned axes in ``group``, where they are not all that exist."""
    when = {}
    for axis in spans:
        values = list(dict.fromkeys(point[axis] for point in group))
        everything = spans[axis] if axis == "arithmetic" else reference.AXES[axis]
        if len(values) < len(everything):
            when[axis] = values
    return when


def ordered(when: dict[str, list[str]]) -> dict[str, list[str]]:
    return {axis: when[axis] for axis in (*reference.AXES, "arithmetic") if axis in when}


def fitting(base: Point, option: Point) -> Point:
    """``base`` with the values of ``option``, and without those of its own that they exclude."""
    point = supported(base | option)
    while not exists(point):
        gone = next(
            axis
            for axis in point
            if axis not in option and exists({k: v for k, v in point.items() if k != axis})
        )
        point.pop(gone)
    return point
