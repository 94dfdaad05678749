"""Real libraries in half precision: what they keep between steps is what they declare."""

from dataclasses import replace
from functools import cache

import ml_dtypes
import numpy as np
import pytest
import torch

from conformance.subject.loading import load
from conformance.subject.shipped import SHIPPED
from conformance.truth.point import Point
from conformance.truth.reference import AdamConfig
from conformance.variants.dense import VARIANTS
from conformance.variants.half import HalfOnArray
from conformance.vectors.storage import WIDE, DeclaredStorage

DTYPES = {"bfloat16": np.dtype(ml_dtypes.bfloat16), "float16": np.dtype(np.float16)}
FORMATS = {"T": None, "float32": np.dtype(np.float32)}
PAPER = Point.of({}, "ddddd")
NAMES = (
    *("torch", "torch-foreach", "torch-fused", "torch-differentiable"),
    *("torch-adamw", "torch-adamw-foreach", "torch-adamw-fused"),
    *("tf1", "tfkeras", "tfkeras-2.11", "keras3"),
    *("optax", "optax-x64", "optax-mu-float32", "optax-adamw", "optax-adamw-x64"),
    *("jax", "jax-x64"),
)
# With these a step is lr sign(g), and every operation on powers of two is exact.
EXACT = AdamConfig(learning_rate=0.125, beta1=0.0, beta2=0.0, epsilon=0.0)
# Products with these are exact, so that fused or not makes no difference.
DYADIC = AdamConfig(learning_rate=0.0127, beta1=0.875, beta2=0.75, epsilon=2.0**-10)
# Parameters with steps far below half a unit, near it, and above.
START = {"bfloat16": [32.0, -3.0, 0.5, 100.0], "float16": [256.0, -24.0, 4.0, 800.0]}
POWERS = [[1.0, -1.0, 0.5, -2.0], [2.0, 4.0, -0.25, 1.0], [-1.0, 0.5, -0.5, 0.25]]


def numbers_of(config):
    return config.learning_rate, config.beta1, config.beta2, config.epsilon


def variant_of(name, storage, config, start):
    [variant] = [one for one in VARIANTS if one.name == name]
    return HalfOnArray(variant, storage, config, PAPER, start)


def drawn(seed, count, dtype, scale=1.0, size=4096):
    random = np.random.default_rng(seed)
    return [(scale * random.normal(size=size)).astype(DTYPES[dtype]) for _ in range(count)]


@cache
def loaded(name):
    return load(name)


def test_all_subjects_with_a_storage_that_can_be_imported_together_are_here():
    others = [
        name for name, one in SHIPPED.items() if not one.alone and not name.startswith("adamref")
    ]
    declaring = [name for name in others if hasattr(loaded(name).make, "storage")]
    assert sorted(declaring) == sorted(NAMES)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_exact_steps_show_what_is_kept_of_the_parameter(name, dtype):
    make = loaded(name).make
    # Where every operation is exact, it does not matter to which format it is rounded.
    storage = replace(DeclaredStorage.parse(make.storage[dtype]), operations=WIDE)
    start = np.array(START[dtype], DTYPES[dtype])
    adam = make([start.copy()], *numbers_of(EXACT))
    expected = variant_of("multiply-add", storage, EXACT, start)
    for number in range(30):
        grad = np.array(POWERS[number % len(POWERS)], DTYPES[dtype])
        [param] = adam.step([grad.copy()])
        assert np.asarray(param).tobytes() == expected.step(grad).tobytes(), number
    [m] = adam.slots()["m"]
    [v] = adam.slots()["v"]
    kept = [FORMATS[form] or DTYPES[dtype] for form in (storage.m, storage.v)]
    assert [np.asarray(m).dtype, np.asarray(v).dtype] == kept
    assert np.asarray(param).dtype == DTYPES[dtype]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["torch-fused", "torch-adamw-fused"])
def test_fused_torch_takes_a_step_in_float32_and_rounds_what_it_keeps(name, dtype):
    make = loaded(name).make
    [start, *grads] = drawn(11, 13, dtype)
    adam = make([start.copy()], *numbers_of(DYADIC))
    storage = DeclaredStorage.parse(make.storage[dtype])
    expected = variant_of("two-branch lerp", storage, DYADIC, start)
    for number, grad in enumerate(grads, 1):
        [param] = adam.step([grad.copy()])
        expected.step(grad)
        slots = adam.slots()
        found = [np.asarray(one).tobytes() for one in (param, slots["m"][0], slots["v"][0])]
        wanted = [one.tobytes() for one in (expected.param, expected.m, expected.v)]
        assert found == wanted, number


