"""Waivers on the command line, and the waivers that ship."""

import json
import re
import subprocess
import sys

import pytest

import conformance.waivers.staleness
from conformance.cli import main
from conformance.subject.shipped import SHIPPED as SUBJECTS
from conformance.waivers.files import SHIPPED, load
from tests.support.waivers import AMSGRAD, BASIC, table, write_waivers

WRONG = """
import numpy as np
from adamref import Adam, AdamConfig

FOUR = ("learning_rate", "beta1", "beta2", "epsilon")

class Wrong:
    def __init__(self, params, *numbers, amsgrad=False):
        self.adam = right(params, *numbers, amsgrad=amsgrad)
        self.amsgrad = amsgrad

    def step(self, grads):
        return [p + np.asarray(self.amsgrad * 2.0**-8, p.dtype) for p in self.adam.step(grads)]

def right(params, *numbers, amsgrad=False):
    return Adam(params, AdamConfig(**dict(zip(FOUR, numbers)), amsgrad=amsgrad))
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder of a user's, with a wrong Adam and a right one in it, as the current one."""
    name = f"waived_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(WRONG)
    monkeypatch.chdir(tmp_path)
    return name


def test_the_command_line_waives_shows_and_ends_with_0(project, tmp_path, capsys):
    file = write_waivers(
        tmp_path, *(table(pattern, link='"https://example.org/[1]"') for pattern in AMSGRAD)
    )
    assert main(["check", f"{project}:Wrong"]) == 1
    assert "  waived  " not in capsys.readouterr().out
    assert main(["check", f"{project}:Wrong", "--waivers", file]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "failed waived unsupported" in out
    assert "24 vectors waived: it is known (https://example.org/[1])" in out
    assert (
        main(["check", f"{project}:Wrong", "adamref", "--only", "basic.*", "--waivers", file]) == 0
    )


def test_stale_waivers_end_the_run_with_4_and_a_failure_with_1(project, tmp_path, capsys):
    file = write_waivers(tmp_path, *map(table, AMSGRAD), table("amsgrad.*.no-such"))
    assert main(["check", f"{project}:Wrong", "--waivers", file, "--json", "report"]) == 4
    sentence = f"waiver amsgrad.*.no-such in {file}: it matches no vector"
    assert f"{project}:Wrong: stale {sentence}" in capsys.readouterr().out
    subject = json.loads((tmp_path / "report").read_text().splitlines()[-1])
    assert [line[: len(sentence)] for line in subject["stale"]] == [sentence]
    assert main(["check", "conformance.defects:bias_none", "--waivers", file]) == 1
    assert (
        main(
            [
                "check",
                f"{project}:right",
                "--only",
                "x.*",
                "--waivers",
                write_waivers(tmp_path, table("amsgrad.*.no-such")),
            ]
        )
        == 4
    )
    capsys.readouterr()


def test_what_ships_is_applied_without_being_asked_for(tmp_path, monkeypatch, capsys):
    file = tmp_path / "shipped.toml"
    file.write_text(BASIC + 'subject = "adamref"\n' + BASIC.replace("mixed", "of-other-vectors"))
    monkeypatch.setattr(conformance.waivers.staleness, "SHIPPED", file)
    assert main(["check", "adamref", "--only", "basic.f32.mixed"]) == 4
    assert (
        f"stale waiver basic.f32.mixed in {file}: basic.f32.mixed passes now"
        in capsys.readouterr().out
    )
    assert main(["check", "adamref-tf1", "--only", "basic.f32.mixed"]) == 0
    capsys.readouterr()


# A library takes seconds to start, so those of one library are shown in one process.
SHOW_ALL = """
import json, sys

for reproduction in json.load(sys.stdin):
    try:
        exec(reproduction, {"__name__": "__main__"})
    except AssertionError:
        continue
    sys.exit(f"shows nothing: {reproduction}")
"""


def library_of(reproduction):
    """Return what a reproduction imports first; Keras has one backend in a process."""
    backend = re.search('KERAS_BACKEND"] = "(.*)"', reproduction)
    return backend[0] if backend else reproduction.partition("\n")[0]


def test_every_waiver_that_ships_can_be_looked_up_and_shows_itself_to_anybody(suite):
    shipped = load(SHIPPED)
    for waiver in shipped:
        assert waiver.subject in SUBJECTS
        assert any(map(waiver.covers, suite.vectors))
        assert waiver.link.startswith("https://")
    by_library = {}
    for reproduction in {waiver.reproduction for waiver in shipped}:
        by_library.setdefault(library_of(reproduction), []).append(reproduction)
    assert len(by_library) >= 5
    for reproductions in by_library.values():
        done = subprocess.run(
            [sys.executable, "-c", SHOW_ALL],
            input=json.dumps(reproductions),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
