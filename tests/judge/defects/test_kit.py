"""The right Adams that wrong ones are made from: what they refuse, and exactly known results."""

import numpy as np
import pytest

from conformance import Unsupported
from conformance.defects.kit.by_convention import build_named
from conformance.defects.kit.clipping import clip_by
from conformance.truth.reference import CONVENTIONS

FOUR = (0.5, 0.5, 0.75, 0.25)
SWITCHES = ("weight_decay", "maximize", "clipvalue", "clipnorm", "global_clipnorm", "epsilon_root")


def start(convention, params=(1.0,), numbers=FOUR, **switches):
    return build_named("Right", convention)([np.array([p]) for p in params], *numbers, **switches)


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("switch", SWITCHES)
def test_a_switch_that_an_adam_has_not_is_not_supported(convention, switch):
    if switch in build_named("Right", convention).switches:
        adam = start(convention, **{switch: 1.0})
        assert adam.limits.get(switch, getattr(adam, switch, None)) == 1.0
        return
    with pytest.raises(Unsupported, match=f"^{switch}: it has no such switch$"):
        start(convention, **{switch: 0.5})


# Norms 5 and 12, together 13.
GRADS = [np.array([3.0, -4.0]), None, np.array([12.0])]


@pytest.mark.parametrize(
    ("name", "limit", "clipped"),
    [
        ("clipvalue", 3.5, [[3.0, -3.5], None, [3.5]]),
        ("clipnorm", 10.0, [[3.0, -4.0], None, [10.0]]),
        ("clipnorm", 2.5, [[1.5, -2.0], None, [2.5]]),
        ("global_clipnorm", 6.5, [[1.5, -2.0], None, [6.0]]),
        ("global_clipnorm", 13.0, [[3.0, -4.0], None, [12.0]]),
    ],
)
def test_a_limit_clips_gradients_and_passes_on_what_is_missing(name, limit, clipped):
    grads = clip_by(name, GRADS, limit)
    lists = [
        # A missing gradient stays missing.
        None if grad is None else grad.tolist()
        for grad in grads
    ]
    assert lists == clipped


@pytest.mark.parametrize("name", ["clipnorm", "global_clipnorm"])
def test_a_gradient_of_zeros_is_clipped_to_zeros(name):
    assert clip_by(name, [np.zeros(2)], 1.0)[0].tolist() == [0, 0]


def test_keras_takes_another_epsilon_for_0_and_float32_for_its_other_numbers():
    adam = start("tfkeras", numbers=(0.1, 0.9, 0.999, 0.0))
    assert (adam.learning_rate, adam.beta1, adam.beta2) == tuple(
        float(np.float32(x)) for x in (0.1, 0.9, 0.999)
    )
    assert adam.epsilon == 1e-7
    assert start("tfkeras").epsilon == FOUR[3]


def test_keras_refuses_a_call_without_any_gradient_and_nothing_has_changed():
    adam = start("tfkeras", params=(1.0, 2.0))
    with pytest.raises(
        ValueError, match="grads must hold a gradient, got None for every parameter"
    ):
        adam.step([None, None])
    assert (adam.state.calls, [p.tolist() for p in adam.state.params]) == (0, [[1.0], [2.0]])


def test_keras_epsilon_is_outside_the_correction():
    # m = 1/2 and v = 1/4 after a gradient of 1. The rate is 1/2 sqrt(1/4) / (1/2) = 1/2, and the
    # step 1/2 m / (sqrt(v) + 1/4) = 1/3.
    assert start("tfkeras").step([np.array([1.0])])[0] == pytest.approx(1 - 1 / 3, rel=1e-15)


def test_torch_counts_the_gradients_of_each_parameter():
    paper, torch = (start(name, params=(1.0, 1.0)) for name in ("paper", "torch"))
    for adam in (paper, torch):
        adam.step([np.array([1.0]), None])
        adam.step([None, np.array([1.0])])
    assert torch.state.gradients == [1, 1]
    assert torch.state.params[1] == torch.state.params[0]
    assert torch.state.params[0] == paper.state.params[0] != paper.state.params[1]


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_what_is_saved_does_not_change_when_the_adam_goes_on(convention):
    adam = start(convention)
    adam.step([np.array([1.0])])
    saved = adam.save()
    once = adam.step([np.array([2.0])])[0].tolist()
    fresh = start(convention)
    fresh.restore(saved)
    assert fresh.step([np.array([2.0])])[0].tolist() == once
