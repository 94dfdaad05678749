"""Wrong lifetimes: state is lost, shared, exchanged or does not fit, when saved, loaded or made."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace

import numpy as np

from .defect import wrong
from .kit.checks import check_count, check_state
from .kit.editable import EditableAdam
from .kit.records import Array, Grads, Settings, Slots, State

# The piece `load` returns the moments and the step counts to load.
Loaded = tuple[Slots, Sequence[int]]


@wrong(
    "load",
    entry="A11",
    what="t starts again at 0 after loading",
    links=["scikit-learn/scikit-learn#6091"],
)
def t_not_loaded(adam: EditableAdam, slots: Slots, t: Sequence[int]) -> Loaded:
    return slots, [0 for _ in t]


@wrong(
    "load",
    entry="A12",
    what="the moments start again at 0 after loading",
    links=["OpenNMT/OpenNMT-py#38"],
)
def moments_not_loaded(adam: EditableAdam, slots: Slots, t: Sequence[int]) -> Loaded:
    return {name: _zeros(arrays) for name, arrays in slots.items()}, t


@wrong(
    "save",
    entry="A05",
    what="what was saved changes when the optimizer goes on",
    links=["pytorch/pytorch#196083"],
)
def state_aliased(adam: EditableAdam, state: State) -> State:
    # Right: deepcopy(state). This copy has the same lists of arrays.
    return replace(state)


@wrong("save", entry="A11", what="t is not saved", links=["scikit-learn/scikit-learn#6091"])
def t_not_saved(adam: EditableAdam, state: State) -> State:
    return replace(deepcopy(state), calls=0, gradients=[0 for _ in state.params])


@wrong("save", entry="A12", what="the moments are not saved", links=["OpenNMT/OpenNMT-py#38"])
def moments_not_saved(adam: EditableAdam, state: State) -> State:
    return replace(deepcopy(state), m=_zeros(state.m), v=_zeros(state.v), v_max=_zeros(state.v_max))


@wrong(
    "save",
    entry="A13",
    what="AMSGrad's maximum is not saved",
    links=["titu1994/keras-adabound#4"],
)
def max_not_saved(adam: EditableAdam, state: State) -> State:
    return replace(deepcopy(state), v_max=_zeros(state.v_max))


def _zeros(arrays: Sequence[Array]) -> list[Array]:
    return [0 * array for array in arrays]


@wrong(
    "save",
    entry="A26",
    what="the state is saved as it is printed, with 8 decimals",
    links=["qiskit-community/qiskit-algorithms"],
)
def saved_as_text(adam: EditableAdam, state: State) -> State:
    return replace(
        deepcopy(state),
        params=[_as_printed(array) for array in state.params],
        m=[_as_printed(array) for array in state.m],
        v=[_as_printed(array) for array in state.v],
        v_max=[_as_printed(array) for array in state.v_max],
    )


def _as_printed(array: Array) -> Array:
    # The usual moments are far below 1e-8: little of them is left.
    numbers = [float(f"{x:.8f}") for x in array.flat]
    return np.array(numbers, array.dtype).reshape(array.shape)


@wrong("load", what="m and v change places when they are loaded")
def load_swaps_moments(adam: EditableAdam, slots: Slots, t: Sequence[int]) -> Loaded:
    # Both have the same shapes, so that no check of shapes notices.
    return {**slots, "m": slots["v"], "v": slots["m"]}, t


@wrong("load", what="t is one more after loading")
def loaded_t_plus_one(adam: EditableAdam, slots: Slots, t: Sequence[int]) -> Loaded:
    return slots, [count + 1 for count in t]


@wrong("check_state", what="the parameters of a state that is refused are loaded")
def refused_state_is_loaded_in_part(
    adam: EditableAdam, params: Sequence[Array], slots: Slots, t: Sequence[int]
) -> None:
    # Right: everything is checked before anything is loaded.
    check_state(adam, params, {}, t)
    adam.state.params = list(params)
    check_state(adam, params, slots, t)


@wrong("check_state", what="a state of another shape is loaded", links=["explosion/thinc#664"])
def state_of_other_shape(
    adam: EditableAdam, params: Sequence[Array], slots: Slots, t: Sequence[int]
) -> None:
    for name, entries in {"params": params, "t": t, **slots}.items():
        check_count(name, entries, adam)


@wrong("check_state", what="a state of more parameters is loaded, and the rest of it ignored")
def states_are_zipped(
    adam: EditableAdam, params: Sequence[Array], slots: Slots, t: Sequence[int]
) -> None:
    count = len(adam.state.params)
    first = {name: arrays[:count] for name, arrays in slots.items()}
    check_state(adam, params[:count], first, t[:count])


@wrong(
    "save",
    what="the learning rate of the last call is not saved",
    links=["pytorch/pytorch#125215"],
)
def rate_not_saved(adam: EditableAdam, state: State) -> State:
    return replace(deepcopy(state), rate=None)


@wrong("restore_settings", what="a restored optimizer goes on with the numbers that it was made of")
def numbers_not_restored(adam: EditableAdam, saved: Settings) -> Settings:
    return {}


@wrong(
    "restore_settings",
    what="weight decay is not restored",
    convention="torch-adamw",
)
def decay_not_restored(adam: EditableAdam, saved: Settings) -> Settings:
    return _without(saved, "weight_decay")


@wrong("restore_settings", what="maximize is not restored", convention="torch")
def maximize_not_restored(adam: EditableAdam, saved: Settings) -> Settings:
    return _without(saved, "maximize")


@wrong("restore_settings", what="the limits of clipping are not restored", convention="tfkeras")
def limits_not_restored(adam: EditableAdam, saved: Settings) -> Settings:
    return _without(saved, "limits")


def _without(settings: Settings, name: str) -> Settings:
    return {other: value for other, value in settings.items() if other != name}


@wrong(
    "restore",
    what="only the first state is restored; a later one is ignored",
    links=["pytorch/pytorch#15926"],
)
def restores_once(adam: EditableAdam, saved: State) -> State:
    return adam.state if adam.state.calls else deepcopy(saved)


@wrong("restore", what="t goes on from the larger of its own and the saved count")
def restore_keeps_t(adam: EditableAdam, saved: State) -> State:
    state = deepcopy(saved)
    state.calls = max(adam.state.calls, saved.calls)
    # Where each parameter has its own count.
    pairs = zip(adam.state.gradients, saved.gradients, strict=True)
    state.gradients = [max(pair) for pair in pairs]
    return state


@wrong("restore", what="steps after restoring change the saved state")
def restore_shares_state(adam: EditableAdam, saved: State) -> State:
    # Right: deepcopy(saved).
    return saved


@wrong("load", what="the moments of earlier calls are added to those that are loaded")
def load_adds_moments(adam: EditableAdam, slots: Slots, t: Sequence[int]) -> Loaded:
    pairs = zip(slots["m"], adam.state.m, strict=True)
    return {**slots, "m": [loaded + own for loaded, own in pairs]}, t


@wrong("load", what="t is not loaded into an optimizer that has taken steps")
def load_keeps_t(adam: EditableAdam, slots: Slots, t: Sequence[int]) -> Loaded:
    return slots, [adam.state.calls or count for count in t]


@wrong(
    "start",
    what="a new optimizer changes the numbers of those that are alive",
    links=["hpcaitech/ColossalAI#633"],
)
def objects_share_numbers(adam: EditableAdam) -> None:
    for other in adam.others():
        other.learning_rate = adam.learning_rate
        other.beta1 = adam.beta1
        other.beta2 = adam.beta2
        other.epsilon = adam.epsilon


@wrong("start", what="two optimizers have the same moments")
def objects_share_moments(adam: EditableAdam) -> None:
    for other in adam.others():
        other.state.m = adam.state.m
        other.state.v = adam.state.v


@wrong("begin", what="t counts the calls of every optimizer that is alive")
def objects_share_t(adam: EditableAdam, grads: Grads) -> None:
    for other in adam.others():
        other.state.calls += 1


@wrong("schedule", what="a new learning rate counts for every optimizer that is alive")
def objects_share_rate(adam: EditableAdam, learning_rate: float) -> float:
    for other in adam.others():
        other.state.rate = learning_rate
    return learning_rate
