"""The kernels for processors give the bits of the reference."""

import subprocess
import sys

import numba
import numpy as np
import pytest

from adamref import Adam, AdamConfig, Arithmetic, Convention, IndexedSlices
from adamref.kernels.cpu import FusedAdam, fused, kernel
from adamref.kernels.cpu.blocks import blocks_for_threads
from adamref.kernels.cpu.constants import constants_of
from adamref.kernels.cpu.launch import launch
from adamref.kernels.cpu.memory import STORAGE
from adamref.kernels.element import kernel_numbers
from adamref.named_conventions import ARITHMETICS
from adamref.scalars import scalars
from conformance import check
from tests.support.kernels import POINTS, STORAGES, configs, draw, same_bits

STEPS = 6


def reference(params, config, convention, arithmetic=None):
    return Adam(
        params,
        config,
        convention,
        arithmetic,
        state_dtype=None if params[0].itemsize > 2 else "float32",
    )


def agree(fused, adam):
    slots = adam.slots()
    pairs = [*zip(fused.params, adam.params, strict=True)]
    for name in slots:
        pairs += zip(getattr(fused, name), slots[name], strict=True)
    return all(same_bits(one, other) for one, other in pairs)


@pytest.mark.parametrize("storage", STORAGES)
@pytest.mark.parametrize("point", POINTS)
def test_every_convention_and_switch_gives_the_bits_of_the_reference(point, storage):
    rng = np.random.default_rng(len(point))
    for config in configs(POINTS[point]):
        params = [draw(rng, size, STORAGES[storage], special=True) for size in (67, 1, 130)]
        adam = reference(params, config, POINTS[point])
        fused = FusedAdam([param.copy() for param in params], config, POINTS[point])
        for _ in range(STEPS):
            grads = [draw(rng, param.size, param.dtype, special=True) for param in params]
            adam.step(grads)
            fused.step(grads)
            assert agree(fused, adam), config


@pytest.mark.parametrize("storage", ["float16", "bfloat16"])
def test_gradients_may_have_the_dtype_of_the_moments(storage):
    rng = np.random.default_rng(1)
    params = [draw(rng, 500, STORAGES[storage])]
    adam = reference(params, AdamConfig(), "paper")
    fused = FusedAdam([params[0].copy()])
    for dtype in (np.float32, STORAGES[storage], np.float32):
        grads = [draw(rng, 500, dtype, special=True)]
        adam.step(grads)
        fused.step(grads)
        assert agree(fused, adam)


@pytest.mark.parametrize("storage", ["float16", "bfloat16"])
def test_halves_are_rounded_to_nearest_even(storage):
    """Every bit pattern is a parameter, moved by an eighth to a half of its last place."""
    patterns = np.arange(1 << 16, dtype=np.uint16).view(STORAGES[storage])
    for rate in (1e-3, 2.0**-9, 2.0**-4, 1.0, 3e4):
        config = AdamConfig(learning_rate=rate, epsilon=0.0)
        adam = reference([patterns], config, "paper")
        fused = FusedAdam([patterns.copy()], config)
        grads = [draw(np.random.default_rng(2), patterns.size, np.float32)]
        adam.step(grads)
        fused.step(grads)
        assert agree(fused, adam)


SIZES = [
    *range(260),
    *np.random.default_rng(3).integers(260, 70_000, 60),
    4095,
    4096,
    4097,
    16384,
    32768,
    65536,
    200_003,
]


@pytest.mark.parametrize("threads", [1, 2])
def test_any_size_gives_the_bits_of_the_reference(threads):
    rng = np.random.default_rng(4)
    before = numba.get_num_threads()
    numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
    try:
        for size in SIZES:
            params = [draw(rng, size, np.float32)]
            grads = [draw(rng, size, np.float32, special=True)]
            adam = reference(params, AdamConfig(amsgrad=True), "paper")
            fused = None
            fused = FusedAdam([params[0].copy()], AdamConfig(amsgrad=True))
            for _ in range(2):
                adam.step(grads)
                fused.step(grads)
            assert agree(fused, adam), size
    finally:
        numba.set_num_threads(before)


def test_what_is_stepped_together_changes_no_bit():
    rng = np.random.default_rng(5)
    sizes = [0, 1, 3, 1000, 70_000, 5, 20_000]
    dtypes = [
        STORAGES[name]
        for name in ("float32", "float64", "bfloat16", "float32", "float64", "float32", "float16")
    ]
    params = [draw(rng, size, dtype) for size, dtype in zip(sizes, dtypes, strict=True)]
    together = FusedAdam([param.copy() for param in params])
    alone = [FusedAdam([param.copy()]) for param in params]
    for _ in range(3):
        grads = [draw(rng, param.size, param.dtype, special=True) for param in params]
        together.step(grads)
        for one, grad in zip(alone, grads, strict=True):
            one.step([grad])
    assert all(
        same_bits(one.params[0], param) for one, param in zip(alone, together.params, strict=True)
    )


def test_the_rate_may_change_in_any_step():
    rng = np.random.default_rng(6)
    params = [draw(rng, 100, np.float32)]
    adam = reference(params, AdamConfig(), "torch")
    fused = FusedAdam([params[0].copy()], AdamConfig(), "torch")
    for rate in (None, 0.5, None, 0.0, 1e-3, 1e-3):
        grads = [draw(rng, 100, np.float32)]
        adam.step(grads, rate)
        fused.step(grads, rate)
        assert agree(fused, adam)


