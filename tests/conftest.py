import os
import shutil
import signal
import subprocess
import sys
import tempfile

import pytest

from conformance.vectors import files
from conformance.vectors.suite import Suite
from tests.support.paths import ROOT

# The files that take longest, with seconds of a processor. They are dealt out first, so that no
# worker waits for another at the end.
LONGEST = {
    "judge/subjects/test_subjects.py": 440,
    "judge/selftest/test_selftest.py": 240,
    "judge/defects/test_defects.py": 240,
    "judge/vectors/test_vectors.py": 210,
    "judge/identity/test_identity.py": 120,
    "project/test_fresh_project.py": 104,
    "project/test_readme.py": 95,
    "judge/truth/test_bound.py": 85,
    "project/test_wheel.py": 73,
    "judge/process/test_signals.py": 62,
    "judge/defects/test_half.py": 61,
    "project/test_files_from_strangers.py": 50,
    "judge/judge/test_waiver_update.py": 50,
}


def pytest_configure(config: pytest.Config) -> None:
    _share_what_jax_compiles(config)
    # pytest-xdist would deal out files with many tests first.
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def _share_what_jax_compiles(config: pytest.Config) -> None:
    """Let all processes of this session compile each program of JAX once.

    Compiling is most of the time of its subjects, and many of their programs are the same.
    """
    # Workers have it from the process that starts them.
    if "JAX_COMPILATION_CACHE_DIR" in os.environ:
        return
    folder = tempfile.mkdtemp(prefix="adamref-jax-")
    os.environ["JAX_COMPILATION_CACHE_DIR"] = folder
    # Also what is small, and what takes less than a second.
    os.environ["JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES"] = "-1"
    os.environ["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0"
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: -LONGEST.get(item.nodeid.partition("::")[0].partition("/")[2], 0))


@pytest.fixture(scope="session", autouse=True)
def _interrupts() -> None:
    """Let SIGINT and SIGHUP do what they do in a terminal, also in tests in the background.

    A shell or `nohup` starts them with these signals ignored, and all processes that they start
    would ignore them, too.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session")
def suite() -> Suite:
    return files.load()


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(folder),
        str(ROOT),
    ]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("*.whl"))
