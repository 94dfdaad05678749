"""Stochastic rounding: neighbours of the exact result, as often as they are near."""

import numpy as np
import pytest

from conformance.subject.subject import from_make
from conformance.trial.half.random_rounding import wrong_rounding
from conformance.trial.run import run
from conformance.truth.point import Point
from conformance.variants.half_libraries import LIBRARIES, half_subject
from conformance.vectors.answer import CHANGE

TORCHAO = next(one for one in LIBRARIES if one.name == "torchao, bf16_stochastic_round")
# Of the conventions those that have the answers of the vector.
AXES = {"epsilon": "outside", "bias_correction": "both"}
MAKE = half_subject(TORCHAO, TORCHAO.variants[0], Point.of({}, "ddddd"))


@pytest.fixture(name="vector", scope="module")
def vector_fixture(suite):
    return next(one for one in suite.vectors if one.id == "storage.bf16.random")


def judged(vector, change=lambda before, params: params, **given):
    """Return what is wrong with the right Adam after its parameters are changed."""

    def make(params, *numbers, seed=0):
        adam = MAKE(params, *numbers, seed=given.get("seed", seed))
        step = adam.step
        before = [params]

        def changed(grads):
            after = [change(*pair) for pair in zip(before[0], step(grads), strict=True)]
            for place, array in enumerate(after):
                # The next step starts from what was returned.
                adam._runs[place].param = array.ravel()
            before[0] = after
            return after

        adam.step = changed
        return adam

    make.storage = MAKE.storage
    one = run(from_make(make), vector)
    assert one.status == "ran", one.reason
    answers = one.answers_for(AXES, "ddddd")
    return wrong_rounding(one, next(answer for answer in answers if answer.quantity == CHANGE))


def bits(array):
    return array.view(np.uint16)


@pytest.mark.parametrize("seed", range(5))
def test_a_right_adam_passes_with_every_seed(vector, seed):
    assert judged(vector, seed=seed) is None


def test_the_seed_of_the_judge_is_the_same_each_time(vector):
    runs = [run(from_make(MAKE), vector) for _ in range(2)]
    first, second = ([bits(array) for array in one.snapshots[3].params] for one in runs)
    assert all(np.array_equal(*pair) for pair in zip(first, second, strict=True))


def test_a_number_that_is_no_neighbour_is_found(vector):
    def one_further(_before, after):
        after = after.copy()
        after[7] = np.nextafter(np.nextafter(after[7], after.dtype.type(np.inf)), np.inf)
        return after.astype("bfloat16")

    wrong = judged(vector, one_further)
    assert wrong.message.startswith("step 1, parameter 0: element [7] must be rounded to ")
    assert "the neighbours of" in wrong.message


def whole_tensor_alike(_before, after):
    return np.resize(after[:8], after.shape)


@pytest.mark.parametrize("change", [whole_tensor_alike], ids=["one coin"])
def test_counts_that_are_no_accident_are_found(vector, change):
    wrong = judged(vector, change)
    assert wrong is not None
    assert "were rounded up, where" in wrong.message
    assert "no fair coin is more than" in wrong.message
