"""Facts that follow from the paper; expected values by exact reasoning, in the comments."""

import numpy as np
import pytest

from adamref import CONVENTIONS, AdamConfig, AdamState, Arithmetic, Convention, initial, step

DTYPES = (np.float16, np.float32, np.float64)
DYADIC = AdamConfig(learning_rate=2.0**-4, beta1=0.5, beta2=0.75, epsilon=0.0)
GRADS = [np.array([3.0, -0.25, 1e-3]), np.array([-1.0, 2.0, 0.0]), np.array([0.5, 0.5, -7.0])]


def bits(arrays):
    return [array.tobytes() for array in arrays]


def trajectory(config, grads, convention="paper", dtype=np.float64, param=None):
    param = np.zeros(3, dtype) if param is None else param
    state = initial(param, config.amsgrad)
    params = []
    for grad in grads:
        param, state = step(
            config, state, param, grad.astype(dtype), CONVENTIONS[convention].convention
        )
        params.append(param)
    return params, state


@pytest.mark.parametrize("dtype", DTYPES)
def test_first_step_moves_every_element_by_the_learning_rate(dtype):
    # m_hat = g and v_hat = g^2 at t = 1, so with epsilon 0 the step is lr sign(g). It is exact for
    # powers of two.
    grad = np.array([4.0, -0.5, 0.0625])
    params, _ = trajectory(DYADIC, [grad], dtype=dtype)
    assert params[0].tolist() == [-0.0625, 0.0625, -0.0625]


def test_second_step_by_hand():
    # beta1 1/2, beta2 3/4, g = 4 then 0: m = 2, then 1; v = 4, then 3; m_hat = 1/(3/4),
    # v_hat = 3/(7/16); the step is lr (4/3) / sqrt(48/7).
    _, state = trajectory(DYADIC, [np.array([4.0]), np.array([0.0])], param=np.zeros(1))
    assert (state.t, state.m[0], state.v[0]) == (2, 1.0, 3.0)
    params, _ = trajectory(DYADIC, [np.array([4.0]), np.array([0.0])], param=np.zeros(1))
    assert params[1][0] == pytest.approx(
        -0.0625 - 0.0625 * (4 / 3) / np.sqrt(48 / 7), rel=4 * 2.0**-53
    )


def test_scaling_all_gradients_by_a_power_of_two_changes_nothing_when_epsilon_is_zero():
    config = AdamConfig(epsilon=0.0)
    plain, _ = trajectory(config, GRADS)
    scaled, _ = trajectory(config, [grad * 2.0**20 for grad in GRADS])
    assert bits(plain) == bits(scaled)


@pytest.mark.parametrize("name", CONVENTIONS)
def test_a_change_of_sign_of_all_gradients_changes_the_sign_of_the_step(name):
    plain, _ = trajectory(AdamConfig(), GRADS, name)
    mirrored, _ = trajectory(AdamConfig(), [-grad for grad in GRADS], name)
    assert bits(plain) == bits(-param for param in mirrored)


def test_maximize_is_the_mirror_image_of_minimize():
    config = AdamConfig(maximize=True)
    mirrored, _ = trajectory(config, GRADS, "torch")
    plain, _ = trajectory(AdamConfig(), [-grad for grad in GRADS], "torch")
    assert bits(plain) == bits(mirrored)


def test_epsilon_hat_is_epsilon_over_the_root_of_the_second_correction():
    # Before section 2.1: epsilon-hat = epsilon sqrt(1 - beta2^t). At t = 1, g = 1 the step is
    # 1 / (1 + eps / sqrt(1/4)).
    config = AdamConfig(learning_rate=1.0, beta1=0.5, beta2=0.75, epsilon=0.5)
    hat, _ = trajectory(config, [np.ones(3)], "paper-hat")
    outside, _ = trajectory(config, [np.ones(3)], "paper")
    assert (hat[0][0], outside[0][0]) == (-0.5, -1 / 1.5)


def test_amsgrad_over_v_and_over_v_hat_part_after_a_spike():
    # g = 1 then 0, beta 1/2 and 3/4, eps 0, second step: m_hat = (1/4)/(3/4) = 1/3.
    # max_raw: v_max = 1/4, over 7/16 is 4/7. max_corrected: v_hat = 1 stays the largest.
    config = AdamConfig(learning_rate=1.0, beta1=0.5, beta2=0.75, epsilon=0.0, amsgrad=True)
    grads = [np.array([1.0]), np.array([0.0])]
    raw, _ = trajectory(config, grads, "torch", param=np.zeros(1))
    corrected, _ = trajectory(config, grads, "optax", param=np.zeros(1))
    assert raw[1][0] == pytest.approx(-1 - (1 / 3) / np.sqrt(4 / 7), rel=4 * 2.0**-53)
    assert corrected[1][0] == pytest.approx(-1 - 1 / 3, rel=2 * 2.0**-53)


