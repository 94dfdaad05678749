import doctest
from itertools import chain

import numpy as np
import pytest

import adamref.adam
from adamref import CONVENTIONS, Adam, AdamConfig, Convention, IndexedSlices

ONES = [np.ones(2), np.ones((1, 2))]


def bits(arrays):
    return [array.tobytes() for array in arrays]


def test_the_example_in_the_docstring_is_right():
    assert doctest.testmod(adamref.adam).failed == 0


def test_a_parameter_without_a_gradient_stays_and_its_moments_too():
    adam = Adam(ONES)
    before = adam.slots()
    params = adam.step([None, np.ones((1, 2))])
    assert params[0].tolist() == [1, 1]
    assert adam.slots()["m"][0].tolist() == before["m"][0].tolist()


def test_t_is_shared_in_the_paper_and_counted_by_the_parameter_in_torch():
    config = AdamConfig(learning_rate=1.0, beta1=0.5, beta2=0.75, epsilon=0.0)
    late = {}
    for name in ("paper", "torch"):
        adam = Adam([np.zeros(1), np.zeros(1)], config, name)
        adam.step([np.ones(1), None])
        late[name] = adam.step([np.ones(1), np.ones(1)])[1][0]
    # Own t = 1: the step is lr. Shared t = 2: (1/2)/(3/4) over sqrt((1/4)/(7/16)).
    assert late["torch"] == -1.0
    assert late["paper"] == pytest.approx(-(2 / 3) / np.sqrt(4 / 7), rel=4 * 2.0**-53)


@pytest.mark.parametrize(("name", "t"), [("paper", 2), ("torch", 1)])
def test_a_call_without_any_gradient_counts_in_the_paper_and_not_in_torch(name, t):
    adam = Adam(ONES, convention=name)
    adam.step([None, None])
    adam.step([np.ones(2), None])
    assert adam._states[0].t == t


@pytest.mark.parametrize(
    ("name", "grads", "message"),
    [
        (
            "tf1",
            [None, None],
            "convention 'tf1' accepts no step without a gradient; all 2 grads are None.",
        ),
        (
            "optax",
            [None, np.ones((1, 2))],
            r"convention 'optax' accepts no missing gradients; grads\[0\] is None. Pass an a",
        ),
        ("paper", [np.ones(2)], "grads must have one entry a parameter, 2, got 1"),
        (
            "paper",
            [np.ones(2), np.ones(2)],
            r"grad must have the shape of param \(1, 2\), got \(2,\)",
        ),
    ],
)
def test_after_an_error_nothing_has_changed(name, grads, message):
    adam = Adam(ONES, convention=name)
    adam.step(ONES)
    before = repr(adam.save())
    with pytest.raises(ValueError, match=message):
        adam.step(grads, learning_rate=5.0)
    assert repr(adam.save()) == before


def test_a_new_learning_rate_holds_from_its_step_on():
    adam = Adam([np.zeros(1)], AdamConfig(learning_rate=1.0, epsilon=0.0))
    steps = [adam.step([np.ones(1)], rate)[0][0] for rate in (None, 0.5, None)]
    assert np.diff([0, *steps]) == pytest.approx([-1, -0.5, -0.5])


def test_what_is_handed_back_does_not_share_memory_with_the_state():
    adam = Adam(ONES, AdamConfig(amsgrad=True), "torch")
    params = adam.step(ONES)
    moments = chain.from_iterable(adam.slots().values())
    for array in chain(params, adam.params, moments):
        array.fill(np.nan)
    assert not np.isnan(adam.step(ONES)[0]).any()


def test_restoring_continues_bit_for_bit():
    adam = Adam(ONES, AdamConfig(amsgrad=True), "tfkeras")
    adam.step(ONES)
    saved = adam.save()
    twos = [2 * grad for grad in ONES]
    first = bits(adam.step(twos))
    adam.step(ONES)
    adam.restore(saved)
    assert bits(adam.step(twos)) == first


def test_loading_continues_bit_for_bit():
    config = AdamConfig(amsgrad=True)
    adam = Adam(ONES, config, "torch")
    adam.step(ONES)
    other = Adam([0 * p for p in ONES], config, "torch")
    other.load(adam.params, adam.slots(), [1, 1])
    assert bits(other.step(ONES)) == bits(adam.step(ONES))


