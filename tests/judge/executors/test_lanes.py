"""Lanes are executors that outlive the processes behind them, or say why they are not there."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import BrokenExecutor, Executor
from pathlib import Path

import pytest

from conformance.executors import lanes
from conformance.executors.clusters import ExecutorError
from conformance.executors.local import shares_of_cores
from tests.support.paths import ROOT


def end_by(number):
    os.kill(os.getpid(), number)


def test_a_worker_that_ends_says_how_and_another_takes_its_place():
    with lanes.open_lanes(1) as (lane,):
        assert isinstance(lane, Executor)
        first = lane.submit(os.getpid).result()
        with pytest.raises(BrokenExecutor) as caught:
            lane.submit(end_by, signal.SIGABRT).result()
        assert lanes.why_ended(lane, caught.value) == "SIGABRT ended it"
        second = lane.submit(os.getpid).result()
        assert first != second != os.getpid()


def test_a_worker_uses_its_share_of_threads_unless_the_user_says_otherwise(monkeypatch):
    monkeypatch.setenv("MKL_NUM_THREADS", "7")
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    with lanes.open_lanes(2) as (lane, _):
        asked = [lane.submit(os.getenv, f"{name}_NUM_THREADS") for name in ("OMP", "MKL")]
        found = [future.result() for future in asked]
    assert found == [str(len(shares_of_cores(2)[0])), "7"]


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system has no such call")
def test_a_worker_runs_on_its_share_of_the_cores_alone():
    with lanes.open_lanes(2) as (first, second):
        found = [lane.submit(os.sched_getaffinity, 0).result() for lane in (first, second)]
    assert found == [set(cores) for cores in shares_of_cores(2)]


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system has no such call")
@pytest.mark.parametrize(
    ("workers", "shares"),
    [
        (1, [[2, 3, 5, 7, 9]]),
        (2, [[2, 3], [5, 7]]),
        (5, [[2], [3], [5], [7], [9]]),
        (7, [[2], [3], [5], [7], [9], [2], [3]]),
    ],
)
def test_workers_share_the_cores_that_this_process_may_use(monkeypatch, workers, shares):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: {9, 2, 5, 3, 7})
    assert shares_of_cores(workers) == shares


def test_an_exception_ends_the_workers_at_once():
    processes = []

    def fail_while_a_worker_is_busy():
        with lanes.open_lanes(1) as (lane,):
            processes.append(lane.submit(os.getpid).result())
            lane.submit(time.sleep, 600)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_while_a_worker_is_busy()
    (process,) = processes
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


@pytest.mark.skipif(not Path("/proc").exists(), reason="processes are found in /proc")
def test_a_killed_parent_takes_a_worker_with_it_that_is_inside_a_subject(tmp_path):
    (tmp_path / "parent.py").write_text(
        "import os, signal, sys, time\n"
        "from conformance.executors.lanes import open_lanes\n"
        "from conformance.subject.guard import guard\n"
        "def be_busy(path):\n"
        "    with guard():\n"
        "        open(path, 'w').write(str(os.getpid()))\n"
        "        time.sleep(600)\n"
        "if __name__ == '__main__':\n"
        "    with open_lanes(1) as (lane,):\n"
        "        lane.submit(be_busy, sys.argv[1]).result()\n"
    )
    note = tmp_path / "worker"
    command = [sys.executable, tmp_path / "parent.py", note]
    with subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(ROOT)}) as parent:
        until = time.monotonic() + 60
        while not (note.exists() and note.read_text()) and time.monotonic() < until:
            time.sleep(0.05)
        parent.kill()
    state = Path(f"/proc/{note.read_text()}/stat")
    while state.exists() and state.read_text().rpartition(")")[2].split()[0] != "Z":
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("slurm", "executor must be one of mpi, dask://HOST:PORT, got 'slurm'"),
        ("dask://127.0.0.1:1", "pip install 'adamref[dask]'"),
        ("mpi", "executor mpi needs an MPI and its library: pip install 'adamref[mpi]'"),
    ],
)
def test_an_executor_that_is_not_there_says_what_to_do(kind, sentence, monkeypatch):
    # As if neither library were installed.
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.setitem(sys.modules, "mpi4py.futures", None)
    with pytest.raises(ExecutorError) as caught, lanes.open_lanes(1, kind):
        pass
    assert sentence in str(caught.value)


class KilledWorker(Exception):
    """Named as the exception of Dask, which need not be installed."""


def test_a_task_is_blamed_for_an_end_of_its_worker_and_for_nothing_else():
    executor = Executor()
    assert "every worker" in lanes.why_ended(executor, KilledWorker())
    assert lanes.why_ended(executor, ConnectionError()) == ""
