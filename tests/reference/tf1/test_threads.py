"""adamref.tf1.AdamOptimizer in several threads."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from adamref import Variable
from adamref.tf1 import AdamOptimizer

THREADS = 8
STEPS = 25
GRAD = np.linspace(-1.0, 1.0, 1000)


@pytest.fixture
def frequent_switches():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def together(work):
    """``work`` in all threads at once."""
    start = threading.Barrier(THREADS)

    def one(at):
        start.wait(30)
        work(at)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(one, range(THREADS)))


def alone(steps):
    """What ``steps`` steps, one after the other, lead to."""
    w = Variable(np.ones(1000))
    optimizer = AdamOptimizer()
    for _ in range(steps):
        optimizer.apply_gradients([(GRAD, w)])
    return [variable.numpy().tobytes() for variable in (w, *optimizer.variables())]


@pytest.mark.usefixtures("frequent_switches")
def test_with_locking_no_update_and_no_count_is_lost():
    w = Variable(np.ones(1000))
    step = Variable(0)
    optimizer = AdamOptimizer(use_locking=True)

    def work(_):
        for _ in range(STEPS):
            optimizer.apply_gradients([(GRAD, w)], global_step=step)

    together(work)
    # Gradients are the same in all steps, so that every order of them has the one result.
    assert [variable.numpy().tobytes() for variable in (w, *optimizer.variables())] == alone(
        THREADS * STEPS
    )
    assert step.numpy() == THREADS * STEPS


@pytest.mark.usefixtures("frequent_switches")
def test_with_locking_two_optimizers_that_share_variables_lose_nothing():
    shared = Variable(np.float64(0.0))
    step = Variable(0)
    # With betas and epsilon 0 a step is lr sign(g), exact for a power of two.
    optimizers = [AdamOptimizer(2.0**-10, 0.0, 0.0, 0.0, use_locking=True) for _ in range(THREADS)]

    def work(at):
        for _ in range(STEPS):
            optimizers[at].apply_gradients([(-1.0, shared)], global_step=step)

    together(work)
    assert (shared.numpy(), step.numpy()) == (THREADS * STEPS * 2.0**-10, THREADS * STEPS)


@pytest.mark.parametrize(("use_locking", "end"), [(False, 0.25), (True, 0.75)])
def test_a_step_begun_within_another_waits_for_it_with_locking_and_is_overwritten_without(
    use_locking, end
):
    w = Variable(np.float64(0.0))
    # With betas and epsilon 0 a step is lr sign(g).
    outer, inner = (AdamOptimizer(lr, 0.0, 0.0, 0.0, use_locking=use_locking) for lr in (0.25, 0.5))
    thread = threading.Thread(target=lambda: inner.apply_gradients([(-1.0, w)]))

    class Gradient:
        """It is read in the middle of a step, after the variable."""

        def __array__(self, dtype=None, copy=None):
            if thread.ident is None:
                thread.start()
                thread.join(0.2 if use_locking else None)
            return np.array(-1.0)

    outer.apply_gradients([(Gradient(), w)])
    thread.join()
    assert w.numpy() == end


@pytest.mark.usefixtures("frequent_switches")
def test_minimize_in_several_threads_takes_every_step():
    w = Variable(np.ones(10))
    step = Variable(0)
    optimizer = AdamOptimizer(use_locking=True)

    def work(_):
        for _ in range(STEPS):
            optimizer.minimize(lambda: np.sum(3.0 * w), global_step=step)

    together(work)
    alone_w = Variable(np.ones(10))
    alone_optimizer = AdamOptimizer()
    for _ in range(THREADS * STEPS):
        alone_optimizer.apply_gradients([(np.full(10, 3.0), alone_w)])
    assert (w.numpy().tobytes(), int(step.numpy())) == (alone_w.numpy().tobytes(), THREADS * STEPS)
