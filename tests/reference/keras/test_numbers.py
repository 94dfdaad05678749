"""Numbers of keras.Adam that random programs seldom reach; exact ones are exact in both."""

import warnings

import numpy as np
import pytest

from adamref import Adam as Reference
from adamref import AdamConfig, Arithmetic, IndexedSlices, Variable, schedule
from adamref.keras import Adam

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import tensorflow as tf
    from tf_keras.optimizers.legacy import Adam as Real

BOTH = pytest.mark.parametrize(
    ("kind", "variable"), [(Adam, Variable), (Real, tf.Variable)], ids=["ours", "theirs"]
)
GRADS = [np.array([3.0, -0.25, 1e-3]), np.array([-1.0, 2.0, 0.0]), np.array([0.5, 0.5, -7.0])]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("amsgrad", [False, True])
def test_a_step_is_the_reference_s_to_the_bit(dtype, amsgrad):
    # In float16 with what it can hold: the reference rounds no other number of a user's to float16.
    rate, beta1, beta2 = (2.0**-4, 0.5, 0.75) if dtype == "float16" else (0.1, 0.9, 0.999)
    start = np.array([1.0, -2.0, 0.5], dtype)
    var = Variable(start)
    ours = Adam(rate, beta1, beta2, epsilon=1e-3, amsgrad=amsgrad, clipvalue=2.0)
    config = AdamConfig(
        learning_rate=rate, beta1=beta1, beta2=beta2, epsilon=1e-3, amsgrad=amsgrad, clipvalue=2.0
    )
    reference = Reference([start], config, "tfkeras")
    for grad in GRADS:
        ours.apply_gradients([(grad.astype(dtype), var)])
        assert var.numpy().tobytes() == reference.step([grad.astype(dtype)])[0].tobytes()
    for slot, name in {"m": "m", "v": "v"}.items() | ({("vhat", "v_max")} if amsgrad else set()):
        assert ours.get_slot(var, slot).numpy().tobytes() == reference.slots()[name][0].tobytes()


@BOTH
def test_betas_are_float16_for_a_float16_variable(kind, variable):
    var = variable(np.float16(1))
    optimizer = kind(epsilon=0.1)
    optimizer.apply_gradients([(np.float16(1), var)])
    assert optimizer.get_slot(var, "v").numpy() == 1 - np.float16(0.999) != np.float16(0.001)


def test_numbers_of_float64_variables_are_those_of_float32():
    var = Variable(np.ones(3))
    reference = Reference([np.ones(3)], AdamConfig(epsilon=1e-7), "tfkeras")
    optimizer = Adam()
    for grad in GRADS:
        optimizer.apply_gradients([(grad, var)])
        assert var.numpy().tobytes() == reference.step([grad])[0].tobytes()
    exact = Reference([np.ones(3)], AdamConfig(epsilon=1e-7), "tfkeras", Arithmetic.parse("ddddd"))
    for grad in GRADS:
        last = exact.step([grad])[0]
    assert last.tobytes() != var.numpy().tobytes()


def test_a_function_that_returns_float64_is_not_rounded():
    got = []
    for rate in (0.1, lambda: 0.1, lambda: np.float64(0.1)):
        var = Variable(np.float64(0.0))
        Adam(rate, 0.0, epsilon=2.0**-80).apply_gradients([(np.float64(1.0), var)])
        got.append(float(var.numpy()))
    assert got[0] == got[1] == pytest.approx(-float(np.float32(0.1)), rel=1e-15)
    assert got[2] == pytest.approx(-0.1, rel=1e-15)


@BOTH
def test_the_first_step_is_the_learning_rate_against_the_sign_of_the_gradient(kind, variable):
    var = variable(np.array([1.0, 2.0, 3.0]))
    kind(0.5, epsilon=2.0**-40).apply_gradients([(np.array([3.0, -0.25, 0.0]), var)])
    assert var.numpy() == pytest.approx([0.5, 2.5, 3.0], rel=1e-6)


@BOTH
def test_a_variable_that_is_named_twice_takes_both_gradients_in_one_step(kind, variable):
    # With m = v = g^2 = 1 after each gradient the first moves by lr_1, and so does the second: t is
    # 1 in both.
    var = variable(np.zeros(1))
    optimizer = kind(0.5, 0.0, 0.5, epsilon=2.0**-80)
    optimizer.apply_gradients([(np.ones(1), var), (np.ones(1), var)])
    assert optimizer.iterations.numpy() == 1
    # lr_1 = lr sqrt(1/2); v = 1/2, then 3/4.
    assert var.numpy() == pytest.approx(
        [-0.5 * np.sqrt(0.5) * (1 / np.sqrt(0.5) + 1 / np.sqrt(0.75))], rel=1e-12
    )


