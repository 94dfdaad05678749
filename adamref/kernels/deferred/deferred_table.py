"""Sparse Adam that is equivalent to the dense one, at the cost of the rows it touches.

In TensorFlow's semantics a row without a gradient still moves: its moments fade, and what is left of them moves it.
Nobody sees that before the row is read. So it is left behind, and brought up to date when it is read or touched.
"""

from dataclasses import replace
from pathlib import Path
from threading import RLock
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ...config import AdamConfig
from ...convention import Arithmetic, Convention
from ...named_conventions import look_up
from ...scalars import scalars
from ...sparse import IndexedSlices, as_grad, check_slices
from ...state import AdamState, initial
from ...storage.saved_state import SavedState, read_saved_state, write_saved_state
from ..cpu.compiled import patience
from ..cpu.memory import STORAGE
from ..cpu.threads import threads
from ..element import Numbers, numbers
from ..table import address
from . import replay, series_kernel
from .requirements import check_config, check_convention, check_series
from .rows import Named, in_range, lanes, named, scratch
from .series import Series

Array = NDArray[Any]

# Steps after which all rows are brought up to date, so that what is remembered of the steps stays small.
HISTORY = 16_384
# From how many elements on it is worth to wake other threads.
PARALLEL = 4_096
_NONE = np.zeros(0, np.int64)


