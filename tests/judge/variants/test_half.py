"""Variants of half precision keep what their storage says, in every order of operations."""

from dataclasses import replace

import ml_dtypes
import numpy as np
import pytest

from conformance.truth.point import Point
from conformance.truth.reference import AdamConfig
from conformance.variants.dense import VARIANTS
from conformance.variants.half import HalfOnArray
from conformance.variants.half_libraries import LIBRARIES, half_subject
from conformance.vectors.storage import DeclaredStorage

PAPER = Point.of({}, "ddddd")
DTYPES = {"bfloat16": np.dtype(ml_dtypes.bfloat16), "float16": np.dtype(np.float16)}
# With these a step is lr sign(g), and every operation is exact.
EXACT = AdamConfig(learning_rate=0.125, beta1=0.0, beta2=0.0, epsilon=0.0)
USUAL = AdamConfig(learning_rate=0.0127, beta1=0.875, beta2=0.75, epsilon=2.0**-10)
# A start whose units are 2 above it and 1 below, so that a step of 0.125 is lost.
START = {"bfloat16": 256.0, "float16": 2048.0}
STEPS = 291
# 291 steps of 0.125 lead 36.375 below the start, to .625 above an integer.
FLOOR = {dtype: start - 37.0 for dtype, start in START.items()}
CASES = [
    pytest.param(library, variant, dtype, id=f"{library.name}-{variant.name}-{dtype}")
    for library in LIBRARIES
    for variant in library.variants
    for dtype in library.dtypes
]
STORAGES = ["", "moments=T", "weights=master", "weights=split", "weights=compensated"]


def run_of(text, dtype="bfloat16", config=USUAL, param=0.0, shape=8, variant=VARIANTS[0]):
    start = np.full(shape, param, DTYPES[dtype])
    return HalfOnArray(variant, DeclaredStorage.parse(text), config, PAPER, start)


def gradients(count, dtype="bfloat16", shape=8):
    random = np.random.default_rng(3)
    return [random.normal(size=shape).astype(DTYPES[dtype]) for _ in range(count)]


def test_every_name_of_an_order_is_one_of_a_variant():
    assert all(len(library.variants) == len(library.orders) for library in LIBRARIES)
    assert all(len(library.orders) in (2, 3, 4) for library in LIBRARIES)


def test_every_storage_of_weights_is_in_the_table():
    kept = {DeclaredStorage.parse(library.storage).weights for library in LIBRARIES}
    assert kept == {"rounded", "master", "split", "compensated", "stochastic"}


@pytest.mark.parametrize(("library", "variant", "dtype"), CASES)
def test_steps_below_half_a_unit_are_lost_or_add_up(library, variant, dtype):
    count = 4096
    make = half_subject(library, variant, PAPER)
    adam = make([np.full(count, START[dtype], DTYPES[dtype])], 0.125, 0.0, 0.0, 0.0)
    for _ in range(STEPS):
        [param] = adam.step([np.ones(count, DTYPES[dtype])])
    weights = DeclaredStorage.parse(library.storage).weights
    found = param.astype(np.float64)
    if weights == "stochastic":
        # One element is some units off, the mean of so many is not.
        assert abs(found.mean() - (FLOOR[dtype] + 0.625)) < 0.5
        assert len(np.unique(found)) > 5
        return
    expected = {"rounded": START[dtype], "split": FLOOR[dtype]}
    assert set(found.tolist()) == {expected.get(weights, FLOOR[dtype] + 1)}


@pytest.mark.parametrize(("library", "variant", "dtype"), CASES)
def test_moments_are_shown_in_the_dtype_in_which_they_are_kept(library, variant, dtype):
    make = half_subject(library, variant, PAPER)
    adam = make([np.zeros((2, 3), DTYPES[dtype]), np.asarray(DTYPES[dtype].type(1))], *(0.5,) * 4)
    params = adam.step([np.ones((2, 3), DTYPES[dtype]), np.asarray(DTYPES[dtype].type(2))])
    storage = DeclaredStorage.parse(make.storage[dtype])
    shown = {name: {array.dtype.name for array in of} for name, of in adam.slots().items()}
    formats = {"T": dtype, "float32": "float32"}
    assert shown == {"m": {formats[storage.m]}, "v": {formats[storage.v]}}
    assert [(param.shape, param.dtype.name) for param in params] == [((2, 3), dtype), ((), dtype)]