def test_loading_what_does_not_fit_changes_nothing():
    adam = Adam(ONES)
    before = repr(adam.save())
    with pytest.raises(
        ValueError, match=r"state.v must have the shape of param \(2,\), got \(3,\)"
    ):
        adam.load(ONES, {"m": ONES, "v": [np.ones(3), np.ones((1, 2))]}, [1, 1])
    with pytest.raises(ValueError, match="t must be a count >= 0, got -1"):
        adam.load(ONES, {"m": ONES, "v": ONES}, [-1, 0])
    with pytest.raises(TypeError, match=r"got one array of shape \(2, 1, 2\); write \[params\]"):
        adam.load(np.ones((2, 1, 2)), {"m": [ONES[1]] * 2, "v": [ONES[1]] * 2}, [1, 1])
    assert repr(adam.save()) == before


def test_an_unknown_convention_is_refused_with_those_that_exist():
    with pytest.raises(
        ValueError, match="convention must be one of paper, paper-hat, tf1, .*, got 'torhc'"
    ):
        Adam(ONES, convention="torhc")


def test_a_feature_that_the_convention_lacks_is_refused_at_once():
    with pytest.raises(
        ValueError,
        match="convention 'tf1' has no amsgrad; got amsgrad=True. Set it to False or choose",
    ):
        Adam(ONES, AdamConfig(amsgrad=True), "tf1")
    with pytest.raises(
        ValueError,
        match="convention 'paper' has no clipnorm; got clipnorm=1.0. Set it to None or choose",
    ):
        Adam(ONES, AdamConfig(clipnorm=1.0))


def test_clips_are_applied_one_after_the_other_or_the_first_alone():
    # clipvalue 1, then clipnorm 1, on (3, 4): (1, 1), then over sqrt 2. The norm alone: (0.6, 0.8).
    config = AdamConfig(clipvalue=1.0, clipnorm=1.0)
    grad = np.array([3.0, 4.0])
    cumulative = Adam([np.zeros(2)], config, "tfkeras")
    first = Adam([np.zeros(2)], config, Convention(clip="first", clip_order="norm_global_value"))
    for adam in (cumulative, first):
        adam.step([grad])
    assert cumulative.slots()["m"][0] / 0.1 == pytest.approx([2**-0.5, 2**-0.5], rel=1e-6)
    assert first.slots()["m"][0] / 0.1 == pytest.approx([0.6, 0.8])


def test_the_global_norm_is_that_of_all_gradients():
    adam = Adam([np.zeros(1), np.zeros(1)], AdamConfig(global_clipnorm=5.0), "tfkeras")
    adam.step([np.array([6.0]), np.array([8.0])])
    assert [m[0] / 0.1 for m in adam.slots()["m"]] == pytest.approx([3, 4], rel=1e-6)


def test_clips_that_exclude_each_other_are_refused():
    with pytest.raises(
        ValueError,
        match="convention 'custom' accepts one limit; got clipvalue and clipnorm. Set the other",
    ):
        Adam(ONES, AdamConfig(clipvalue=1.0, clipnorm=1.0), Convention(clip="exclusive"))


def test_a_saved_state_and_its_adam_change_nothing_of_each_other():
    adam = Adam(ONES, AdamConfig())
    adam.step(ONES)
    saved = adam.save()
    other = Adam(ONES, AdamConfig())
    other.restore(saved)
    for array in (saved.params[0], saved.states[0].m, saved.states[0].v):
        array[...] = np.nan
    stepped = adam.step(ONES)
    assert all(np.isfinite(param).all() for param in stepped)
    assert all(map(np.array_equal, other.step(ONES), stepped))


@pytest.mark.parametrize(
    "grad",
    [
        np.ma.array(np.ones(2), mask=[True, False]),
        IndexedSlices(np.ma.array(np.ones(2), mask=[True, False]), np.array([0, 1]), (2,)),
    ],
)
def test_a_masked_gradient_is_refused(grad):
    adam = Adam([np.ones(2)], AdamConfig())
    with pytest.raises(TypeError, match="must not be a masked array, .* pass grad.filled"):
        adam.step([grad])
    assert adam.slots()["m"][0].tolist() == [0, 0]


@pytest.mark.parametrize("name", CONVENTIONS)
def test_a_decay_below_0_is_refused_where_the_library_refuses_it(name):
    adam = Adam([np.ones(2)], AdamConfig(), name)
    if adam.convention.weight_decay == "unsupported":
        return
    below = AdamConfig(weight_decay=-0.5)
    if not name.startswith("torch"):
        adam.config = below
        assert adam.step([np.ones(2)])
        return
    message = f"weight_decay must be >= 0 in convention '{name}', as in PyTorch, got -0.5"
    for refused in (
        lambda: Adam([np.ones(2)], below, name),
        lambda: setattr(adam, "config", below),
        lambda: Adam(
            [np.ones(2)], AdamConfig(), name, groups=[{"params": [0], "weight_decay": -0.5}]
        ),
    ):
        with pytest.raises(ValueError, match=message):
            refused()
    assert adam.config == AdamConfig()
