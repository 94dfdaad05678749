"""fuzz, vectors with other numbers, and hygiene: judging beyond the frozen vectors."""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from conformance import check
from conformance.cli import main
from conformance.judge.selection import UsageError
from conformance.on_demand.configured import with_numbers
from conformance.search.fuzz import fuzz
from conformance.subject.loading import load
from conformance.subject.subject import from_make
from tests.support.outside_adams import RIGHT, Amnesia, Running
from tests.support.paths import ROOT

# New answers for all vectors would take half a minute.
FEW = ("basic", "bias", "epsilon", "extremes", "step-scope", "arithmetic")


@pytest.fixture(scope="module")
def few(suite):
    return replace(suite, vectors=[vector for vector in suite.vectors if vector.topic in FEW])


@pytest.mark.parametrize("make", RIGHT)
def test_a_right_adam_survives_a_search(make, suite):
    found = fuzz(from_make(make), suite.conventions["paper"], examples=20)
    assert found.found is None
    assert found.supported > 25
    assert found.worst <= 1


@pytest.mark.parametrize(
    "name",
    [
        "ams_max_not_stored",
        "t_shared",
        "duplicates_averaged",
        "clip_global_for_each",
        "scale_skip_counts",
        "scale_ignored",
    ],
)
def test_a_wrong_adam_is_found_and_its_input_is_small(name, suite):
    subject = load(f"conformance.defects:{name}")
    result = fuzz(subject, suite.conventions[subject.convention], examples=400)
    assert result.found is not None
    assert len(result.found.vector.calls) <= 2
    assert result.found.comparison.status == "failed"


@pytest.mark.parametrize("name", ["adamref", "adamref-torch-adamw"])
def test_the_reference_survives_a_search_with_loss_scales(name, suite):
    subject = load(name)
    found = fuzz(subject, suite.conventions[subject.convention], examples=20)
    assert found.found is None
    assert "loss_scale" in subject.supports


def test_the_same_seed_tries_the_same_inputs_and_another_seed_others(suite):
    def tried(seed):
        seen = []

        def make(params, *numbers):
            seen.append((numbers, [param.tolist() for param in params]))
            return Running(params, *numbers)

        fuzz(from_make(make), suite.conventions["paper"], seed=seed, examples=5)
        return str(seen)

    assert tried(1) == tried(1) != tried(2)


def test_a_changing_rate_is_asked_only_of_who_takes_one(suite):
    result = fuzz(from_make(Running), suite.conventions["paper"], examples=20)
    assert result.supported > 0.6 * result.tried  # the others have AMSGrad


def test_the_command_shows_a_script_and_saves_the_vector(tmp_path, capsys):
    path = tmp_path / "found.json"
    assert (
        main(["fuzz", "conformance.defects:update_sign", "--save", str(path), "--seed", "3"]) == 1
    )
    said = capsys.readouterr().out
    assert "from conformance.defects import update_sign" in said
    assert json.loads(path.read_text())["why"].startswith(
        "Found by fuzz: conformance.defects:update_sign fails it"
    )
    (tmp_path / "script.py").write_text(said[said.index("import numpy") :])
    command = [sys.executable, str(tmp_path / "script.py")]
    done = subprocess.run(
        command, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert "AssertionError" in done.stderr


def test_the_command_ends_with_0_where_nothing_is_found_and_says_how_far_it_looked(capsys):
    assert main(["fuzz", "adamref", "--examples", "10"]) == 0
    assert "no failure in 40 inputs" in capsys.readouterr().out


def test_the_command_names_the_accuracy_class_that_a_subject_declares(
    tmp_path, monkeypatch, capsys
):
    (tmp_path / "of_class.py").write_text(
        "from tests.support.outside_adams import OneAhead\n\n\n"
        "class make(OneAhead):\n"
        "    accuracy = {'division': 2.5, 'root': 4.5}\n"
    )
    monkeypatch.chdir(tmp_path)
    assert main(["fuzz", "of_class:make", "--examples", "4", "--save", "found.json"]) == 1
    judged_by = "paper, accuracy class division=2.5,root=4.5"
    assert f"convention {judged_by}" in capsys.readouterr().out
    assert f"judged by {judged_by}." in (tmp_path / "found.json").read_text()


def test_the_command_leaves_nothing_in_the_current_folder(tmp_path):
    command = [sys.executable, "-m", "conformance", "fuzz", "adamref", "--examples", "2"]
    environment = {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert (done.returncode, list(tmp_path.iterdir())) == (0, [])


def test_a_folder_that_is_not_there_is_refused_before_the_search(tmp_path, capsys):
    assert main(["fuzz", "adamref", "--save", str(tmp_path / "none" / "found.json")]) == 3
    assert "found.json must be a file in an existing folder" in capsys.readouterr().err


def baked(beta2=0.95, epsilon=1e-6):
    class Baked(Running):
        def __init__(self, params, learning_rate, beta1, _beta2, _epsilon):
            super().__init__(params, learning_rate, beta1, beta2, epsilon)

    return Baked


def test_an_adam_with_numbers_of_its_own_is_judged_with_them(few):
    report = check(baked(), suite=few, config={"beta2": 0.95, "epsilon": 1e-6})
    assert (report.verdict, report.arithmetic) == ("conformant", "ddddd")
    assert report.counts["passed"] > 30


def test_another_number_than_the_one_that_is_baked_in_fails(few):
    assert (
        check(baked(), suite=few, config={"beta2": 0.951, "epsilon": 1e-6}).verdict
        == "nonconformant"
    )
    assert check(baked(), suite=few, config={"beta2": 0.95}).verdict == "nonconformant"
    assert check(baked(), suite=few).verdict == "nonconformant"


def test_a_vector_that_could_not_tell_right_from_wrong_is_left_out(few):
    usual = with_numbers(few, few.conventions["paper"], {"learning_rate": 1e-3})
    tiny = with_numbers(few, few.conventions["paper"], {"learning_rate": 1e-30})
    assert len(usual.vectors) > len(tiny.vectors)
    assert all(vector.numbers["learning_rate"] == 1e-3 for vector in usual.vectors)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            {"beta3": 0.5},
            "config must set some of learning_rate, beta1, beta2, epsilon, weight_decay, got "
            "'beta3'",
        ),
        ({"beta2": 1.0}, r"beta2 must be in \[0, 1\), got 1.0"),
        ({"epsilon": float("nan")}, r"epsilon must be in \[0, inf\), got nan"),
        (
            {"learning_rate": 0.0},
            "learning_rate must be above 0, because nothing moves without it, got 0.0",
        ),
    ],
)
def test_numbers_that_make_no_sense_are_refused(config, message, suite):
    with pytest.raises(UsageError, match=f"^{message}$"):
        check(baked(), suite=suite, config=config)


