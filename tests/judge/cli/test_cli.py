"""The command line as its users meet it: exit statuses, sentences, files."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.cli import cli, main
from conformance.vectors import files

ADAM = """
import numpy as np
from adamref import Adam, AdamConfig

FOUR = ("learning_rate", "beta1", "beta2", "epsilon")

def right(params, *numbers):
    return Adam(params, AdamConfig(**dict(zip(FOUR, numbers))))

def still(params, *numbers):
    return lambda grads: params

three = 3
"""


@pytest.fixture(name="project")
def project_fixture(tmp_path, monkeypatch):
    """A folder of a user's, with Adams in it, as the current one."""
    name = f"adam_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(ADAM)
    (tmp_path / "broken.py").write_text("import a_library_that_is_not_there\n")
    (tmp_path / "ends.py").write_text("import sys\nsys.exit(0)\n")
    monkeypatch.chdir(tmp_path)
    return name


def test_a_conformant_subject_exits_with_0(project, capsys):
    assert main(["check", f"{project}:right"]) == 0
    out = capsys.readouterr().out
    assert "conformant" in out
    assert "ddddd" in out
    assert "its signature lacks amsgrad" in out


def test_a_failure_is_shown_with_all_that_is_needed_to_see_it_again(project, capsys):
    assert main(["check", f"{project}:still", "--only", "basic.f32.*"]) == 1
    out = capsys.readouterr().out
    for line in (
        "where ",
        "suspect ",
        "got ",
        "permitted ",
        "off by ",
        "config ",
        "gradients ",
        "why ",
    ):
        assert f"\n  {line}" in out
    again = next(line for line in out.splitlines() if line.startswith("  again"))
    words = again.split()[1:]
    assert words[0] == "adamref"
    assert main(words[1:]) == 1
    assert "its mistake is " in capsys.readouterr().out


def test_a_required_feature_is_in_the_command_that_shows_its_lack_again(project, capsys):
    required = ["--require", "amsgrad", "--require", "sparse", "--require", "float32"]
    assert main(["check", f"{project}:right", *required]) == 1
    out = capsys.readouterr().out
    commands = [line.split()[1:] for line in out.splitlines() if line.startswith("  again")]
    assert commands
    for words in commands:
        assert "--require" in words
        assert main(words[1:]) == 1
        assert " required\n" in capsys.readouterr().out


def test_each_vector_that_is_not_supported_has_one_reason(project, capsys):
    assert main(["check", f"{project}:right"]) == 0
    out = capsys.readouterr().out
    (total,) = re.findall(r": (\d+) of \d+ vectors not supported\n", out)
    counts = re.findall(r": not supported, (\d+) vectors?: \w", out)
    assert len(counts) > 3
    assert sum(map(int, counts)) == int(total)


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (
            ["check", "torhc"],
            2,
            "file:ANSWERS, got 'torhc'; did you mean torch?",
        ),
        (["check", "my_adam.py:Mine"], 2, "got 'my_adam.py:Mine'; write my_adam:Mine"),
        (["check", "adamref", "--blocks", "-1"], 2, "-1 is not in the range x>=0"),
        (
            ["check", "adamref", "--require", "none", "--only", "basic.*"],
            2,
            "require must name what paper has vectors",
        ),
        (["check", "my adam"], 2, "got 'my adam'; `adamref list subjects` shows the shipped ones"),
        (
            ["check", "adamref", "--convention", "x"],
            2,
            "convention must be one of paper, paper-hat, tf1",
        ),
        (["check", "adamref", "--require", "x"], 2, "require must be one of hygiene, none, sparse"),
        (["check", "adamref", "--level", "x"], 2, "'x' is not one of 'quick', 'core', 'full'"),
        (["check", "--surprise"], 2, "No such option"),
        (["surprise"], 2, "No such command 'surprise'"),
        (
            ["check", "nowhere:make"],
            3,
            "importing nowhere failed: ModuleNotFoundError: No module named 'nowhere'",
        ),
        (["check", "broken:make"], 3, "No module named 'a_library_that_is_not_there'"),
        (["check", "ends:make"], 3, "importing ends failed: SystemExit: 0"),
        (["check", "{project}:rihgt"], 3, "has no 'rihgt'; did you mean right?"),
        (
            ["check", "{project}:three"],
            3,
            "must be a function make(params, learning_rate, ...), got int",
        ),
        (["check", "adamref", "--vectors", "nowhere"], 3, "MANIFEST.json cannot be read"),
        (["vectors", "check", "nowhere"], 3, "MANIFEST.json cannot be read"),
        (["vectors", "copy", "."], 2, "must not exist yet"),
        (
            ["check", "adamref", "--only", "basic.f32.mixed", "--json", "nowhere/report"],
            3,
            "nowhere/report must be a file in an existing folder",
        ),
    ],
)
def test_what_went_wrong_is_a_sentence_and_a_status(arguments, status, message, project, capsys):
    arguments = [argument.replace("{project}", project) for argument in arguments]
    assert main(arguments) == status
    captured = capsys.readouterr()
    assert message in captured.err
    assert "Traceback" not in captured.err + captured.out


