"""Cases that `test_simulator` runs in Numba's CUDA simulator, in a process of its own."""

from collections import Counter

import numpy as np
import pytest

from adamref import CONVENTIONS, Adam, AdamConfig, convention, scalars
from adamref.kernels.cuda import FusedAdam, run, simulated
from adamref.kernels.cuda.step_numbers import CHUNK, last_change
from adamref.kernels.element import kernel_numbers
from adamref.kernels.job import Job
from adamref.state import AdamState
from adamref.step import advance, objective_gradient
from tests.gpu import bits
from tests.support.device_arrays import OnDevice, Tensor
from tests.support.kernels import POINTS, STORAGES, configs, draw, same_bits

# Blocks of the simulator's 4 threads are of 16 elements: none, a rest alone, and whole ones with a
# rest.
SIZES = [0, 1, 37]
STEPS = 3


def wide(dtype):
    return np.dtype(np.float64) if dtype == np.float64 else np.dtype(np.float32)


def reference(params, config, point):
    return Adam(
        params, config, point, state_dtype=None if params[0].dtype == np.float64 else "float32"
    )


def assert_same(adam, params, fused):
    for at, (want, got) in enumerate(zip(adam.params, params, strict=True)):
        assert same_bits(want, got), f"params[{at}]"
    for name, arrays in adam.slots().items():
        for at, (want, got) in enumerate(zip(arrays, getattr(fused, name), strict=True)):
            assert same_bits(want, got.copy_to_host()), f"{name}[{at}]"


def agree(
    point,
    config,
    dtype,
    *,
    special=False,
    steps=STEPS,
    sizes=SIZES,
    rate=lambda t: None,
    wide_grads=False,
):
    """Step the reference and `FusedAdam` side by side, and compare all bits after each step."""
    rng = np.random.default_rng([len(str(point)), len(str(config)), dtype.itemsize])
    params = [draw(rng, size, dtype, special) for size in sizes]
    adam = reference(params, config, point)
    fused = FusedAdam([Tensor(p) for p in params], config, point)
    for t in range(1, steps + 1):
        grad_dtype = wide(dtype) if wide_grads else dtype
        grads = [draw(rng, size, grad_dtype, special) for size in sizes]
        adam.step(grads, rate(t))
        fused.step([Tensor(grad) for grad in grads], rate(t))
        assert_same(adam, params, fused)
    assert fused.t == steps
    assert (fused.v_max is None) != config.amsgrad


@pytest.mark.parametrize("name", POINTS)
def test_every_convention_has_the_bits_of_the_reference(name):
    chosen = configs(POINTS[name])
    for at, config in enumerate(chosen):
        # Where there are many, each with two of the dtypes.
        for dtype in list(STORAGES.values())[at % 2 :: 2] if len(chosen) > 2 else STORAGES.values():
            agree(name if name in CONVENTIONS else POINTS[name], config, dtype)


@pytest.mark.parametrize("storage", STORAGES)
@pytest.mark.parametrize("name", ["paper", "tf1", "torch", "optax"])
def test_special_values_have_the_bits_of_the_reference(name, storage):
    for config in configs(POINTS[name]):
        agree(POINTS[name], config, STORAGES[storage], special=True)


@pytest.mark.parametrize("storage", ["float16", "bfloat16"])
def test_gradients_of_halves_may_be_as_wide_as_the_moments(storage):
    agree(POINTS["torch"], AdamConfig(amsgrad=True), STORAGES[storage], wide_grads=True)


def test_numbers_are_right_beyond_what_is_made_at_once_and_beyond_the_last_change():
    config = AdamConfig(beta1=0.5, beta2=0.75)
    last = last_change(config, convention.Arithmetic.parse("ddddd"), np.dtype(np.float64))
    assert CHUNK < last < 2 * CHUNK + 6
    agree(POINTS["paper"], config, STORAGES["float64"], steps=2 * CHUNK + 6, sizes=[1])


def test_many_blocks_have_the_bits_of_the_reference():
    agree(POINTS["paper"], AdamConfig(), STORAGES["float32"], sizes=[0, 2049, 5])


def test_a_learning_rate_may_change_at_any_step():
    agree(
        POINTS["torch"],
        AdamConfig(),
        STORAGES["float32"],
        steps=9,
        rate=lambda t: {3: 0.5, 4: 0.25, 8: 0.5}.get(t),
    )


