"""Factories of optax, and those of a user."""

from functools import partial

import optax
import pytest

from conformance import check
from conformance.subject.loading import as_subject, load
from conformance.subject.subject import SubjectError


def chain(learning_rate, b1=0.9, b2=0.999, eps=1e-8, weight_decay=1e-2):
    adam = optax.scale_by_adam(b1, b2, eps)
    decay = optax.add_decayed_weights(weight_decay)
    return optax.chain(optax.identity(), adam, decay, optax.scale_by_learning_rate(learning_rate))


def no_transformation(learning_rate, b1, b2, eps):
    return learning_rate


@pytest.mark.parametrize(
    ("name", "shipped"), [("optax:adam", "optax"), ("optax:adamw", "optax-adamw")]
)
def test_a_factory_of_optax_is_asked_what_the_shipped_subject_is_asked(name, shipped):
    by_name, own = load(name), load(shipped)
    assert by_name.convention == own.convention
    for attribute in ("supports", "refuses", "storage", "dtypes"):
        assert getattr(by_name, attribute) == getattr(own, attribute)
    assert not by_name.is_guess


def test_a_chain_of_a_user_conforms_and_its_state_is_found_inside():
    report = check(chain, "optax-adamw", only="basic.f32.*")
    assert report.conformant, report.diagnosis
    # A state to start from is among them.
    assert {one.vector.id for one in report.of_status("passed")} >= {"basic.f32.loaded-state"}
    assert report.worst("float32", "v") is not None


def test_amsgrad_is_asked_where_it_is_on_and_nowhere_else():
    report = check(optax.amsgrad, only="amsgrad.f32.decimal")
    assert report.conformant, report.diagnosis
    plain = check(optax.amsgrad, only="basic.f32.mixed")
    assert [one.reason for one in plain.unsupported] == [
        "an Adam without AMSGrad: it always has it"
    ]


def test_a_variant_that_is_no_adam_is_told_by_its_numbers_and_its_convention_is_a_guess():
    subject = as_subject(optax.nadam)
    assert subject.is_guess
    assert subject.written == "optax._src.alias:adam(nesterov=True)"
    assert check(optax.nadam, only="basic.f32.mixed").verdict == "nonconformant"


def test_a_dtype_of_m_is_asked_in_half_precision_alone():
    subject = as_subject(partial(optax.adam, mu_dtype="float32"))
    assert subject.dtypes == {"bfloat16", "float16"}
    assert "m=float32" in subject.storage["bfloat16"]


def test_an_optimizer_without_second_moment_shows_none():
    subject = as_subject(optax.lion)
    assert "it has no argument for epsilon" in subject.notes[0]
    assert "0 parts of its state have mu and nu" in subject.notes[-1]


def test_a_function_that_makes_something_else_is_refused():
    with pytest.raises(SubjectError, match="its adapter can take no step with it"):
        as_subject(no_transformation)
