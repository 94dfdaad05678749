"""Captures of a step, with a stand-in for a graph; `test_simulator` runs these cases."""

import numpy as np
import pytest

from adamref import Adam, AdamConfig
from adamref.kernels.cuda import FusedAdam
from adamref.kernels.cuda import fused as cuda_fused
from tests.reference.kernels.cuda.simulator.cuda_cases import SIZES, assert_same
from tests.support.device_arrays import Tensor
from tests.support.kernels import draw


class Graph:
    """What a stream does while it is captured: nothing, but remember it."""

    def __init__(self, monkeypatch):
        self.work = []
        self._patch = monkeypatch

    def __enter__(self):
        self._patch.setattr(cuda_fused, "is_capturing", lambda handle: True)
        for name in ("launch", "launch_count", "upload"):
            self._remember(name, getattr(cuda_fused, name))

    def _remember(self, name, function):
        self._patch.setattr(
            cuda_fused, name, lambda *arguments: self.work.append((function, arguments))
        )

    def __exit__(self, *_):
        self._patch.undo()

    def replay(self):
        for function, arguments in self.work:
            function(*arguments)


def test_a_graph_takes_another_step_at_each_replay_whatever_happens_between(monkeypatch):
    rng = np.random.default_rng(9)
    config = AdamConfig(beta1=0.5, beta2=0.75)
    params = [draw(rng, size, np.float32) for size in SIZES]
    static = [np.zeros(size, np.float32) for size in SIZES]
    other = [np.zeros(size, np.float32) for size in SIZES]
    adam = Adam(params, config)
    fused = FusedAdam([Tensor(param) for param in params], config)
    before = [Tensor(grad) for grad in other]
    graph = Graph(monkeypatch)

    def both(grads, take, rate=None):
        for grad in grads:
            grad[:] = draw(rng, grad.size, np.float32)
        adam.step(grads, rate)
        take()
        assert_same(adam, params, fused)

    both(other, lambda: fused.step(before))
    fused.reserve()
    both(other, lambda: fused.step(before))
    with graph:
        fused.step([Tensor(grad) for grad in static])
    for _ in range(3):
        both(static, graph.replay)
        both(static, graph.replay)
        both(other, lambda: fused.step(before))
        both(other, lambda: fused.step(before))
    both(other, lambda: fused.step(before, 0.5), 0.5)
    both(static, graph.replay)
    assert fused.t == 16


def test_a_capture_that_has_not_been_prepared_is_refused(monkeypatch):
    params, grads = np.ones((2, 3), np.float32)
    fused = FusedAdam([Tensor(params)])
    monkeypatch.setattr(cuda_fused, "is_capturing", lambda handle: True)
    with pytest.raises(
        ValueError,
        match=r"^step must be captured once for each reserve\(\), got 1 captures and 0 res",
    ):
        fused.step([Tensor(grads)])
    fused.reserve()
    with pytest.raises(
        ValueError,
        match=r"^learning_rate must not change while a step is captured, from 0.001, got 0",
    ):
        fused.step([Tensor(grads)], 0.5)
    with pytest.raises(
        ValueError,
        match=r"^step must be .*got 2 captures and 1 reserved; call reserve\(\) before the",
    ):
        [fused.step([Tensor(grads)]) for _ in range(2)]
    assert fused.t == 1


def test_a_capture_is_refused_after_gradients_of_another_dtype(monkeypatch):
    fused = FusedAdam([Tensor(np.ones(3, np.float16)), Tensor(np.ones(3, np.float16))])
    halves, floats = (
        [Tensor(np.ones(3, dtype)) for _ in range(2)] for dtype in (np.float16, np.float32)
    )
    fused.reserve()
    with monkeypatch.context() as patch:
        patch.setattr(cuda_fused, "is_capturing", lambda handle: True)
        with pytest.raises(
            ValueError,
            match=r"^grads must have the dtypes of the step before a capture, got float32, f",
        ):
            fused.step(floats)
    fused.step([floats[0], halves[1]])
    monkeypatch.setattr(cuda_fused, "is_capturing", lambda handle: True)
    with pytest.raises(
        ValueError,
        match=r"^step must be captured once for each reserve\(\), got 1 captures and 0 res",
    ):
        fused.step([floats[0], halves[1]])


def test_a_graph_is_refused_where_the_numbers_change_for_too_many_steps():
    fused = FusedAdam([Tensor(np.ones(3, np.float32))], AdamConfig(beta2=0.99999))
    with pytest.raises(
        ValueError,
        match=r"^beta1 and beta2 must have no effect on corrections after 524288 steps, so",
    ):
        fused.reserve()
