"""The numbers of many steps on a device, and the counter that says which of them a step takes.

The counter lies on the device too: a step in a graph is always the same launch, and takes another step each time.
"""

from collections.abc import Iterable
from math import ceil, inf, log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...config import AdamConfig
from ...convention import Arithmetic, Convention
from ...scalars import scalars, type_of
from ..element import Numbers, numbers
from .host import Stream, address, download, upload, zeros

# Steps whose numbers are made at once. Of a learning rate that is new, first one step's, for the next may have another.
CHUNK = 64
# The most rows for a graph: some seconds to make.
MOST = 2**19


class Rows:
    """The numbers of the steps to come, for moments of some dtypes.

    Args:
        config, convention, arithmetic: what the numbers are made of.
        dtypes: of moments, by name.
        stream: on which memory is made.
    """

    def __init__(
        self,
        config: AdamConfig,
        convention: Convention,
        arithmetic: Arithmetic,
        dtypes: Iterable[str],
        stream: Stream,
    ) -> None:
        self._convention, self._arithmetic = convention, arithmetic
        self._config: AdamConfig | None = None
        self._dtypes = {name: np.dtype(name) for name in dtypes}
        self._end = max(
            (last_change(config, arithmetic, dtype) for dtype in self._dtypes.values()), default=1
        )
        self._length, self._last = 1, 0.0
        self._counter = zeros((3,), "int64", stream)
        self._rows = {
            name: zeros((CHUNK, len(Numbers._fields)), name, stream) for name in self._dtypes
        }
        self.complete = False

    @property
    def counter(self) -> int:
        """Address of t, t of the first row, and how many rows follow it."""
        return address(self._counter)

    def rows(self, dtype: str) -> int:
        """Address of the rows for moments of ``dtype``."""
        return address(self._rows[dtype])

    def counted(self, stream: Stream) -> int:
        """Steps taken, as the device knows them after what is on ``stream``. Waits for it."""
        return int(download(self._counter, stream)[0])

    def prepare(self, config: AdamConfig, t: int, stream: Stream) -> None:
        """See to it that there are numbers for step ``t``.

        Args:
            config: of this step.
            t: of this step; ignored where the rows are `complete`.
            stream: on which what is missing is copied.

        Raises:
            ValueError: as `scalars`. Nothing has changed then.
        """
        if self.complete:
            if config is not self._config:
                self._write(config, 1, self._end, stream)
            return
        if config is self._config and t <= self._last:
            return
        length = min(2 * self._length, CHUNK) if config is self._config else 1
        if t + length > self._end:
            length = max(self._end - t, 0) + 1
        self._write(config, t, min(length, CHUNK), stream)
        self._length, self._last = length, inf if t + length > self._end else t + length - 1
        upload(self._counter, np.array([t - 1, t, length - 1]), stream)

    def fill(self, config: AdamConfig, t: int, stream: Stream) -> None:
        """Make the rows `complete`: of all steps until nothing changes any more; ``t`` steps have been taken.

        Raises:
            ValueError: those are too many.
        """
        if self.complete:
            return
        if self._end > MOST:
            raise ValueError(
                f"beta1 and beta2 must have no effect on corrections after {MOST} steps for a graph to hold them all, "
                f"got {config.beta1} and {config.beta2}, which have one until step {self._end}"
            )
        self._rows = {
            name: zeros((self._end, len(Numbers._fields)), name, stream) for name in self._dtypes
        }
        self._write(config, 1, self._end, stream)
        upload(self._counter, np.array([t, 1, self._end - 1]), stream)
        self.complete = True

    def _write(self, config: AdamConfig, t: int, length: int, stream: Stream) -> None:
        """Copy the numbers of ``length`` steps from ``t`` on."""
        made = {name: self._made(config, t, length, dtype) for name, dtype in self._dtypes.items()}
        for name, rows in made.items():
            upload(self._rows[name][:length], rows, stream)
        self._config = config

    def _made(
        self, config: AdamConfig, t: int, length: int, dtype: "np.dtype[Any]"
    ) -> NDArray[Any]:
        steps = (
            scalars(config, self._convention, self._arithmetic, at, dtype)
            for at in range(t, t + length)
        )
        return np.array([numbers(config, self._convention, s) for s in steps], dtype)


def last_change(config: AdamConfig, arithmetic: Arithmetic, dtype: "np.dtype[Any]") -> int:
    """The first step from which on 1 - beta^t is 1 in binary64, and so in every format: all later ones are like it."""
    to_power = type_of(arithmetic.power_beta, dtype)
    last = 1
    for beta in (float(to_power(config.beta1)), float(to_power(config.beta2))):
        if 0 < beta < 1:
            last = max(last, ceil(-54 * log(2) / log(beta)))
            while 1 - beta**last != 1:
                last += 1
    return last
