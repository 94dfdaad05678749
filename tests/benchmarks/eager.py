"""The dense-equivalent step as it is without deferring: every row in every step."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit, prange

from adamref import AdamConfig, IndexedSlices
from adamref.gradients.indexed_slices import sum_duplicates
from adamref.kernels.cpu import FusedAdam
from adamref.kernels.cpu.kernel import advance, objective_gradient
from adamref.kernels.deferred.replay import numbers_of_step
from adamref.kernels.element import kernel_numbers
from adamref.named_conventions import look_up
from adamref.scalars import scalars

Array = np.ndarray[Any, Any]
Step = Callable[[IndexedSlices], None]


def eager_whole(table: Array, config: AdamConfig, convention: str) -> Step:
    """Our kernel for dense gradients, and a gradient that is zero in most rows."""
    param = table.copy()
    adam = FusedAdam([param], config, convention)
    grad = np.zeros_like(table)

    def step(slices: IndexedSlices) -> None:
        np.add.at(grad, slices.indices, slices.values)
        adam.step([grad])
        grad[slices.indices] = 0

    step.read = lambda: param  # type: ignore[attr-defined]
    return step


def eager_idle(table: Array, config: AdamConfig, convention: str) -> Step:
    """One pass over parameters and moments: rows without a slice read no gradient."""
    param = table.copy()
    m = np.zeros_like(table)
    v = np.zeros_like(table)
    slot = np.full(len(table), -1)
    taken = [0]
    rules, arithmetic = look_up(convention)

    def step(slices: IndexedSlices) -> None:
        taken[0] += 1
        own = np.array(
            [
                kernel_numbers(
                    config, rules, scalars(config, rules, arithmetic, taken[0], param.dtype)
                )
            ],
            param.dtype,
        )
        once = sum_duplicates(slices)
        slot[once.indices] = np.arange(len(once.indices))
        _pass(param, m, v, once.values, slot, own)
        slot[once.indices] = -1

    step.read = lambda: param  # type: ignore[attr-defined]
    return step


@njit(parallel=True, error_model="numpy")  # type: ignore[untyped-decorator]
def _pass(param, m, v, grads, slot, own):  # type: ignore[no-untyped-def]
    for row in prange(len(param)):
        at = slot[row]
        n = numbers_of_step(own, 0)
        most = np.float32(-np.inf)
        zero = n.beta1 - n.beta1
        g = objective_gradient(n, zero, zero)
        if at < 0:
            for i in range(np.uintp(0), np.uintp(param.shape[1])):
                param[row, i], m[row, i], v[row, i], _ = advance(
                    n, param[row, i], g, g * g, m[row, i], v[row, i], most
                )
        else:
            for i in range(np.uintp(0), np.uintp(param.shape[1])):
                g = objective_gradient(n, param[row, i], grads[at, i])
                param[row, i], m[row, i], v[row, i], _ = advance(
                    n, param[row, i], g, g * g, m[row, i], v[row, i], most
                )