@pytest.mark.parametrize("code", ARITHMETICS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_numbers_of_a_step_are_those_of_the_reference(code, dtype):
    dtype = np.dtype(dtype)
    arithmetic = Arithmetic.parse(code)
    for convention in POINTS.values():
        for config in configs(convention):
            constants = np.array(constants_of(config, convention, arithmetic, dtype))
            for t in (1, 2, 3, 10, 97, 1000, 12_345, 1_000_000, 2**40):
                due = np.array(
                    [
                        kernel_numbers(
                            config, convention, scalars(config, convention, arithmetic, t, dtype)
                        )
                    ],
                    dtype,
                )
                found = np.array(
                    [
                        kernel_numbers(
                            config, convention, scalars(config, convention, arithmetic, 1, dtype)
                        )
                    ],
                    dtype,
                )
                kernel.fill(found, constants, t)
                assert found.tobytes() == due.tobytes(), (convention, config, t)


SPARSE = {
    "dense-equivalent": Convention(),
    "squares summed": Convention(duplicates="sum_of_squares"),
    "lazy": Convention(sparse="lazy_global_t"),
    "lazy by rows": Convention(sparse="lazy_row_t", step_scope="parameter"),
    "lazy by tensor": Convention(
        sparse="lazy_tensor_t", step_scope="parameter", empty_sparse="ignored"
    ),
}


@pytest.mark.parametrize("storage", STORAGES)
@pytest.mark.parametrize("name", SPARSE)
def test_sparse_gradients_give_the_bits_of_the_reference(name, storage):
    rng = np.random.default_rng(7)
    dtype = STORAGES[storage]
    params = [draw(rng, 21, dtype).reshape(7, 3), draw(rng, 4, dtype)]
    config = AdamConfig(amsgrad=True)
    state = None if dtype.itemsize > 2 else "float32"
    one, other = (
        Adam(params, config, SPARSE[name], state_dtype=state, backend=backend)
        for backend in ("numpy", "cpu")
    )
    for indices in ([1, 4, 1], [0], [], [6, 6, 6, 2], None):
        slices = None
        if indices is not None:
            slices = IndexedSlices(
                draw(rng, 3 * len(indices), dtype, special=True).reshape(-1, 3),
                np.array(indices, np.int64),
            )
        grads = [slices, draw(rng, 4, dtype)]
        one.step(grads)
        other.step(grads)
        arrays = [
            [*adam.params, *(a for slot in adam.slots().values() for a in slot)]
            for adam in (one, other)
        ]
        assert all(same_bits(a, b) for a, b in zip(*arrays, strict=True))


@pytest.mark.parametrize(
    "convention", ["tf1", "tfkeras", "torch", "torch-adamw", "torch-sparse", "optax", "tfa-lazy"]
)
def test_the_judge_finds_the_backend_conformant(convention, suite):
    from conformance.subject.loading import load

    name = f"adamref_cpu_{convention.replace('-', '_')}"
    report = check(
        load(f"conformance.subjects.adamref_adam:{name}"), convention=convention, suite=suite
    )
    assert report.conformant, report.diagnosis


def test_more_threads_than_processors_change_no_bit(tmp_path):
    code = (
        "import numpy as np, numba; from tests.reference.kernels.cpu.test_fused import *; "
        "params = [draw(np.random.default_rng(8), 100_003, np.float32)]; "
        "adam, fused = reference(params, AdamConfig(), 'paper'), FusedAdam([params[0].copy()]); "
        "grads = [draw(np.random.default_rng(9), 100_003, np.float32, special=True)]; "
        "adam.step(grads); fused.step(grads); print(numba.get_num_threads(), agree(fused, adam))"
    )
    environment = {"NUMBA_NUM_THREADS": "7", "PATH": "", "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment
    )
    assert done.stdout.split() == ["7", "True"], done.stderr


@pytest.mark.parametrize("threads", [1, 2, 3, 16])
@pytest.mark.parametrize("sizes", [[0], [1], [4097], [100_000], [1 << 31], [3, 0, 70_000, 5]])
def test_blocks_cover_every_element_once_and_are_few(sizes, threads):
    rows = blocks_for_threads(sizes, threads)
    assert len(rows) <= 8192 + len(sizes)
    for at, size in enumerate(sizes):
        own = rows[rows[:, 0] == at]
        assert [0, *own[:, 2]] == [*own[:, 1], size] if size else not len(own)


@pytest.mark.parametrize("threads", [2, 3])
def test_threads_have_equally_much_of_one_large_parameter(threads):
    lengths = [stop - start for _, start, stop in blocks_for_threads([100_000], threads)]
    assert len(lengths) % threads == 0
    assert max(lengths) - min(lengths) <= 64 * len(lengths)


def test_a_kernel_that_cannot_be_compiled_fails_before_anything_is_stepped(monkeypatch):
    params = [np.ones(3), np.ones(3, np.float16)]
    adam = FusedAdam(params)
    adam.step([np.ones(3), np.ones(3, np.float16)])
    kept = [array.tobytes() for array in (*params, *adam.m, *adam.v)]
    # A gradient of another dtype needs another kernel.
    grads = [np.ones(3), np.ones(3, np.float32)]

    def launch_compiled(walk, t, wide):
        if walk.kind.grad == STORAGE["float32"]:
            raise OSError("no space left")
        launch(walk, t, wide)

    with monkeypatch.context() as patched:
        patched.setattr(fused, "launch", launch_compiled)
        with pytest.raises(OSError, match="no space left"):
            adam.step(grads)
    assert (adam.t, [array.tobytes() for array in (*params, *adam.m, *adam.v)]) == (1, kept)
    adam.step(grads)
    assert adam.t == 2
