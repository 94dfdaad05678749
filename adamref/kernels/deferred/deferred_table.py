"""Sparse Adam that is equivalent to the dense one, at the cost of the rows it touches.

In TensorFlow's semantics a row without a gradient still moves: its moments fade, and they move it
as long as they last. Nobody sees that before the row is read. So the row is left behind, and
brought up to date when it is read or touched.
"""

from copy import copy, deepcopy
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from ...config import AdamConfig
from ...convention import Arithmetic, Convention
from ...gradients.indexed_slices import IndexedSlices
from ...named_conventions import look_up
from ...scalars import scalars
from ...state import AdamState
from ...storage.saved_state import SavedState, read_saved_state, write_saved_state
from ...storage.step_lock import StepLock
from ..cpu.compiled import announce_compiling
from ..cpu.memory import STORAGE
from ..element import NUMBER_COLUMNS, KernelNumbers, kernel_numbers
from ..job import with_learning_rate
from . import lanes, requirements
from .replay import end_limits
from .rows import NamedRows, Task, group_by_row, new_scratch, row_numbers
from .series import Series

Array = NDArray[Any]

# Steps after which all rows are brought up to date, so that the history of steps stays small.
HISTORY = 16_384
# The number of elements from which on waking other threads is worth it.
PARALLEL = 4_096


