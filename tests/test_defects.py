"""What the suite itself is worth: it rejects every wrong Adam and accepts every right one."""

import re

import pytest

from conformance import check
from conformance.bases import made
from conformance.defects import DEFECTS
from conformance.honest import VARIANTS
from conformance.honest import subject as honest
from conformance.truth import CONVENTIONS


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_every_wrong_adam_is_rejected(defect, suite):
    report = check(defect.make, suite=suite, fail_fast=True)
    assert report.failures, defect.what


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_the_adams_that_they_were_made_from_are_accepted(convention, suite):
    report = check(made("Right", convention), suite=suite)
    assert (report.verdict, report.unsupported) == ("conformant", []), report.diagnosis


def test_defects_have_names_of_their_own_and_the_numbers_of_real_ones():
    names = [defect.name for defect in DEFECTS]
    assert len(set(names)) == len(names) >= 80
    real = [defect for defect in DEFECTS if re.fullmatch("[BCANS][0-9]{2}", defect.entry)]
    assert len(real) >= 80
    assert all(defect.entry == "own" for defect in DEFECTS if defect not in real)


def test_a_defect_is_a_subject_by_its_name():
    from conformance import defects
    from conformance.subject import load

    assert load("conformance.defects:bias_none").make is next(d.make for d in DEFECTS if d.name == "bias-none")
    with pytest.raises(AttributeError, match="conformance.defects has no 'bias_some'"):
        defects.bias_some  # noqa: B018


@pytest.mark.parametrize(
    ("convention", "epsilon", "code", "axes"),
    [
        ("paper", "outside", "ddddd", {}),
        ("paper-hat", "hat", "ddddd", {}),
        ("tf1", "hat", "sssss", {}),
        ("tfkeras", "hat", "sdssT", {"epsilon_zero": 1e-7}),
        ("torch", "outside", "ddddd", {"weight_decay": "l2"}),
        ("torch-adamw", "outside", "ddddd", {"weight_decay": "decoupled"}),
    ],
)
@pytest.mark.parametrize("variant", [v for v in VARIANTS if not v.narrow], ids=lambda variant: variant.name)
def test_every_honest_variant_is_accepted(variant, convention, epsilon, code, axes, suite):
    report = check(honest(variant, epsilon, code, **axes), convention, suite=suite)
    assert report.conformant, [(one.vector.id, one.discrepancy or one.reason) for one in report.failures[:3]]
    assert report.arithmetic == code