class DeferredTable:
    """Adam on the rows of one table, each of which moves in every step, whether it is touched or not.

    Args:
        table: float32, or in mode `replay` also float64, of two axes or more; a row is ``table[i]``. Copied.
        config: the numbers and switches; no clipping.
        convention: a name of `CONVENTIONS`, or a Convention: one whose sparse gradients are the dense ones.
        arithmetic: the formats of the scalars; None is the first that the named convention accepts.
        mode: `replay` takes the missed steps one after the other when a row is needed: the bits of `adamref.Adam`.
            `series` sums them: within one unit in the last place of the exact recurrence from the row as it was last
            touched or read, at a cost that does not depend on how many were missed.

    Attributes:
        config: with the learning rate of the last step.

    Every row is brought up to date after `HISTORY`, 16,384, steps: one step that takes longer. One lock a table: calls
    of other threads wait.

    Raises:
        ValueError: the table, the convention or a number is none that the mode has.

    >>> table = DeferredTable(np.ones((3, 2), np.float32), AdamConfig(learning_rate=0.5, epsilon=0.0), "paper")
    >>> table.apply(IndexedSlices(np.full((1, 2), 4, np.float32), np.array([1])))
    >>> table.read([1])
    array([[0.5, 0.5]], dtype=float32)
    """

    config: AdamConfig
    _series: Series | None
    _param: Array
    _history: Array
    _steps: int
    _ends: bool

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
        self._mode, self._lock = mode, RLock()
        own = np.array(table, order="C")
        if own.dtype not in (np.float32, np.float64) or own.ndim < 2:
            got = f"{own.dtype} in shape {own.shape}"
            raise ValueError(f"table must be float32 or float64, of two axes or more, got {got}")
        check_convention(self._convention)
        self._seen, self._last = np.full(len(own), -1, np.int64), np.zeros(len(own), np.int64)
        self._scratch = scratch()
        state = initial(own, (config or AdamConfig()).amsgrad)
        self._begin(config or AdamConfig(), own, state)
        with patience("kernels for rows"):
            for wide in (False, True):
                self._launch(Named(_NONE, _NONE, _NONE), 0, None, wide)

    @property
    def t(self) -> int:
        """Steps taken."""
        return self._before + self._steps

    def read(self, rows: Any = None) -> Array:
        """Copies of rows, up to date.

        Args:
            rows: integers in any shape, which comes before the axes of a row; None is the whole table.

        Raises:
            ValueError: there is no such row.
        """
        with self._lock:
            if rows is None:
                self.flush()
                return self._param.copy()
            at = in_range(rows, len(self._param))
            found = named(at.ravel(), self._seen)
            self._launch(found._replace(order=_NONE, starts=_NONE), self._steps)
            return np.asarray(self._param[at])

    def apply(self, slices: IndexedSlices, learning_rate: float | None = None) -> None:
        """Take one step of the whole table.

        Args:
            slices: the gradient, of the dtype of the table. Slices of one row are summed in the order in which they
                come.
            learning_rate: of this step and the following ones; None is the one before.

        Raises:
            ValueError: the slices are not of the table, or a number is none that the mode has. Nothing has changed
                then.
        """
        with self._lock:
            given = as_grad(slices) if hasattr(slices, "indices") else None
            if not isinstance(given, IndexedSlices):
                got = type(slices).__name__
                raise ValueError(  # noqa: TRY004
                    f"slices must be IndexedSlices, got {got}; adamref.Adam takes others"
                )
            check_slices(self._param, given)
            config = self.config
            if learning_rate is not None and learning_rate != config.learning_rate:
                config = replace(config, learning_rate=learning_rate)
            n = self._numbers(config, self.t + 1)
            if self._steps == HISTORY:
                self.flush()
            self._history[self._steps] = n
            self._ends = self._ends and bool(np.isfinite(n).all())
            if len(given.indices):
                values = np.ascontiguousarray(given.values)
                self._launch(named(given.indices, self._seen), self._steps + 1, values)
            self._steps += 1
            if self._series:
                self._series.extend(self._steps, n)
            self.config = config

    def flush(self) -> None:
        """Bring all rows up to date."""
        with self._lock:
            self._launch(Named(np.arange(len(self._param)), _NONE, _NONE), self._steps)
            self._forget()

    def slots(self) -> dict[str, Array]:
        """Copies of m, v and, with AMSGrad, v_max, all rows up to date."""
        with self._lock:
            self.flush()
            return {
                name: array.copy()
                for name in ("m", "v", "v_max")
                if (array := getattr(self, f"_{name}")) is not None
            }

    def save(self, path: str | Path) -> None:
        """Write everything to a safetensors file, whole or not at all, all rows up to date.

        `adamref.Adam` of this one parameter reads it too.

        Raises:
            OSError: the file cannot be written. It is as it was then.
        """
        with self._lock:
            self.flush()
            write_saved_state(path, self._saved_state())

    def restore(self, path: str | Path) -> None:
        """Go on from a file that `save` wrote, or `adamref.Adam` of this one parameter, bit for bit.

        Raises:
            OSError: there is no such file.
            CheckpointError: it is damaged, of another convention, or of another table. Nothing has changed then.
            ValueError: a number in it is none that the mode has. Nothing has changed then.
        """
        with self._lock:
            saved = read_saved_state(path, self._saved_state())
            self._begin(saved.config, saved.params[0].copy(), saved.states[0])

    def _saved_state(self) -> SavedState:
        state = AdamState(self.t, self._m, self._v, self._v_max)
        return SavedState(self.config, self._convention, self._arithmetic, [self._param], [state])

    def _begin(self, config: AdamConfig, param: Array, state: AdamState) -> None:
        """Start with all rows up to date."""
        check_config(config, self._convention)
        sums = None
        if self._mode == "series":
            check_series(config, self._convention, param.dtype)
            sums = Series(config, self._convention, self._arithmetic, HISTORY)
            sums.check(config, state)
        self.config, self._series, self._param = config, sums, param
        self._m, self._v = np.array(state.m), np.array(state.v)
        self._v_max = None if state.v_max is None else np.array(state.v_max)
        self._history = np.zeros(
            (HISTORY, len(Numbers._fields)), np.float64 if sums else param.dtype
        )
        self._before, self._steps = int(state.t), 0
        self._forget()

    def _forget(self) -> None:
        """Forget the steps that all rows have taken."""
        corrected = self.config.amsgrad and self._convention.amsgrad == "max_corrected"
        self._ends = self.config.weight_decay == 0 and not corrected
        self._before, self._steps = self.t, 0
        self._last[:] = 0
        if self._series:
            self._series.reset()

    def _numbers(self, config: AdamConfig, t: int) -> Numbers:
        if self._series:
            return self._series.numbers(config, t)
        return numbers(
            config,
            self._convention,
            scalars(config, self._convention, self._arithmetic, t, self._param.dtype),
        )

    def _launch(
        self, rows: Named, steps: int, values: Array | None = None, wide: bool | None = None
    ) -> None:
        """Bring rows to ``steps`` steps of the history, in parallel if it is worth it and no other caller does."""
        param, v_max = self._param, self._v_max
        width = param[0].size if len(param) else 0
        arrays = (param, values, self._m, self._v, v_max, self._scratch)
        kept: Any = replay.Tables(self._history, replay.limits(param.dtype, self._ends))
        if self._series:
            kept = self._series.tables(self._history)
        kernels = series_kernel if self._series else replay
        rest = (self._last, steps, width, kept, (*map(address, arrays), param.itemsize))
        kind = STORAGE[param.dtype.name], None if v_max is None else True
        if wide is None:
            wide = len(rows.rows) * width >= PARALLEL
        arguments = (lanes(wide), rows, *rest, *kind)
        if wide:
            threads.run(kernels.parallel, kernels.serial, *arguments)
        else:
            kernels.serial(*arguments)
