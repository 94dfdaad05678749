"""Wrong saving and loading: parts of the state are lost, shared, exchanged or do not fit."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace

import numpy as np

from .defect import wrong
from .kit.checks import check_count, check_state
from .kit.editable import EditableAdam
from .kit.records import Array, Slots, State

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
