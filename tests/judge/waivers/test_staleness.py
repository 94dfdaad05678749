"""Stale waivers: every way in which a waiver no longer says what happens."""

from datetime import date, timedelta

import numpy as np
import pytest

from conformance import check, defects
from conformance.judge.waiver_update import merge_waiver_use
from conformance.waivers.waiver import Waiver
from tests.support.subjects import wrong
from tests.support.waivers import waivers_of

NARROW = "remove the waiver, or narrow its id or subject to what still fails"


@pytest.mark.parametrize(
    ("make", "fields", "status", "trouble"),
    [
        (wrong(lambda p: p), {}, "passed", f"amsgrad.f32.decimal passes now; {NARROW}"),
        (
            lambda p, a, b, c, d: wrong()(p, a, b, c, d),
            {},
            "unsupported",
            f"f32.decimal is unsupported now; {NARROW}",
        ),
        (
            wrong(lambda p: p * np.nan),
            {},
            "failed",
            "f32.decimal fails with nan and not with E5; find out why, then",
        ),
        (
            wrong(),
            {"worst_ratio": 2.0},
            "failed",
            " times the bound, above worst_ratio = 2; find out why, then correct",
        ),
        (
            wrong(lambda p: p + np.inf),
            {"worst_ratio": 1e9},
            "failed",
            "has an error of inf times the bound, above worst_ratio = 1e+09",
        ),
        (
            wrong(),
            {"expires": date.today()},
            "waived",
            f"it expired on {date.today()}; mend the subject, or look at",
        ),
    ],
)
def test_a_waiver_that_is_no_longer_true_is_stale(make, fields, status, trouble):
    waiver = Waiver(
        id="amsgrad.f32.decimal", failure="E5", reason="it is known", file="w.toml", **fields
    )
    report = check(make, waivers=[waiver])
    assert [one.status for one in report.comparisons if one.vector.id == waiver.id] == [status]
    (sentence,) = report.stale
    assert sentence.startswith("waiver amsgrad.f32.decimal in w.toml: ")
    assert trouble in sentence


def test_a_waiver_that_is_still_true_is_not_stale():
    assert (
        check(
            wrong(), waivers=waivers_of(expires=date.today() + timedelta(days=2), worst_ratio=1e15)
        ).stale
        == ()
    )


def test_a_waiver_that_matches_nothing_with_an_answer_is_stale():
    lost = (
        "it matches no vector that has an answer for the convention; "
        "correct its id or remove the waiver"
    )
    for name in ("basic.f32.surprise", "weight-decay.f32.mixed"):
        waiver = Waiver(id=name, failure="E5", reason="it is known")
        assert check(wrong(), waivers=[*waivers_of(), waiver]).stale == (f"waiver {name}: {lost}",)


def test_a_wildcard_that_covers_more_than_20_vectors_is_stale():
    report = check(
        defects.bias_none, waivers=[Waiver(id="*.*.*", failure="E5", reason="it is known")]
    )
    covered = sum(vector.asks(report.convention.axes) for vector in report.suite.vectors)
    assert report.stale == (
        f"waiver *.*.*: it covers {covered} vectors, more than 20; name them more closely",
    )


@pytest.mark.parametrize("part", [{"only": "basic.*"}, {"dtype": "float64"}, {"fail_fast": True}])
def test_vectors_that_were_not_run_make_no_waiver_stale(part):
    waiver = Waiver(id="weight-decay.f32.mixed", failure="E5", reason="it is known")
    stale = check(wrong(lambda p: p, "torch"), "torch", waivers=[waiver]).stale
    assert [sentence.partition(": ")[2][:24] for sentence in stale] == ["weight-decay.f32.mixed i"]
    assert check(defects.no_update, "torch", waivers=[waiver], **part).stale == ()


def test_a_waiver_for_several_subjects_is_stale_only_if_it_matches_nothing_in_all_of_them():
    waivers = [
        Waiver(id=f"maximize.f32.{name}", failure="E5", reason="it is known")
        for name in ("mixed", "x")
    ]
    cases = ((wrong(), "paper"), (wrong(convention="torch"), "torch"))
    reports = [
        check(make, convention, waivers=waivers, only="basic.*") for make, convention in cases
    ]
    assert [len(report.stale) for report in reports] == [2, 1]
    stale = [
        sentence.partition(":")[0]
        for report in merge_waiver_use(reports)
        for sentence in report.stale
    ]
    assert stale == ["waiver maximize.f32.x", "waiver maximize.f32.x"]
