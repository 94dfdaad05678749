"""What `adamref init` writes runs as it is."""

import shlex
import subprocess
import sys

import pytest
import yaml

from conformance.cli import main

WRITTEN = {
    "python": ["adam_subject.py"],
    "pytest": ["adam_subject.py", "test_adam_conformance.py"],
    "action": [
        "adam_subject.py",
        ".github/workflows/adam.yml",
        ".github/actions/adamref/action.yml",
        ".github/actions/adamref/run.py",
    ],
    "c": ["adam.c"],
    "js": ["adam.js"],
    "rust": ["adam.rs"],
    "julia": ["adam.jl"],
    "torch": ["adam_torch.py"],
}


def files(folder):
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


@pytest.mark.parametrize("kind", WRITTEN)
def test_it_says_what_it_wrote_and_what_to_type_next(kind, tmp_path, capsys):
    folder = tmp_path / "my project"
    assert main(["init", kind, str(folder)]) == 0
    lines = capsys.readouterr().out.splitlines()
    count = len(WRITTEN[kind])
    assert lines[:count] == [f"wrote {folder / name}" for name in WRITTEN[kind]]
    assert files(folder) == sorted(WRITTEN[kind])
    assert lines[count].startswith(f"next: cd '{folder}' && ")
    assert all(line.startswith("then: ") for line in lines[count + 1 :])


@pytest.mark.parametrize(("kind", "says"), [("python", " conformant "), ("pytest", " passed")])
def test_the_next_command_succeeds_as_it_stands(kind, says, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["init", kind]) == 0
    command = shlex.split(capsys.readouterr().out.splitlines()[-1].removeprefix("next: "))
    # The words that a shell finds in an environment that is activated.
    prefix = {"adamref": [sys.executable, "-m", "adamref"], "python": [sys.executable]}[command[0]]
    done = subprocess.run([*prefix, *command[1:]], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert says in done.stdout


def test_the_workflow_uses_the_action_and_the_adapter_that_are_written_beside_it(tmp_path):
    main(["init", "action", str(tmp_path)])
    workflow = yaml.safe_load((tmp_path / ".github/workflows/adam.yml").read_text())
    step = workflow["jobs"]["conformance"]["steps"][-1]
    action = yaml.safe_load((tmp_path / step["uses"] / "action.yml").read_text())
    assert set(step["with"]) <= set(action["inputs"])
    assert step["with"]["subject"] == "adam_subject:MyAdam"
    assert workflow["permissions"] == {"contents": "read"}


def test_what_is_there_is_named_and_nothing_is_written(tmp_path, capsys):
    mine = tmp_path / "test_adam_conformance.py"
    mine.write_text("mine")
    assert main(["init", "pytest", str(tmp_path)]) == 2
    assert (
        f"DIR must not hold test_adam_conformance.py yet, got {tmp_path}; nothing"
        in capsys.readouterr().err
    )
    assert files(tmp_path) == ["test_adam_conformance.py"]
    assert mine.read_text() == "mine"


def test_an_adapter_that_is_there_is_kept(tmp_path, capsys):
    assert main(["init", "python", str(tmp_path)]) == 0
    mine = tmp_path / "adam_subject.py"
    mine.write_text("mine")
    assert main(["init", "action", str(tmp_path)]) == 0
    assert f"kept {mine}" in capsys.readouterr().out
    assert mine.read_text() == "mine"
    assert files(tmp_path) == sorted(WRITTEN["action"])


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path, capsys):
    (tmp_path / ".github").write_text("a file where a folder must be")
    assert main(["init", "action", str(tmp_path)]) == 3
    assert "Not a directory" in capsys.readouterr().err
    assert files(tmp_path) == [".github"]


def test_a_kind_that_does_not_exist_is_refused(capsys):
    assert main(["init", "cobol"]) == 2
    assert "'cobol' is not one of 'python', 'pytest', 'action'" in capsys.readouterr().err
