import signal
import subprocess
import sys

import pytest

from conformance.vectors import files
from conformance.vectors.suite import Suite
from tests.support.paths import ROOT


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
