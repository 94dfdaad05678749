"""Subjects that several tests judge, and arrays whose quotients and roots are some units off."""

from typing import Any, ClassVar

import numpy as np

from adamref import Adam, AdamConfig

FOUR = ("learning_rate", "beta1", "beta2", "epsilon")


def right(params, *numbers, **switches):
    return Adam(params, AdamConfig(**dict(zip(FOUR, numbers, strict=True)), **switches))


def wrong(spoilt=lambda p: p + p.dtype.type(2.0**-8), convention="paper", **attributes):
    """A right Adam, but with AMSGrad what it returns is ``spoilt``."""

    def make(params, *numbers, amsgrad=False):
        adam = Adam(
            params, AdamConfig(**dict(zip(FOUR, numbers, strict=True)), amsgrad=amsgrad), convention
        )

        def step(grads):
            stepped = adam.step(grads)
            if amsgrad:
                return list(map(spoilt, stepped))
            return stepped

        return step

    vars(make).update(attributes)
    return make


class LargeSteps(np.ndarray):
    """Quotients are too large and roots are too small, and so the steps are too large."""

    # Beyond correct rounding, so that the errors are at most 2.5 and 4.5 units in the last place.
    units: ClassVar = {np.divide: 2, np.sqrt: 4}
    towards: ClassVar = {np.divide: np.inf, np.sqrt: 0.0}

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        plain = [np.asarray(one) if isinstance(one, LargeSteps) else one for one in inputs]
        result = getattr(ufunc, method)(*plain, **options)
        if not isinstance(result, np.ndarray) or result.dtype == bool:
            return result
        for _ in range(self.units.get(ufunc, 0)):
            limit = np.copysign(result.dtype.type(self.towards[ufunc]), result)
            is_kept = (result == 0) | ~np.isfinite(result)
            result = np.where(is_kept, result, np.nextafter(result, limit))
        return result.view(type(self))


class SmallSteps(LargeSteps):
    """Quotients are too small and roots are too large."""

    towards: ClassVar = {np.divide: 0.0, np.sqrt: np.inf}
