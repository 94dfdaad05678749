"""Waivers: what they allow, for which subjects and vectors."""

from functools import partial

import numpy as np
import pytest

from conformance import check, defects
from conformance.trial.outcomes import Failure
from conformance.waivers.waiver import Waiver
from tests.support.subjects import wrong
from tests.support.waivers import AMSGRAD, table, waivers_of, write_waivers


def raising(error):
    def spoilt(p):
        raise error

    return spoilt


@pytest.mark.parametrize(
    ("make", "only", "failure"),
    [
        (defects.m_missing_1_b1, "basic.f32.mixed", "E1"),
        (defects.v_missing_1_b2, "basic.f32.mixed", "E2"),
        (defects.ams_max_not_stored, "amsgrad.f32.decimal", "E4"),
        (defects.bias_none, "basic.f32.mixed", "E5"),
        (wrong(lambda p: p * np.nan), "amsgrad.f32.decimal", "nan"),
        (
            partial(check, wrong(convention="tf1", supports={"none"}), "paper-hat"),
            "none-gradient.f32.all",
            "calls",
        ),
        (wrong(lambda p: p[:1]), "amsgrad.f32.decimal", "contract"),
        (wrong(raising(RuntimeError("no"))), "amsgrad.f32.decimal", "error"),
        (partial(check, wrong(), require=["none"]), "none-gradient.f32.all", "required"),
    ],
)
def test_every_kind_of_failure_has_a_word_and_can_be_waived(make, only, failure):
    judged = make if isinstance(make, partial) else partial(check, make)
    one = judged(only=only).comparisons[0]
    assert one.failure == failure
    report = judged(only=only, waivers=[Waiver(id=only, failure=failure, reason="it is known")])
    assert (report.verdict, report.stale, report.waived[0].reason) == (
        "conformant (waived)",
        (),
        "it is known",
    )


def test_the_words_are_all_of_them_and_a_pass_has_none():
    assert tuple(Failure) == (
        "E1",
        "E2",
        "E4",
        "E5",
        "nan",
        "calls",
        "contract",
        "error",
        "required",
    )
    assert {one.failure for one in check(wrong(), only="basic.*").comparisons} == {None}


def test_what_is_waived_is_conformant_and_counted_and_not_in_the_ratios():
    report = check(wrong(), waivers=waivers_of())
    assert (report.verdict, report.conformant, report.failures) == ("conformant (waived)", True, [])
    assert (len(report.waived), report.diagnosis, report.arithmetic) == (24, "", "ddddd")
    assert 0.2 < report.worst_ratio < 1
    content = report.to_dict()
    assert (content["counts"]["waived"], content["counts"]["failed"], content["stale"]) == (
        24,
        0,
        [],
    )
    assert content["worst"]["float32"]["params"] < 1


def test_what_is_not_waived_fails_and_is_what_the_diagnosis_is_about():
    make = wrong(lambda p: p * np.nan, "paper-hat")
    report = check(make, waivers=waivers_of("nan"))
    assert (report.verdict, len(report.waived)) == ("nonconformant", 24)
    assert "; these are the numbers of convention paper-hat" in report.diagnosis
    assert "paper-hat" not in check(make).diagnosis


def test_a_waived_failure_does_not_end_a_run_that_fails_fast():
    report = check(
        wrong(),
        only="amsgrad.*",
        fail_fast=True,
        waivers=waivers_of(ids=["amsgrad.*.spike-then-small"]),
    )
    assert [one.status for one in report.comparisons] == ["waived", "waived", "failed"]
    assert report.stale == ()


def test_a_wildcard_stands_for_whole_components():
    (waiver,) = waivers_of(ids=["amsgrad.*.decimal"])
    report = check(wrong(), waivers=[waiver])
    assert [one.vector.id for one in report.waived] == [
        "amsgrad.f32.decimal",
        "amsgrad.f64.decimal",
    ]


def test_a_waiver_holds_for_its_subject_its_versions_and_its_device_only(tmp_path):
    file = write_waivers(
        tmp_path,
        *(
            table(pattern, when='{ version = ">=2.0,<2.14", device = "cuda" }')
            for pattern in AMSGRAD
        ),
    )
    for version in ("2.0", "2.13.0+cpu", "2.14.0.dev1"):
        assert check(wrong(version=version, device="cuda"), waivers=file).conformant == (
            version != "2.14.0.dev1"
        )
    for attributes in (
        {},
        {"version": "2.5"},
        {"device": "cuda"},
        {"version": "main", "device": "cuda"},
    ):
        report = check(wrong(**attributes), waivers=file)
        assert (report.verdict, report.stale) == ("nonconformant", ())
    assert check(wrong(lambda p: p), waivers=waivers_of(subject="other*")).stale == ()
    assert check(wrong(), waivers=waivers_of(subject="ma*")).conformant
