"""A Dask cluster of two workers, one of which is killed half way, loses nothing.

It needs `pip install 'adamref[dask]'`, and is skipped without.
"""

import contextlib
import importlib.util
import os
import re
import socket
import subprocess
import sys
import time

import pytest

from tests.support.commands import hostile_module
from tests.support.paths import ROOT

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None, reason="distributed is not installed"
)
# A cluster starts, and a run ends, within so many seconds.
PATIENCE = 120


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def start(folder, *arguments):
    command = [sys.executable, "-W", "ignore", "-m", *arguments, "--no-dashboard"]
    path = os.pathsep.join([str(ROOT), str(ROOT / "conformance/alias"), str(folder)])
    with (folder / "dask.log").open("ab") as log:
        return subprocess.Popen(
            command, cwd=folder, env=os.environ | {"PYTHONPATH": path}, stdout=log, stderr=log
        )


@pytest.fixture(name="cluster")
def cluster_fixture(tmp_path):
    """Yield a folder, an address, and the processes of two workers."""
    hostile_module(tmp_path)
    port = free_port()
    address = f"127.0.0.1:{port}"
    with contextlib.ExitStack() as stack:
        scheduler = start(tmp_path, "distributed.cli.dask_scheduler", "--port", str(port))
        stack.callback(scheduler.wait)
        stack.callback(scheduler.kill)
        options = ("--nthreads", "1", "--no-nanny")
        workers = []
        for _ in range(2):
            worker = start(tmp_path, "distributed.cli.dask_worker", f"tcp://{address}", *options)
            workers.append(worker)
            stack.callback(worker.wait)
            stack.callback(worker.kill)
        until = time.monotonic() + PATIENCE
        while (tmp_path / "dask.log").read_text().count("Registered to:") < len(workers):
            assert time.monotonic() < until, (tmp_path / "dask.log").read_text()
            time.sleep(0.2)
        yield tmp_path, address, workers


def judge(folder, *arguments):
    command = [sys.executable, "-m", "conformance", "check", "hostile:Right", "--level", "quick"]
    path = os.pathsep.join([str(ROOT), str(folder)])
    return subprocess.Popen(
        [*command, "--json", "report.jsonl", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": path},
        stdout=subprocess.DEVNULL,
    )


def report_of(folder):
    return re.sub(r'"seconds": [0-9.]+', "", (folder / "report.jsonl").read_text())


def test_a_worker_that_is_killed_half_way_changes_nothing_in_the_report(cluster):
    folder, address, workers = cluster
    with judge(folder) as process:
        assert process.wait(PATIENCE) == 0
    plain = report_of(folder)
    (folder / "report.jsonl").unlink()
    elsewhere = ("--executor", f"dask://{address}", "--resume", "runs.jsonl")
    with judge(folder, *elsewhere) as process:
        runs = folder / "runs.jsonl"
        until = time.monotonic() + PATIENCE
        while not runs.exists() or runs.read_text().count("\n") < 10:
            assert time.monotonic() < until
            time.sleep(0.01)
        workers[0].kill()
        assert process.wait(PATIENCE) == 0
    assert report_of(folder) == plain
