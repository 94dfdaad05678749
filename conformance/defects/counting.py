"""Wrong step numbers t: counted from the wrong number, at the wrong place, or not at all."""

from collections.abc import Sequence

import numpy as np

from .defect import Defect, wrong
from .kit.editable import EditableAdam
from .kit.records import Array, Grads, Slots, Step


@wrong(
    "step_number", entry="B12", what="the first step has t = 0", links=["deeplearning4j/nd4j#1227"]
)
def t_zero_start(adam: EditableAdam, step: Step) -> int:
    # E3 divides by 1 - beta^0 = 0.
    return adam.state.calls - 1


@wrong("step_number", entry="B13", what="the first step has t = 2", links=["cs231n#179"])
def t_plus_one(adam: EditableAdam, step: Step) -> int:
    return adam.state.calls + 1


@wrong("step_number", entry="B19", what="t never advances", links=["allenai/OLMo-core#317"])
def t_frozen_at_1(adam: EditableAdam, step: Step) -> int:
    return 1


@wrong(
    "step_number",
    entry="C10",
    what="each parameter counts its own gradients, where t is shared",
    links=["InfiniTensor/InfiniTrain#235"],
)
def t_own_gradients(adam: EditableAdam, step: Step) -> int:
    return adam.state.gradients[step.parameter]


# The count that was loaded, from which a counter goes on.
_LOADED = "loaded t"


def note_loaded(adam: EditableAdam, slots: Slots, t: Sequence[int]) -> tuple[Slots, Sequence[int]]:
    """Note the count that is loaded."""
    adam.memory[_LOADED] = int(t[0])
    return slots, t


def advance_in_the_call(adam: EditableAdam, times: int, before: int) -> int:
    """Return t where it advances some times in a call; ``before`` times before this step."""
    loaded: int = adam.memory.get(_LOADED, 0)
    calls = adam.state.calls - loaded
    return loaded + times * (calls - 1) + before + 1


def _for_each_parameter(adam: EditableAdam, step: Step) -> int:
    return advance_in_the_call(adam, len(adam.state.params), step.parameter)


t_per_parameter = Defect(
    name="t-per-parameter",
    entry="B15",
    what="t advances inside the loop over parameters",
    links=["clab/dynet#77"],
    pieces={"load": note_loaded, "step_number": _for_each_parameter},
)


@wrong(
    "update",
    entry="B23",
    what="half of the elements see the next t",
    links=["PaddlePaddle/Paddle#62251"],
)
def betapow_race(adam: EditableAdam, step: Step, m_hat: Array, v_hat: Array) -> Array:
    # On a GPU, some threads read beta1^t after another thread has advanced it.
    sees_next = np.arange(m_hat.size).reshape(m_hat.shape) > m_hat.size // 2
    ratio = (1 - adam.beta1**step.t) / (1 - adam.beta1 ** (step.t + 1))
    ratios = np.where(sees_next, ratio, 1.0).astype(m_hat.dtype)
    rated = step.learning_rate * (m_hat * ratios)
    return np.asarray(rated / adam.pieces.denominator(adam, step, v_hat))


@wrong(
    "step_number",
    entry="B14",
    what="a step without effect makes the state, and counts",
    links=["pytorch/torchtitan#4382"],
    convention="torch",
)
def t_advanced_by_dummy_step(adam: EditableAdam, step: Step) -> int:
    return adam.state.gradients[step.parameter] + 1


@wrong(
    "step_number",
    entry="B20",
    what="all parameters share a t, where each has its own",
    links=["InfiniTensor/InfiniTrain#235"],
    convention="torch",
)
def t_shared(adam: EditableAdam, step: Step) -> int:
    # Right in torch: the count of the gradients of this parameter.
    return adam.state.calls


def _for_each_half(adam: EditableAdam, step: Step) -> int:
    parameters = len(adam.state.params)
    halves = min(2, parameters)
    return advance_in_the_call(adam, halves, step.parameter * halves // parameters)


t_per_subgroup = Defect(
    name="t-per-subgroup",
    entry="B18",
    what="t advances once for each half of the parameters",
    links=["deepspeedai/DeepSpeed#1823"],
    pieces={"load": note_loaded, "step_number": _for_each_half},
)


# The counter of the library, which outlives the optimizers that use it.
LAST_RUN = {"calls": 0}
_EARLIER_CALLS = "calls of the run before"


def _begin_where_the_last_run_ended(adam: EditableAdam, grads: Grads) -> None:
    # An Adam that was loaded or restored was not begun here, and raises below.
    if not adam.state.calls:
        adam.memory[_EARLIER_CALLS] = LAST_RUN["calls"]
    LAST_RUN["calls"] = adam.memory[_EARLIER_CALLS] + adam.state.calls + 1


def _calls_of_both_runs(adam: EditableAdam, step: Step) -> int:
    earlier: int = adam.memory[_EARLIER_CALLS]
    return earlier + adam.state.calls


t_goes_on_in_next_run = Defect(
    name="t-goes-on-in-next-run",
    entry="A25",
    what="a new optimizer goes on with the t of the last one",
    links=["qiskit-community/qiskit-aqua#1016"],
    pieces={"begin": _begin_where_the_last_run_ended, "step_number": _calls_of_both_runs},
    outlives_a_run=True,
)
