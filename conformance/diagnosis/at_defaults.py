"""Difference of two Adams at defaults: how small gradients must be before anyone notices."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from ..on_demand.judging import problem_of
from ..subject.subject import Subject
from ..trial.outcomes import RunStatus
from ..trial.run import run
from ..truth.exact_state import ExactState
from ..truth.point import Point
from ..vectors.inputs import Call, Inputs
from ..vectors.spec import VectorSpec
from ..vectors.vector import Vector
from ..vectors.words import Array

# From gradients that dwarf epsilon to gradients that epsilon dwarfs.
SIZES = (1.0, 1e-2, 1e-4, 1e-6, 1e-8, 1e-10)
DEFAULTS = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}
# Values that people give the switches that they turn on.
USUAL: dict[str, float | bool] = {"amsgrad": True, "weight_decay": 0.01, "clipnorm": 1.0}
_STEPS = 20
# Two parameters, so that a norm over all differs from the norm of each.
_ELEMENTS = (4, 3)
# One gradient is far larger: only then do AMSGrad and Adam part.
_SPIKE_AT = 3
_SPIKE = 10


class Use(NamedTuple):
    """Distance of two Adams at defaults, with gradients of one size.

    Attributes:
        size: the size of the gradients.
        switch: the switch that is on as well, or an empty string.
        first_step_ratio: the largest ratio of their first steps at an element, at least 1.
        distance: the largest distance of a parameter after all steps, over the distance that a
            parameter travelled.
    """

    size: float
    switch: str
    first_step_ratio: float
    distance: float


# Returns the parameters after each call, or None if the Adam cannot run the input.
Steps = Callable[[Inputs], list[list[Array]] | None]


def exact_steps(axes: Mapping[str, str], code: str) -> Steps:
    """Return the steps of the oracle for a convention and an arithmetic."""
    point = Point.of(axes, code)

    def steps(inputs: Inputs) -> list[list[Array]]:
        rows = problem_of(inputs).solve(point).states
        return [_parameters(row) for row in rows]

    return steps


def _parameters(row: Sequence[ExactState]) -> list[Array]:
    """Return the exact parameters after a call, each element as the nearest float64."""
    return [np.array(state.memory.param, np.float64) for state in row]


def steps_of_subject(subject: Subject) -> Steps:
    """Return the steps of a subject."""

    def steps(inputs: Inputs) -> list[list[Array]] | None:
        vector = Vector(VectorSpec(id="usual", inputs=inputs))
        result = run(subject, vector)
        if result.status != RunStatus.RAN:
            return None
        return [result.snapshots[call].params for call in vector.after]

    return steps


def differences_at_defaults(first: Steps, second: Steps, switches: Collection[str]) -> list[Use]:
    """Return the differences with gradients of several sizes, then with each switch that is usual.

    Args:
        first: the steps of one Adam.
        second: the steps of the other.
        switches: the switches that both have.
    """
    uses = []
    for scale, switch in _settings(switches):
        switched_on = {switch: USUAL[switch]} if switch else {}
        inputs = _usual_inputs(scale, switched_on)
        rows_of_first = first(inputs)
        rows_of_second = second(inputs)
        if rows_of_first is not None and rows_of_second is not None:
            uses.append(_use(scale, switch, inputs, rows_of_first, rows_of_second))
    return uses


def _settings(switches: Collection[str]) -> Iterator[tuple[float, str]]:
    for scale in SIZES:
        yield scale, ""
    # What a switch changes does not depend on the size of the gradients, so one size is enough.
    for switch in USUAL:
        if switch in switches:
            yield SIZES[0], switch


def _use(
    scale: float,
    switch: str,
    inputs: Inputs,
    rows_of_first: list[list[Array]],
    rows_of_second: list[list[Array]],
) -> Use:
    start = np.concatenate(inputs.params)
    first_of_one = np.concatenate(rows_of_first[0])
    first_of_other = np.concatenate(rows_of_second[0])
    last_of_one = np.concatenate(rows_of_first[-1])
    last_of_other = np.concatenate(rows_of_second[-1])
    # Two steps of zero give NaN, which says nothing; one step of zero gives infinity, which does.
    with np.errstate(all="ignore"):
        ratios = np.abs((first_of_one - start) / (first_of_other - start))
        travelled = np.abs(last_of_one - start).max()
        distance = np.abs(last_of_one - last_of_other).max() / travelled
        largest_ratio = np.nanmax(np.maximum(ratios, 1 / ratios))
    return Use(scale, switch, float(largest_ratio), float(distance))


def _usual_inputs(scale: float, switches: dict[str, float | bool]) -> Inputs:
    """Return two parameters of usual size, and gradients of noise with one spike."""
    rng = np.random.default_rng(1)
    params: list[Array] = [rng.normal(size=length) for length in _ELEMENTS]
    calls = []
    for number in range(_STEPS):
        spike = _SPIKE if number == _SPIKE_AT else 1
        grads = [scale * rng.normal(size=length) * spike for length in _ELEMENTS]
        calls.append(Call(list(grads), None))
    return Inputs(dict(DEFAULTS), switches, params, calls)
