"""States that go from the device to the host and back; `test_simulator` runs these cases."""

import numpy as np
import pytest

from adamref import Adam, AdamConfig
from adamref.kernels import cpu
from adamref.kernels.cuda import FusedAdam
from adamref.storage.checkpoint import CheckpointError
from tests.reference.kernels.cuda.simulator.cuda_cases import SIZES, assert_same, reference
from tests.reference.kernels.cuda.simulator.cuda_graph_cases import Graph
from tests.support.device_arrays import Tensor
from tests.support.kernels import STORAGES, draw, same_bits

CONFIG = AdamConfig(learning_rate=0.5, beta1=0.5, beta2=0.75, amsgrad=True)


def drawn(rng, dtype):
    return [draw(rng, size, dtype) for size in SIZES]


@pytest.mark.parametrize("storage", STORAGES)
@pytest.mark.parametrize("by_file", [False, True])
def test_it_goes_on_in_other_arrays_with_the_same_bits(storage, by_file, tmp_path):
    dtype = STORAGES[storage]
    rng = np.random.default_rng(3)
    params = drawn(rng, dtype)
    adam = reference(params, CONFIG, "torch")
    first = FusedAdam([Tensor(param) for param in params], CONFIG, "torch")
    for rate in (None, 0.25, None):
        grads = drawn(rng, dtype)
        adam.step(grads, rate)
        first.step([Tensor(grad) for grad in grads], rate)
    path = tmp_path / "adam.safetensors"
    saved = first.save(path)
    # It does not change with what was saved.
    first.step([Tensor(grad) for grad in grads])
    others = [np.zeros(size, dtype) for size in SIZES]
    second = FusedAdam([Tensor(array) for array in others], AdamConfig(amsgrad=True), "torch")
    # Numbers of other steps are on the device already.
    second.step([Tensor(grad) for grad in grads])
    second.restore(path if by_file else saved)
    assert (second.t, second.config.learning_rate) == (3, 0.25)
    assert_same(adam, others, second)
    for rate in (None, None, 0.125):
        grads = drawn(rng, dtype)
        adam.step(grads, rate)
        second.step([Tensor(grad) for grad in grads], rate)
        assert_same(adam, others, second)


@pytest.mark.parametrize("storage", ["float32", "bfloat16"])
def test_the_other_adams_read_its_file_and_it_reads_theirs(storage, tmp_path):
    dtype = STORAGES[storage]
    rng = np.random.default_rng(4)
    params = drawn(rng, dtype)
    fused = FusedAdam([Tensor(param) for param in params], CONFIG)
    fused.step([Tensor(grad) for grad in drawn(rng, dtype)])
    fused.save(tmp_path / "cuda")
    zeros = [np.zeros(size, dtype) for size in SIZES]
    on_cpu = cpu.FusedAdam([array.copy() for array in zeros], CONFIG)
    adam = reference(zeros, CONFIG, "paper")
    for other in (on_cpu, adam):
        other.restore(tmp_path / "cuda")
        for at, param in enumerate(other.params):
            assert same_bits(param, params[at])
    grads = drawn(rng, dtype)
    on_cpu.step(grads)
    adam.step(grads)
    for other in (on_cpu, adam):
        other.save(tmp_path / "other")
        fused.restore(tmp_path / "other")
        assert fused.t == 2
        assert_same(adam, params, fused)


def test_a_captured_step_goes_on_from_what_was_restored(monkeypatch):
    rng = np.random.default_rng(5)
    config = AdamConfig(beta1=0.5, beta2=0.75)
    params, static = drawn(rng, np.float32), drawn(rng, np.float32)
    adam = Adam(params, config)
    fused = FusedAdam([Tensor(param) for param in params], config)
    given = [Tensor(grad) for grad in static]
    fused.step(given)
    adam.step(static)
    saved = fused.save()
    fused.reserve()
    graph = Graph(monkeypatch)
    with graph:
        fused.step(given)
    for _ in range(4):
        graph.replay()
    assert fused.t == 5
    fused.restore(saved)
    assert fused.t == 1
    for _ in range(3):
        graph.replay()
        adam.step(static)
        assert_same(adam, params, fused)
    before = [param.copy() for param in params]
    other = Adam(params, AdamConfig(beta1=0.25, beta2=0.875))
    with pytest.raises(
        ValueError, match=r"beta1 and beta2 must stay what they were at reserve\(\)"
    ):
        fused.restore(other.save())
    assert all(map(same_bits, params, before))


def test_what_it_cannot_resume_from_changes_nothing(tmp_path):
    params = drawn(np.random.default_rng(6), np.float32)
    fused = FusedAdam([Tensor(param) for param in params], CONFIG)
    fused.step([Tensor(param.copy()) for param in params])
    before = [param.copy() for param in params]
    uneven = reference(params, CONFIG, "torch")
    uneven.step([None, *(np.ones(size, np.float32) for size in SIZES[1:])])
    clipped = Adam(params, AdamConfig(amsgrad=True, clipnorm=1.0), "tfkeras")
    for wrong, error, message in (
        (tmp_path / "nowhere", FileNotFoundError, "nowhere"),
        (3, TypeError, "saved must be what save returned"),
        (Adam(params[:2], CONFIG).save(), CheckpointError, "a checkpoint must have the arrays"),
        (Adam(params, CONFIG, "torch").save(), CheckpointError, "must match this Adam"),
        (clipped.save(), CheckpointError, "must match this Adam"),
    ):
        with pytest.raises(error, match=message):
            fused.restore(wrong)
    of_torch = FusedAdam([Tensor(param) for param in params], CONFIG, "torch")
    with pytest.raises(CheckpointError, match="t must be one for all parameters here"):
        of_torch.restore(uneven.save())
    assert fused.t == 1
    assert all(map(same_bits, params, before))
