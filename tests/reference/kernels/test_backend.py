"""Adam on compiled backends, and moments of float32 beside parameters of half precision."""

import doctest
import subprocess
import sys

import ml_dtypes
import numpy as np
import pytest

import adamref.kernels.cpu.fused
from adamref import Adam, AdamConfig, AdamState, IndexedSlices, initial, step
from tests.support.kernels import STORAGES, draw, same_bits

HALVES = [STORAGES["float16"], STORAGES["bfloat16"]]


def test_the_example_in_the_docstring_is_right():
    assert doctest.testmod(adamref.kernels.cpu.fused).failed == 0


@pytest.mark.parametrize("dtype", HALVES, ids=str)
def test_a_half_takes_the_step_of_its_float32_and_is_rounded_once(dtype):
    rng = np.random.default_rng(0)
    param = draw(rng, 200, dtype)
    grad = draw(rng, 200, dtype)
    wide = Adam([param.astype(np.float32)])
    half = Adam([param], state_dtype="float32")
    assert same_bits(half.step([grad])[0], wide.step([grad.astype(np.float32)])[0].astype(dtype))
    assert all(same_bits(half.slots()[name][0], wide.slots()[name][0]) for name in "mv")


def test_a_slice_of_halves_is_summed_in_float32():
    param = np.zeros((2, 1), ml_dtypes.bfloat16)
    values = np.array([[256.0], [1.0], [1.0]], ml_dtypes.bfloat16)  # 256 + 1 is 256 in bfloat16
    adam = Adam([param], AdamConfig(beta1=0.5))
    adam.step([IndexedSlices(values, np.array([1, 1, 1]))])
    assert adam.slots()["m"][0].tolist() == [[0.0], [129.0]]


def test_a_bfloat16_has_moments_of_float32_and_a_float16_its_own_unless_told():
    dtypes = [Adam([np.zeros(1, dtype)]).slots()["m"][0].dtype for dtype in HALVES]
    assert dtypes == [np.float16, np.float32]


@pytest.mark.parametrize(
    ("dtype", "state", "allowed"),
    [
        (np.float32, "float64", "float32"),
        (np.float64, "float32", "float64"),
        (np.float16, "float64", "float16 or float32"),
        (ml_dtypes.bfloat16, "bfloat16", "float32"),
    ],
)
def test_moments_of_another_dtype_are_refused(dtype, state, allowed):
    with pytest.raises(
        ValueError, match=f"state.m must have the dtype of param, {allowed}, got {state}"
    ):
        Adam([np.zeros(1, dtype)], state_dtype=state)


def test_a_beta_that_leaves_no_correction_in_the_dtype_of_the_moments_is_refused():
    param = np.ones(1, np.float16)
    config = AdamConfig(beta2=0.99999)
    with pytest.raises(
        ValueError,
        match=r"finite in float16, got 0.9 and 0.99999 at t = 1; keep the moments in float32",
    ):
        step(config, initial(param), param, param)
    moved, _ = step(config, initial(param, dtype=np.float32), param, param)
    assert moved < 1


@pytest.mark.parametrize("backend", ["numpy", "cpu"])
@pytest.mark.parametrize("dtype", STORAGES.values(), ids=str)
def test_a_checkpoint_goes_on_bit_for_bit(backend, dtype, tmp_path):
    rng = np.random.default_rng(1)
    state = None if dtype.itemsize > 2 else "float32"
    params = [draw(rng, 50, dtype)]
    grads = [[draw(rng, 50, dtype)] for _ in range(4)]
    adam, other = (
        Adam(params, AdamConfig(amsgrad=True), state_dtype=state, backend=backend) for _ in "ab"
    )
    for grad in grads[:2]:
        adam.step(grad)
    saved = adam.save(tmp_path / "adam.safetensors")
    for grad in grads[2:]:
        adam.step(grad)
    for source in (saved, tmp_path / "adam.safetensors"):
        other.restore(source)
        for grad in grads[2:]:
            other.step(grad)
        assert same_bits(adam.params[0], other.params[0])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"backend": "tpu"}, "backend must be one of numpy, cpu, cuda, got 'tpu'"),
        (
            {"params": [np.zeros(1, np.float16)], "backend": "cpu"},
            "state_dtype must be 'float32' for float16 parameters on backend 'cpu', got float16",
        ),
    ],
)
def test_a_backend_that_cannot_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Adam(**{"params": [np.zeros(1)], **arguments})


def test_float16_moments_are_not_loaded_into_a_compiled_backend():
    adam = Adam([np.zeros(1, np.float16)], state_dtype="float32", backend="cpu")
    zero = np.zeros(1, np.float16)
    with pytest.raises(
        ValueError, match="state_dtype must be 'float32' for float16 parameters on backend 'cpu'"
    ):
        adam.load([zero], {"m": [zero], "v": [zero]}, [1])
    assert adam.slots()["m"][0].dtype == np.float32


def test_a_compiler_that_is_missing_is_named_with_the_way_to_get_it():
    code = (
        "import sys; sys.modules['numba'] = None; import numpy as np; from adamref import Adam; "
        "Adam([np.zeros(1)], backend='cpu')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (
        "ImportError: adamref.kernels must have numba, got none; pip install 'adamref[cpu]'"
        in done.stderr
    )


def test_after_an_error_a_compiled_backend_has_not_changed():
    adam = Adam([np.ones(3), np.ones((2, 1))], convention="tf1", backend="cpu")
    adam.step([np.ones(3), IndexedSlices(np.ones((1, 1)), np.array([1]))])
    before = repr(adam.save())
    for grads in (
        [None, None],
        [np.ones(3), np.ones(3)],
        [np.ones(3), IndexedSlices(np.ones((1, 1)), np.array([2]))],
    ):
        with pytest.raises(ValueError, match="must|accepts no step without a gradient"):
            adam.step(grads, 0.5)
        assert repr(adam.save()) == before


def test_a_state_that_was_saved_is_not_stepped_later():
    adam = Adam([np.ones(3)], backend="cpu")
    adam.step([np.ones(3)])
    saved = adam.save()
    before = repr(saved)
    adam.step([np.ones(3)])
    assert repr(saved) == before
    assert isinstance(saved.states[0], AdamState)


@pytest.mark.parametrize("convention", ["paper", "optax"])
def test_a_state_that_was_loaded_is_stepped_alike_whatever_is_in_it(convention):
    values = np.array([0.0, 1e-45, 1.0, 3e38, np.inf, np.nan], np.float32)
    m, v, v_max = (array.ravel() for array in np.meshgrid(values, values, values))
    param = np.ones(m.size, np.float32)
    adams = [
        Adam([param], AdamConfig(amsgrad=True), convention, backend=backend)
        for backend in ("numpy", "cpu")
    ]
    for adam in adams:
        adam.load([param], {"m": [m], "v": [v], "v_max": [v_max]}, [7])
        adam.step([param])
    slots = [adam.slots() for adam in adams]
    assert same_bits(*(adam.params[0] for adam in adams))
    assert all(same_bits(slots[0][name][0], slots[1][name][0]) for name in ("m", "v", "v_max"))
