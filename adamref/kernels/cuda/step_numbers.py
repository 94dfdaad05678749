"""The numbers of many steps on a device, and the counter that says which of them a step takes.

The counter lies on the device too. So a step in a graph is always the same launch, and yet takes
another step each time.
"""

from collections.abc import Iterable
from math import ceil, inf, log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...config import AdamConfig
from ...convention import Arithmetic, Convention
from ...dtypes import type_of
from ...scalars import scalars
from ..element import NUMBER_COLUMNS, kernel_numbers
from .host import Stream, address, download, upload, zeros
from .kernel import COUNTER_LENGTH, T

# Steps whose numbers are made at once. After a new learning rate they begin with one step, because
# the next step may have another rate, and double.
CHUNK = 64
# The most rows for a graph; they take some seconds to make.
MOST = 2**19
# 1 - x is 1 in binary64 where x is at most 2^-54.
_NOTHING = -54


class StepRows:
    """The numbers of the steps to come, for moments of some dtypes.

    Args:
        config, convention, arithmetic: what the numbers follow from.
        dtypes: of moments, by name.
        stream: the stream on which memory is made.
    """

    def __init__(
        self,
        config: AdamConfig,
        convention: Convention,
        arithmetic: Arithmetic,
        dtypes: Iterable[str],
        stream: Stream,
    ) -> None:
        self._convention = convention
        self._arithmetic = arithmetic
        self._dtypes = {name: np.dtype(name) for name in dtypes}
        # The step whose numbers are right for all later steps too.
        changes = [last_change(config, arithmetic, dtype) for dtype in self._dtypes.values()]
        self._end = max(changes, default=1)
        # The rows on the device: their config, how many were made at once, and the last step they
        # serve.
        self._config: AdamConfig | None = None
        self._length = 1
        self._last = 0.0
        self._counter = zeros((COUNTER_LENGTH,), "int64", stream)
        self._rows = self._new_rows(CHUNK, stream)
        # Whether there are rows for all steps.
        self.complete = False

    @property
    def counter(self) -> int:
        """Address of the counter."""
        return address(self._counter)

    def rows(self, dtype: str) -> int:
        """Return the address of the rows for moments of ``dtype``."""
        return address(self._rows[dtype])

    def read_t(self, stream: Stream) -> int:
        """Return the steps taken, as the device counts them. Waits for the work on ``stream``."""
        return int(download(self._counter, stream)[T])

    def prepare(self, config: AdamConfig, t: int, stream: Stream) -> None:
        """Make sure that the device has numbers for step ``t``.

        Args:
            config: of this step.
            t: of this step; ignored where the rows are `complete`.
            stream: the stream on which new numbers are copied.

        Raises:
            ValueError: as `scalars`. On error, nothing is changed.
        """
        is_same = config is self._config
        if self.complete:
            if not is_same:
                self._write(config, 1, self._end, stream)
            return
        if is_same and t <= self._last:
            return
        length = min(2 * self._length, CHUNK) if is_same else 1
        reaches_end = t + length > self._end
        if reaches_end:
            length = max(self._end - t, 0) + 1
        self._write(config, t, min(length, CHUNK), stream)
        self._length = length
        self._last = inf if t + length > self._end else t + length - 1
        counter = np.array([t - 1, t, length - 1])
        upload(self._counter, counter, stream)

    def fill(self, config: AdamConfig, t: int, stream: Stream) -> None:
        """Make the rows `complete`, up to the step after which nothing changes.

        Args:
            config: of all these steps.
            t: steps taken so far.
            stream: the stream on which the rows are copied.

        Raises:
            ValueError: these are too many steps.
        """
        if self.complete:
            return
        if self._end > MOST:
            raise ValueError(
                f"beta1 and beta2 must have no effect on corrections after {MOST} steps, so that "
                f"a graph can hold them all, got {config.beta1} and {config.beta2}, which have one "
                f"until step {self._end}"
            )
        self._rows = self._new_rows(self._end, stream)
        self._write(config, 1, self._end, stream)
        counter = np.array([t, 1, self._end - 1])
        upload(self._counter, counter, stream)
        self.complete = True

    def restart(self, config: AdamConfig, t: int, stream: Stream) -> None:
        """Go on after step ``t``, which may be any.

        Raises:
            ValueError: the rows are `complete`, and the betas are others, so that there would be
                more or fewer of them. On error, nothing is changed.
        """
        changes = [last_change(config, self._arithmetic, dtype) for dtype in self._dtypes.values()]
        end = max(changes, default=1)
        if not self.complete:
            self._end = end
            # Without numbers, the next step makes its own.
            self._config = None
            self._last = 0.0
            return
        if end != self._end:
            raise ValueError(
                "beta1 and beta2 must stay what they were at reserve(), got "
                f"{config.beta1} and {config.beta2}; make another FusedAdam"
            )
        self._write(config, 1, self._end, stream)
        upload(self._counter, np.array([t, 1, self._end - 1]), stream)

    def _new_rows(self, count: int, stream: Stream) -> dict[str, Any]:
        return {name: zeros((count, NUMBER_COLUMNS), name, stream) for name in self._dtypes}

    def _write(self, config: AdamConfig, t: int, length: int, stream: Stream) -> None:
        """Copy the numbers of ``length`` steps from ``t`` on to the device."""
        # First make all, because a number may be refused.
        made = {name: self._make(config, t, length, dtype) for name, dtype in self._dtypes.items()}
        for name, rows in made.items():
            upload(self._rows[name][:length], rows, stream)
        self._config = config

    def _make(
        self, config: AdamConfig, t: int, length: int, dtype: "np.dtype[Any]"
    ) -> NDArray[Any]:
        rows = []
        for step in range(t, t + length):
            s = scalars(config, self._convention, self._arithmetic, step, dtype)
            rows.append(kernel_numbers(config, self._convention, s))
        return np.array(rows, dtype)


def last_change(config: AdamConfig, arithmetic: Arithmetic, dtype: "np.dtype[Any]") -> int:
    """Return the first step from which on 1 - beta^t is 1 in binary64, and so in every format.

    All later steps have the same numbers.
    """
    to_power = type_of(arithmetic.power_beta, dtype)
    last = 1
    for beta in (config.beta1, config.beta2):
        beta = float(to_power(beta))
        if 0 < beta < 1:
            # Logarithms are rounded, so the last steps are tried.
            step = ceil(_NOTHING * log(2) / log(beta))
            last = max(last, step)
            while 1 - beta**last != 1:
                last += 1
    return last
