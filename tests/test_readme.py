"""The README's code and commands run, and say what it says."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text()


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def test_the_two_commands_make_or_reuse_an_environment_in_one_line_each():
    commands = [line for line in TEXT.splitlines() if line.startswith("python3 -m venv .venv")]
    assert len(commands) == 2
    assert commands[0].endswith("-e . && .venv/bin/adamref check")
    assert commands[1].endswith("-r conformance/subjects/requirements.txt && .venv/bin/python -m pytest")


def test_one_step_prints_what_its_comment_says():
    code = next(block for block in blocks("python") if "from adamref import Adam" in block)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == re.search(r"# (\[array.*?\]\))\]", code).group(1) + "]"


def test_the_adam_of_the_readme_is_judged_as_it_says(tmp_path):
    subject, check = (next(b for b in blocks("python") if mark in b) for mark in ("class MyAdam", "assert report"))
    (tmp_path / "my_adam.py").write_text(subject)
    command = next(line for block in blocks("sh") for line in block.splitlines() if "my_adam:MyAdam" in line)
    assert command == "adamref check my_adam:MyAdam"
    for run in ([sys.executable, "-m", *command.split()], [sys.executable, "-c", check]):
        done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "conformant" in done.stdout


def test_every_file_that_the_readme_names_is_there():
    for path in re.findall(r"\]\(([^)]+)\)", TEXT):
        assert (ROOT / path).exists(), path


def test_every_development_command_names_a_module_that_is_there():
    for module in re.findall(r"-m (conformance[\w.]*|tests[\w.]*)", TEXT):
        path = ROOT.joinpath(*module.split("."))
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), module
