"""What the suite itself is worth: it rejects every wrong Adam and accepts every right one."""

import re

import pytest

from conformance import check
from conformance.defects import DEFECTS, INEXPRESSIBLE
from conformance.defects.defect import Defect, DefectKind
from conformance.defects.kit.by_convention import build_named
from conformance.selftest.killing import named_point
from conformance.selftest.selftest import VARIANT_CONVENTIONS, variants_in_conventions
from conformance.truth.reference import CONVENTIONS
from conformance.variants.dense import VARIANTS
from conformance.variants.subject import variant_subject

# Wrong Adams that are another convention -> how the explanation names it: by a value of an axis, or
# by the name of the convention.
AXES = {
    "bias-none": "paper with bias_correction = none",
    "bias-m-missing": "paper with bias_correction = second",
    "bias-v-missing": "paper with bias_correction = first",
    "ams-v-uncorrected": "paper with amsgrad_bias_correction = first",
    "eps-hat": "convention paper-hat",
    "eps-in-sqrt": "paper with epsilon = inside",
    "ams-max-of-corrected": "paper with amsgrad = max_corrected",
    "ams-no-bias-correction": "paper with amsgrad_bias_correction = none",
    "epsilon-zero-as-given": "tfkeras with epsilon_zero = as_given",
    "wd-l2-instead": "convention torch",
    "wd-decoupled-instead": "convention torch-adamw",
    "wd-unscaled": "torch-adamw with decay_scale = one",
    "wd-after": "torch-adamw with decay_when = after",
    "adamw-without-correction": "torch-adamw with bias_correction = none",
    "t-shared": "torch with step_scope = optimizer",
    "all-none-crashes": "paper with all_none = error",
    "duplicates-sum-of-squares": "keras3 with duplicates = sum_of_squares",
    "lazy-where-dense": "paper with sparse = lazy_global_t",
    "lazy-adam": "tfkeras with sparse = lazy_global_t",
    "dense-where-lazy": "torch-sparse with sparse = dense_equivalent",
    "sparse-clip-after-sum": "tfkeras with clip_duplicates = after_sum",
    "none-crashes": "paper with none_gradient = error",
    "clip-norm-before-value": "tfkeras with clip_order",
    "clip-first-only": "tfkeras with clip = first",
    "t-own-gradients": "paper with step_scope = parameter",
    "modulus-where-components": "torch with complex = modulus",
}


# test_half has those of half precision.
IN_FULL = [defect for defect in DEFECTS if not defect.storage]


def is_explained(report, defect):
    assert report.failures, defect.what
    return re.search(rf"{defect.name}|{AXES.get(defect.name, defect.name)}", report.diagnosis)


# The self-test has every wrong Adam rejected by all vectors.
@pytest.mark.parametrize("defect", IN_FULL, ids=lambda defect: defect.name)
def test_a_few_vectors_reject_every_wrong_adam_and_explain_it(defect, suite):
    report = check(defect.make, level="quick", suite=suite)
    if not is_explained(report, defect):
        # Another one may return the same there.
        report = check(defect.make, suite=suite)
    assert is_explained(report, defect), report.diagnosis


@pytest.mark.parametrize("defect", IN_FULL[::10], ids=lambda defect: defect.name)
def test_all_vectors_explain_a_wrong_adam_by_its_name_or_its_axis(defect, suite):
    report = check(defect.make, suite=suite)
    assert is_explained(report, defect), report.diagnosis


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_the_adams_that_wrong_ones_are_made_from_are_accepted(convention, suite):
    report = check(build_named("Right", convention), suite=suite)
    assert report.verdict == "conformant", report.diagnosis
    # It refuses gradients of another dtype, and has no storage of half precision.
    assert all(
        "grad_dtype" in one.vector.features or one.vector.is_about_storage
        for one in report.unsupported
    )


def test_defects_have_names_of_their_own_and_the_numbers_of_real_ones():
    names = [defect.name for defect in DEFECTS]
    assert len(set(names)) == len(names) >= 140
    real = [defect for defect in DEFECTS if re.fullmatch("[BCANS][0-9]{2}", defect.entry)]
    assert len(real) >= 120
    assert all(defect.entry == "own" for defect in DEFECTS if defect not in real)


def test_the_kind_of_a_defect_is_that_of_its_number():
    kinds = {defect.name: defect.kind for defect in DEFECTS}
    assert kinds["bias-none"] is DefectKind.BUG
    assert kinds["eps-hat"] is DefectKind.OTHER_CONVENTION
    assert kinds["no-update"] is DefectKind.CONTRACT
    assert kinds["float32-inside"] is DefectKind.NUMERICS
    assert kinds["lazy-where-dense"] is DefectKind.SPARSE
    assert kinds["half-epsilon"] is DefectKind.HALF
    assert kinds["t-8-bit"] is DefectKind.OURS


def test_only_state_that_is_shared_by_runs_outlives_a_run():
    names = [defect.name for defect in DEFECTS if defect.outlives_a_run]
    assert names == ["t-goes-on-in-next-run"]


def test_a_piece_that_does_not_exist_is_refused():
    defect = Defect(name="any", what="nothing", pieces={"third_moment": max})
    with pytest.raises(TypeError, match="third_moment"):
        defect.make  # noqa: B018


def test_what_no_subject_can_express_has_a_reason_and_no_wrong_adam():
    assert not set(INEXPRESSIBLE) & {defect.entry for defect in DEFECTS}
    assert all(
        re.fullmatch("[BCANS][0-9]{2}", entry) and why for entry, why in INEXPRESSIBLE.items()
    )
    # The catalogue has 159 numbers.
    assert len({*INEXPRESSIBLE, *(defect.entry for defect in DEFECTS)} - {"own"}) >= 159


@pytest.mark.parametrize("name", ["t-per-parameter", "update-sign", "bias-inplace"])
def test_a_mistake_can_be_made_in_the_adam_of_any_convention(name, suite):
    defect = next(defect for defect in DEFECTS if defect.name == name)
    for convention in ("tf1", "torch-adamw", "optax"):
        wrong = defect.on(named_point(convention))
        report = check(wrong, convention, suite=suite)
        assert re.search(f"its mistake is {name}", report.diagnosis), convention


def test_a_defect_is_a_subject_by_its_name():
    from conformance import defects
    from conformance.subject.loading import load

    defect = next(defect for defect in DEFECTS if defect.name == "bias-none")
    assert load("conformance.defects:bias_none").make is defect.make
    with pytest.raises(AttributeError, match="conformance.defects has no 'bias_some'"):
        defects.bias_some  # noqa: B018


def other_variants():
    """Yield the right Adams with conventions in which the self-test does not try them."""
    tried = set(variants_in_conventions())
    for number, variant in enumerate(VARIANTS):
        for convention in VARIANT_CONVENTIONS:
            if not variant.narrow and (number, convention) not in tried:
                yield pytest.param(variant, convention, id=f"{variant.name}-{convention}")


@pytest.mark.parametrize(("variant", "convention"), list(other_variants()))
def test_every_right_variant_is_accepted(variant, convention, suite):
    point = named_point(convention)
    report = check(variant_subject(variant, point), convention, suite=suite)
    assert report.conformant, [
        (failure.vector.id, failure.discrepancy or failure.reason)
        for failure in report.failures[:3]
    ]
    assert report.arithmetic == point.arithmetic.code