def test_a_step_uses_its_moments_before_they_are_rounded():
    # A decimal beta1, so that m has more digits than a bfloat16.
    wide = run_of("", config=AdamConfig(), shape=256)
    narrow = run_of("moments=T", config=AdamConfig(), shape=256)
    first, second = gradients(2, shape=256)
    assert wide.step(first).tobytes() == narrow.step(first).tobytes()
    assert (wide.m != narrow.m.astype(np.float32)).any()
    # The next step starts from rounded moments.
    wide.step(second)
    narrow.step(second)
    assert (wide.m.astype(narrow.m.dtype) != narrow.m).any()


def test_ties_of_two_halves_go_away_from_zero_and_of_a_master_to_even():
    rounded = {library.name: library for library in LIBRARIES}
    found = {}
    for name in ("apex, param remainders", "Megatron-LM"):
        library = rounded[name]
        adam = half_subject(library, library.variants[0], PAPER)(
            [np.full(1, 219.0, DTYPES["bfloat16"])], 0.5, 0.0, 0.0, 0.0
        )
        # 218.5 lies in the middle.
        found[name] = float(adam.step([np.ones(1, DTYPES["bfloat16"])])[0][0])
    assert found == {"apex, param remainders": 219.0, "Megatron-LM": 218.0}


@pytest.mark.parametrize("text", [*STORAGES, "weights=compensated,moments=T,operations=T"])
def test_a_restored_object_goes_on_with_all_that_was_kept(text):
    make = half_subject(LIBRARIES[0]._replace(storage=text), VARIANTS[0], PAPER)
    numbers = USUAL.learning_rate, USUAL.beta1, USUAL.beta2, USUAL.epsilon
    start = np.full(8, 3.0, DTYPES["bfloat16"])
    grads = gradients(8)
    whole = make([start], *numbers)
    results = [whole.step([grad])[0].tobytes() for grad in grads]
    first = make([start], *numbers)
    for grad in grads[:5]:
        first.step([grad])
    saved = first.save()
    second = make([start], *numbers)
    # Both go on in between, and what was saved stays.
    for adam in (first, second):
        adam.step([grads[0]])
    second.restore(saved)
    assert [second.step([grad])[0].tobytes() for grad in grads[5:]] == results[5:]


@pytest.mark.parametrize("weights", ["rounded", "compensated"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_operations_in_t_round_each_result_and_others_do_not(weights, dtype):
    text = f"weights={weights},moments=T"
    wide = run_of(text, dtype, shape=256)
    native = run_of(f"{text},operations=T", dtype, shape=256)
    for grad in gradients(3, dtype, 256):
        wide.step(grad)
        native.step(grad)
    assert (wide.v != native.v).any()
    # They are no more than some units apart.
    distance = abs(wide.v.astype(np.float64) - native.v.astype(np.float64))
    assert (distance <= 4 * float(ml_dtypes.finfo(DTYPES[dtype]).eps) * wide.v).all()


@pytest.mark.parametrize(
    ("text", "config", "message"),
    [
        ("m=float32,v=T,operations=T", USUAL, "moments must be T where operations are, got "),
        (
            "weights=master,moments=T,operations=T",
            USUAL,
            "weights must be rounded or compensated where operations are in T, got master",
        ),
        (
            "weights=compensated,moments=T,operations=T",
            replace(USUAL, weight_decay=0.1),
            "weight_decay must be 0 where weights are compensated in T, got 0.1",
        ),
    ],
)
def test_what_no_library_keeps_is_refused(text, config, message):
    with pytest.raises(ValueError, match=message):
        run_of(text, config=config)
