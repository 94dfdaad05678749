"""Forks while other threads step: children neither wait for ever nor find half a step."""

import os
import subprocess
import sys

import pytest

from tests.support.paths import ROOT

CHILDREN = 8
# Seconds after which a child that waits is ended; a step takes milliseconds.
LIMIT = 60

# Every thread steps for itself and with the others, in arrays whose elements stay equal: elements
# that differ are half a step. Small arrays are walked by one thread, and large ones by all.
FORKS = """
import os, signal, sys, threading, traceback
import numba, numpy as np
from adamref import Adam, IndexedSlices, Variable, tf1
from adamref.kernels.cpu import FusedAdam
from adamref.kernels.deferred import DeferredTable

children, limit = map(int, sys.argv[1:])
sys.setswitchinterval(1e-5)
ONES = np.ones((1000, 50), np.float32)
fused = FusedAdam([ONES.copy(), ONES.copy()])
table = DeferredTable(ONES)
slices = IndexedSlices(ONES, np.arange(1000))
variables = [Variable(ONES), Variable(ONES)]
count = Variable(0)
optimizer = tf1.AdamOptimizer(0.5, 0.5, 0.5, use_locking=True)

def step_alone():
    numba.njit(lambda x: x + 1)(1)  # compiles
    for shape in ((10,), (30_000,)):
        Adam([np.ones(shape)], backend="cpu").step([np.ones(shape)])

def step_all():
    fused.step([ONES, ONES])
    table.apply(slices)
    optimizer.apply_gradients([(ONES, w) for w in variables], count)

def values(arrays):
    return {value for array in arrays for value in np.unique(array)}

def steps_once_more():
    step_alone()
    t = [fused.t, table.t, int(count.numpy())]
    step_all()
    assert [fused.t, table.t, int(count.numpy())] == [taken + 1 for taken in t]
    for arrays in (fused.params, fused.m, fused.v, [table.read()], variables):
        assert len(values(map(np.asarray, arrays))) == 1
    # beta1^t as the next step uses it.
    power = optimizer._get_beta_accumulators()[0].numpy()
    assert power == np.float32(0.5) ** np.float32(count.numpy() + 1), (power, count)

def work():
    while not done.is_set():
        step_all()
        step_alone()

done = threading.Event()
step_all()
step_alone()
threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
pids = []
for _ in range(children):
    done.wait(0.02)
    pid = os.fork()
    if pid == 0:
        signal.alarm(limit)
        status = 1
        try:
            steps_once_more()
            status = 0
        except Exception:
            traceback.print_exc()
        finally:
            os._exit(status)
    pids.append(pid)
done.set()
print(*[os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids])
"""


@pytest.mark.parametrize("layer", ["workqueue", "omp"])
def test_children_of_forks_step_on_from_whole_steps_whatever_other_threads_do(layer):
    if not hasattr(os, "fork"):
        pytest.skip("this system has no forks")
    done = subprocess.run(
        [sys.executable, "-c", FORKS, str(CHILDREN), str(LIMIT)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "NUMBA_THREADING_LAYER": layer},
    )
    assert done.stdout.split() == ["0" for _ in range(CHILDREN)], done.stderr