def test_arrays_that_do_not_start_at_16_bytes_have_the_bits_of_the_reference():
    rng = np.random.default_rng(5)
    config = AdamConfig(amsgrad=True)
    memory = np.zeros(60, np.float32)
    grads = np.zeros(60, np.float32)
    params = [memory[1:38], memory[40:57]]  # off, and on 16 bytes, if the memory is
    for param in params:
        param[:] = draw(rng, param.size, np.float32)
    adam = Adam(params, config)
    fused = FusedAdam([OnDevice(param) for param in params], config)
    for _ in range(STEPS):
        grads[:] = draw(rng, grads.size, np.float32)
        given = [grads[4:41], grads[42:59]]
        adam.step(given)
        fused.step([OnDevice(grad) for grad in given])
        assert_same(adam, params, fused)


def test_parameters_of_several_dtypes_share_a_step():
    rng = np.random.default_rng(6)
    config = AdamConfig()
    params = [draw(rng, 5, dtype) for dtype in (np.float64, np.float32, np.float64)]
    adam = Adam(params, config)
    fused = FusedAdam([OnDevice(param) for param in params], config)
    for _ in range(STEPS):
        grads = [draw(rng, 5, param.dtype) for param in params]
        adam.step(grads)
        fused.step([OnDevice(grad) for grad in grads])
        assert_same(adam, params, fused)


def jobs_of(rng, point, config, dtype, squares):
    """Jobs of several sizes, and what the reference makes of them."""
    jobs = []
    answers = []
    for t, size in enumerate(SIZES, 3):
        s = scalars.scalars(config, point, convention.Arithmetic.parse("ddddd"), t, wide(dtype))
        param = draw(rng, size, dtype)
        grad = draw(rng, size, dtype)
        m, v, v_max, square = (abs(draw(rng, size, wide(dtype))) for _ in range(4))
        job = Job(
            kernel_numbers(config, point, s),
            param,
            grad,
            square if squares else None,
            m,
            v,
            v_max if config.amsgrad else None,
        )
        state = AdamState(t - 1, m.copy(), v.copy(), v_max.copy() if config.amsgrad else None)
        given = param.astype(wide(dtype))
        grown = grad.astype(wide(dtype))
        moved, state = advance(
            point, s, state, given, objective_gradient(config, s, given, grown), job.square
        )
        jobs.append(job)
        with np.errstate(all="ignore"):
            answers.append((moved.astype(dtype), state.m, state.v, state.v_max))
    return jobs, answers


def test_run_steps_jobs_of_all_kinds_at_once_and_changes_nothing_else():
    rng = np.random.default_rng(7)
    jobs = []
    answers = []
    for dtype in STORAGES.values():
        for amsgrad in (False, True):
            for squares in (False, True):
                some, due = jobs_of(
                    rng, POINTS["optax"], AdamConfig(amsgrad=amsgrad), dtype, squares
                )
                jobs += some
                answers += due
    read = [(job.grad, job.grad.copy()) for job in jobs]
    read += [(job.square, job.square.copy()) for job in jobs if job.square is not None]
    run(jobs)
    for job, due in zip(jobs, answers, strict=True):
        for want, got in zip(due, (job.param, job.m, job.v, job.v_max), strict=True):
            assert got is None if want is None else same_bits(want, got)
    assert all(same_bits(now, before) for now, before in read)


def test_run_launches_once_for_each_kind(monkeypatch):
    rng = np.random.default_rng(8)
    launched = Counter()
    monkeypatch.setattr(
        "adamref.kernels.cuda.jobs.launch", lambda kind, *_: launched.update([kind.param])
    )
    for dtype in ("float32", "float64"):
        run(jobs_of(rng, POINTS["paper"], AdamConfig(), np.dtype(dtype), False)[0] * 2)
    run([])
    assert launched == {"float32": 1, "float64": 1}


def test_bfloat16_is_rounded_to_nearest_even_and_a_nan_stays_one():
    near = [
        np.arange(2**16, dtype=np.uint32) << 16 | low
        for low in (0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF)
    ]
    values = np.concatenate(near).view(np.float32)
    got = simulated._narrow("bfloat16", values).astype(np.uint16)
    with np.errstate(all="ignore"):
        assert same_bits(got.view(STORAGES["bfloat16"]), values.astype(STORAGES["bfloat16"]))


def test_what_runs_on_a_gpu_finds_no_difference_here():
    for storage in bits.WORDS:
        for case in bits.CASES:
            assert not any(bits.agree(0, [0, 1, 21], storage, case).values())


def test_what_runs_on_a_gpu_finds_a_rate_that_is_off_by_a_unit_in_the_last_place(monkeypatch):
    step = FusedAdam.step
    rate = float(np.nextafter(np.float32(0.01), np.float32(1)))
    monkeypatch.setattr(FusedAdam, "step", lambda fused, grads: step(fused, grads, rate))
    for storage in ("float32", "float64"):
        wrong = bits.agree(0, [0, 1, 21], storage, "paper")
        assert set(wrong["step 1, parameter 2"]) == {"param"}
