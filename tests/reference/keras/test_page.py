"""The page of tf.keras.optimizers.Adam, sentence by sentence, with the tests of each.

seed_pages/keras.json lists the sentences.
"""

import doctest
import json
import warnings

import numpy as np
import pytest

import adamref.keras.optimizer
from adamref import IndexedSlices, Variable, gather, schedule
from adamref.keras import Adam

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import tensorflow as tf
    from tf_keras.optimizers.legacy import Adam as Real

ONES = np.ones(2, np.float32)


def take_step(optimizer, *variables):
    """The optimizer after a step with gradients of ones."""
    optimizer.apply_gradients([(np.ones(var.shape, var.dtype), var) for var in variables])
    return optimizer


def test_the_page_s_example_runs_as_it_stands():
    assert doctest.testmod(adamref.keras.optimizer) == (0, 6)


def test_a_config_of_defaults_is_the_real_one_s():
    assert Adam().get_config() == Real().get_config()


def test_a_config_makes_the_optimizer_again_and_can_be_written_as_json():
    limits = {"clipvalue": 1.0, "global_clipnorm": 2.0}
    arguments = {
        "learning_rate": 0.5,
        "beta_1": 0.25,
        "epsilon": 1e-3,
        "amsgrad": True,
        "decay": 0.1,
        "name": "A",
    }
    config = Adam(**arguments, **limits).get_config()
    assert config == Real(**arguments, **limits).get_config()
    assert Adam.from_config(json.loads(json.dumps(config))).get_config() == config
    assert Adam.from_config({"lr": 0.5}).get_config() == Real.from_config({"lr": 0.5}).get_config()


def test_a_config_holds_a_schedule_by_its_class_and_its_config():
    config = Adam(schedule.InverseTimeDecay(1.0, 1, 1.0)).get_config()
    assert config["learning_rate"]["class_name"] == "InverseTimeDecay"
    assert Adam.from_config(config).learning_rate(3) == 0.25


def test_a_schedule_of_one_s_own_comes_back_from_a_config_if_its_class_is_named():
    class Constant(schedule.LearningRateSchedule):
        def __call__(self, step):
            return 0.5

        def get_config(self):
            return {}

    config = Adam(Constant()).get_config()
    assert Adam.from_config(config, {"Constant": Constant}).learning_rate(0) == 0.5


def test_a_config_holds_what_a_function_returns_and_changed_numbers_in_float32():
    optimizer = take_step(Adam(lambda: 0.5), Variable(ONES))
    optimizer.beta_1 = 0.3
    assert optimizer.get_config()["learning_rate"] == 0.5
    assert optimizer.get_config()["beta_1"] == np.float32(0.3)


def test_numbers_are_float32_variables_that_can_be_read_and_set():
    for optimizer in (Adam(0.1), Real(0.1)):
        assert optimizer.learning_rate.numpy() == optimizer.lr.numpy() == np.float32(0.1)
        assert [optimizer.beta_1.numpy(), optimizer.beta_2.numpy()] == [
            np.float32(0.9),
            np.float32(0.999),
        ]
        assert optimizer.decay == 0
        optimizer.lr = 0.3
        optimizer.beta_1 = 0.5
        optimizer.beta_2 = 0.75
        assert optimizer.learning_rate.numpy() == np.float32(0.3)
        assert [optimizer.beta_1.numpy(), optimizer.beta_2.numpy()] == [0.5, 0.75]
        optimizer.learning_rate.assign(0.7)
        assert optimizer.lr.numpy() == np.float32(0.7)


def test_limits_epsilon_and_amsgrad_can_be_read_and_set():
    for optimizer in (Adam(), Real()):
        assert (optimizer.clipnorm, optimizer.clipvalue, optimizer.global_clipnorm) == (
            None,
            None,
            None,
        )
        assert (optimizer.epsilon, optimizer.amsgrad) == (1e-7, False)
        optimizer.clipnorm = 1.0
        optimizer.clipvalue = 2.0
        optimizer.global_clipnorm = 3.0
        assert {
            "clipnorm": 1.0,
            "clipvalue": 2.0,
            "global_clipnorm": 3.0,
        }.items() <= optimizer.get_config().items()


def test_lr_is_an_old_name_of_the_learning_rate_and_warns():
    for kind in (Adam, Real):
        with pytest.warns(UserWarning, match="deprecated"):
            assert kind(lr=0.5).learning_rate.numpy() == 0.5


def test_a_decay_cannot_be_set_later_where_the_real_class_would_ignore_it():
    with pytest.raises(AttributeError):
        Adam(decay=0.5).decay = 0.25


def test_epsilon_0_and_none_become_1e_7_when_an_optimizer_is_made():
    for kind in (Adam, Real):
        assert [kind(epsilon=epsilon).epsilon for epsilon in (0, 0.0, None)] == [1e-7] * 3


def test_epsilon_0_that_is_set_later_is_0():
    x = Variable(1.0)
    y = tf.Variable(1.0)
    for optimizer, var in ((Adam(0.5), x), (Real(0.5), y)):
        optimizer.epsilon = 0
        optimizer.apply_gradients([(np.float32(2.0**-30), var)])
        assert var.numpy() == pytest.approx(0.5, rel=2.0**-20)  # with 1e-7 it would hardly move


