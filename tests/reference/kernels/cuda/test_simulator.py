"""The CUDA backend in Numba's simulator and without a GPU; `python -m tests.gpu` needs a GPU."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.support.paths import ROOT

CASES = [
    Path(__file__).parent / "simulator" / f"cuda{what}_cases.py"
    for what in ("", "_graph", "_array", "_saving", "_storage")
]
NO_GPU = {"CUDA_VISIBLE_DEVICES": "-1", "NUMBA_ENABLE_CUDASIM": "0"}
NODES = [node for path in CASES for node in ast.parse(path.read_text()).body]
NAMES = [
    node.name
    for node in NODES
    if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """Name of a test -> what failed in it, each as pytest tells it."""
    report = tmp_path_factory.mktemp("simulator") / "report.xml"
    command = [
        sys.executable,
        "-m",
        "pytest",
        *map(str, CASES),
        "-q",
        "-p",
        "no:cacheprovider",
        f"--junitxml={report}",
    ]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"NUMBA_ENABLE_CUDASIM": "1"},
        capture_output=True,
        text=True,
    )
    assert report.exists(), done.stdout + done.stderr
    found = {}
    for case in ElementTree.parse(report).iter("testcase"):
        wrong = [child.text for child in case]
        found.setdefault(case.get("name").partition("[")[0], []).extend(wrong)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_simulated(name, outcomes):
    assert outcomes[name] == []


def gpu(*arguments, **environment):
    command = [sys.executable, "-W", "error", "-m", "tests.gpu", *map(str, arguments)]
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True
    )


def test_what_runs_on_a_gpu_runs_in_the_simulator_and_writes_what_it_found(tmp_path):
    done = gpu(
        "--small",
        "--only",
        "many,unaligned,host,saved,huge,copied",
        "--out",
        tmp_path,
        NUMBA_ENABLE_CUDASIM="1",
    )
    (path,) = tmp_path.iterdir()
    report = json.loads(path.read_text())
    parts = report["parts"]
    # There are no events with times: that one part fails, and the others are there all the same.
    assert [name for name, part in parts.items() if not part["ok"]] == ["copied"]
    assert done.returncode == 1
    assert parts["huge"]["elements"] == 4096
    assert parts["copied"]["error"] in done.stdout
    assert report["machine"]["device"] == "simulator"


def test_without_a_gpu_what_runs_on_one_says_so():
    done = gpu(**NO_GPU)
    assert done.returncode == 2
    assert done.stderr == "tests.gpu must have an NVIDIA GPU with its driver, and found none.\n"


def test_without_a_gpu_the_backend_says_so_and_names_the_way_out():
    code = "from adamref.kernels.cuda import FusedAdam; FusedAdam([])"
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | NO_GPU, capture_output=True, text=True
    )
    due = (
        "RuntimeError: backend 'cuda' must have an NVIDIA GPU with its driver, got none; "
        "'cpu' needs none"
    )
    assert done.stderr.strip().splitlines()[-1] == due
