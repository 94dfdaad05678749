"""The action's steps, run in bash as the runner of GitHub would run them."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
ACTION = ROOT / "conformance" / "action"
STEPS = yaml.safe_load((ACTION / "action.yml").read_text())["runs"]["steps"]
INPUTS = yaml.safe_load((ACTION / "action.yml").read_text())["inputs"]

ADAM = """
import numpy as np
from adamref import Adam, AdamConfig

def right(params, *numbers):
    return Adam(params, AdamConfig(**dict(zip(("learning_rate", "beta1", "beta2", "epsilon"), numbers))))

def still(params, *numbers):
    print("::error::a subject must not speak to the runner")
    return lambda grads: params
"""


def substituted(text, inputs):
    """The expressions that the action has; any other is a KeyError."""
    return re.sub(r"\$\{\{ (.*?) \}\}", lambda found: inputs[found[1].removeprefix("inputs.")], text)


@pytest.fixture
def action(tmp_path):
    """Runs the action's scripts in a workspace; returns what they left."""
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    (workspace / "my_adam.py").write_text(ADAM)

    def run(folder=ACTION, python=sys.executable, **given):
        inputs = {name: str(one.get("default", "")) for name, one in INPUTS.items()} | {"install": ""}
        inputs |= {name.replace("_", "-"): value for name, value in given.items()}
        names = ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")
        runner = {name: str(tmp_path / name) for name in names} | {"GITHUB_WORKSPACE": str(workspace)}
        path = f"{Path(python).parent}{os.pathsep}{os.environ['PATH']}"
        runner |= {"PATH": path, "RUNNER_TEMP": str(tmp_path), "GITHUB_ACTION_PATH": str(folder)}
        for step in STEPS:
            if "run" not in step or (step.get("if") == "inputs.install != ''" and not inputs["install"]):
                continue
            own = {name: substituted(value, inputs) for name, value in step["env"].items()}
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
                env=os.environ | runner | own,
                cwd=workspace / substituted(step.get("working-directory", "."), inputs),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            if done.returncode:
                break
        return Left(done, tmp_path)

    return run


class Left:
    """What a run left: status, log, annotations, summary and outputs."""

    def __init__(self, done, folder):
        self.status, self.log = done.returncode, done.stdout
        # Between these two the runner takes no commands.
        heard = re.sub(r"^::stop-commands::(\w+)$.*^::\1::$", "", self.log, flags=re.DOTALL | re.MULTILINE)
        self.annotations = [line for line in heard.splitlines() if line.startswith("::")]
        summary, output = folder / "GITHUB_STEP_SUMMARY", folder / "GITHUB_OUTPUT"
        self.summary = summary.read_text() if summary.exists() else ""
        text = output.read_text() if output.exists() else ""
        self.outputs = {name: value for name, _, value in re.findall(r"(\w+)<<(\w+)\n(.*?)\n\2\n", text, re.DOTALL)}


def test_no_script_has_an_expression_in_it_and_every_input_is_used():
    scripts = [step["run"] for step in STEPS if "run" in step]
    assert len(scripts) == 2
    assert not any("${{" in script for script in scripts)
    assert all(f"inputs.{name} " in (ACTION / "action.yml").read_text() for name in INPUTS)


def test_the_only_action_that_it_uses_keeps_the_reports():
    used = [step for step in STEPS if "uses" in step]
    assert [step["uses"] for step in used] == ["actions/upload-artifact@v4"]
    assert used[0]["if"].startswith("always()")
    assert used[0]["with"]["path"] == "${{ steps.check.outputs.report }}"


