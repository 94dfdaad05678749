"""Names of arguments, read from a signature."""

import pytest

from conformance.subject.subject import SubjectError
from conformance.subjects.kinds.arguments import Arguments

FOUR = (0.1, 0.9, 0.99, 1e-8)


def of_torch(params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01, rho=0.5):
    pass


def of_keras(learning_rate, beta_1, beta_2, epsilon, clipnorm=1.0, amsgrad=True, name="adam"):
    pass


class Base:
    def __init__(self, params, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8, maximize=False):
        pass


class PassesOn(Base):
    def __init__(self, params, *args, warmup=3, **kwargs):
        super().__init__(params, *args, **kwargs)


def test_a_pair_of_betas_is_one_argument_and_decay_is_off_where_no_vector_turns_it_on():
    arguments = Arguments(of_torch, {}, given=("params",))
    off = {"lr": 0.1, "betas": (0.9, 0.99), "eps": 1e-8, "weight_decay": 0.0}
    assert arguments.values(FOUR, {}) == off
    assert arguments.values(FOUR, {"weight_decay": 0.5}) == off | {"weight_decay": 0.5}


def test_switches_with_another_default_are_turned_off_and_a_limit_has_none():
    arguments = Arguments(of_keras, {}, given=("name",))
    values = arguments.values(FOUR, {})
    assert (values["clipnorm"], values["amsgrad"]) == (None, False)
    assert (values["learning_rate"], values["beta_1"], values["beta_2"]) == FOUR[:3]


def test_what_a_subclass_passes_on_is_read_from_its_base():
    arguments = Arguments(PassesOn, {"warmup": 0}, given=("params",))
    assert arguments.values(FOUR, {}) == {
        "warmup": 0,
        "lr": 0.1,
        "b1": 0.9,
        "b2": 0.99,
        "eps": 1e-8,
    }
    assert arguments.switches == ["maximize"]


def test_the_signature_of_the_subject_has_the_switches_by_our_names():
    signature = Arguments(of_keras, {}, given=("name",)).signature("groups")
    four = ["params", "learning_rate", "beta1", "beta2", "epsilon"]
    assert list(signature.parameters) == [*four, "amsgrad", "clipnorm", "groups"]


def test_what_is_not_mapped_is_said_with_its_default():
    [sentence] = Arguments(of_torch, {}, given=("params",)).sentences()
    assert "left at their defaults: rho=0.5; other values are set in parentheses" in sentence


def test_a_number_without_argument_is_said():
    def constant(params, lr, b1, b2):
        pass

    arguments = Arguments(constant, {}, given=("params",))
    assert arguments.missing == ["epsilon"]
    assert "it has no argument for epsilon: if that is a constant" in arguments.sentences()[0]


def three(params, lr, betas=(0.9, 0.92, 0.99), eps=1e-8):
    pass


def demanding(params, rho, lr, b1, b2, eps):
    pass


@pytest.mark.parametrize(
    ("factory", "settings", "message"),
    [
        (three, {}, "it is no Adam: its signature has no beta1 and beta2, but lr, betas, eps"),
        (demanding, {}, r"its argument rho has no default.*as \(rho=1\)"),
        (of_torch, {"roh": 1}, "did you mean rho?"),
        (
            of_torch,
            {"lr": 1},
            "its own learning_rate; to judge one value, --config",
        ),
        (of_torch, {"params": 1}, "params must be an argument of it that no vector sets"),
        (dict.fromkeys, {}, "it is no Adam"),
        (dict, {}, "its signature cannot be read|it is no Adam"),
    ],
)
def test_what_cannot_be_mapped_is_an_error_with_the_way_out(factory, settings, message):
    with pytest.raises(SubjectError, match=message):
        Arguments(factory, settings, given=("params",))
