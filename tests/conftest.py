import subprocess
import sys

import pytest

from conformance.vectors import files
from conformance.vectors.suite import Suite
from tests.support.paths import ROOT


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
