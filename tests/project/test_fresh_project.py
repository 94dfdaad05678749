"""A project of somebody else's, with the wheel, pytest, and a package that has the name of ours."""

import os
import re
import subprocess
import sys

import pytest

from tests.support import action_runner

action = action_runner.action

ADAM = """
import numpy as np

from conformance import RULE  # theirs, not ours

class MyAdam:
    supports = {"none"}

    def __init__(self, params, learning_rate, beta1, beta2, epsilon, amsgrad=False):
        self.params, self.t = params, 0
        self.lr, self.b1, self.b2, self.eps = learning_rate, beta1, beta2, epsilon
        self.amsgrad = amsgrad
        self.m, self.v, self.v_max = ([np.zeros_like(p) for p in params] for _ in range(3))

    def step(self, grads):
        self.t += 1
        for i, g in enumerate(grads):
            if g is None:
                continue
            self.m[i] = self.b1 * self.m[i] + (1 - self.b1) * g
            self.v[i] = self.b2 * self.v[i] + (1 - self.b2) * g * g
            v = self.v[i]
            if self.amsgrad:
                v = self.v_max[i] = np.maximum(self.v_max[i], v)
            m_hat = self.m[i] / (1 - self.b1**self.t)
            v_hat = v / (1 - self.b2**self.t)
            self.params[i] = self.params[i] - self.lr * m_hat / (np.sqrt(v_hat) + self.eps)
        return self.params

    def slots(self):
        return {"m": self.m, "v": self.v}
"""

# AdamW is written without a word about None.
ADAMW = """
import numpy as np

class MyAdam:
    def __init__(self, params, learning_rate, beta1, beta2, epsilon, weight_decay=0.0):
        self.params, self.t = params, 0
        self.lr, self.b1, self.b2, self.eps = learning_rate, beta1, beta2, epsilon
        self.decay = weight_decay
        self.m, self.v = [0 * p for p in params], [0 * p for p in params]

    def step(self, grads):
        self.t += 1
        for i, g in enumerate(grads):
            self.params[i] = self.params[i] * (1 - self.lr * self.decay)
            self.m[i] = self.b1 * self.m[i] + (1 - self.b1) * g
            self.v[i] = self.b2 * self.v[i] + (1 - self.b2) * g * g
            m_hat, v_hat = self.m[i] / (1 - self.b1**self.t), self.v[i] / (1 - self.b2**self.t)
            self.params[i] = self.params[i] - self.lr * m_hat / (np.sqrt(v_hat) + self.eps)
        return self.params
"""

# Name -> source, convention, {line: the wrong line}, and what the first screen must show.
WRONG = {
    "epsilon-hat under the paper's name": (
        ADAM,
        "paper",
        {
            "m_hat = self.m[i] / (1 - self.b1**self.t)": "m_hat = self.m[i]",
            "v_hat = v / (1 - self.b2**self.t)": "v_hat = v",
            "self.lr * m_hat": (
                "self.lr * (1 - self.b2**self.t) ** 0.5 / (1 - self.b1**self.t) * m_hat"
            ),
        },
        "convention paper-hat",
    ),
    "no bias correction": (
        ADAM,
        "paper",
        {"/ (1 - self.b1**self.t)": "", "/ (1 - self.b2**self.t)": ""},
        "bias_correction = none",
    ),
    "t starts at 0": (
        ADAM,
        "paper",
        {"self.params, self.t = params, 0": "self.params, self.t = params, -1"},
        "E3 to E5",
    ),
    "AMSGrad's maximum is not stored": (
        ADAM,
        "paper",
        {"v = self.v_max[i] = np.max": "v = np.max"},
        r"FAILED  adam_subject:MyAdam  amsgrad\.",
    ),
    "t advances inside the loop over parameters": (
        ADAM,
        "paper",
        {
            "        self.t += 1\n": "",
            "            self.m[i] =": "            self.t += 1\n            self.m[i] =",
        },
        "E3 to E5",
    ),
    "L2 instead of decoupled decay": (
        ADAMW,
        "torch-adamw",
        {
            "self.params[i] = self.params[i] * (1 - self.lr * self.decay)": (
                "g = g + self.decay * self.params[i]"
            )
        },
        "convention torch or ",
    ),
    "None is treated as zero": (
        ADAM,
        "paper",
        {"continue": "g = np.zeros_like(self.params[i])"},
        r"(?s)none-gradient\..*suspect    E",
    ),
    "betas swapped": (
        ADAM,
        "paper",
        {"self.lr, self.b1, self.b2, self.eps": "self.lr, self.b2, self.b1, self.eps"},
        "suspect    E1, the first moment",
    ),
}


