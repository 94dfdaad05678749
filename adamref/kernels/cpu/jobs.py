"""Jobs of `adamref.Adam` on processors: all parameters of one kind in one parallel region."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..job import Job
from ..table import address
from .compiled import announce_compiling
from .launch import Walk, WalkKind, blocks_of, dtype_names, is_wide, launch, walk_kind


def run(jobs: Sequence[Job]) -> None:
    """Step all jobs, in place."""
    kinds: dict[tuple[Any, ...], list[Job]] = defaultdict(list)
    for job in jobs:
        dtypes = dtype_names(job.param, job.grad, job.m)
        kinds[dtypes, job.v_max is not None, job.square is not None].append(job)
    for (dtypes, amsgrad, squares), members in kinds.items():
        _run(members, walk_kind(dtypes, amsgrad=amsgrad, squares=squares))


def _run(jobs: list[Job], kind: WalkKind) -> None:
    table = []
    for at, job in enumerate(jobs):
        streams = (job.param, job.grad, job.m, job.v, job.v_max, job.square)
        # Each job has numbers of its own, in the row of the same number.
        table.append((*map(address, streams), at))
    sizes = [job.param.size for job in jobs]
    numbers = np.array([job.numbers for job in jobs], jobs[0].m.dtype)
    walk = Walk(np.array(table, np.int64), blocks_of(sizes), numbers, None, kind)
    with announce_compiling("a kernel for processors"):
        launch(walk, 0, is_wide(sizes))
