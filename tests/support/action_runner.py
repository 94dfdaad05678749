"""The action's steps, run in bash as the runner of GitHub would run them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.support.paths import ROOT

ACTION = ROOT / "conformance" / "gate" / "action"
STEPS = yaml.safe_load((ACTION / "action.yml").read_text())["runs"]["steps"]
INPUTS = yaml.safe_load((ACTION / "action.yml").read_text())["inputs"]
ADAM = """
import numpy as np
from adamref import Adam, AdamConfig

NAMES = ("learning_rate", "beta1", "beta2", "epsilon")

def right(params, *numbers):
    return Adam(params, AdamConfig(**dict(zip(NAMES, numbers))))

def still(params, *numbers):
    print("::error::a subject must not speak to the runner")
    return lambda grads: params
"""


def substitute(text, inputs):
    """The expressions that the action has; any other is a KeyError."""
    return re.sub(
        r"\$\{\{ (.*?) \}\}", lambda found: inputs[found[1].removeprefix("inputs.")], text
    )


@pytest.fixture
def action(tmp_path):
    """Runs the action's scripts in a workspace; returns what they left."""
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    (workspace / "my_adam.py").write_text(ADAM)

    def run(folder=ACTION, python=sys.executable, **given):
        inputs = {name: str(one.get("default", "")) for name, one in INPUTS.items()} | {
            "install": ""
        }
        inputs |= {name.replace("_", "-"): value for name, value in given.items()}
        names = ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")
        runner = {name: str(tmp_path / name) for name in names} | {
            "GITHUB_WORKSPACE": str(workspace)
        }
        path = f"{Path(python).parent}{os.pathsep}{os.environ['PATH']}"
        runner |= {"PATH": path, "RUNNER_TEMP": str(tmp_path), "GITHUB_ACTION_PATH": str(folder)}
        for step in STEPS:
            if "run" not in step or (
                step.get("if") == "inputs.install != ''" and not inputs["install"]
            ):
                continue
            own = {name: substitute(value, inputs) for name, value in step["env"].items()}
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
                env=os.environ | runner | own,
                cwd=workspace / substitute(step.get("working-directory", "."), inputs),
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
        self.status = done.returncode
        self.log = done.stdout
        # Between these two the runner takes no commands.
        heard = re.sub(
            r"^::stop-commands::(\w+)$.*^::\1::$", "", self.log, flags=re.DOTALL | re.MULTILINE
        )
        self.annotations = [line for line in heard.splitlines() if line.startswith("::")]
        summary = folder / "GITHUB_STEP_SUMMARY"
        output = folder / "GITHUB_OUTPUT"
        self.summary = summary.read_text() if summary.exists() else ""
        text = output.read_text() if output.exists() else ""
        self.outputs = {
            name: value
            for name, _, value in re.findall(r"(\w+)<<(\w+)\n(.*?)\n\2\n", text, re.DOTALL)
        }
