"""Halves in every storage on a device; `test_simulator` runs these cases."""

import numpy as np
import pytest

from adamref import Adam, AdamConfig, Convention, IndexedSlices
from adamref.kernels import cpu
from adamref.kernels.cuda import FusedAdam
from adamref.storage.checkpoint import CheckpointError
from tests.reference.kernels.cuda.simulator.cuda_cases import SIZES
from tests.support.device_arrays import OnDevice, Tensor
from tests.support.kernels import HALVES, POINTS, arrays_of, configs, draw, same_bits, texts

CONFIG = AdamConfig(learning_rate=0.01, amsgrad=True, weight_decay=0.1)


def assert_same(adam, params, fused):
    pairs = [*zip(adam.params, params, strict=True)]
    for name, arrays in adam.slots().items():
        for want, got in zip(arrays, getattr(fused, name), strict=True):
            assert (want is None) == (got is None)
            if want is not None:
                # A bfloat16 is a uint16 there.
                pairs.append((want, got.copy_to_host().view(want.dtype)))
    assert all(same_bits(want, got) for want, got in pairs)


def agree(point, config, dtype, storage, steps=3):
    rng = np.random.default_rng([len(str(point)), len(str(config))])
    params = [draw(rng, size, HALVES[dtype], special=True) for size in SIZES]
    adam = Adam(params, config, point, storage=storage)
    fused = FusedAdam([Tensor(param) for param in params], config, point, storage=storage)
    for _ in range(steps):
        grads = [draw(rng, size, HALVES[dtype], special=True) for size in SIZES]
        adam.step(grads)
        fused.step([Tensor(grad) for grad in grads])
        assert_same(adam, params, fused)


@pytest.mark.parametrize(("dtype", "storage"), texts())
def test_a_storage_has_the_bits_of_the_reference(dtype, storage):
    agree("torch", CONFIG, dtype, storage)
    agree("torch", AdamConfig(), dtype, storage)


@pytest.mark.parametrize("weights", ["master", "split", "compensated"])
@pytest.mark.parametrize("point", ["paper", "tf1", "tfkeras", "optax", "inside"])
def test_conventions_and_switches_have_the_bits_of_the_reference(point, weights):
    for config in configs(POINTS[point]):
        agree(POINTS[point], config, "bfloat16", f"weights={weights},v=T", steps=2)


@pytest.mark.parametrize(("dtype", "storage"), texts(("m=T",)))
@pytest.mark.parametrize("sparse", ["dense_equivalent", "lazy_global_t"])
def test_jobs_of_the_host_have_the_bits_of_the_reference(dtype, storage, sparse):
    rng = np.random.default_rng(7)
    param = draw(rng, 21, HALVES[dtype]).reshape(7, 3)
    adams = [
        Adam(
            [param],
            AdamConfig(amsgrad=True),
            Convention(sparse=sparse),
            storage=storage,
            backend=backend,
        )
        for backend in ("numpy", "cuda")
    ]
    for indices in ([1, 4, 1], [], [6, 6, 6, 2]):
        values = draw(rng, 3 * len(indices), param.dtype, special=True).reshape(-1, 3)
        for adam in adams:
            adam.step([IndexedSlices(values, np.array(indices, np.int64))])
        assert all(map(same_bits, *map(arrays_of, adams)))


@pytest.mark.parametrize(("dtype", "storage"), texts(("m=T",)))
def test_arrays_that_do_not_start_at_16_bytes_have_the_bits_of_the_reference(dtype, storage):
    rng = np.random.default_rng(5)
    memory = np.zeros(40, HALVES[dtype])
    param = memory[1:38]
    param[:] = draw(rng, 37, HALVES[dtype])
    adam = Adam([param], storage=storage)
    fused = FusedAdam([OnDevice(param) if dtype == "float16" else Tensor(param)], storage=storage)
    for _ in range(2):
        grad = draw(rng, 37, HALVES[dtype])
        adam.step([grad])
        fused.step([Tensor(grad)])
        assert_same(adam, [param], fused)


@pytest.mark.parametrize(("dtype", "storage"), texts(("v=T",)))
def test_states_go_to_the_host_to_other_adams_and_back(dtype, storage, tmp_path):
    rng = np.random.default_rng(4)
    params = [draw(rng, size, HALVES[dtype]) for size in SIZES]
    adam = Adam(params, CONFIG, "torch", storage=storage)
    fused = FusedAdam([Tensor(param) for param in params], CONFIG, "torch", storage=storage)
    grads = [draw(rng, size, HALVES[dtype]) for size in SIZES]
    adam.step(grads)
    fused.step([Tensor(grad) for grad in grads])
    fused.save(tmp_path / "cuda")
    zeros = [np.zeros(size, HALVES[dtype]) for size in SIZES]
    on_cpu = cpu.FusedAdam(zeros, CONFIG, "torch", storage=storage)
    on_cpu.restore(tmp_path / "cuda")
    on_cpu.step(grads)
    adam.step(grads)
    on_cpu.save(tmp_path / "cpu")
    fused.restore(tmp_path / "cpu")
    assert fused.t == 2
    assert_same(adam, params, fused)
    adam.step(grads)
    fused.step([Tensor(grad) for grad in grads])
    assert_same(adam, params, fused)


def test_a_state_of_another_storage_is_refused_and_changes_nothing():
    params = [np.full(3, 2, HALVES["bfloat16"])]
    fused = FusedAdam([Tensor(params[0])], storage="weights=split")
    fused.step([Tensor(params[0].copy())])
    before = [array.tobytes() for array in (params[0], fused.kept[0].copy_to_host())]
    for storage in (None, "weights=compensated", "weights=split,m=T"):
        other = Adam(params, storage=storage)
        with pytest.raises(CheckpointError, match="storage of a checkpoint must match this Adam"):
            fused.restore(other.save())
    with pytest.raises(ValueError, match="storage must have operations=float32 here"):
        FusedAdam([Tensor(np.zeros(1, np.float16))], storage="moments=T,operations=T")
    assert [array.tobytes() for array in (params[0], fused.kept[0].copy_to_host())] == before
