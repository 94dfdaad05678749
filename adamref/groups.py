"""Parameter groups: some parameters have numbers of their own, which replace those of the config.

An example, a learning rate for the last of three parameters:
[{"params": [2], "learning_rate": 0.1}]. The first two keep the learning rate of the config.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from .clip import check_limits, clip, clips_l2
from .config import AdamConfig
from .convention import Arithmetic, Convention
from .gradients.indexed_slices import Grad, IndexedSlices
from .halves.storage import Storage
from .scalars import scalars
from .state import AdamState, Array
from .step import objective_gradient
from .validation import check_features

# The numbers that a group may set. Limits on norms look at all gradients together.
_NUMBERS = ("learning_rate", "beta1", "beta2", "epsilon", "weight_decay")


class Entry(NamedTuple):
    """A parameter that takes a step, and how it is kept."""

    param: Array
    state: AdamState
    grad: Grad
    storage: Storage


class GroupPart(NamedTuple):
    """Parameters that take a step with one config, by their places in the list of parameters."""

    config: AdamConfig
    places: Sequence[int]


class Group(NamedTuple):
    """Parameters that take their steps with the same numbers.

    Fields:
        params: their places in the list of parameters.
        numbers: those that differ from the config; the others follow it when it changes.
    """

    params: Sequence[int]
    numbers: Mapping[str, Any]

    def config(self, config: AdamConfig) -> AdamConfig:
        """Return the config of these parameters."""
        return replace(config, **self.numbers) if self.numbers else config

    def part(self, config: AdamConfig) -> GroupPart:
        """Return these parameters with their config."""
        return GroupPart(self.config(config), self.params)

    def as_given(self) -> dict[str, Any]:
        """Return the group as a user writes it."""
        return {"params": list(self.params), **self.numbers}


def groups_of(given: Sequence[Mapping[str, Any]], count: int) -> list[Group]:
    """Return the groups of ``count`` parameters; the first has those that no group names.

    Raises:
        ValueError: a group has no parameters, a parameter that is not there or in another group
            already, or something that no group may set.
    """
    left = dict.fromkeys(range(count))
    groups = []
    for group in given:
        params = list(group.get("params", ()))
        if not params:
            raise ValueError(f"groups must each have params, a list of places, got {dict(group)}")
        for param in params:
            if type(param) is not int or param not in left:
                raise ValueError(
                    f"params of groups must be from 0 to {count - 1}, each in one group, "
                    f"got {param!r}"
                )
            del left[param]
        numbers = {name: value for name, value in group.items() if name != "params"}
        for name in numbers:
            if name not in _NUMBERS:
                raise ValueError(f"groups may set {', '.join(_NUMBERS)}, got {name}")
        groups.append(Group(params, numbers))
    return [Group(list(left), {}), *groups]


def with_late_group(
    groups: Sequence[Group], count: int, late: int, numbers: Mapping[str, Any]
) -> list[Group]:
    """Return the groups of ``count`` parameters with one more, of ``late`` parameters after them.

    Raises:
        ValueError: the group is empty, or sets what no group may set.
    """
    rest, *given = groups
    added = {"params": list(range(count, count + late)), **numbers}
    _, *named = groups_of([*(group.as_given() for group in given), added], count + late)
    return [rest, *named]


def check_configs(config: AdamConfig, convention: Convention, groups: Sequence[Group]) -> None:
    """Raise ValueError if the convention lacks a feature or a limit of a config or its groups."""
    check_features(config, convention)
    check_limits(config, convention)
    for group in groups:
        check_features(group.config(config), convention)


def clip_parts(
    parts: Sequence[GroupPart],
    convention: Convention,
    arithmetic: Arithmetic,
    weight_at: Callable[[int], Array],
    grads: Sequence[Grad | None],
) -> tuple[Sequence[GroupPart], list[Grad | None]]:
    """Return the configs for the step that follows, and the clipped gradients.

    A convention that adds L2 before clipping gets each `objective_gradient`: negated for ascent,
    with L2 added. The configs then turn both off, because `step` must not do them again.

    Args:
        parts: every parameter in one of them. They have the same limits.
        convention: of the step.
        arithmetic: of the step.
        weight_at: returns the weight with this number, of which L2 is taken, as a step computes
            with it.
        grads: one entry a parameter, in the dtype of its step; None is a missing gradient.
    """
    limits = parts[0].config
    if not any(clips_l2(part.config, convention) for part in parts):
        return parts, clip(limits, convention, grads)
    # `check_grads` has refused slices here: rows without a slice would need L2 too.
    objective: list[Grad | None] = list(grads)
    rest = []
    for config, places in parts:
        rest.append(GroupPart(replace(config, maximize=False, weight_decay=0.0), places))
        for place in places:
            grad = grads[place]
            assert not isinstance(grad, IndexedSlices)
            if grad is not None:
                # L2 is the same in every step, so any t will do.
                s = scalars(config, convention, arithmetic, 1, grad.dtype)
                objective[place] = objective_gradient(config, s, weight_at(place), grad)
    return rest, clip(limits, convention, objective)
