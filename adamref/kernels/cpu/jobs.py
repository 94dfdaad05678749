"""Jobs of `adamref.Adam` on processors: many parameters in one parallel region, with the bits of `adamref.step`."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..job import Job
from ..table import address
from .compiled import patience
from .launch import dealt, launch, names
from .memory import STORAGE


def run(jobs: Sequence[Job]) -> None:
    """Step all jobs, in place."""
    kinds: dict[tuple[Any, ...], list[Job]] = defaultdict(list)
    for job in jobs:
        kinds[(*names(job.param, job.grad, job.m), job.v_max is None, job.square is None)].append(
            job
        )
    for (*dtypes, no_maximum, no_squares), members in kinds.items():
        own = np.array([job.numbers for job in members], members[0].m.dtype)
        streams = [(job.param, job.grad, job.m, job.v, job.v_max, job.square) for job in members]
        table = np.array(
            [(*map(address, arrays), at) for at, arrays in enumerate(streams)], np.int64
        )
        kind = (
            *(STORAGE[name] for name in dtypes),
            None if no_maximum else True,
            None if no_squares else True,
        )
        wide, rows = dealt([job.param.size for job in members])
        with patience("a kernel for processors"):
            launch(wide, table, rows, own, None, 0, kind)
