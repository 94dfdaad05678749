"""Waivers: what they allow, and every way in which they go stale."""

import json
import subprocess
import sys
from datetime import date, timedelta
from functools import partial

import numpy as np
import pytest

import conformance.waivers.staleness
from conformance import check, defects
from conformance.cli import main
from conformance.judge.verdict import merge_waiver_use
from conformance.subject.shipped import SHIPPED as SUBJECTS
from conformance.trial.outcomes import Failure
from conformance.vectors import files
from conformance.waivers.files import SHIPPED, load
from conformance.waivers.waiver import Waiver
from tests.support.subjects import wrong
from tests.support.waivers import BASIC

WRONG = """
import numpy as np
from adamref import Adam, AdamConfig

FOUR = ("learning_rate", "beta1", "beta2", "epsilon")

class Wrong:
    def __init__(self, params, *numbers, amsgrad=False):
        self.adam, self.amsgrad = Adam(params, AdamConfig(**dict(zip(FOUR, numbers)), amsgrad=amsgrad)), amsgrad

    def step(self, grads):
        return [p + np.asarray(self.amsgrad * 2.0**-8, p.dtype) for p in self.adam.step(grads)]

def right(params, *numbers, amsgrad=False):
    return Adam(params, AdamConfig(**dict(zip(FOUR, numbers)), amsgrad=amsgrad))
"""
# The vectors that it is wrong in, of both dtypes.
AMSGRAD = (
    *(
        f"amsgrad.*.{name}"
        for name in ("spike-then-small", "rises-and-falls", "beta2-zero", "decimal")
    ),
    *("extremes.*.nan-amsgrad", "relations.*.scale-down-amsgrad"),
    *sorted(
        vector.id.replace(".f32.", ".*.")
        for vector in files.load().vectors
        if vector.topic == "found" and vector.features == {"float32", "amsgrad"}
    ),
)


def waiving(failure="E5", ids=AMSGRAD, **fields):
    return [Waiver(id=pattern, failure=failure, reason="it is known", **fields) for pattern in ids]


def raising(error):
    def spoilt(p):
        raise error

    return spoilt


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder of a user's, with a wrong Adam and a right one in it, as the current one."""
    name = f"waived_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(WRONG)
    monkeypatch.chdir(tmp_path)
    return name


def written(tmp_path, *waivers):
    """A file of ``waivers``, each a dictionary of TOML values as text."""
    file = tmp_path / "waivers.toml"
    blocks = (
        "[[waiver]]\n" + "".join(f"{key} = {value}\n" for key, value in w.items()) for w in waivers
    )
    file.write_text("\n".join(blocks))
    return str(file)


def entry(pattern, **values):
    return {"id": f'"{pattern}"', "failure": '"E5"', "reason": '"it is known"'} | values


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
    report = check(wrong(), waivers=waiving())
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
    report = check(make, waivers=waiving("nan"))
    assert (report.verdict, len(report.waived)) == ("nonconformant", 24)
    assert report.diagnosis.startswith("these are the numbers of convention paper-hat")
    assert "paper-hat" not in check(make).diagnosis


def test_a_waived_failure_does_not_end_a_run_that_fails_fast():
    report = check(
        wrong(),
        only="amsgrad.*",
        fail_fast=True,
        waivers=waiving(ids=["amsgrad.*.spike-then-small"]),
    )
    assert [one.status for one in report.comparisons] == ["waived", "waived", "failed"]
    assert report.stale == ()


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
            wrong(), waivers=waiving(expires=date.today() + timedelta(days=2), worst_ratio=1e15)
        ).stale
        == ()
    )


def test_a_waiver_that_matches_nothing_with_an_answer_is_stale():
    lost = "it matches no vector that has an answer for the convention; correct its id or remove the waiver"
    for name in ("basic.f32.surprise", "weight-decay.f32.mixed"):
        waiver = Waiver(id=name, failure="E5", reason="it is known")
        assert check(wrong(), waivers=[*waiving(), waiver]).stale == (f"waiver {name}: {lost}",)


def test_a_wildcard_stands_for_whole_components():
    (waiver,) = waiving(ids=["amsgrad.*.decimal"])
    report = check(wrong(), waivers=[waiver])
    assert [one.vector.id for one in report.waived] == [
        "amsgrad.f32.decimal",
        "amsgrad.f64.decimal",
    ]


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


def test_a_waiver_holds_for_its_subject_its_versions_and_its_device_only(tmp_path):
    file = written(
        tmp_path,
        *(
            entry(pattern, when='{ version = ">=2.0,<2.14", device = "cuda" }')
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
    assert check(wrong(lambda p: p), waivers=waiving(subject="other*")).stale == ()
    assert check(wrong(), waivers=waiving(subject="ma*")).conformant


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


def test_the_command_line_waives_shows_and_ends_with_0(project, tmp_path, capsys):
    file = written(
        tmp_path, *(entry(pattern, link='"https://example.org/[1]"') for pattern in AMSGRAD)
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
    file = written(tmp_path, *map(entry, AMSGRAD), entry("amsgrad.*.no-such"))
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
                written(tmp_path, entry("amsgrad.*.no-such")),
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


def test_every_waiver_that_ships_names_a_subject_and_a_vector_has_a_link_and_shows_itself_to_anybody(
    suite,
):
    shipped = load(SHIPPED)
    for waiver in shipped:
        assert waiver.subject in SUBJECTS
        assert any(map(waiver.covers, suite.vectors))
        assert waiver.link.startswith("https://")
    for reproduction in {waiver.reproduction for waiver in shipped}:
        done = subprocess.run(
            [sys.executable, "-c", reproduction], capture_output=True, text=True, check=False
        )
        assert done.stderr.splitlines()[-1].startswith("AssertionError"), reproduction
