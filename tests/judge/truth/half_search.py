"""A random search over right Adams of half precision: what they store must be among the answers."""

from typing import Any, NamedTuple

import numpy as np

from conformance.truth.bound import Bound, Radii, no_error
from conformance.truth.exact_step import as_step
from conformance.truth.formats import FORMATS
from conformance.truth.point import Point
from conformance.truth.reference import AdamConfig
from conformance.variants.half import HalfOnArray
from conformance.variants.variant import Variant
from conformance.vectors.storage import DeclaredStorage
from tests.support.extended_precision import FastTruth, Long


class Count(NamedTuple):
    """How many numbers were stored, how many where several may be, and how many outside."""

    stored: int
    several: int
    outside: int


def rounded(numbers: Any, dtype: str, truncates: bool = False) -> Any:
    """Return numbers of extended precision rounded to a format, in extended precision."""
    number_format = FORMATS[dtype]
    _, exponent = np.frexp(np.abs(numbers))
    least = int(np.log2(number_format.tiny)) + 1
    unit = np.ldexp(Long(2) * number_format.roundoff, np.maximum(exponent, least) - 1)
    units = numbers / unit
    return unit * (np.trunc(units) if truncates else np.rint(units))


def search(
    code: str,
    dtype: str,
    variant: Variant,
    config: AdamConfig,
    point: Point,
    *,
    elements: int,
    steps: int,
    seed: int,
) -> Count:
    """Return what a variant stores in some steps, each judged from what it had stored before."""
    rng = np.random.default_rng(seed)
    storage = DeclaredStorage.parse(code)
    param = (rng.normal(size=elements) * (rng.random(elements) < 0.7)).astype(dtype)
    run = HalfOnArray(variant, storage, config, point, param)
    correction = point.arithmetic.for_dtype("float32").correction
    bound = Bound(config, point.convention, FORMATS["float32"], correction)
    truth = FastTruth(config, point.convention, point.arithmetic, "float32", param)
    counts = []
    for _ in range(steps):
        grad = (rng.normal(size=elements) * 10.0 ** rng.uniform(-3, 2, elements)).astype(dtype)
        weight = _weight(run).astype(Long)
        slots = [array.astype(Long) for array in (run.m, run.v, run.v_max)]
        truth.memory = truth.memory._replace(param=weight, m=slots[0], v=slots[1], v_max=slots[2])
        exact = truth.step(grad)
        radii = bound.after(as_step(exact), no_error(elements))
        run.step(grad)
        counts += _counts(storage, dtype, run, exact.after, radii)
    return Count(*(sum(column) for column in zip(*counts, strict=True)))


def _weight(run: HalfOnArray) -> Any:
    """Return the weight that the next step starts from."""
    run._start()
    return run._run.param


def _counts(
    storage: DeclaredStorage, dtype: str, run: HalfOnArray, exact: Any, radii: Radii
) -> list[Count]:
    truncates = storage.weights == "split"
    found = [_compare(run.param, exact.param, radii.param, dtype, truncates)]
    for name in ("m", "v"):
        form = dtype if getattr(storage, name) == "T" else "float32"
        if form == dtype:
            found.append(
                _compare(getattr(run, name), getattr(exact, name), getattr(radii, name), dtype)
            )
    return found


def _compare(got: Any, exact: Any, radius: Any, dtype: str, truncates: bool = False) -> Count:
    low = rounded(exact - radius, dtype, truncates)
    high = rounded(exact + radius, dtype, truncates)
    wide = got.astype(Long)
    return Count(got.size, int((low != high).sum()), int(((wide < low) | (wide > high)).sum()))
