"""A random search that the bound must survive: right variants in all conventions and dtypes."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from copy import copy
from typing import Any

import numpy as np

from conformance.truth.bound import Bound, no_error
from conformance.truth.exact_step import as_step
from conformance.truth.formats import FORMATS
from conformance.truth.point import Point
from conformance.truth.reference import AdamConfig, Arithmetic, Convention
from conformance.variants.dense import VARIANTS
from conformance.variants.subject import VariantOnArray
from tests.support.extended_precision import FastTruth

BETAS = (
    (0.9, 0.999),
    (0.0, 0.125),
    (0.1, 0.3),
    (0.5, 0.75),
    (0.95, 0.98),
    (0.9, 0.99999),
    (0.3, 0.0),
)
# One for each pair of betas, turned by one for each convention: weight decay, and the axes that go
# with it.
DECAYS: tuple[tuple[float, dict[str, Any]], ...] = (
    (0.0, {}),
    (0.1, {"weight_decay": "l2"}),
    (0.0, {}),
    (0.1, {"weight_decay": "decoupled"}),
    (0.3, {"weight_decay": "decoupled", "decay_when": "after"}),
    (-0.2, {"weight_decay": "decoupled", "decay_scale": "one"}),
    (0.7, {"weight_decay": "decoupled", "decay_scale": "lr_t"}),
)
QUANTITIES = ("param", "m", "v", "v_max")
STEPS = 10
ELEMENTS = 1300
CONVENTIONS = tuple(
    (epsilon, amsgrad)
    for epsilon in ("outside", "hat", "inside", "both")
    for amsgrad in (None, "max_raw", "max_corrected")
    if (epsilon, amsgrad) != ("hat", "max_corrected")
)


def worst_ratios(code: str, dtype: str, seed: int) -> dict[tuple[str, str], float]:
    """Return the largest error over bound for each variant and quantity.

    The quantity `first` is the first step of a parameter that starts at zero.
    Every variant takes 7 betas x 11 conventions x 10 steps x 1,300 elements: 1,001,000
    element-steps.
    """
    rng = np.random.default_rng(seed)
    worst: dict[tuple[str, str], float] = defaultdict(float)
    for turn, (epsilon, amsgrad) in enumerate(CONVENTIONS):
        for at, (beta1, beta2) in enumerate(BETAS):
            weight_decay, axes = DECAYS[(at + turn) % len(DECAYS)]
            convention = Convention(epsilon=epsilon, amsgrad=amsgrad or "max_raw", **axes)
            size = float(10 ** rng.uniform(-10, 0))
            config = AdamConfig(
                learning_rate=float(10 ** rng.uniform(-4, 0)),
                beta1=beta1,
                beta2=beta2,
                epsilon=size,
                epsilon_root=size**2 if epsilon == "both" else 0.0,
                amsgrad=amsgrad is not None,
                weight_decay=weight_decay,
            )
            for variant, of, ratio in _trajectory(
                rng, config, convention, Arithmetic.parse(code), dtype
            ):
                worst[variant, of] = max(worst[variant, of], ratio)
    return dict(worst)


def _trajectory(
    rng: np.random.Generator,
    config: AdamConfig,
    convention: Convention,
    arithmetic: Arithmetic,
    dtype: str,
) -> Iterator[tuple[str, str, float]]:
    param = (rng.normal(size=ELEMENTS) * (rng.random(ELEMENTS) < 0.7)).astype(dtype)
    grads = [_gradient(rng, dtype) for _ in range(STEPS)]
    truth = FastTruth(config, convention, arithmetic, dtype, param)
    bound = Bound(config, convention, FORMATS[dtype], arithmetic.for_dtype(dtype).correction)
    radii = no_error(ELEMENTS)
    exact = []
    limits = []
    for grad in grads:
        step = truth.step(grad)
        radii = bound.after(as_step(step), radii)
        exact.append(step.after)
        limits.append(radii)
    wanted = {of: (_by_step(exact, of), _by_step(limits, of)) for of in QUANTITIES}
    for variant in VARIANTS:
        run = VariantOnArray(variant, config, Point(convention, arithmetic), param)
        states = []
        for grad in grads:
            run.step(grad)
            # Each step makes new arrays.
            states.append(copy(run))
        for of, (memory, limit) in wanted.items():
            ratios = ratios_of(_by_step(states, of), memory, limit)
            yield variant.name, of, float(ratios.max())
            if of == "param":
                yield variant.name, "first", float(ratios[0][param == 0].max())


def _gradient(rng: np.random.Generator, dtype: str) -> Any:
    sizes = 10.0 ** (
        rng.uniform(-9, 3, ELEMENTS) if rng.random() < 0.5 else np.linspace(-9, 3, ELEMENTS)
    )
    return (rng.normal(size=ELEMENTS) * sizes * (rng.random(ELEMENTS) < 0.9)).astype(dtype)


def _by_step(states: Sequence[Any], of: str) -> Any:
    """Return a quantity of all steps in one array, a row a step."""
    return np.array([getattr(state, of) for state in states])


def ratios_of(got: Any, exact: Any, radius: Any) -> Any:
    error = np.abs(got - exact).astype(np.float64)
    assert not np.isnan(error).any()
    assert not np.isnan(radius).any()
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(error == 0, 0.0, error / radius)
