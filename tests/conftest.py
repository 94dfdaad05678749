import signal
import subprocess
import sys

import pytest

from conformance.vectors import files
from conformance.vectors.suite import Suite
from tests.support.paths import ROOT

# The files that take longest, with seconds of a processor. They are dealt out first, so that no
# worker waits for another at the end.
LONGEST = {
    "judge/subjects/test_subjects.py": 304,
    "judge/selftest/test_selftest.py": 253,
    "judge/defects/test_defects.py": 196,
    "judge/vectors/test_vectors.py": 129,
    "project/test_fresh_project.py": 104,
    "judge/truth/test_bound.py": 94,
    "judge/identity/test_identity.py": 85,
    "project/test_readme.py": 70,
    "project/test_wheel.py": 64,
    "judge/process/test_signals.py": 62,
    "judge/waivers/test_waivers_on_the_command_line.py": 52,
}


def pytest_configure(config: pytest.Config) -> None:
    # pytest-xdist would deal out files with many tests first.
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


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