class DeferredTable:
    """Adam on the rows of one table, each of which moves in every step, touched or not.

    After `HISTORY`, 16,384, steps all rows are brought up to date; that step takes longer. Calls of
    several threads wait for each other.

    Args:
        table: float32, or in mode `replay` also float64, of two axes or more. A row is
            ``table[i]``. Copied.
        config: the numbers and switches; no clipping.
        convention: a name of `CONVENTIONS`, or a Convention. Its sparse gradients must be the dense
            ones.
        arithmetic: the formats of the scalars; None is the first that the named convention accepts.
        mode: `replay` takes the missed steps one after another when a row is needed, with the bits
            of `adamref.Adam`. `series` sums them, at a cost that does not depend on how many were
            missed. Its result is within one unit in the last place of the exact recurrence, from
            the row as it was last touched or read.

    Attributes:
        config: with the learning rate of the last step.

    Raises:
        ValueError: the mode does not support the table, the convention or a number.

    >>> table = np.ones((3, 2), np.float32)
    >>> table = DeferredTable(table, AdamConfig(learning_rate=0.5, epsilon=0.0), "paper")
    >>> table.apply(IndexedSlices(np.full((1, 2), 4, np.float32), np.array([1])))
    >>> table.read([1])
    array([[0.5, 0.5]], dtype=float32)
    """

    # Changed by every step.
    _config: AdamConfig
    _param: Array
    _m: Array
    _v: Array
    _v_max: Array | None
    _steps: int  # in the history
    _history: Array  # their numbers
    _series: Series | None  # their sums, in mode `series`
    # Changed when all rows are brought up to date.
    _before: int  # steps before the history
    _ends: bool  # whether a row without gradients may come to rest

    def __init__(
        self,
        table: Array,
        config: AdamConfig | None = None,
        convention: str | Convention = "tf1",
        arithmetic: str | Arithmetic | None = None,
        mode: Literal["replay", "series"] = "replay",
    ) -> None:
        self._convention, self._arithmetic = look_up(convention, arithmetic)
        if mode not in ("replay", "series"):
            raise ValueError(f"mode must be 'replay' or 'series', got {mode!r}")
        self._mode = mode
        self._turn = StepLock()
        param = requirements.copy_of_table(table)
        requirements.check_convention(self._convention)
        config = AdamConfig() if config is None else config
        requirements.check_config(config, self._convention)
        # Of each row: its place among the rows that are grouped, and its steps of the history.
        self._place = np.full(len(param), -1, np.int64)
        self._last = np.zeros(len(param), np.int64)
        self._scratch = new_scratch()
        # Of its own for each, and zeros that take memory only when they are written to.
        m, v = (np.zeros(param.shape, param.dtype) for _ in range(2))
        v_max = np.zeros(param.shape, param.dtype) if config.amsgrad else None
        self._begin(config, param, AdamState(0, m, v, v_max))
        with announce_compiling("kernels for rows"):
            no_rows = NamedRows.without_slices(np.zeros(0, np.int64))
            for wide in (False, True):
                self._launch(no_rows, 0, wide=wide)

    # Not to be replaced: a new config might have no place in the history.
    config = property(lambda self: self._config)

    @property
    def t(self) -> int:
        """Steps taken."""
        return self._before + self._steps

    def read(self, rows: Any = None) -> Array:
        """Return copies of rows, up to date.

        Args:
            rows: integers in any shape, which comes before the axes of a row; None is the whole
                table.

        Raises:
            ValueError: there is no such row.
        """
        with self._turn.lock:
            if rows is None:
                self.flush()
                return self._param.copy()
            numbers = row_numbers(rows, len(self._param))
            named = group_by_row(numbers.ravel(), self._place)
            self._launch(NamedRows.without_slices(named.rows), self._steps)
            return np.asarray(self._param[numbers])

    def apply(self, slices: IndexedSlices, learning_rate: float | None = None) -> None:
        """Take one step of the whole table.

        Args:
            slices: the gradient, of the dtype of the table. Slices of one row are summed in the
                order in which they come.
            learning_rate: of this step and the following ones; None keeps the previous one.

        Raises:
            ValueError: the slices do not fit the table, or the mode does not support a number. On
                error, nothing is changed.
        """
        # First everything that may fail; slices outside the lock, because they may run user's code.
        grad = requirements.slices_of(self._param, slices)
        with self._turn.lock:
            config = with_learning_rate(self._config, learning_rate)
            n = self._numbers(config, self.t + 1)
            # Then make room for the step, and remember it for the rows that it does not touch.
            if self._steps == HISTORY:
                self.flush()
            self._history[self._steps] = n
            self._ends = self._ends and bool(np.isfinite(n).all())
            # Then take it in the rows that it touches.
            if len(grad.indices):
                values = np.ascontiguousarray(grad.values)
                named = group_by_row(grad.indices, self._place)
                self._launch(named, self._steps + 1, values)
            self._steps += 1
            if self._series:
                self._series.extend(self._steps, n)
            self._config = config

    def flush(self) -> None:
        """Bring all rows up to date."""
        with self._turn.lock:
            # Without a step there is nothing to do, and untouched moments take no memory.
            if self._steps:
                self._launch(NamedRows.without_slices(np.arange(len(self._param))), self._steps)
            self._forget()

    def slots(self) -> dict[str, Array]:
        """Return copies of m, v and, with AMSGrad, v_max, with all rows up to date."""
        with self._turn.lock:
            self.flush()
            slots = {"m": self._m.copy(), "v": self._v.copy()}
            if self._v_max is not None:
                slots["v_max"] = self._v_max.copy()
            return slots

    def save(self, path: str | Path) -> None:
        """Write the complete state to a safetensors file, whole or not at all.

        All rows are brought up to date. `adamref.Adam` of this one parameter reads the file too.

        Raises:
            OSError: the file cannot be written. An older file is left unchanged.
        """
        with self._turn.lock:
            self.flush()
            write_saved_state(path, self._saved_state())

    def restore(self, path: str | Path) -> None:
        """Resume, bit for bit, from a file of `save`, or of `adamref.Adam` of this one parameter.

        Raises:
            OSError: there is no such file.
            CheckpointError: the file is damaged, of another convention, or of another table. On
                error, nothing is changed.
            ValueError: the mode does not support a number in the file. On error, nothing is
                changed.
        """
        with self._turn.lock:
            saved = read_saved_state(path, self._saved_state())
            self._begin(saved.config, saved.params[0], saved.states[0])

    # A step changes arrays in place. So a copy shares none of them, and is made between two steps.

    def __getstate__(self) -> dict[str, Any]:
        with self._turn.lock:
            return deepcopy(vars(self))

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        # The process that opens a pickle may have more threads, which need more room.
        self._scratch = new_scratch()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        # It has copied everything already.
        return copy(self)

    def _saved_state(self) -> SavedState:
        state = AdamState(self.t, self._m, self._v, self._v_max)
        return SavedState(self.config, self._convention, self._arithmetic, [self._param], [state])

    def _begin(self, config: AdamConfig, param: Array, state: AdamState) -> None:
        """Start with all rows up to date, and own the arrays."""
        # First the checks: on error, nothing is changed.
        requirements.check_config(config, self._convention)
        series = None
        if self._mode == "series":
            requirements.check_series(config, self._convention, param.dtype)
            series = Series(config, self._convention, self._arithmetic, HISTORY)
            series.check(config, state)
        self._config = config
        self._series = series
        self._param = requirements.as_kernel_array(param)
        self._m = requirements.as_kernel_array(state.m)
        self._v = requirements.as_kernel_array(state.v)
        self._v_max = None if state.v_max is None else requirements.as_kernel_array(state.v_max)
        # A series computes in binary64, a replay in the dtype of the moments.
        dtype = np.float64 if series else param.dtype
        self._history = np.zeros((HISTORY, NUMBER_COLUMNS), dtype)
        self._before = int(state.t)
        self._steps = 0
        self._forget()

    def _forget(self) -> None:
        """Forget the history, because all rows have taken its steps."""
        # Decay never ends, and corrections change the maximum of a row without gradients.
        corrected = self.config.amsgrad and self._convention.amsgrad == "max_corrected"
        self._ends = self.config.weight_decay == 0 and not corrected
        self._before = self.t
        self._steps = 0
        self._last[:] = 0
        if self._series:
            self._series.reset()

    def _numbers(self, config: AdamConfig, t: int) -> KernelNumbers:
        if self._series:
            return self._series.numbers(config, t)
        s = scalars(config, self._convention, self._arithmetic, t, self._param.dtype)
        return kernel_numbers(config, self._convention, s)

    def _launch(
        self, named: NamedRows, steps: int, values: Array | None = None, wide: bool | None = None
    ) -> None:
        """Bring rows to ``steps`` steps of the history; ``values``: slices of the last of them.

        ``wide``: in parallel, unless another caller is; None decides by the number of elements.
        """
        param = self._param
        arrays = (param, self._m, self._v, self._v_max)
        task = Task.of(arrays, values, self._scratch, steps)
        if wide is None:
            wide = len(named.rows) * task.width >= PARALLEL
        # One of the two is None, which decides what the kernel does.
        series = self._series.tables() if self._series else None
        limits = None if self._series else end_limits(param.dtype, self._ends)
        lanes.run(
            wide,
            named,
            self._last,
            task,
            self._history,
            limits,
            series,
            STORAGE[param.dtype.name],
            None if self._v_max is None else True,
        )
