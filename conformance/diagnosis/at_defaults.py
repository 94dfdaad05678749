"""What people see of the difference of two Adams, with everything as they leave it."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ..on_demand.judging import problem_of
from ..subject.subject import Subject
from ..trial.run import run
from ..truth.point import Point
from ..vectors.inputs import Call, Inputs
from ..vectors.spec import VectorSpec
from ..vectors.vector import Vector
from ..vectors.words import Array

# Gradients of these sizes, with everything else as people leave it.
SIZES = (1.0, 1e-2, 1e-4, 1e-6, 1e-8, 1e-10)
DEFAULTS = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}
# What is on, where it is.
USUAL: dict[str, float | bool] = {"amsgrad": True, "weight_decay": 0.01, "clipnorm": 1.0}
_STEPS, _ELEMENTS = 20, (4, 3)


class Use(NamedTuple):
    """How far two Adams are apart at defaults, with gradients of one size.

    Fields:
        size: of the gradients. switch: what is on beside, or an empty string.
        first: the largest ratio of two first steps, at least 1.
        way: the largest distance of a parameter after all steps, as a part of the way that it went.
    """

    size: float
    switch: str
    first: float
    way: float


# The parameters after each call, or None where there are none.
Steps = Callable[[Inputs], list[list[Array]] | None]


def exact(point: Point) -> Steps:
    """By the oracle."""

    def steps(given: Inputs) -> list[list[Array]]:
        states = problem_of(given).solve(point).states
        return [[np.array([float(x) for x in one.memory.param]) for one in row] for row in states]

    return steps


def returned(subject: Subject) -> Steps:
    """As a subject returns them."""

    def steps(given: Inputs) -> list[list[Array]] | None:
        found = run(subject, Vector(VectorSpec(id="usual", inputs=given)))
        return (
            None
            if found.status != "ran"
            else [found.snapshots[call].params for call in found.vector.after]
        )

    return steps


def at_defaults(one: Steps, other: Steps, switches: set[str]) -> list[Use]:
    """At defaults, with gradients of several sizes, alone and with each switch that both have."""
    found = []
    for switch in ("", *(switch for switch in USUAL if switch in switches)):
        for scale in SIZES if not switch else SIZES[:1]:
            given = _usual(scale, {switch: USUAL[switch]} if switch else {})
            here, there = one(given), other(given)
            if here is None or there is None:
                continue
            start, *moved = (
                np.concatenate(arrays)
                for arrays in (given.params, here[0], there[0], here[-1], there[-1])
            )
            with np.errstate(all="ignore"):
                ratio = np.abs((moved[0] - start) / (moved[1] - start))
                way = np.abs(moved[2] - moved[3]).max() / np.abs(moved[2] - start).max()
            found.append(
                Use(scale, switch, float(np.nanmax(np.maximum(ratio, 1 / ratio))), float(way))
            )
    return found


def _usual(scale: float, switches: dict[str, float | bool]) -> Inputs:
    """Gradients as of noise, a spike among them, of two parameters that start at usual sizes."""
    rng = np.random.default_rng(1)
    params: list[Array] = [rng.normal(size=n) for n in _ELEMENTS]
    calls = [
        Call([scale * rng.normal(size=n) * (10 if at == 3 else 1) for n in _ELEMENTS], None)
        for at in range(_STEPS)
    ]
    return Inputs(dict(DEFAULTS), switches, params, calls)
