"""The README's code and commands run, and say what it says."""

import re
import subprocess
import sys

import click
import pytest

from conformance.cli import cli
from conformance.vectors.switches import FEATURES
from conformance.waivers import files
from tests.support.paths import ROOT

TEXT = (ROOT / "README.md").read_text()


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def test_the_two_commands_make_or_reuse_an_environment_in_one_line_each():
    commands = [line for line in TEXT.splitlines() if line.startswith("python3 -m venv .venv")]
    assert len(commands) == 2
    assert commands[0].endswith("-e . && .venv/bin/adamref check")
    assert commands[1].endswith(
        "-r conformance/subjects/requirements.txt && .venv/bin/python -m pytest -n 2 --dist loadfile"
    )


def test_one_step_prints_what_its_comment_says():
    code = next(block for block in blocks("python") if "from adamref import Adam" in block)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == re.search(r"# (\[array.*?\]\))\]", code).group(1) + "]"


@pytest.mark.parametrize("mark", ["tf1.AdamOptimizer", "FusedAdam(", "DeferredTable("])
def test_an_example_prints_what_its_comments_say(mark):
    code = next(block for block in blocks("python") if mark in block)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == re.findall(r"^print.*  # (.*)$", code, re.MULTILINE)


def test_the_adam_of_the_readme_is_judged_as_it_says(tmp_path):
    subject, check = (
        next(b for b in blocks("python") if mark in b) for mark in ("class MyAdam", "assert report")
    )
    (tmp_path / "my_adam.py").write_text(subject)
    command = next(
        line for block in blocks("sh") for line in block.splitlines() if "my_adam:MyAdam" in line
    )
    assert command == "adamref check my_adam:MyAdam"
    for run in ([sys.executable, "-m", *command.split()], [sys.executable, "-c", check]):
        done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "conformant" in done.stdout


@pytest.fixture
def project(tmp_path):
    """A folder with the Adam of the README in it."""
    (tmp_path / "my_adam.py").write_text(
        next(block for block in blocks("python") if "class MyAdam" in block)
    )
    return tmp_path


def run(command, folder):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_five_lines_judge_an_adam():
    code = next(block for block in blocks("python") if "check(make)" in block)
    statements = [
        line for line in code.splitlines() if line and not line.startswith(("from ", "import "))
    ]
    assert len(statements) <= 5
    assert run([sys.executable, "-c", code], ROOT) == (0, "conformant\n")


def test_the_line_for_ci_passes_and_leaves_the_numbers(project):
    command = next(
        line for block in blocks("sh") for line in block.splitlines() if "--require float32" in line
    )
    status, said = run([sys.executable, "-m", *command.split()], project)
    assert status == 0, said
    assert (project / "report.jsonl").read_text().startswith('{"type": "header"')


def test_the_gate_for_pytest_passes(project):
    (project / "test_adam.py").write_text(
        next(block for block in blocks("python") if "@conformance" in block)
    )
    status, said = run([sys.executable, "-m", "pytest", "-q"], project)
    assert status == 0, said
    assert re.search(r"[0-9]{2} passed, [0-9]+ skipped", said)


def test_the_waiver_of_the_readme_can_be_read(tmp_path):
    (tmp_path / "waivers.toml").write_text(blocks("toml")[0])
    (waiver,) = files.load(tmp_path / "waivers.toml")
    assert (waiver.id, waiver.failure, waiver.worst_ratio) == ("amsgrad.*.decimal", "E5", 130)


def test_every_option_and_feature_that_the_readme_names_is_there():
    options = {name for command in cli.commands.values() for name in _options(command)}
    named = set(re.findall("--[a-z][a-z-]+", TEXT))
    of_others = {
        "--quiet",
        "--disable-pip-version-check",
        "--lf",
        "--junitxml",
        "--dist",
        "--adam",
        "--check",
        "--search",
    }
    assert named - of_others <= options
    features = re.search(r"with one of (.*), repeated for more", TEXT).group(1)
    assert set(re.findall("`([a-z0-9_]+)`", features)) == set(FEATURES)


def _options(command):
    if isinstance(command, click.Group):
        return {name for inner in command.commands.values() for name in _options(inner)}
    return {name for param in command.params for name in param.opts}


def test_every_file_that_the_readme_names_is_there():
    paths = [path for path in re.findall(r"\]\(([^)]+)\)", TEXT) if not path.startswith("https://")]
    assert all((ROOT / path).exists() for path in paths), paths


def test_every_development_command_names_a_module_that_is_there():
    for module in re.findall(r"-m (conformance[\w.]*|tests[\w.]*)", TEXT):
        path = ROOT.joinpath(*module.split("."))
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), module
