"""The action's steps, run in bash as the runner of GitHub would run them."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import action_runner
from tests.support.action_runner import ACTION, INPUTS, STEPS

action = action_runner.action


def test_no_script_has_an_expression_in_it_and_every_input_is_used():
    scripts = [step["run"] for step in STEPS if "run" in step]
    assert len(scripts) == 2
    assert not any("${{" in script for script in scripts)
    assert all(f"inputs.{name} " in (ACTION / "action.yml").read_text() for name in INPUTS)


def test_the_readme_has_each_input_with_its_default():
    text = (ACTION.parent / "README.md").read_text()
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| .* \| (.*) \|$", text, re.MULTILINE))
    assert list(rows) == list(INPUTS)
    for name in ("level", "install", "working-directory", "artifact"):
        assert rows[name] == f"`{INPUTS[name]['default']}`"


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
    assert all(line.startswith("::notice ") for line in left.annotations)
    assert any("amsgrad: its signature has no such parameter" in line for line in left.annotations)


def test_a_wrong_subject_fails_with_an_annotation_for_each_of_the_first_failures(action):
    left = action(subject="my_adam:still", convention="tf1")
    assert (left.status, left.outputs["verdict"]) == (1, "nonconformant")
    errors = [line for line in left.annotations if line.startswith("::error")]
    assert len(errors) == 10
    assert errors[0].startswith(
        "::error title=my_adam%3Astill%3A nonconformant::its mistake is no-update: "
    )
    assert re.match(
        r"::error title=my_adam%3Astill%3A \S+::step 1, params\[\d\] element \[.*\]: got ",
        errors[1],
    )


def test_a_stale_waiver_is_an_annotation_and_ends_with_its_own_status(action, tmp_path):
    waiver = '[[waiver]]\nid = "basic.f32.mixed"\nfailure = "E5"\nreason = "no more"\n'
    (tmp_path / "workspace" / "waivers.toml").write_text(waiver)
    left = action(subject="my_adam:right", waivers="waivers.toml")
    assert (left.status, left.outputs["verdict"]) == (4, "conformant")
    errors = [line for line in left.annotations if line.startswith("::error")]
    assert len(errors) == 1
    assert (
        "conformant::stale waiver basic.f32.mixed in waivers.toml: basic.f32.mixed passes now"
        in errors[0]
    )


def test_what_a_subject_prints_is_no_command_to_the_runner(action):
    left = action(subject="my_adam:still")
    assert "::error::a subject must not speak to the runner" in left.log.splitlines()
    assert not any("speak" in line for line in left.annotations)


@pytest.mark.parametrize(
    ("inputs", "status", "message"),
    [
        (
            {"subject": "nowhere:make"},
            3,
            "::error title=nowhere%3Amake::subject nowhere:make: importing",
        ),
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


HOSTILE = [
    "; touch pwned",
    "$(touch pwned)",
    "`touch pwned`",
    "--help",
    "x\n::error::x",
    "%0A::error::x",
    "' \" \\",
]


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
    code = "import run; print(run._escape('50%\\n::error::no'), run._escape('a,b:c', ':,'))"
    done = subprocess.run(
        [sys.executable, "-B", "-c", code], cwd=ACTION, capture_output=True, text=True, check=True
    )
    assert done.stdout == "50%25%0A::error::no a%2Cb%3Ac\n"
