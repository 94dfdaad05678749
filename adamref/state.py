"""AdamState: the memory of one parameter between two steps."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .convention import Convention
from .halves.packing import first_kept, pack_weight, unpack_weight
from .halves.storage import Storage, T

Array = NDArray[np.floating[Any]]
Count = int | NDArray[np.int64]


class AdamState(NamedTuple):
    """The state of one parameter after ``t`` steps.

    Fields:
        t: steps taken; 0 at the start. An array of one count a row, if each row has its own t.
        m: first moment; shape of the parameter, and its dtype, or float32 for a parameter of half
            precision.
        v: second moment; as m.
        v_max: largest second moment so far, in the dtype of v; None without AMSGrad.
        kept: what is kept of the weight besides a parameter of half precision (`Storage`), in its
            shape: its float32 for `master`, the lower 16 bits as uint16 for `split`, what rounding
            has lost for `compensated`; else None.
    """

    t: Count
    m: Array
    v: Array
    v_max: Array | None
    kept: NDArray[Any] | None = None


class ParamArrays(NamedTuple):
    """The arrays that a step changes: a parameter, and the arrays of its `AdamState`."""

    param: Array
    m: Array
    v: Array
    v_max: Array | None
    kept: NDArray[Any] | None

    @classmethod
    def copies(cls, param: Array, state: AdamState) -> "ParamArrays":
        """Return copies in C order."""
        return cls(
            param=_copy_of(param),
            m=_copy_of(state.m),
            v=_copy_of(state.v),
            v_max=_copy_of(state.v_max),
            kept=_copy_of(state.kept),
        )

    def state(self, t: Count) -> AdamState:
        """Return the state after ``t`` steps."""
        return AdamState(t, self.m, self.v, self.v_max, self.kept)

    def take(self, rows: Any) -> "ParamArrays":
        """Return some rows of each array."""
        return ParamArrays(
            param=self.param[rows],
            m=self.m[rows],
            v=self.v[rows],
            v_max=None if self.v_max is None else self.v_max[rows],
            kept=None if self.kept is None else self.kept[rows],
        )

    def put(self, rows: Any, param: Array, state: AdamState) -> None:
        """Write rows that `take` returned back to their places, after a step."""
        changed = (param, state.m, state.v, state.v_max, state.kept)
        for array, its_rows in zip(self, changed, strict=True):
            if array is not None:
                array[rows] = its_rows


def _copy_of(array: Any) -> Any:
    """Return a copy in C order; None of None."""
    return None if array is None else array.copy(order="C")


def steps_taken(t: Any, param: Array, by_row: bool) -> Count:
    """Return steps taken as Python's integer, or as an array of one count a row.

    Args:
        t: a count, of Python or NumPy, or a list of counts.
        param: the parameter.
        by_row: whether its rows may have counts of their own.

    Raises:
        ValueError: it is no count, and no list of one count a row.
    """
    counts = np.array(t)
    # Parameters without rows have an empty list, which NumPy takes for floats.
    is_count = counts.dtype.kind in "iu" or not counts.size
    fits = not counts.shape or (by_row and counts.shape == param.shape[:1])
    if not is_count or not fits or (counts.astype(np.int64) < 0).any():
        rule = "be a count >= 0, or one a row" if by_row else "be a count >= 0"
        raise ValueError(f"t must {rule}, got {t!r}")
    return counts.astype(np.int64) if counts.shape else int(counts)


def initial(param: Array, amsgrad: bool = False, dtype: Any = None) -> AdamState:
    """Return the state before the first step: t = 0 and moments of zero.

    Args:
        param: the parameter, for its shape and dtype.
        amsgrad: whether there is a v_max.
        dtype: of the moments; None is the dtype of ``param``.
    """
    # One array for all, because a step makes new arrays and changes none.
    zeros = np.zeros(param.shape, dtype or param.dtype)
    return AdamState(0, zeros, zeros, zeros if amsgrad else None)


def first_state(param: Array, storage: Storage, amsgrad: bool = False) -> AdamState:
    """Return the state before the first step of a parameter that is kept as ``storage`` says."""
    formats = storage.formats(dtype_name(param.dtype))
    m = np.zeros(param.shape, dtype_like(param, formats.m))
    v = np.zeros(param.shape, dtype_like(param, formats.v))
    return AdamState(0, m, v, v if amsgrad else None, first_kept(storage.weights, param))


def loaded_states(
    params: Sequence[Array],
    storages: Sequence[Storage],
    slots: Mapping[str, Any],
    t: Sequence[Any],
    by_row: bool,
) -> list[AdamState]:
    """Return states of copies of what a user loads; without ``kept``, it is made from parameters.

    Args:
        params: the parameters.
        storages: how each of them is kept.
        slots: m, v, and v_max and kept if there are any: lists with one entry a parameter.
        t: steps taken, one entry a parameter.
        by_row: whether rows may have counts of their own.

    Raises:
        ValueError: a list has another length, or t is no count.
    """
    kept = slots.get("kept")
    if kept is None:
        pairs = zip(params, storages, strict=True)
        kept = [first_kept(storage.weights, param) for param, storage in pairs]
    maxima = slots.get("v_max") or [None for _ in params]
    states = []
    for param, m, v, v_max, own, count in zip(
        params, slots["m"], slots["v"], maxima, kept, t, strict=True
    ):
        taken = steps_taken(count, param, by_row)
        state = AdamState(
            taken,
            np.array(m),
            np.array(v),
            None if v_max is None else np.array(v_max),
            None if own is None else np.array(own),
        )
        states.append(state)
    return states


def slots_of(states: Sequence[AdamState], amsgrad: bool) -> dict[str, list[Any]]:
    """Return copies of the arrays of states by name, one entry a parameter.

    ``kept`` is there if any parameter keeps something; None where it keeps nothing.
    """
    slots: dict[str, list[Any]] = {
        "m": [np.array(state.m) for state in states],
        "v": [np.array(state.v) for state in states],
    }
    if amsgrad:
        slots["v_max"] = [np.array(state.v_max) for state in states]
    kept = [_copy_of(state.kept) for state in states]
    if any(array is not None for array in kept):
        slots["kept"] = kept
    return slots


def dtype_like(param: Array, name: str) -> "np.dtype[Any]":
    """Return the dtype with this name. That of the parameter may be one that NumPy lacks."""
    return param.dtype if dtype_name(param.dtype) == name else np.dtype(name)


# NumPy makes the name anew each time, which takes longer than a small step.
@cache
def dtype_name(dtype: "np.dtype[Any]") -> str:
    """Return the name of a dtype."""
    return dtype.name


@np.errstate(all="ignore")
def unpack(storage: Storage, param: Array, state: AdamState) -> tuple[Array, AdamState]:
    """Return the weight and the state as a step computes with them: halves in float32."""
    if storage.operations == T:
        return param, state
    v_max = state.v_max
    computed = AdamState(
        state.t,
        state.m.astype(np.float32, copy=False),
        state.v.astype(np.float32, copy=False),
        None if v_max is None else v_max.astype(np.float32, copy=False),
    )
    return unpack_weight(storage.weights, param, state.kept), computed


@np.errstate(all="ignore")
def pack(
    storage: Storage, dtype: "np.dtype[Any]", weight: Array, state: AdamState
) -> tuple[Array, AdamState]:
    """Return a weight and a state after a step as they are kept; ``dtype`` is the parameter's."""
    if storage.operations == T:
        return weight, state
    param, kept = pack_weight(storage.weights, weight, dtype)
    to_m = dtype if storage.m == T else np.float32
    to_v = dtype if storage.v == T else np.float32
    v_max = state.v_max
    kept_state = AdamState(
        state.t,
        state.m.astype(to_m, copy=False),
        state.v.astype(to_v, copy=False),
        None if v_max is None else v_max.astype(to_v, copy=False),
        kept,
    )
    return param, kept_state


def skip(state: AdamState, convention: Convention, nothing: bool) -> AdamState:
    """Return the state of a parameter without a gradient; ``nothing``: no parameter has one."""
    # A call without any gradient has an axis of its own, which overrules the other two.
    counts = convention.step_scope == "optimizer" or convention.none_gradient == "skip_but_count"
    if nothing:
        counts = convention.all_none == "count"
    return state._replace(t=state.t + 1) if counts else state