@BOTH
def test_decay_divides_the_learning_rate_by_one_plus_the_steps_taken_times_it(kind, variable):
    var = variable(np.zeros(1))
    at = [0.0]
    optimizer = kind(1.0, 0.0, 0.5, epsilon=2.0**-80, decay=0.5)
    for _ in range(3):
        optimizer.apply_gradients([(np.ones(1), var)])
        at.append(float(var.numpy()[0]))
    assert np.diff(at) == pytest.approx([-1, -1 / 1.5, -1 / 2], rel=1e-12)


@BOTH
def test_a_schedule_is_decayed_too(kind, variable):
    var = variable(np.zeros(1))
    rates = schedule.PiecewiseConstantDecay([5], [1.0, 0.25])
    optimizer = kind(rates if kind is Adam else 1.0, 0.0, 0.5, epsilon=2.0**-80, decay=0.5)
    optimizer.iterations.assign(2)
    before = float(var.numpy()[0])
    optimizer.apply_gradients([(np.ones(1), var)])
    # t = 3: sqrt(1 - 1/8) / 1, times m = 1 over sqrt(1/2); the rate is 1 / (1 + 0.5 2).
    assert float(var.numpy()[0]) - before == pytest.approx(
        -np.sqrt(7 / 8) / np.sqrt(0.5) / 2, rel=1e-12
    )


@BOTH
def test_values_are_clipped_before_norms(kind, variable):
    var = variable(np.zeros(2))
    optimizer = kind(beta_1=0.0, clipvalue=3.0, clipnorm=1.0)
    optimizer.apply_gradients([(np.array([3.0, 400.0]), var)])
    assert optimizer.get_slot(var, "m").numpy() == pytest.approx([0.5**0.5, 0.5**0.5], rel=1e-12)


@BOTH
def test_each_norm_is_clipped_by_itself_and_the_global_one_of_all_gradients(kind, variable):
    for limit, due in (("clipnorm", [3, 4]), ("global_clipnorm", [3, 4])):
        a = variable(np.zeros(1))
        b = variable(np.zeros(1))
        optimizer = kind(beta_1=0.0, **{limit: 5.0})
        grads = (
            [np.array([6.0]), np.array([8.0])]
            if limit == "global_clipnorm"
            else [np.array([3.0]), np.array([4.0])]
        )
        optimizer.apply_gradients(zip(grads, (a, b), strict=True))
        got = [optimizer.get_slot(var, "m").numpy()[0] for var in (a, b)]
        assert got == pytest.approx(due, rel=1e-12), limit


@BOTH
def test_slices_are_clipped_before_those_of_a_row_are_summed(kind, variable):
    var = variable(np.zeros((2, 1)))
    slices = (np.array([[1.0], [-4.0], [4.0]]), np.array([1, 0, 0]))
    grad = IndexedSlices(*slices) if kind is Adam else tf.IndexedSlices(*map(tf.constant, slices))
    optimizer = kind(beta_1=0.0, clipvalue=2.0)
    optimizer.apply_gradients([(grad, var)])
    assert optimizer.get_slot(var, "m").numpy().tolist() == [[0], [1]]
    one = (np.array([[3.0], [3.0]]), np.array([0, 0]))
    grad = IndexedSlices(*one) if kind is Adam else tf.IndexedSlices(*map(tf.constant, one))
    optimizer.apply_gradients([(grad, var)])
    assert optimizer.get_slot(var, "m").numpy().tolist() == [[4], [0]]


@BOTH
def test_python_s_numbers_are_gradients_of_the_variable_s_dtype(kind, variable):
    var = variable(np.ones(2, np.float32))
    kind(0.5, epsilon=2.0**-40).apply_gradients([([1.0, -1.0], var)])
    assert var.numpy() == pytest.approx([0.5, 1.5], rel=1e-6)


def test_an_element_whose_square_overflows_stays_as_it_is_where_tensorflow_s_becomes_nan():
    own = Variable(np.float32(1.0))
    real = tf.Variable(np.float32(1.0))
    ours = Adam()
    theirs = Real()
    for grad, due in ((np.float32(2.0**64), 1.0), (np.float32(1.0), np.nan)):
        ours.apply_gradients([(grad, own)])
        theirs.apply_gradients([(tf.constant(grad), real)])
        assert (own.numpy(), ours.get_slot(own, "v").numpy()) == (1.0, np.inf)
        assert np.array_equal(real.numpy(), due, equal_nan=True)
