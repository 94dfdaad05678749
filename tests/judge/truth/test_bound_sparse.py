"""The bound of sparse steps: no right way to sum the slices of a row leaves it, and it is tight."""

import numpy as np
import pytest

from conformance import check
from conformance.truth.bound import Bound, no_error
from conformance.truth.exact_step import as_step
from conformance.truth.formats import FORMATS
from conformance.truth.point import Point
from conformance.truth.reference import AdamConfig, Arithmetic, Convention, Summed
from conformance.variants.sparse import SPARSE_VARIANTS, SQUARES_VARIANTS, layers
from conformance.variants.subject import VariantOnArray
from conformance.vectors.slices import IndexedSlices
from tests.support.extended_precision import FastTruth, Long
from tests.support.subjects import FOUR

ELEMENTS = 20_000
STEPS = 10
MOST = 6  # slices of one row
BETAS = ((0.9, 0.999), (0.0, 0.125), (0.1, 0.3), (0.5, 0.75), (0.95, 0.98))


def slices(rng, dtype):
    """Return layers of up to MOST slices an element, and their number; some almost cancel."""
    times = rng.integers(0, MOST + 1, ELEMENTS)
    size = 10.0 ** rng.uniform(-9, 3, ELEMENTS)
    grads = (rng.normal(size=(MOST, ELEMENTS)) * size).astype(dtype)
    grads[1] = np.where(rng.random(ELEMENTS) < 0.2, -grads[0] * dtype(1 - 2.0**-8), grads[1])
    return np.where(np.arange(MOST)[:, None] < times, grads, dtype(0)), times


def worst(variants, duplicates, dtype, betas, seed):
    """of -> the largest error over bound of the variants on one trajectory."""
    rng = np.random.default_rng(seed)
    config = AdamConfig(
        learning_rate=0.01, beta1=betas[0], beta2=betas[1], epsilon=float(10 ** rng.uniform(-8, 0))
    )
    convention, arithmetic = Convention(duplicates=duplicates), Arithmetic.parse("ddddd")
    param = (rng.normal(size=ELEMENTS) * (rng.random(ELEMENTS) < 0.7)).astype(dtype)
    truth = FastTruth(config, convention, arithmetic, np.dtype(dtype).name, param)
    bound, radii = Bound(config, convention, FORMATS[np.dtype(dtype).name], "d"), no_error(ELEMENTS)
    point = Point(convention, arithmetic)
    runs = [VariantOnArray(variant, config, point, param) for variant in variants]
    found = {"param": 0.0, "m": 0.0, "v": 0.0}
    for _ in range(STEPS):
        grads, times = slices(rng, dtype)
        wide = grads.astype(Long)
        squares = (wide * wide).sum(axis=0)
        exact = truth.step(wide.sum(axis=0), squares if duplicates == "sum_of_squares" else None)
        summed = Summed(times, np.abs(wide).sum(axis=0), squares, np.full(ELEMENTS, np.inf))
        radii = bound.after(as_step(exact._replace(summed=summed)), radii)
        for run in runs:
            run.step(grads)
            for of in found:
                error = np.abs(getattr(run, of) - getattr(exact.after, of)).astype(float)
                radius = getattr(radii, of)
                assert (error <= radius).all(), (
                    run.variant.name,
                    of,
                    float((error / radius).max()),
                )
                found[of] = max(found[of], float((error[radius > 0] / radius[radius > 0]).max()))
    return found


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("variants", "duplicates"),
    [(SPARSE_VARIANTS, "sum_then_square"), (SQUARES_VARIANTS, "sum_of_squares")],
    ids=["squared-sums", "summed-squares"],
)
def test_no_right_way_leaves_the_bound_and_it_is_not_far_away(variants, duplicates, dtype):
    # 1,000,000 element-steps a variant.
    runs = [worst(variants, duplicates, dtype, betas, seed) for seed, betas in enumerate(BETAS)]
    assert all(max(run[of] for run in runs) > 0.2 for of in ("param", "m", "v")), runs


def test_what_a_sparse_gradient_is_summed_from_widens_the_bound():
    config, convention = AdamConfig(), Convention()
    exact = FastTruth(
        config, convention, Arithmetic.parse("ddddd"), "float32", np.ones(2, np.float32)
    ).step(np.ones(2))
    bound = Bound(config, convention, FORMATS["float32"], "d")
    dense = bound.after(as_step(exact), no_error(2))
    once = bound.after(
        as_step(exact._replace(summed=Summed((1, 1), (1, 1), (1, 1), (1, 1)))), no_error(2)
    )
    # The first element is -2 + 3, the second is one slice. Only sums that cancel have more error
    # than a dense gradient.
    twice = bound.after(
        as_step(exact._replace(summed=Summed((2, 1), (5, 1), (13, 1), (5, 1)))), no_error(2)
    )
    assert once.m.tolist() == dense.m.tolist()
    assert twice.m[0] > 3 * dense.m[0]
    assert twice.m[1] == dense.m[1]


@pytest.mark.parametrize("convention", ["paper", "tf1"])
@pytest.mark.parametrize("variant", SPARSE_VARIANTS, ids=lambda variant: variant.name)
def test_every_honest_sparse_variant_is_accepted_by_the_vectors(variant, convention, suite):
    epsilon, code = {"paper": ("outside", "ddddd"), "tf1": ("hat", "sssss")}[convention]

    def make(params, *numbers, amsgrad=False):
        config = AdamConfig(**dict(zip(FOUR, numbers, strict=True)), amsgrad=amsgrad)
        point = Point.of({"epsilon": epsilon}, code)
        runs = [VariantOnArray(variant, config, point, param) for param in params]
        return lambda grads: [
            run.step(layers(grad) if isinstance(grad, IndexedSlices) else grad[None])
            for run, grad in zip(runs, grads, strict=True)
        ]

    make.supports = {"sparse"}
    report = check(make, convention, only="sparse*", suite=suite)
    assert report.conformant, [
        (one.vector.id, one.discrepancy or one.reason) for one in report.failures[:3]
    ]
    assert all(
        {"none", "load", "schedule", "save"} & one.vector.features for one in report.unsupported
    )
