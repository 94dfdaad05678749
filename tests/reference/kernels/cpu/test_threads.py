"""Callers of FusedAdam in several threads and processes: all get the same bits."""

import os
import subprocess
import sys
import threading

import numpy as np
import pytest

from adamref.kernels.cpu import FusedAdam, threads
from tests.support.kernels import draw, same_bits


def test_several_callers_of_one_adam_wait_for_each_other():
    adam = FusedAdam([np.ones(100_000, np.float32)])
    grads = [np.ones(100_000, np.float32)]
    running = [
        threading.Thread(target=lambda: [adam.step(grads) for _ in range(50)]) for _ in range(3)
    ]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    alone = FusedAdam([np.ones(100_000, np.float32)])
    for _ in range(150):
        alone.step(grads)
    assert adam.t == 150
    assert same_bits(adam.params[0], alone.params[0])


def test_several_callers_at_once_get_the_bits_of_one():
    rng = np.random.default_rng(2)
    size = 50_000
    grads = [[draw(rng, size, np.float32)] for _ in range(20)]
    adams = [FusedAdam([np.ones(size, np.float32)]) for _ in range(4)]

    def work(adam):
        for grad in grads:
            adam.step(grad)

    running = [threading.Thread(target=work, args=(adam,)) for adam in adams]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    alone = FusedAdam([np.ones(size, np.float32)])
    work(alone)
    assert all(same_bits(adam.params[0], alone.params[0]) for adam in adams)


SEVERAL = """
import numba
from tests.reference.kernels.cpu import test_threads
test_threads.test_several_callers_at_once_get_the_bits_of_one()
print(numba.threading_layer())
"""


@pytest.mark.parametrize("layer", ["workqueue", "omp"])
def test_several_callers_are_safe_under_every_threading_layer(layer):
    variables = {**os.environ, "NUMBA_THREADING_LAYER": layer}
    done = subprocess.run(
        [sys.executable, "-c", SEVERAL], capture_output=True, text=True, check=False, env=variables
    )
    assert done.stdout.strip() == layer, done.stderr


FORK = """
import os, numpy as np
from adamref.kernels.cpu import FusedAdam
adam, grads = FusedAdam([np.ones(50_000)]), [np.ones(50_000)]
adam.step(grads)
child = os.fork()
adam.step(grads)
if child == 0:
    os._exit(0 if adam.t == 2 and adam.params[0][0] < 1 else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), np.unique(adam.params[0]).size)
"""


@pytest.mark.parametrize("layer", ["workqueue", "omp"])
def test_the_child_of_a_fork_steps_too(layer):
    variables = {**os.environ, "NUMBA_THREADING_LAYER": layer}
    done = subprocess.run(
        [sys.executable, "-c", FORK], capture_output=True, text=True, check=False, env=variables
    )
    assert done.stdout.split() == ["0", "1"], done.stderr


def test_whoever_comes_second_walks_alone():
    called = []
    region = threads._Threads()

    def parallel(depth):
        called.append(("parallel", depth))
        region.run(parallel, serial, depth + 1)

    def serial(depth):
        called.append(("serial", depth))

    region.run(parallel, serial, 0)
    assert called == [("parallel", 0), ("serial", 1)]
    region.run(lambda: called.append("free again"), serial)
    assert called[-1] == "free again"