def test_functions_and_schedules_give_numbers_anew_at_every_step():
    rates = iter([1.0, 0.5, 0.25])
    by_function = Variable(0.0)
    by_schedule = Variable(0.0)
    ours = [Adam(lambda: next(rates), lambda: 0.5, lambda: 0.75, epsilon=2.0**-60)]
    ours += [
        Adam(schedule.PiecewiseConstantDecay([0, 1], [1.0, 0.5, 0.25]), 0.5, 0.75, epsilon=2.0**-60)
    ]
    steps = []
    for _ in range(3):
        for optimizer, var in zip(ours, (by_function, by_schedule), strict=True):
            take_step(optimizer, var)
        assert by_function.numpy() == by_schedule.numpy()
        steps.append(float(by_function.numpy()))
    assert np.diff([0.0, *steps]) == pytest.approx([-1, -0.5, -0.25])


def test_a_variable_of_one_s_own_as_a_number_is_used_as_it_is_at_each_step():
    for kind, variable in ((Adam, Variable), (Real, tf.Variable)):
        rate = variable(0.5)
        var = variable(0.0)
        optimizer = kind(rate, epsilon=2.0**-60)
        rate.assign(0.25)
        optimizer.apply_gradients([(np.float32(1), var)])
        assert var.numpy() == pytest.approx(-0.25)
        optimizer.learning_rate = 1.0
        assert rate.numpy() == 1


def test_a_function_is_called_once_for_each_dtype_in_a_step():
    def calls(kind, variable):
        seen = []
        optimizer = kind(lambda: seen.append(1) or 0.5)
        values = [np.ones(2, np.float32), np.ones(2), np.ones(3, np.float32)]
        optimizer.apply_gradients([(value, variable(value)) for value in values])
        return len(seen)

    assert calls(Adam, Variable) == calls(Real, tf.Variable) == 2


def test_minimize_takes_variables_in_any_nesting_or_a_function_called_after_the_loss():
    x = Variable(10.0)
    y = Variable(10.0)
    for var_list in ([x, y], (x, y), {"b": y, "a": [x]}, [[x], (y,)], lambda: [x, y]):
        x.assign(10.0)
        y.assign(10.0)
        assert Adam(0.1).minimize(lambda: x * y, var_list).numpy() == 1
        assert [x.numpy(), y.numpy()] == pytest.approx([9.9, 9.9])
    assert Adam(0.1).minimize(lambda: x * x, x).numpy() == 1
    made = []
    loss = lambda: made.append(Variable(1.0)) or made[0] ** 2  # noqa: E731
    assert Adam(0.1).minimize(loss, lambda: made).numpy() == 1


def test_grad_loss_weighs_the_elements_of_the_loss():
    x = Variable(ONES)
    y = tf.Variable(ONES)
    weights = np.array([1.0, -3.0], np.float32)
    ours = Adam(0.1)
    real = Real(0.1)
    ours.minimize(lambda: x * x, [x], grad_loss=weights)
    real.minimize(lambda: y * y, [y], grad_loss=weights)
    assert np.array_equal(np.sign(ours.get_slot(x, "m")), [1, -1])
    assert ours.get_slot(x, "m").numpy() == pytest.approx(real.get_slot(y, "m").numpy())


def test_a_lookup_moves_all_rows_and_decays_all_moments_as_a_dense_gradient_does():
    table, whole = (Variable(np.ones((4, 2))) for _ in range(2))
    sparse = Adam(0.5)
    dense = Adam(0.5)
    mask = np.array([[1.0], [0.0], [2.0], [0.0]])
    for _ in range(3):
        sparse.minimize(lambda: gather(table, np.array([2, 0, 2])) ** 2, [table])
        dense.minimize(lambda: mask * whole**2, [whole])
    take_step(sparse, table)
    take_step(dense, whole)
    sparse.apply_gradients([(IndexedSlices(np.zeros((0, 2)), np.zeros(0, np.int64)), table)])
    dense.apply_gradients([(np.zeros((4, 2)), whole)])
    assert table.numpy().tobytes() == whole.numpy().tobytes()
    for slot in ("m", "v"):
        assert (
            sparse.get_slot(table, slot).numpy().tobytes()
            == dense.get_slot(whole, slot).numpy().tobytes()
        )
    assert (table.numpy() != 1).all()


def test_gradients_may_be_processed_between_two_calls():
    x = Variable(3.0)
    y = Variable(3.0)
    (grad,) = Adam().get_gradients(lambda: x**3, [x])
    assert grad == 27
    Adam(0.5).apply_gradients(
        [(np.minimum(grad, 1), x)], name="step", experimental_aggregate_gradients=False
    )
    take_step(Adam(0.5), y)
    assert x.numpy() == y.numpy()


def test_get_updates_takes_a_step():
    x = Variable(10.0)
    optimizer = Adam(0.1)
    assert optimizer.get_updates(lambda: x * x, [x])[0].numpy() == 1
    assert x.numpy() == pytest.approx(9.9)


def test_a_variable_without_a_gradient_stays_with_a_warning_and_time_goes_on():
    x = Variable(1.0, name="x")
    y = Variable(1.0, name="y")
    optimizer = Adam(0.5)
    with pytest.warns(UserWarning, match="variables without a gradient stay as they are: y"):
        optimizer.minimize(lambda: x * x, [x, y], name="step")
    assert y.numpy() == 1
    assert optimizer.iterations.numpy() == 1
    assert len(optimizer.weights) == 3


def test_no_pairs_are_no_step():
    for optimizer in (Adam(), Real()):
        assert optimizer.apply_gradients([]) is None
        assert optimizer.iterations.numpy() == 0