class TorchOperations:
    """Adam as torch's own operations compute it: each in float32, and then rounded to T."""

    def __init__(self, config, param):
        self.config = config
        self.dtype = param.dtype
        self.param = param.astype(np.float32)
        self.m = np.zeros_like(self.param)
        self.v = np.zeros_like(self.param)
        self.t = 0

    def rounded(self, array):
        return np.asarray(array, np.float32).astype(self.dtype).astype(np.float32)

    def step(self, grad):
        self.t += 1
        config = self.config
        grad = grad.astype(np.float32)
        rate = np.float32(config.learning_rate / (1 - config.beta1**self.t))
        root_of_bias = np.float32((1 - config.beta2**self.t) ** 0.5)
        self.m = self.rounded(self.m + np.float32(1 - config.beta1) * (grad - self.m))
        self.v = self.rounded(self.v * np.float32(config.beta2))
        self.v = self.rounded(self.v + np.float32(1 - config.beta2) * grad * grad)
        denominator = self.rounded(self.rounded(np.sqrt(self.v)) / root_of_bias)
        denominator = self.rounded(denominator + self.rounded(config.epsilon))
        self.param = self.rounded(self.param - rate * self.m / denominator)

    def words(self):
        return [one.astype(self.dtype).tobytes() for one in (self.param, self.m, self.v)]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["torch", "torch-foreach", "torch-adamw", "torch-adamw-foreach"])
def test_torch_rounds_the_result_of_each_of_its_operations(name, dtype):
    [start, *grads] = drawn(12, 13, dtype)
    adam = loaded(name).make([start.copy()], *numbers_of(DYADIC))
    expected = TorchOperations(DYADIC, start)
    for number, grad in enumerate(grads, 1):
        [param] = adam.step([grad.copy()])
        expected.step(grad)
        slots = adam.slots()
        found = [np.asarray(one).tobytes() for one in (param, slots["m"][0], slots["v"][0])]
        assert found == expected.words(), number


@pytest.mark.parametrize(
    ("name", "gradient", "epsilon", "expected"),
    [
        ("torch", 0.0, 1e-8, np.nan),
        ("torch-foreach", 0.0, 1e-8, np.nan),
        ("torch-fused", 0.0, 1e-8, 1.0),
        ("optax", 0.0, 1e-8, np.nan),
        ("tf1", 0.0, 1e-8, np.nan),
        # v is 0 in float16; only fused torch divides by its root in float32.
        ("torch", 1e-3, 1e-8, -np.inf),
        ("torch-fused", 1e-3, 1e-8, 0.89990234375),
    ],
)
def test_a_first_step_in_float16_dies_as_the_table_of_half_precision_says(
    name, gradient, epsilon, expected
):
    adam = loaded(name).make([np.ones(16, np.float16)], 0.1, 0.9, 0.999, epsilon)
    [param] = adam.step([np.full(16, gradient, np.float16)])
    found = np.asarray(param).astype(np.float64)
    assert np.array_equal(found, np.full(16, expected), equal_nan=True)


@pytest.mark.parametrize("name", ["tfkeras", "tfkeras-2.11", "keras3", "jax"])
def test_no_parameter_moves_in_bfloat16_where_beta2_is_1(name):
    [start, *grads] = drawn(13, 4, "bfloat16", size=64)
    adam = loaded(name).make([start.copy()], 0.1, 0.9, 0.999, 1e-7)
    for grad in grads:
        [param] = adam.step([grad.copy()])
    assert np.asarray(param).tobytes() == start.tobytes()


@pytest.mark.parametrize("dtype", DTYPES)
def test_foreach_rounds_a_factor_to_half_precision_first(dtype):
    # Note 4 of the table: this is how foreach comes to another beta2.
    [array] = drawn(14, 1, dtype)
    words = torch.from_numpy(array.view(np.uint16)).view(getattr(torch, dtype))
    tensors = [words.clone()]
    torch._foreach_mul_(tensors, 0.9)
    exact = array.astype(np.float32)
    factor = np.array(0.9).astype(array.dtype).astype(np.float32)
    found = tensors[0].view(torch.uint16).numpy().view(array.dtype)
    assert found.tobytes() == (exact * factor).astype(array.dtype).tobytes()
    single = words.clone().mul_(0.9).view(torch.uint16).numpy().view(array.dtype)
    assert single.tobytes() == (exact * np.float32(0.9)).astype(array.dtype).tobytes()
