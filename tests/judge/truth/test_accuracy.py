"""The bound of accuracy classes, for quotients and roots that are not rounded correctly."""

import re

import numpy as np
import pytest

from conformance.subject.accuracy import Accuracy, read_accuracy
from conformance.truth.bound import Bound, no_error
from conformance.truth.exact_step import as_step
from conformance.truth.formats import FORMATS
from conformance.truth.point import Point
from conformance.truth.reference import AdamConfig, Arithmetic, Convention
from conformance.variants.dense import VARIANTS
from conformance.variants.orders import as_printed, hat
from conformance.variants.subject import VariantOnArray
from conformance.variants.variant import Variant
from tests.support.bound_search import BETAS, CONVENTIONS, ratios_of
from tests.support.extended_precision import FastTruth
from tests.support.subjects import LargeSteps, SmallSteps

CLASS = Accuracy(division=2.5, root=4.5)
ORDINARY = Accuracy()
STEPS = 6
ELEMENTS = 300


def worst(accuracy, variants, kind=np.ndarray, of=("param", "m", "v"), betas=BETAS):
    """Return the largest error over the bound of a class, for variants on arrays of a kind."""
    rng = np.random.default_rng(11)
    arithmetic = Arithmetic.parse("ddddd")
    largest = 0.0
    for epsilon, amsgrad in CONVENTIONS:
        for beta1, beta2 in betas:
            convention = Convention(epsilon=epsilon, amsgrad=amsgrad or "max_raw")
            size = float(10 ** rng.uniform(-8, 0))
            config = AdamConfig(
                learning_rate=float(10 ** rng.uniform(-4, 0)),
                beta1=beta1,
                beta2=beta2,
                epsilon=size,
                epsilon_root=size**2 if epsilon == "both" else 0.0,
                amsgrad=amsgrad is not None,
            )
            param = np.zeros(ELEMENTS, np.float32)
            sizes = 10.0 ** rng.uniform(-4, 2, (STEPS, ELEMENTS))
            grads = (rng.normal(size=(STEPS, ELEMENTS)) * sizes).astype(np.float32)
            truth = FastTruth(config, convention, arithmetic, "float32", param)
            bound = Bound(config, convention, FORMATS["float32"], "d", accuracy=accuracy)
            radii = no_error(ELEMENTS)
            point = Point(convention, arithmetic)
            runs = [VariantOnArray(one, config, point, param.view(kind)) for one in variants]
            for grad in grads:
                step = truth.step(grad)
                radii = bound.after(as_step(step), radii)
                for run in runs:
                    run.step(grad.view(kind))
                    for name in of:
                        got = np.asarray(getattr(run, name))
                        ratio = ratios_of(got, getattr(step.after, name), getattr(radii, name))
                        largest = max(largest, float(ratio.max()))
    return largest


@pytest.mark.parametrize("kind", [LargeSteps, SmallSteps])
def test_no_subject_of_a_class_exceeds_its_bound_and_some_exceed_the_ordinary_one(kind):
    assert worst(CLASS, VARIANTS, kind, betas=[(0.1, 0.3), (0.9, 0.99999), (0.3, 0.0)]) <= 1
    assert worst(ORDINARY, VARIANTS, kind, betas=[(0.1, 0.3)]) > 1


def mix_m(n, m, grad):
    return grad + n.beta1 * (m - grad)


def mix_v(n, v, grad):
    return grad * grad + n.beta2 * (v - grad * grad)


MIX = Variant("mix", mix_m, mix_v, as_printed, hat)


def test_mix_is_far_outside_the_ordinary_bound_and_within_that_of_its_class():
    """The other end of a lerp cancels what 1 - beta should have scaled down."""
    usual = [(0.9, 0.999)]
    assert worst(ORDINARY, [MIX], betas=usual, of=("v",)) > 100
    assert worst(ORDINARY, [MIX], betas=usual, of=("m",)) > 5
    assert worst(Accuracy(mix=True), [MIX]) <= 1


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"square": 2}, "accuracy must declare some of division, root, mix, got 'square'"),
        ({"division": 0.25}, "division must be from 0.5 to 16.0 units in the last place, got 0.25"),
        ({"root": float("nan")}, "root must be from 0.5 to 16.0 units in the last place, got nan"),
        ({"root": "4"}, "root must be a number, got str"),
        ({"mix": 2}, "mix must be 0 or 1, got 2"),
    ],
)
def test_a_class_that_cannot_be_is_refused(declared, message):
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        read_accuracy(declared)


def test_a_class_is_written_as_it_is_declared():
    declared = {"division": 2.5, "root": 4.5, "mix": 1}
    assert str(read_accuracy(declared)) == "division=2.5,root=4.5,mix=1"
    assert read_accuracy({}).is_ordinary