def test_weight_decay_as_l2_enters_the_moments_and_decoupled_does_not():
    # g = 0, p = 1, wd = 1/2: L2 makes g = 1/2 and the first step lr; decoupled shrinks p by lr wd.
    config = AdamConfig(learning_rate=0.25, beta1=0.5, beta2=0.75, epsilon=0.0625, weight_decay=0.5)
    decoupled = Convention(weight_decay="decoupled")
    one = np.ones(1)
    zero = np.zeros(1)
    l2, state = step(config, initial(one), one, zero, CONVENTIONS["torch"].convention)
    shrunk, untouched = step(config, initial(one), one, zero, decoupled)
    assert (l2[0], state.m[0]) == (1 - 0.25 * 0.5 / (0.5 + 0.0625), 0.25)
    assert (shrunk[0], untouched.m[0]) == (0.875, 0.0)


def test_epsilon_zero_is_the_default_of_keras_in_its_convention_alone():
    zero = [np.zeros(3)]
    assert trajectory(AdamConfig(epsilon=0.0), zero, "tfkeras")[0][0].tolist() == [0.0, 0.0, 0.0]
    assert np.isnan(trajectory(AdamConfig(epsilon=0.0), zero, "tf1")[0][0]).all()


@pytest.mark.parametrize("shape", [(), (0,), (1,), (2, 3), (3, 1, 2)])
@pytest.mark.parametrize("dtype", DTYPES)
def test_shape_and_dtype_come_back_as_they_were(shape, dtype):
    config = AdamConfig(amsgrad=True)
    param = np.ones(shape, dtype)
    new, state = step(config, initial(param, amsgrad=True), param, np.ones(shape, dtype))
    assert all(x.shape == shape and x.dtype == dtype for x in (new, state.m, state.v, state.v_max))
    assert isinstance(new, np.ndarray)


def test_memory_order_makes_no_difference():
    rng = np.random.default_rng(0)
    param = rng.normal(size=(4, 6))[::2, ::3]
    grad = rng.normal(size=(4, 6))
    state = initial(param)
    strided, _ = step(AdamConfig(), state, param, np.asfortranarray(grad)[::2, ::3])
    plain, _ = step(AdamConfig(), state, param.copy(), grad[::2, ::3].copy())
    assert strided.tobytes() == plain.tobytes()


def test_nothing_given_is_changed():
    param = np.ones(3)
    grad = np.array([1.0, 2.0, 3.0])
    state = initial(param)
    step(AdamConfig(), state, param, grad)
    assert (param.tolist(), grad.tolist(), state.m.tolist(), state.t) == (
        [1, 1, 1],
        [1, 2, 3],
        [0, 0, 0],
        0,
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"grad": np.ones((3, 4))}, r"grad must have the shape of param \(3,\), got \(3, 4\)"),
        (
            {"grad": np.ones(3, np.float32)},
            "grad must have the dtype of param, float64, got float32",
        ),
        (
            {"param": np.ones(3, np.int64)},
            "param must be float16, bfloat16, float32 or float64, in native byte order, got int64",
        ),
        (
            {"state": initial(np.ones(2))},
            r"state.m must have the shape of param \(3,\), got \(2,\)",
        ),
        (
            {"config": AdamConfig(amsgrad=True)},
            "state.v_max must be an array if amsgrad is on, and None if it is off, got amsg",
        ),
        (
            {"config": AdamConfig(weight_decay=0.1)},
            "convention 'paper' has no weight_decay; got weight_decay=0.1. Set it to 0 or choose",
        ),
        (
            {"config": AdamConfig(maximize=True)},
            "convention 'paper' has no maximize; got maximize=True. Set it to False or cho",
        ),
        (
            {"config": AdamConfig(epsilon_root=0.1)},
            "convention 'paper' has no epsilon_root; got epsilon_root=0.1. Set it to 0 or choose",
        ),
    ],
)
def test_what_does_not_fit_is_refused(change, message):
    arguments = {
        "config": AdamConfig(),
        "state": initial(np.ones(3)),
        "param": np.ones(3),
        "grad": np.ones(3),
    } | change
    with pytest.raises(ValueError, match=message):
        step(**arguments)


def test_scalars_in_binary32_change_the_first_step_of_float64():
    # Both betas rounded to binary32 cancel out of the first step; a rounded learning rate does not.
    config = AdamConfig(learning_rate=0.1, epsilon=0.0)
    param = np.zeros(1)
    for code, rate in (("ddddd", 0.1), ("sdddd", float(np.float32(0.1)))):
        arithmetic = Arithmetic.parse(code)
        new, _ = step(config, initial(param), param, np.ones(1), arithmetic=arithmetic)
        assert new[0] == pytest.approx(-rate, rel=1e-15)


def test_a_state_can_be_built_by_hand():
    state = AdamState(4, np.ones(1), np.ones(1), None)
    assert step(AdamConfig(), state, np.ones(1), np.ones(1))[1].t == 5
