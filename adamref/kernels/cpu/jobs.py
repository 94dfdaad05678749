"""Jobs of `adamref.Adam` on processors: all parameters of one kind in one parallel region."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..job import Job
from ..table import GRAD, KEPT, NUMBERS, PARAM, SQUARE, TABLE_COLUMNS, V_MAX, M, V, address
from .compiled import announce_compiling
from .launch import Walk, WalkKind, blocks_of, is_wide, launch, walk_kind


def run(jobs: Sequence[Job]) -> None:
    """Step all jobs, in place."""
    # Jobs of one kind are one launch. Dtypes by name are the key, because the `STORAGE` values of
    # float16 and bfloat16 are equal numbers.
    groups: dict[Any, list[Job]] = defaultdict(list)
    for job in jobs:
        has_v_max = job.v_max is not None
        has_square = job.square is not None
        groups[job.dtypes, has_v_max, has_square].append(job)
    for (dtypes, has_v_max, has_square), members in groups.items():
        _run(members, walk_kind(dtypes, amsgrad=has_v_max, squares=has_square))


def _run(jobs: list[Job], kind: WalkKind) -> None:
    table = np.zeros((len(jobs), TABLE_COLUMNS), np.int64)
    for at, job in enumerate(jobs):
        table[at, PARAM] = address(job.param)
        table[at, GRAD] = address(job.grad)
        table[at, M] = address(job.m)
        table[at, V] = address(job.v)
        table[at, V_MAX] = address(job.v_max)
        table[at, SQUARE] = address(job.square)
        table[at, KEPT] = address(job.kept)
        # Each job has numbers of its own, in the row of the same number.
        table[at, NUMBERS] = at
    sizes = [job.param.size for job in jobs]
    walk = Walk(
        table=table,
        blocks=blocks_of(sizes),
        numbers=np.array([job.numbers for job in jobs], jobs[0].dtypes.wide),
        constants=None,
        kind=kind,
    )
    with announce_compiling("a kernel for processors"):
        launch(walk, 0, is_wide(sizes))
