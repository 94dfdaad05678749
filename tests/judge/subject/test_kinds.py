"""Of which kind a class is, and the settings behind a name."""

import subprocess
import sys
from functools import partial

import optax
import pytest
import torch

from conformance import check
from conformance.cli import main
from conformance.subject.kinds import KINDS, kind_of, read_settings
from conformance.subject.loading import as_subject, load
from conformance.subject.subject import SubjectError


class Subclass(torch.optim.Adam):
    """Only its base says what it is."""


def factory(learning_rate, b1=0.9, b2=0.999, eps=1e-8):
    return optax.adam(learning_rate, b1, b2, eps)


def annotated(rate, b1, b2, eps) -> "optax.GradientTransformation":
    return optax.adam(rate, b1, b2, eps)


def contract(params, learning_rate, beta1, beta2, epsilon):
    return lambda grads: params


class Contract:
    """A subject that is called as subjects are."""

    def __init__(self, params, learning_rate, beta1, beta2, epsilon):
        pass


@pytest.mark.parametrize(
    ("made", "adapter"),
    [
        (torch.optim.Adam, "torch_optimizer"),
        (Subclass, "torch_optimizer"),
        (partial(partial(torch.optim.Adam, fused=True), foreach=False), "torch_optimizer"),
        (optax.adam, "optax_factory"),
        (optax.nadam, "optax_factory"),
        (factory, "optax_factory"),
        (annotated, "optax_factory"),
    ],
)
def test_what_a_class_or_function_is_decides_its_kind(made, adapter):
    kind = kind_of(made)
    assert kind is not None
    assert kind.adapter == adapter


@pytest.mark.parametrize("made", [contract, Contract, int, "torch", None, 3])
def test_anything_else_has_no_kind(made):
    assert kind_of(made) is None


def test_a_class_that_raises_when_it_is_looked_at_has_no_kind():
    class Meta(type):
        def __getattribute__(cls, name):
            raise RuntimeError(name)

    assert kind_of(Meta("Hostile", (), {})) is None


def test_no_library_is_imported_to_find_out_what_a_class_is():
    libraries = {kind.module.partition(".")[0] for kind in KINDS}
    code = f"""
import sys
from conformance.subject.loading import as_subject

class Adam:
    def __init__(self, params, learning_rate, beta1, beta2, epsilon):
        pass

assert as_subject(Adam).name == "Adam"
print(*sys.modules.keys() & {libraries})
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize(
    ("name", "target", "settings"),
    [
        ("torch.optim:Adam", "torch.optim:Adam", {}),
        ("torch.optim:Adam(fused=True)", "torch.optim:Adam", {"fused": True}),
        ("a:B(c=-1e-3, d=(1, None), e='x)')", "a:B", {"c": -1e-3, "d": (1, None), "e": "x)"}),
        ("a:B()", "a:B", {}),
    ],
)
def test_settings_are_keyword_arguments_with_literal_values(name, target, settings):
    assert read_settings(name) == (target, settings)


@pytest.mark.parametrize(
    "settings",
    [
        "(",
        "(3)",
        "(fused=print)",
        "(fused=open('x'))",
        "(**{'a': 1})",
        "(a=1, a=2)",
        "(a=1)(b=2)",
        "(a=1) + 1",
        "(a=1); import os",
        "(a=" + "[" * 900,
        "(a=" + "1" * 2000 + ")",
    ],
)
def test_other_settings_are_refused_and_never_evaluated(settings, capsys):
    with pytest.raises(ValueError, match="settings must be NAME=LITERAL"):
        read_settings(f"torch.optim:Adam{settings}")
    assert main(["check", f"torch.optim:Adam{settings}"]) == 2
    assert "settings must be NAME=LITERAL" in capsys.readouterr().err


def test_a_class_a_partial_and_a_name_are_one_subject():
    by_class = as_subject(torch.optim.NAdam)
    by_name = load("torch.optim:NAdam(foreach=True)")
    by_partial = as_subject(partial(torch.optim.NAdam, foreach=True))
    assert (by_class.name, by_partial.name) == ("NAdam", "torch.optim.nadam:NAdam(foreach=True)")
    assert by_name.name == "torch.optim:NAdam(foreach=True)"
    assert by_name.written == by_partial.written == "torch.optim.nadam:NAdam(foreach=True)"
    assert by_class.version == torch.__version__


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "torch.optim:SGD",
            "its signature has no beta1 and beta2, but lr, momentum",
        ),
        ("torch.optim:LBFGS", "it is no Adam"),
        ("torch.optim:Adam(fsed=True)", "did you mean fused?"),
        (
            "torch.optim:Adam(zero=True)",
            "it has capturable, decoupled_weight_decay, diff",
        ),
        ("torch.optim:Adam(eps=1e-3)", "to judge one value, --config epsilon=NUMBER"),
        ("torch.optim:Adam(amsgrad=True)", "each vector has its own amsgrad"),
        ("torch.optim:Adam(capturable=True)", "its adapter can take no step with it"),
        ("torch.optim:NAdm", "did you mean NAdam?"),
        ("conformance.defects:bias_none(a=1)", "must be a class of a known kind to have settings"),
        ("optax:sgd", "it is no Adam"),
    ],
)
def test_what_cannot_be_judged_is_said_with_the_way_out(name, message):
    with pytest.raises(SubjectError) as raised:
        load(name)
    assert message in str(raised.value)
    assert str(raised.value).startswith(f"subject {name}")


def test_a_class_with_a_dot_before_it_is_asked_for_with_a_colon(capsys):
    assert main(["check", "torch.optim.NAdam"]) == 2
    assert "a class or function has a colon before it: torch.optim:NAdam" in capsys.readouterr().err


@pytest.mark.parametrize("made", [torch.optim.Adam([torch.zeros(1)]), optax.adam(1e-3)])
def test_an_object_is_refused_because_its_numbers_are_fixed(made):
    with pytest.raises(SubjectError, match="must be the class or function that makes an optimizer"):
        as_subject(made)


def test_arguments_of_a_partial_must_have_names():
    with pytest.raises(SubjectError, match="must set arguments by name, got 1 without"):
        as_subject(partial(torch.optim.Adam, [torch.zeros(1)]))


def test_the_script_of_a_failure_loads_the_class_again():
    report = check(torch.optim.NAdam, only="basic.f32.mixed")
    script = report.smallest.script
    assert "make = load('torch.optim.nadam:NAdam').make" in script
    with pytest.raises(AssertionError):
        exec(compile(script, "script", "exec"), {})