@pytest.mark.parametrize("text", ["beta2", "beta2=x", "", "beta2=.9,beta2=.8"])
def test_a_config_that_cannot_be_read_is_a_mistake_in_usage(text, capsys):
    assert main(["check", "adamref", "--config", text]) == 2
    assert "--config must" in capsys.readouterr().err


@pytest.mark.parametrize(
    "config", [{"weight_decay": 0.1}, {"learning_rate": 1e30}, {"epsilon": 1e300}]
)
def test_numbers_with_which_no_vector_tells_anything_leave_a_subject_untested(config, few):
    report = check(baked(), suite=few, config=config)
    assert report.verdict == "untested" or report.counts["passed"] < 20
    assert report.verdict != "conformant" or report.comparisons


def test_the_run_says_that_it_had_other_numbers(capsys):
    options = ["--only", "basic.f32.*", "--config", "beta2=0.95"]
    assert main(["check", "adamref", *options]) == 0
    said = capsys.readouterr().out
    assert "--config beta2=0.95" in said
    assert "it does not establish conformance." in said


class Spoiling(Running):
    def step(self, grads):
        found = super().step(grads)
        for grad in grads:
            if grad is not None:
                grad[...] = 0
        return found


class Sharing(Running):
    def step(self, grads):
        return [self.weights[key] for key in range(len(super().step(grads)))]


class Clean(Running):
    def step(self, grads):
        return [weight.copy() for weight in super().step(grads)]


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (
            Spoiling,
            "hygiene: step must leave the caller's gradients as they are, but changed grads[0]",
        ),
        (
            Sharing,
            "hygiene: step and slots() must hand back copies, but overwriting them changed "
            "what came after",
        ),
    ],
)
def test_what_hygiene_asks_for_is_asked_only_where_it_is_required(make, reason, few):
    assert check(make, suite=few).conformant
    report = check(make, suite=few, require=["hygiene"], only="basic.*")
    assert report.failures[0].reason == reason
    assert report.diagnosis == f"its numbers are right; {reason.removeprefix('hygiene: ')}"


def test_a_clean_adam_passes_with_hygiene(few):
    assert check(Clean, suite=few, require=["hygiene"]).conformant
    assert check("adamref", suite=few, require=["hygiene"]).conformant


def test_hygiene_hides_no_mistake(suite):
    class Forgetful(Amnesia):
        def step(self, grads):
            return [weight.copy() for weight in super().step(grads)]

    report = check(Forgetful, suite=suite, require=["hygiene"], only="[be]*")
    assert "moments-never-stored" in report.diagnosis


def test_slots_are_looked_after_too(suite):
    class Showing(Clean):
        def slots(self):
            return {"m": list(self.avg.values()), "v": list(self.sq.values())}

    report = check(Showing, suite=suite, require=["hygiene"], only="basic.*")
    assert report.failures[0].reason.startswith("hygiene: step and slots() must hand back copies")
    assert np.isfinite(report.worst_ratio)


def test_the_quick_vectors_are_few_and_claim_nothing(suite, capsys):
    report = check("adamref", suite=suite, level="quick")
    assert {one.vector.id for one in report.comparisons} <= suite.quick
    assert len(suite.quick) < 0.15 * len(suite.vectors)
    assert main(["check", "adamref", "--level", "quick"]) == 0
    assert (
        "This run is partial (--level quick): it does not establish conformance."
        in capsys.readouterr().out
    )
