"""The bound of clipping: sound for every honest way to take a norm and to scale by it."""

import numpy as np
import pytest

from conformance import check
from conformance.defects.kit.by_convention import build_named
from conformance.defects.kit.clipping import clip_by
from conformance.truth.bound import Bound, no_error
from conformance.truth.exact_step import as_step
from conformance.truth.formats import FORMATS
from conformance.truth.reference import AdamConfig, Arithmetic, Convention
from conformance.variants.fma import fma
from tests.support.extended_precision import FastTruth

# Elements under one norm, and how many gradients there are of each size: a million in total, in two
# kinds of data.
SIZES = (1, 2, 3, 10, 37, 100, 333, 1000)
ELEMENTS = 62_500


def pairwise(g):
    return np.sqrt(np.sum(g * g, axis=-1, dtype=g.dtype))


def sequential(g):
    return np.sqrt(np.cumsum(g * g, axis=-1, dtype=g.dtype)[..., -1])


def fused(g):
    total = np.zeros(g.shape[0], g.dtype)
    for column in g.T:
        total = fma(column, column, total)
    return np.sqrt(total)


def scaled_by_the_largest(g):
    largest = np.abs(g).max(axis=-1, keepdims=True)
    largest[largest == 0] = 1
    return largest[:, 0] * sequential(g / largest)


def norm_of_norms(g):
    """As torch takes the norm of all gradients: of four parts each, and then of these."""
    parts = [sequential(part) for part in np.array_split(g, min(4, g.shape[-1]), axis=-1)]
    return sequential(np.stack(parts, axis=-1))


def one_root_after_the_other(g):
    """As a chain of hypot, which rounds the norm at each element and not its square."""
    total = np.abs(g[:, 0])
    for column in g.T[1:]:
        total = np.hypot(total, column)
    return total


NORMS = (
    pairwise,
    sequential,
    fused,
    scaled_by_the_largest,
    norm_of_norms,
    one_root_after_the_other,
)


def quotient(g, n, c):
    """As Keras: g c / n in the order of reading."""
    return g * c / np.maximum(n, c)


def factor(g, n, c):
    return g * (c / np.maximum(n, c))


def unit_first(g, n, c):
    return (g / np.maximum(n, c)) * c


def reciprocals(g, n, c):
    """As TensorFlow's clip_by_global_norm."""
    one = g.dtype.type(1)
    return g * (c * np.minimum(one / n, one / c))


LAWS = (quotient, factor, unit_first, reciprocals)


def random(rng, count, size, u):
    """Any sizes."""
    return rng.normal(size=(count, size)) * 10 ** rng.uniform(-4, 4, (count, size))


def losing(rng, count, size, u):
    """Return squares that a sum loses one by one: each is just below half an ulp of the first."""
    return one_and(np.sqrt(0.999 * u), rng, count, size)


def losing_roots(rng, count, size, u):
    """Elements that a chain of roots loses one by one: hypot(1, x) is 1 + x^2 / 2."""
    return one_and(np.sqrt(1.998 * u), rng, count, size)


def one_and(small, rng, count, size):
    g = np.full((count, size), small)
    g[:, 0] = 1
    return g * 2.0 ** rng.integers(-8, 8, (count, 1))


def radius(dtype, exact, size):
    """Return the error that clipping may leave in a gradient: it widens the bound of m by as much.

    With beta1 = 0 the first moment is the gradient.
    """
    radii = []
    for limits in ({"clipnorm": 1.0}, {}):
        config, convention = AdamConfig(beta1=0.0, **limits), Convention(clip="cumulative")
        step = FastTruth(
            config, convention, Arithmetic.parse("ddddd"), dtype, np.zeros(exact.size)
        ).step(exact.ravel())
        radii.append(
            Bound(config, convention, FORMATS[dtype], "d", size)
            .after(as_step(step), no_error(exact.size))
            .m
        )
    return (radii[0] - radii[1]).reshape(exact.shape)


def worst(dtype, norm, gradients, sizes=SIZES):
    """The largest error over radius of all laws and sizes."""
    rng, found = np.random.default_rng(5), 0.0
    for size in sizes:
        g = gradients(rng, ELEMENTS // size, size, FORMATS[dtype].roundoff).astype(dtype)
        wide = g.astype(np.longdouble)
        exact_norm = np.sqrt(np.sum(wide * wide, axis=-1, keepdims=True))
        # A third of the norms are within the limit.
        limit = float(np.quantile(exact_norm.astype(float), 1 / 3))
        exact = wide * (limit / np.maximum(exact_norm, limit))
        room, n, c = radius(dtype, exact, size), norm(g)[:, None], g.dtype.type(limit)
        ratios = (np.abs(law(g, n, c) - exact).astype(float) / room for law in LAWS)
        found = max(found, *(float(ratio.max()) for ratio in ratios))
    return found


@pytest.mark.parametrize("gradients", [random, losing, losing_roots])
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_no_honest_way_to_clip_exceeds_the_bound(dtype, norm, gradients):
    assert 0 < worst(dtype, norm, gradients) <= 1


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_roots_that_lose_every_element_use_nearly_all_of_the_bound(dtype):
    assert worst(dtype, one_root_after_the_other, losing_roots, sizes=[1000]) > 0.9


def clipping(norm, law):
    """Keras' Adam with another way to take norms and to scale by them."""

    def limited(g, n, limit):
        return g if limit is None else law(g, n, g.dtype.type(limit)).astype(g.dtype)

    def clip(adam, grads):
        if "clipvalue" in adam.limits:
            grads = clip_by("clipvalue", grads, adam.limits["clipvalue"])
        sizes = [None if g is None else norm(g.reshape(1, -1))[0] for g in grads]
        limits = adam.limits.get("clipnorm"), adam.limits.get("global_clipnorm")
        grads = [
            None if g is None else limited(g, n, limits[0])
            for g, n in zip(grads, sizes, strict=True)
        ]
        everything = np.concatenate([g.ravel() for g in grads if g is not None])
        total = norm(everything.reshape(1, -1))[0]
        return [None if g is None else limited(g, total, limits[1]) for g in grads]

    return build_named("Right", "tfkeras", clip=clip)


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.filterwarnings("ignore:divide by zero")  # of 1 / n, which is then not the smaller
def test_the_judge_accepts_every_honest_way_to_clip(norm, law, suite):
    report = check(clipping(norm, law), only="clip.*", suite=suite)
    assert (report.verdict, report.unsupported) == ("conformant", []), report.diagnosis
