"""Waivers by cause: one entry for all vectors that fail for one reason, and no other."""

import numpy as np
import pytest

from conformance import check
from conformance.cli import main
from conformance.defects import DEFECTS
from conformance.defects.kit.by_convention import build
from conformance.selftest.killing import named_point
from conformance.truth.point import Point
from conformance.truth.reference import Arithmetic
from conformance.waivers.files import parse
from conformance.waivers.waiver import WaiverError
from tests.judge.diagnosis.real_adams import SingleScalars


def by_cause(cause, more=""):
    return parse(f'[[waiver]]\ncause = "{cause}"\nreason = "it is known"\n{more}', "w.toml")


def defect(name):
    return next(one.make for one in DEFECTS if one.name == name)


def scalars_in_binary32():
    return build("Scalars", Point(named_point("paper").convention, Arithmetic.parse("sssss")))


CAUSES = {
    "ams-flag-ignored": lambda: defect("ams-flag-ignored"),
    "epsilon=hat": lambda: defect("eps-hat"),
    "convention=paper-hat": lambda: defect("eps-hat"),
    "bias_correction=none,amsgrad_bias_correction=none": lambda: defect("bias-none"),
    "arithmetic=sssss": scalars_in_binary32,
}


@pytest.mark.parametrize("cause", CAUSES)
def test_a_cause_waives_all_that_it_explains(cause, suite):
    subject = CAUSES[cause]()
    assert check(subject, "paper", suite=suite).failures
    report = check(subject, "paper", suite=suite, waivers=by_cause(cause))
    assert report.verdict == "conformant (waived)", report.diagnosis
    assert not report.stale
    assert len(report.waived) > 2


def test_a_second_mistake_is_not_waived_with_the_first(suite):
    class Both(defect("ams-flag-ignored")):
        def step(self, grads):
            return super().step([np.negative(grad) for grad in grads])

    report = check(
        Both, "paper", suite=suite, only="amsgrad.*", waivers=by_cause("ams-flag-ignored")
    )
    assert not report.waived
    assert report.failures


def test_a_wrong_moment_beside_the_cause_is_not_waived(suite):
    class Both(defect("ams-flag-ignored")):
        def slots(self):
            slots = super().slots()
            return slots | {"m": [2 * m for m in slots["m"]]}

    waivers = by_cause("ams-flag-ignored")
    report = check(Both, "paper", suite=suite, only="amsgrad.*", waivers=waivers)
    assert not report.waived


def test_a_mistake_that_is_mended_makes_one_stale_line_with_a_count(suite):
    waivers = by_cause("ams-flag-ignored", 'subject = "*"\n')
    (line,) = check("adamref", suite=suite, only="amsgrad.f32.*", waivers=waivers).stale
    assert "waiver by cause ams-flag-ignored in w.toml" in line
    assert "of the vectors that fail by this cause, 5 pass now, first amsgrad.f32." in line
    # Vectors that cannot show the mistake tell nothing.
    assert not check("adamref", suite=suite, only="basic.*", waivers=waivers).stale


def test_two_causes_of_one_subject_are_one_waiver(suite):
    class ExactRest(SingleScalars):
        def move(self, place, grad):
            # 1 - beta in binary32 would be a third cause.
            beta1, beta2 = float(self.beta1), float(self.beta2)
            self.m[place] = beta1 * self.m[place] + (1 - beta1) * grad
            self.v[place] = beta2 * self.v[place] + (1 - beta2) * grad * grad

    cause = "arithmetic=sssss,wd-only-positive"
    report = check(ExactRest, "torch-adamw", suite=suite, waivers=by_cause(cause))
    assert report.conformant, report.diagnosis


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        ("no-such-mistake", "cause must be one known mistake, AXIS=VALUE, convention=NAME"),
        ("epsilon=somewhere", "got 'epsilon=somewhere'"),
        ("ams-flag-ignored,bias-none", "got 'bias-none'"),
        ("sparse=lazy_row_t,step_scope=optimizer", "values that an Adam can have"),
    ],
)
def test_a_cause_that_does_not_exist_is_refused_before_anything_is_run(cause, words, suite):
    def make(*_):
        raise AssertionError("it was run")

    with pytest.raises(WaiverError, match=words):
        check(make, suite=suite, waivers=by_cause(cause))


def test_an_update_writes_one_waiver_for_a_cause_and_narrows_it_later(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    subject = "conformance.defects:ams_flag_ignored"
    command = ["waivers", "update", subject, "--waivers", "w.toml"]
    assert main(command) == 0
    assert "added cause ams-flag-ignored of " in capsys.readouterr().out
    file = tmp_path / "w.toml"
    assert file.read_text().count("[[waiver]]") == 1
    file.write_text(file.read_text().replace('reason = ""', 'reason = "known"'))
    assert main(["check", subject, "--waivers", "w.toml"]) == 0
    assert main(command) == 0
    assert "nothing to change" in capsys.readouterr().out
    mended = ["waivers", "update", "adamref", "--waivers", "w.toml"]
    file.write_text(file.read_text().replace(f'"{subject}"', '"adamref"'))
    assert main(mended) == 0
    assert "removed ams-flag-ignored: it explains no failure" in capsys.readouterr().out


def test_all_missing_reasons_are_told_at_once():
    text = '[[waiver]]\nid = "a.b.c"\nfailure = "E5"\nreason = ""\n'
    text += '[[waiver]]\ncause = "bias-none"\nreason = " "\n'
    with pytest.raises(WaiverError, match=r"empty in 2 of 2 waivers: 1 \(a.b.c\), 2 \(bias-none\)"):
        parse(text, "w.toml")