def test_a_right_subject_passes_with_reports_and_a_summary(action):
    left = action(subject="my_adam:right")
    assert left.status == 0, left.log
    assert left.outputs["verdict"] == "conformant"
    reports = {path.name: path.read_text() for path in Path(left.outputs["report"]).iterdir()}
    assert set(reports) == {"report.jsonl", "report.xml", "report.md", "badge.json"}
    assert left.summary == reports["report.md"]
    assert json.loads(reports["badge.json"])["message"].startswith("conformant")
    assert [line.partition("::")[2][:7] for line in left.annotations] == ["warning"] * len(left.annotations)
    assert any("amsgrad: its signature has no such parameter" in line for line in left.annotations)


def test_a_wrong_subject_fails_with_an_annotation_for_each_of_the_first_failures(action):
    left = action(subject="my_adam:still", convention="tf1")
    assert (left.status, left.outputs["verdict"]) == (1, "nonconformant")
    errors = [line for line in left.annotations if line.startswith("::error")]
    assert len(errors) == 10
    assert errors[0].startswith("::error title=my_adam%3Astill%3A nonconformant::what it does is no-update: ")
    assert re.match(r"::error title=my_adam%3Astill%3A \S+::step 1, params\[\d\] element \[.*\]: got ", errors[1])


def test_a_stale_waiver_is_an_annotation_and_ends_with_its_own_status(action, tmp_path):
    waiver = '[[waiver]]\nid = "basic.f32.mixed"\nfailure = "E5"\nreason = "no more"\n'
    (tmp_path / "workspace" / "waivers.toml").write_text(waiver)
    left = action(subject="my_adam:right", waivers="waivers.toml")
    assert (left.status, left.outputs["verdict"]) == (4, "conformant")
    errors = [line for line in left.annotations if line.startswith("::error")]
    assert len(errors) == 1
    assert "conformant::stale waiver basic.f32.mixed in waivers.toml: basic.f32.mixed passes now" in errors[0]


def test_what_a_subject_prints_is_no_command_to_the_runner(action):
    left = action(subject="my_adam:still")
    assert "::error::a subject must not speak to the runner" in left.log.splitlines()
    assert not any("speak" in line for line in left.annotations)


@pytest.mark.parametrize(
    ("inputs", "status", "message"),
    [
        ({"subject": "nowhere:make"}, 3, "::error title=nowhere%3Amake::subject nowhere:make: importing"),
        ({"subject": "torhc"}, 2, "::error title=adamref::adamref check ended with status 2"),
        ({"subject": "my_adam:right", "require": "amsgrad load"}, 1, "amsgrad is required"),
        ({"subject": "my_adam:right", "waivers": "gone.toml"}, 2, "gone.toml cannot be read"),
        ({"subject": "my_adam:right", "level": "none"}, 2, "'none' is not"),
    ],
)
def test_the_status_is_the_judge_s(inputs, status, message, action):
    left = action(**inputs)
    assert left.status == status
    assert message in left.log


HOSTILE = ["; touch pwned", "$(touch pwned)", "`touch pwned`", "--help", "x\n::error::x", "%0A::error::x", "' \" \\"]


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_input_is_a_value_and_nothing_else(value, action, tmp_path):
    for name in ("subject", "convention", "require", "waivers"):
        left = action(**{"subject": "adamref", name: value})
        assert left.status in (2, 3), left.log
        assert not any(line.startswith("::error::") for line in left.annotations)
    assert not list(tmp_path.rglob("pwned"))


def test_a_hostile_requirement_is_refused_by_pip_and_nothing_is_checked(action, tmp_path):
    for requirement in ("adamref; touch pwned", "--version; touch pwned"):
        left = action(subject="adamref", install=requirement)
        assert left.status != 0
        assert not left.outputs
    assert not list(tmp_path.rglob("pwned"))


def test_a_message_with_line_breaks_stays_one_annotation():
    code = "import run; print(run._escaped('50%\\n::error::no'), run._escaped('a,b:c', property_=True))"
    done = subprocess.run([sys.executable, "-B", "-c", code], cwd=ACTION, capture_output=True, text=True, check=True)
    assert done.stdout == "50%25%0A::error::no a%2Cb%3Ac\n"
