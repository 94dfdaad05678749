"""The code and the commands of every README run, and print what the text says.

Each Python block, and the commands of `adamref` and of compilers in the `sh` blocks in order, run
in a folder that holds `my_adam.py`, the Adam of the main README.
"""

import re
import shlex
import shutil
import subprocess
import sys

import click
import pytest

from conformance.cli import cli
from conformance.vectors.switches import FEATURES
from tests.support.paths import ROOT

MAIN = ROOT / "README.md"
READMES = sorted(
    path
    for folder in ("adamref", "conformance", "tests", "vectors")
    for name in ("README.md", "LEARN.md")
    for path in (ROOT / folder).rglob(name)
)
# Options of other programs that READMEs name.
FOREIGN_OPTIONS = {
    "--adam",
    "--adam-convention",
    "--adam-level",
    "--adam-require",
    "--adam-waivers",
    "--check",
    # The example of a new format.
    "--csv",
    # Of a program that is judged, and of Dask.
    "--fast",
    "--nthreads",
    # Of `python -m tests.benchmarks.workers`.
    "--all",
    "--disable-pip-version-check",
    "--dist",
    "--junitxml",
    "--lf",
    "--list",
    "--most",
    "--no-build-isolation",
    "--quick",
    "--quiet",
    "--resume",
    "--search",
    "--update",
}


def name_of(path):
    return path.parent.relative_to(ROOT).as_posix()


every_readme = pytest.mark.parametrize("path", [MAIN, *READMES], ids=name_of)


def blocks(path, language):
    return re.findall(rf"```{language}\n(.*?)```", path.read_text(), re.DOTALL)


def my_adam():
    return next(block for block in blocks(MAIN, "python") if "class MyAdam" in block)


def run(command, folder):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def project(tmp_path):
    """A folder with the Adam of the main README in it."""
    (tmp_path / "my_adam.py").write_text(my_adam())
    return tmp_path


PYTHON = [
    pytest.param(code, id=f"{name_of(path)}-{number}")
    for path in [MAIN, *READMES]
    for number, code in enumerate(blocks(path, "python"), 1)
]


@pytest.mark.parametrize("code", PYTHON)
def test_python_of_a_readme_runs_and_prints_what_its_comments_say(code, project):
    if "def test_" in code or "class Test" in code:
        (project / "test_block.py").write_text(code)
        status, output = run([sys.executable, "-m", "pytest", "-q", "test_block.py"], project)
        assert status == 0, output
        assert re.search("[0-9]+ passed", output)
        return
    (project / "block.py").write_text(code)
    status, output = run([sys.executable, "block.py"], project)
    assert status == 0, output
    assert output.splitlines() == re.findall(r"^print.*  # (.*)$", code, re.MULTILINE)


# Compilers whose commands run too.
COMPILERS = ("cc", "rustc")
# A program that a compiler has made, with files in the place of its streams.
MADE = "./adam"


def commands_of(path):
    """Return the commands of `adamref` and of compilers in the `sh` blocks of a README."""
    lines = [line for block in blocks(path, "sh") for line in block.splitlines()]
    programs = ("adamref", *COMPILERS, MADE)
    return [line for line in lines if line.partition(" ")[0] in programs]


# Words of a command that another program must understand -> that program.
NEEDED = {
    "cc ": "cc",
    "./adam ": "cc",
    "file:answers.txt": "cc",
    "rust": "rustc",
    "cmd:node": "node",
}


def is_possible(line):
    """Return whether the programs that a command needs are on this machine."""
    needed = [program for words, program in NEEDED.items() if words in f"{line} "]
    return all(map(shutil.which, needed))


@pytest.mark.parametrize("path", [p for p in [MAIN, *READMES] if commands_of(p)], ids=name_of)
def test_commands_of_a_readme_succeed(path, project):
    commands = commands_of(path)
    possible = list(filter(is_possible, commands))
    for line in possible:
        words = shlex.split(line, comments=True)
        command = [sys.executable, "-m", *words]
        if words[0] in COMPILERS:
            command = words
        elif words[0] == MADE:
            command = ["sh", "-c", line]
        status, output = run(command, project)
        assert status == 0, f"{line}\n{output}"
    if len(possible) < len(commands):
        pytest.skip(f"not run: {', '.join(sorted(set(commands) - set(possible)))}")


def test_the_judge_readme_leads_from_every_start_to_a_verdict():
    commands = commands_of(ROOT / "conformance" / "README.md")
    for kind, command in {"c": "cmd:./adam", "js": "cmd:node", "rust": "cmd:./adam_rust"}.items():
        first = commands.index(f"adamref init {kind}")
        assert any(command in line for line in commands[first + 1 :])


def test_main_readme_is_short():
    assert len(MAIN.read_text().splitlines()) <= 250


def test_two_commands_make_or_reuse_an_environment_in_one_line_each():
    lines = MAIN.read_text().splitlines()
    commands = [line for line in lines if line.startswith("python3 -m venv .venv")]
    assert len(commands) == 2
    assert commands[0].endswith("-e . && .venv/bin/adamref check")
    assert commands[1].endswith(
        "-r conformance/subjects/requirements.txt"
        " && .venv/bin/python -m pytest -n 2 --dist loadfile"
    )


def test_the_mistake_that_the_main_readme_makes_is_reported_as_it_says(project):
    right = "        self.t += 1\n        for i, g in enumerate(grads):\n"
    wrong = "        for i, g in enumerate(grads):\n            self.t += 1\n"
    assert right in my_adam()
    (project / "my_adam.py").write_text(my_adam().replace(right, wrong))
    command = next(line for line in commands_of(MAIN) if line == "adamref check my_adam:MyAdam")
    status, output = run([sys.executable, "-m", *command.split()], project)
    assert status == 1
    last_of_block = blocks(MAIN, "text")[0].splitlines()[-1]
    assert last_of_block in output


@every_readme
def test_options_that_a_readme_names_exist(path):
    options = {name for command in cli.commands.values() for name in _options(command)}
    named = set(re.findall("--[a-z][a-z-]+", path.read_text()))
    assert named - FOREIGN_OPTIONS <= options


def _options(command):
    if isinstance(command, click.Group):
        return {name for inner in command.commands.values() for name in _options(inner)}
    return {name for param in command.params for name in param.opts}


def test_the_judge_readme_lists_every_feature_that_can_be_required():
    text = (ROOT / "conformance" / "README.md").read_text()
    listed = re.search(r"A FEATURE is one of (.*)\.", text).group(1)
    assert set(re.findall("`([a-z0-9_]+)`", listed)) == set(FEATURES)


@every_readme
def test_files_and_sections_that_a_readme_links_exist(path):
    links = re.findall(r"\]\(([^)\s]+)\)", path.read_text())
    for link in [link for link in links if "://" not in link]:
        file, _, section = link.partition("#")
        target = path.parent / file if file else path
        assert target.exists(), link
        if section:
            assert section in _anchors(target), link


def _anchors(path):
    headings = re.findall(r"^#+ (.*)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@every_readme
def test_modules_that_a_readme_runs_exist(path):
    for module in re.findall(r"-m (conformance[\w.]*|tests[\w.]*)", path.read_text()):
        file = ROOT.joinpath(*module.split("."))
        assert file.with_suffix(".py").exists() or (file / "__main__.py").exists(), module