def test_a_glob_that_matches_nothing_tests_nothing(capsys):
    assert main(["check", "adamref", "--only", "surprise.*"]) == 5
    assert "no vector was run" in capsys.readouterr().out


def test_the_worst_status_of_several_subjects_wins(project, capsys):
    assert main(["check", "adamref", f"{project}:still", "--only", "basic.f32.mixed"]) == 1
    assert main(["check", f"{project}:still", "broken:make", "--only", "basic.f32.mixed"]) == 3
    assert main(["check", "broken:make", "torhc"]) == 2
    capsys.readouterr()


def test_json_lines_hold_every_vector_and_every_subject(project, capsys, tmp_path):
    file = tmp_path / "report.jsonl"
    assert (
        main(
            ["check", "adamref", f"{project}:still", "--only", "basic.*.mixed", "--json", str(file)]
        )
        == 1
    )
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["type"] for line in lines] == [
        "header",
        "vector",
        "vector",
        "subject",
        "vector",
        "vector",
        "subject",
    ]
    assert lines[3]["verdict"] == "conformant"
    assert lines[4]["discrepancy"]["of"] == "params"
    assert lines[6]["arithmetic"] is None
    assert (
        main(["check", "adamref", "broken:make", "--only", "basic.*.mixed", "--json", str(file)])
        == 3
    )
    error = json.loads(file.read_text().splitlines()[1])
    assert (error["type"], error["subject"]) == ("error", "broken:make")


def test_vectors_are_copied_whole_and_verified(tmp_path, capsys):
    target = tmp_path / "vendor" / "adam"
    assert main(["vectors", "copy", str(target)]) == 0
    assert main(["vectors", "check", str(target)]) == 0
    assert "checksums and schema are right" in capsys.readouterr().out
    basic = target / "basic.json"
    basic.write_text(basic.read_text()[:1000])
    assert main(["vectors", "check", str(target)]) == 3
    assert main(["check", "adamref", "--vectors", str(target)]) == 3
    err = capsys.readouterr().err
    assert err.count("basic.json must have the checksum") == 2


@pytest.mark.parametrize("what", ["subjects", "conventions", "vectors", "defects"])
def test_every_list_has_rows(what, capsys):
    assert main(["list", what]) == 0
    assert len(capsys.readouterr().out.splitlines()) > 5


def _verbs(group, path=()):
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _verbs(command, (*path, name))
        else:
            yield (*path, name)


@pytest.mark.parametrize("verb", list(_verbs(cli)), ids=" ".join)
def test_every_verb_s_help_has_an_example(verb, capsys):
    assert main([*verb, "--help"]) == 0
    assert "adamref " + " ".join(verb) in capsys.readouterr().out.partition("Example")[2]


@pytest.mark.parametrize("module", ["conformance", "adamref"])
def test_the_command_line_runs_as_a_module_without_colours_in_a_pipe(module):
    environment = {
        key: value for key, value in os.environ.items() if key not in ("FORCE_COLOR", "COLUMNS")
    }
    command = [sys.executable, "-m", module, "check", "adamref", "--only", "basic.f32.mixed"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout


def test_numba_and_frameworks_are_not_imported_by_the_help():
    code = (
        "import sys; from conformance.cli import main; main(['--help']); "
        "print(sorted(m for m in sys.modules if '.' not in m))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    modules = done.stdout.splitlines()[-1]
    assert all(
        f"'{name}'" not in modules
        for name in ("numpy", "rich", "torch", "tensorflow", "jax", "numba")
    )


def test_the_package_s_own_vectors_are_used_by_default():
    assert files.default_directory().joinpath("MANIFEST.json").is_file()
    assert shutil.which("adamref", path=str(Path(sys.executable).parent))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("adamref check torch-ad", {"torch-adamw", "torch-adamw-foreach", "torch-adamw-fused"}),
        ("adamref check --convention ker", {"keras3"}),
        ("adamref check --require float", {"float16", "float32", "float64"}),
        ("adamref compare torch-sp", {"torch-sparse"}),
    ],
)
def test_a_shell_completes_subjects_conventions_and_features(words, expected, capfd, monkeypatch):
    monkeypatch.setenv("_ADAMREF_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - 1))
    assert main([]) == 0
    assert {line.partition(",")[2] for line in capfd.readouterr().out.split()} == expected
