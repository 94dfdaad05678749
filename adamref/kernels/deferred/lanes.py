"""The kernels that bring rows up to date: rows are dealt to lanes, and each lane is one thread.

A lane takes its rows one after another, by `replay` or by `series_kernel`.
"""

from typing import Any

from numba import njit, prange

from ..cpu.compiled import compile_strict
from ..cpu.threads import threads
from .replay import replay_row
from .rows import DEALT, fetch_ahead
from .series_kernel import sum_row


@njit
def _lane(lane, lane_count, named, taken, task, history, limits, series, state, amsgrad):
    """Bring the rows of one lane up to date, in place.

    Takes:
        lane, lane_count: the number of the lane, and how many there are.
        named: `NamedRows`.
        taken: steps of the history that each row of the table has taken. Changed.
        task: `Task`.
        history: the numbers of the steps, a row each as `KernelNumbers`.
        limits: for replay, as `replay.Limits`; None for series.
        series: for series, as `series.SeriesTables`; None for replay.
        state: `STORAGE` of all arrays. amsgrad: None where there is no v_max.

    Numba compiles a version of its own for each None, without the branch that needs it.
    """
    for begin in range(lane * DEALT, len(named.rows), lane_count * DEALT):
        for at in range(begin, min(begin + DEALT, len(named.rows))):
            fetch_ahead(named.rows, at, lane_count, task, amsgrad)
            if limits is not None:
                replay_row(named, at, lane, taken, task, history, limits, state, amsgrad)
            if series is not None:
                sum_row(named, at, lane, taken, task, history, series, state, amsgrad)


# Two functions, because Numba caches compiled code by function name.
def _serial(lane_count, named, taken, task, history, limits, series, state, amsgrad):
    for lane in range(lane_count):
        _lane(lane, lane_count, named, taken, task, history, limits, series, state, amsgrad)


def _parallel(lane_count, named, taken, task, history, limits, series, state, amsgrad):
    for lane in prange(lane_count):
        _lane(lane, lane_count, named, taken, task, history, limits, series, state, amsgrad)


serial = compile_strict(_serial)
parallel = compile_strict(_parallel, parallel=True)


def run(wide: bool, *arguments: Any) -> None:
    """Bring rows up to date; on all threads if ``wide``, unless another caller uses them.

    Args:
        wide: whether there is a lane for each thread, or one lane.
        arguments: of `_lane`, from ``named`` on.
    """
    if wide:
        threads.run(parallel, serial, threads.count(), *arguments)
    else:
        serial(1, *arguments)
