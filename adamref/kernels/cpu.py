"""Adam on processors, by Numba: many parameters in one parallel region.

`run` is what `adamref.Adam` calls, `FusedAdam` steps arrays of the caller in place. The bits are those of
`adamref.step`, whatever the number of threads, the sizes, and what is stepped together.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from .compiled import patience
from .cpu_fused import FusedAdam
from .cpu_launch import dealt, launch, names
from .job import Job
from .memory import STORAGE
from .table import address

__all__ = ["FusedAdam", "run"]


def run(jobs: Sequence[Job]) -> None:
    """Step all jobs, in place."""
    kinds: dict[tuple[Any, ...], list[Job]] = defaultdict(list)
    for job in jobs:
        kinds[(*names(job.param, job.grad, job.m), job.v_max is None, job.square is None)].append(job)
    for (*dtypes, no_maximum, no_squares), members in kinds.items():
        own = np.array([job.numbers for job in members], members[0].m.dtype)
        streams = [(job.param, job.grad, job.m, job.v, job.v_max, job.square) for job in members]
        table = np.array([(*map(address, arrays), at) for at, arrays in enumerate(streams)], np.int64)
        kind = (*(STORAGE[name] for name in dtypes), None if no_maximum else True, None if no_squares else True)
        wide, rows = dealt([job.param.size for job in members])
        with patience("a kernel for processors"):
            launch(wide, table, rows, own, None, 0, kind)