def run(environment, folder, *command):
    """Run a command of the environment, which sees nothing but what is installed there."""
    variables = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "PYTEST"))
    }
    return subprocess.run(
        [environment / command[0], *command[1:]],
        cwd=folder,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def environment(wheel, tmp_path_factory):
    """The programs of a new environment with the wheel and pytest in it."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = ["python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = run(folder / "bin", folder, *pip, str(wheel), "pytest", "pytest-xdist")
    assert done.returncode == 0, done.stdout
    return folder / "bin"


@pytest.fixture
def project(environment, tmp_path):
    """A project with a package `conformance` and tests of it, after `adamref init pytest`."""
    package = tmp_path / "conformance"
    package.mkdir()
    (package / "__init__.py").write_text("RULE = 'theirs'\n")
    (tmp_path / "tests").mkdir()
    theirs = "import conformance\n\ndef test_rule(): assert conformance.RULE == 'theirs'\n"
    (tmp_path / "tests" / "test_theirs.py").write_text(theirs)
    (tmp_path / "test_theirs_too.py").write_text(theirs)
    done = run(environment, tmp_path, "adamref", "init", "pytest")
    assert done.returncode == 0, done.stdout
    return tmp_path


def write(project, source, convention, mistakes=()):
    for line, mistake in dict(mistakes).items():
        assert line in source, line
        source = source.replace(line, mistake)
    (project / "adam_subject.py").write_text(source)
    test = project / "test_adam_conformance.py"
    test.write_text(test.read_text().replace('convention="paper"', f'convention="{convention}"'))


@pytest.mark.parametrize(("source", "convention"), [(ADAM, "paper"), (ADAMW, "torch-adamw")])
def test_a_right_adam_passes_beside_a_package_of_the_same_name(
    source, convention, environment, project
):
    write(project, source, convention)
    for command in (
        ["pytest", "-q", "-n2"],
        ["python", "-m", "pytest", "-q", "--import-mode=importlib"],
    ):
        done = run(environment, project, *command)
        assert done.returncode == 0, done.stdout
    for command in (["adamref"], ["python", "-m", "adamref"]):
        done = run(
            environment,
            project,
            *command,
            "check",
            "adam_subject:MyAdam",
            "--convention",
            convention,
        )
        assert done.returncode == 0, done.stdout
        assert " conformant " in done.stdout


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_adam_fails_with_its_mistake_on_the_first_screen(name, environment, project):
    source, convention, mistakes, shown = WRONG[name]
    write(project, source, convention, mistakes)
    done = run(environment, project, "pytest", "-x", "test_adam_conformance.py")
    screen = "\n".join(done.stdout.splitlines()[:40])
    assert done.returncode == 1, screen
    assert re.search(shown, screen), screen
    assert re.search(r"FAILED  adam_subject:MyAdam  [a-z]+[a-z-]*\.f(32|64)\.", screen), screen


def test_the_options_work_without_a_test_file_beside_a_package_of_the_same_name(
    environment, project
):
    write(project, ADAM, "paper")
    command = ["pytest", "-p", "adamref_conformance", "--adam", "adam_subject:MyAdam"]
    done = run(environment, project, *command, "-k", "basic.f32.mixed or rule")
    # The vector of the options, that of the test file, and theirs.
    assert "4 passed" in done.stdout, done.stdout


def test_the_action_that_init_writes_judges_a_project_as_it_is(
    environment, project, action, monkeypatch
):
    monkeypatch.delenv("PYTHONPATH", raising=False)
    (project / "elsewhere").mkdir()
    assert run(environment, project, "adamref", "init", "action", "elsewhere").returncode == 0
    workspace = project / "workspace"
    write(project, ADAM, "paper")
    for name in ("conformance", "adam_subject.py"):
        (project / name).rename(workspace / name)
    folder = project / "elsewhere/.github/actions/adamref"
    left = action(folder, environment / "python", subject="adam_subject:MyAdam")
    assert (left.status, left.outputs["verdict"]) == (0, "conformant"), left.log
    write(workspace.parent, ADAM, "paper", WRONG["betas swapped"][2])
    (project / "adam_subject.py").rename(workspace / "adam_subject.py")
    left = action(folder, environment / "python", subject="adam_subject:MyAdam")
    assert (left.status, left.outputs["verdict"]) == (1, "nonconformant"), left.log
    assert "step 1, m[" in left.annotations[1]
