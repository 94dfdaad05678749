"""The wheel works outside the checkout, on every Python that is found."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.paths import ROOT

# What is read from the package and is no module of it.
DATA = (
    "conformance/_vectors/basic.json",
    "conformance/_vectors/README.md",
    "adamref_conformance.py",
    "conformance/gate/action/action.yml",
    "conformance/gate/action/run.py",
    "conformance/gate/templates/adam.c",
    "conformance/gate/templates/adam.jl",
    "conformance/gate/templates/adam.js",
    "conformance/gate/templates/adam.rs",
    "conformance/gate/templates/adam.yml",
    "conformance/gate/templates/adam_subject.py",
    "conformance/gate/templates/adam_torch.py",
    "conformance/gate/templates/test_adam_conformance.py",
    "conformance/subjects/waivers.toml",
    "conformance/report/report.schema.json",
    "conformance/report/outputs/summary.md.jinja",
)


def interpreters():
    """Python 3.11 and 3.13, by the path of one that runs; the running one always."""
    found = {f"{sys.version_info.major}.{sys.version_info.minor}": sys.executable}
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for minor in (11, 13):
        candidates = [
            shutil.which(f"python3.{minor}"),
            *versions.glob(f"3.{minor}.*/bin/python3.{minor}"),
        ]
        for candidate in filter(None, candidates):
            done = subprocess.run([candidate, "-c", ""], capture_output=True, check=False)
            if done.returncode == 0:
                found.setdefault(f"3.{minor}", str(candidate))
    return found


@pytest.mark.parametrize("version", interpreters())
def test_the_wheel_checks_itself_in_an_empty_environment(version, wheel, tmp_path):
    environment = tmp_path / "environment"
    subprocess.run([interpreters()[version], "-m", "venv", str(environment)], check=True)
    bin_folder = environment / "bin"
    pip = [
        str(bin_folder / "python"),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        str(wheel),
    ]
    subprocess.run(pip, check=True, capture_output=True)
    done = subprocess.run(
        [str(bin_folder / "adamref"), "check", "--level", "quick"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    # Our reference under thirteen conventions, and autograd, which the package itself needs.
    assert done.stdout.count(" conformant ") == 20
    verified = subprocess.run(
        [str(bin_folder / "adamref"), "vectors", "check"], capture_output=True, check=False
    )
    assert verified.returncode == 0


def test_the_wheel_holds_both_packages_and_the_vectors_and_no_entry_point_for_pytest(wheel):
    listing = subprocess.run(
        [sys.executable, "-m", "zipfile", "-l", str(wheel)],
        capture_output=True,
        text=True,
        check=True,
    )
    for name in ("adamref/step.py", "conformance/judge/check.py", *DATA):
        assert name in listing.stdout
    assert "tests/" not in listing.stdout
    assert "pytest11" not in (ROOT / "pyproject.toml").read_text()
    entries = zipfile.ZipFile(wheel).infolist()
    files = [one for one in entries if one.filename.startswith("conformance/_vectors/")]
    # No judge reads the lessons.
    vectors = [one for one in files if not one.filename.endswith("learn.json")]
    assert 0 < sum(one.compress_size for one in vectors) < 2_000_000
    assert wheel.stat().st_size < 3_000_000
