"""What the suite itself is worth: it rejects every wrong Adam and accepts every right one."""

import numpy as np
import pytest

from conformance import check
from conformance.defects import DEFECTS
from conformance.honest import VARIANTS, Trial
from conformance.plain import ADAMW, TORCH, Plain
from conformance.truth import AdamConfig, Arithmetic, Convention

from .test_run import FOUR


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_every_wrong_adam_is_rejected(defect, suite):
    report = check(defect.make, suite=suite)
    assert report.failures, defect.what


@pytest.mark.parametrize(("convention", "parts"), [("paper", {}), ("torch", TORCH), ("torch-adamw", ADAMW)])
def test_the_adams_that_they_were_made_from_are_accepted(convention, parts, suite):
    right = type("Right", (Plain,), {"parts": Plain.parts | parts, "supports": {"none"}, "decays": bool(parts)})
    report = check(right, convention, suite=suite)
    assert (report.verdict, report.unsupported) == ("conformant", []), report.diagnosis


def test_defects_have_names_and_entries_of_their_own():
    names = [defect.name for defect in DEFECTS]
    assert len(set(names)) == len(names) >= 20


def test_a_defect_is_a_subject_by_its_name():
    from conformance import defects
    from conformance.subject import load

    assert load("conformance.defects:bias_none").make is next(d.make for d in DEFECTS if d.name == "bias-none")
    with pytest.raises(AttributeError, match="conformance.defects has no 'bias_some'"):
        defects.bias_some  # noqa: B018


def honest(variant, epsilon, code):
    """An honest variant as a subject: each parameter is a trial of its own."""

    def make(params, *numbers, amsgrad=False):
        config = AdamConfig(**dict(zip(FOUR, numbers, strict=True)), amsgrad=amsgrad)
        arithmetic, convention = Arithmetic(code), Convention(epsilon=epsilon)
        trials = [Trial(variant, config, convention, arithmetic, np.atleast_1d(param)) for param in params]

        def step(grads):
            pairs = zip(trials, grads, strict=True)
            return [t.step(np.atleast_1d(g)).reshape(g.shape) for t, g in pairs]

        return step

    return make


@pytest.mark.parametrize(
    ("convention", "epsilon", "code"),
    [
        ("paper", "outside", "ddddd"),
        ("paper-hat", "hat", "ddddd"),
        ("tf1", "hat", "sssss"),
        ("tfkeras", "hat", "sdssT"),
    ],
)
@pytest.mark.parametrize("variant", [v for v in VARIANTS if not v.narrow], ids=lambda variant: variant.name)
def test_every_honest_variant_is_accepted(variant, convention, epsilon, code, suite):
    report = check(honest(variant, epsilon, code), convention, suite=suite)
    assert report.conformant, [(one.vector.id, one.discrepancy or one.reason) for one in report.failures[:3]]
    assert report.arithmetic == code
