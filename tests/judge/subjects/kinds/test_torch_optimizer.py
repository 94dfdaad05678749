"""Classes of torch.optim.Optimizer: torch's own, and those of a user."""

from functools import partial

import pytest
import torch

from conformance import check
from conformance.report.notes import sentences_about
from conformance.subject.loading import as_subject, load


class Own(torch.optim.Optimizer):
    """A right Adam with other names; `epsilon_inside` makes it a wrong one."""

    epsilon_inside = False
    kept = 1.0

    def __init__(self, params, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8, rho=0.9):
        super().__init__(params, {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps})

    def step(self, closure=None):
        for group in self.param_groups:
            for param in group["params"]:
                if param.grad is not None:
                    self.take(param, group)

    def take(self, param, group):
        state = self.state[param]
        if not state:
            moments = {name: torch.zeros_like(param) for name in ("exp_avg", "exp_avg_sq")}
            state.update(step=0, **moments)
        state["step"] += 1
        beta1, beta2 = group["beta1"], group["beta2"]
        state["exp_avg"].mul_(beta1).add_(param.grad, alpha=self.kept * (1 - beta1))
        state["exp_avg_sq"].mul_(beta2).addcmul_(param.grad, param.grad, value=1 - beta2)
        m_hat = state["exp_avg"] / self.kept / (1 - beta1 ** state["step"])
        v_hat = state["exp_avg_sq"] / (1 - beta2 ** state["step"])
        root = v_hat.sqrt() + group["eps"]
        if self.epsilon_inside:
            root = (v_hat + group["eps"]).sqrt()
        param.sub_(group["lr"] * m_hat / root)


class Inside(Own):
    epsilon_inside = True


class Doubled(Own):
    """Its m is kept times two, which is no mistake."""

    kept = 2.0


class PassesOn(torch.optim.AdamW):
    def __init__(self, params, lr=1e-3, **kwargs):
        super().__init__(params, lr=lr, **kwargs)


def counts_of(subject):
    return check(subject, level="quick").counts


@pytest.mark.parametrize(
    ("name", "shipped"),
    [
        ("torch.optim:Adam(fused=True)", "torch-fused"),
        ("torch.optim:AdamW", "torch-adamw"),
        ("torch.optim:SparseAdam", "torch-sparse"),
    ],
)
def test_a_class_of_torch_is_asked_what_the_shipped_subject_is_asked(name, shipped):
    by_class, own = load(name), load(shipped)
    assert by_class.convention == own.convention
    for attribute in ("supports", "refuses", "storage", "dtypes", "arithmetic"):
        assert getattr(by_class, attribute) == getattr(own, attribute)
    assert not by_class.is_guess


def test_the_class_has_the_verdict_of_the_shipped_subject():
    assert counts_of(torch.optim.Adam) == counts_of("torch")


@pytest.mark.parametrize("made", [Own, partial(Own, rho=0.1), PassesOn])
def test_a_right_adam_of_a_user_conforms_in_all_that_its_arguments_allow(made):
    report = check(made, level="quick")
    assert report.conformant, report.diagnosis
    assert report.counts["passed"] > 10
    assert report.worst("float32", "m") is not None


def test_what_is_not_mapped_and_what_was_guessed_is_in_the_report():
    report = check(Own, only="basic.f32.mixed")
    mapped, guessed, *_ = sentences_about(report)
    assert "left at their defaults: rho=0.9" in mapped
    assert guessed.startswith("nothing says which convention it follows; torch is what its kind")
    assert report.to_dict()["guessed"] is True
    stated = check(Own, "paper", only="basic.f32.mixed")
    assert not any("nothing says" in sentence for sentence in sentences_about(stated))


def test_a_mistake_of_the_optimizer_is_named_as_that_of_any_subject():
    report = check(Inside, only="epsilon.f32.*")
    assert "it adds epsilon to v under the root" in report.diagnosis


def test_a_wrong_guess_about_a_slot_is_no_mistake_of_the_optimizer():
    report = check(Doubled, level="quick")
    assert report.conformant, report.diagnosis
    assert report.worst("float32", "m") is None
    assert "what it keeps in the place of m is not m" in sentences_about(report)[1]


def test_a_state_with_more_than_two_moments_is_not_loaded():
    report = check(torch.optim.NAdam, only="basic.f32.loaded-state")
    reasons = {one.reason for one in report.unsupported}
    assert all("went on in another way" in reason for reason in reasons)
    assert reasons


@pytest.mark.parametrize(
    ("made", "convention"),
    [
        (torch.optim.Adam, "torch"),
        (torch.optim.RAdam, "torch"),
        (PassesOn, "torch-adamw"),
        (partial(torch.optim.Adam, differentiable=True), "torch-capturable"),
        (partial(torch.optim.NAdam, decoupled_weight_decay=True), "torch-adamw"),
        (torch.optim.SparseAdam, "torch-sparse"),
    ],
)
def test_the_convention_is_that_of_the_class(made, convention):
    assert as_subject(made).convention == convention


class TakesEveryDecay(torch.optim.AdamW):
    """An AdamW that does not check its weight decay."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        super().__init__(params, lr, betas, eps, 0.0)
        for group in self.param_groups:
            group["weight_decay"] = weight_decay


@pytest.mark.parametrize("make", [torch.optim.AdamW, TakesEveryDecay])
def test_a_value_that_is_refused_is_no_missing_feature(make):
    report = check(
        make,
        "torch-adamw",
        only="weight-decay.f32.negative",
        require=["float32", "weight_decay"],
    )
    # torch refuses a decay below 0, and a class that does not is asked.
    passes = make is TakesEveryDecay
    assert report.verdict == ("conformant" if passes else "untested")
    assert not report.failures
