"""What users of TensorFlow write around both classes, beside the real ones."""

import json
import warnings

import numpy as np
import pytest

from adamref import Variable, keras, schedule, tf1

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import tensorflow as tf
    from tf_keras.optimizers import legacy
    from tf_keras.optimizers import schedules as real_schedules

GRAD = np.array([0.5, -2.0], np.float32)
START = np.array([1.0, 3.0], np.float32)


def both_after(steps, **options):
    """The variable after some steps of the real class and of ours, and both optimizers."""
    real, own = legacy.Adam(**options), keras.Adam(**options)
    variable, ours = tf.Variable(START), Variable(START)
    for _ in range(steps):
        real.apply_gradients([(tf.constant(GRAD), variable)])
        own.apply_gradients([(GRAD, ours)])
    return variable.numpy(), ours.numpy(), real, own


@pytest.mark.parametrize("step", [0, 250, 500, 750, 1000, 1250])
def test_a_warmup_needs_no_decay(step):
    # tf_keras 2.21.0, optimizers/schedules/learning_rate_schedule_test.py, testWarmup.
    rate = schedule.CosineDecay(0.0, 0, warmup_target=10.0, warmup_steps=1500)
    assert rate(step) == pytest.approx(step / 150, rel=1e-6)
    assert np.isnan(rate(1500))
    with pytest.raises(ValueError, match="decay_steps of CosineDecay must not be 0"):
        schedule.CosineDecay(0.5, 0)


def test_a_schedule_of_tf_keras_is_a_learning_rate():
    rate = real_schedules.ExponentialDecay(0.5, 2, 0.25)
    real, own, _, optimizer = both_after(5, learning_rate=rate)
    np.testing.assert_allclose(own, real, rtol=0, atol=2e-6)
    again = keras.Adam.from_config(json.loads(json.dumps(optimizer.get_config())))
    assert type(again.learning_rate) is schedule.ExponentialDecay


def test_a_function_of_one_argument_is_called_with_the_steps_taken():
    seen = []

    def rate(step):
        seen.append(int(step))
        return 0.5

    both_after_one = keras.Adam(rate)
    variable = Variable(START)
    for _ in range(3):
        both_after_one.apply_gradients([(GRAD, variable)])
    assert seen == [0, 1, 2]


@pytest.mark.parametrize(
    "make",
    [
        lambda: schedule.ExponentialDecay(0.5, 2, 0.25),
        lambda: real_schedules.ExponentialDecay(0.5, 2, 0.25),
        lambda: lambda step: 0.5 * 0.25 ** (step / 2),
    ],
    ids=["schedule", "schedule of tf_keras", "function"],
)
def test_in_tf1_too_a_schedule_is_called_with_the_steps_taken(make, tmp_path):
    alone = Variable(START, name="w")
    rates = iter([0.5 * 0.25 ** (step / 2) for step in range(6)])
    plain = tf1.AdamOptimizer(lambda: next(rates))
    variable = Variable(START, name="w")
    optimizer = tf1.AdamOptimizer(make())
    with tf1.Graph():
        recorded = Variable(START, name="w")
        step = tf1.AdamOptimizer(make()).apply_gradients([(GRAD, recorded)])
    for taken in range(6):
        plain.apply_gradients([(GRAD, alone)])
        optimizer.apply_gradients([(GRAD, variable)])
        step.run()
        for own in (variable, recorded):
            np.testing.assert_allclose(own.numpy(), alone.numpy(), rtol=0, atol=2e-6)
        # The count is in the file, and goes on from it.
        optimizer.save(tmp_path / f"{taken}.safetensors")
        optimizer = tf1.AdamOptimizer(make())
        optimizer.restore(tmp_path / f"{taken}.safetensors", [variable])


def test_a_state_without_a_count_of_steps_refuses_a_schedule():
    real, ours = tf.Variable(START), Variable(START, name="w")
    theirs = tf.compat.v1.train.AdamOptimizer(0.5)
    theirs.apply_gradients([(tf.constant(GRAD), real)])
    own = tf1.AdamOptimizer(schedule.ExponentialDecay(0.5, 2, 0.25))
    own.take_state_of(theirs, [(ours, real)])
    before = ours.numpy()
    with pytest.raises(ValueError, match="learning_rate must be a function without arguments"):
        own.apply_gradients([(GRAD, ours)])
    assert np.array_equal(ours.numpy(), before)


def test_gradients_pass_an_aggregator_and_transformers_as_in_the_real_class():
    options = {
        "gradient_aggregator": lambda pairs: [(grad * 2, variable) for grad, variable in pairs],
        "gradient_transformers": [
            lambda pairs: [(grad * grad, variable) for grad, variable in pairs],
            lambda pairs: [(grad - 1, variable) for grad, variable in pairs],
        ],
    }
    real, own, *_ = both_after(4, learning_rate=0.1, **options)
    np.testing.assert_allclose(own, real, rtol=0, atol=2e-6)
    with pytest.raises(ValueError, match="clipnorm must be None with gradient_transformers"):
        keras.Adam(clipnorm=1.0, gradient_transformers=options["gradient_transformers"])
    with pytest.raises(TypeError, match="must be functions of pairs, got 3"):
        keras.Adam(gradient_aggregator=3)


def test_a_subclass_may_aggregate_and_prepare():
    class Negated(keras.Adam):
        prepared = 0

        def _prepare(self, var_list):
            self.prepared += len(var_list)

        def _aggregate_gradients(self, grads_and_vars):
            return [(-grad, variable) for grad, variable in grads_and_vars]

    negated, plain = Negated(0.1), keras.Adam(0.1)
    one, other = Variable(START), Variable(START)
    negated.apply_gradients([(GRAD, one)])
    plain.apply_gradients([(-GRAD, other)])
    assert negated.prepared == 1
    np.testing.assert_array_equal(one.numpy(), other.numpy())
    negated.apply_gradients([(GRAD, one)], experimental_aggregate_gradients=False)
    plain.apply_gradients([(GRAD, other)])
    np.testing.assert_array_equal(one.numpy(), other.numpy())


@pytest.mark.parametrize("base", [tf1.AdamOptimizer, keras.Adam])
@pytest.mark.parametrize("hook", ["_resource_apply_dense", "_apply_sparse"])
def test_a_subclass_with_a_hook_that_nothing_calls_is_refused(base, hook):
    with pytest.raises(TypeError, match=f"Mine must not define {hook}, which nothing calls"):
        type("Mine", (base,), {hook: lambda *_: None})


def test_epsilon_may_be_a_variable_that_changes():
    epsilon = Variable(1e-7)
    optimizer, plain = keras.Adam(0.1, epsilon=epsilon), keras.Adam(0.1, epsilon=0.5)
    assert optimizer.epsilon is epsilon
    epsilon.assign(0.5)
    one, other = Variable(START), Variable(START)
    optimizer.apply_gradients([(GRAD, one)])
    plain.apply_gradients([(GRAD, other)])
    np.testing.assert_array_equal(one.numpy(), other.numpy())
    assert optimizer.get_config()["epsilon"] == 0.5
    optimizer.epsilon = 1e-3
    assert optimizer.epsilon == 1e-3


def test_a_variable_is_made_as_in_tensorflow():
    made = Variable(initial_value=lambda: 2, dtype=tf.float64, name="w")
    assert (made.dtype, made.numpy()) == (np.float64, 2.0)
    assert made.ref().deref() is made
    assert {made.ref(): "it"}[made.ref()] == "it"
    assert made.ref() != Variable(2.0).ref()


@pytest.mark.parametrize("own", [lambda: tf1.AdamOptimizer(0.5), lambda: keras.Adam(0.5)])
def test_a_constraint_holds_after_every_step(own):
    real = tf.compat.v1.train.AdamOptimizer(0.5)
    variable = tf.Variable(START, constraint=lambda value: tf.clip_by_value(value, 0.75, 3.25))
    ours = Variable(START, constraint=lambda value: np.clip(value, 0.75, 3.25))
    optimizer = own()
    for _ in range(3):
        real.apply_gradients([(tf.constant(GRAD), variable)])
        optimizer.apply_gradients([(GRAD, ours)])
    np.testing.assert_allclose(ours.numpy(), variable.numpy(), rtol=0, atol=2e-6)
    assert ours.numpy().min() == 0.75
    slices = tf.IndexedSlices(tf.constant(GRAD[:1]), tf.constant([0]), tf.constant([2]))
    with pytest.raises(RuntimeError, match="Cannot use a constraint function on a sparse variable"):
        optimizer.apply_gradients([(slices, ours)])


def test_optimizers_are_written_and_found_by_name():
    written = keras.serialize(keras.Adam(0.25, beta_1=0.5, amsgrad=True))
    assert written["class_name"] == "Adam"
    again = keras.deserialize(json.loads(json.dumps(written)))
    assert again.get_config() == written["config"]
    assert keras.get(again) is again
    assert keras.get("adam").get_config() == keras.Adam().get_config()
    assert keras.get(written).get_config() == written["config"]
    for wrong, words in (
        ("sgd", "class_name must be one of"),
        (3, "Could not interpret optimizer identifier"),
        ({}, "config must have a class_name"),
    ):
        with pytest.raises(ValueError, match=words):
            keras.get(wrong)


def test_a_config_of_a_newer_adam_is_read_as_far_as_it_is_this_class():
    from tf_keras.optimizers import Adam as Newer

    config = Newer(0.25, clipnorm=2.0).get_config()
    assert keras.Adam.from_config(config).clipnorm == 2.0
    with pytest.raises(ValueError, match="config must be of an Adam without use_ema"):
        keras.Adam.from_config(Newer(use_ema=True).get_config())
    with pytest.raises(ValueError, match="without weight_decay, got weight_decay = 0.1"):
        keras.Adam.from_config(Newer(weight_decay=0.1).get_config())


def test_variables_may_be_nested_and_views_of_dictionaries():
    weights = {"a": Variable(1.0), "b": Variable(2.0)}
    loss = lambda: weights["a"] * weights["b"]  # noqa: E731
    for var_list in ([[weights["a"]], (weights["b"],)], weights, weights.values()):
        pairs = tf1.AdamOptimizer().compute_gradients(loss, var_list)
        assert [variable for _, variable in pairs] == list(weights.values())
    with pytest.raises(TypeError, match="var_list must hold Variables, got 3"):
        tf1.AdamOptimizer().compute_gradients(loss, [weights["a"], [3]])


def test_slots_can_be_made_before_the_first_step():
    real, own = tf.compat.v1.train.AdamOptimizer(0.1), tf1.AdamOptimizer(0.1)
    variable, ours = tf.Variable(START), Variable(START, name="Variable")
    for _ in range(3):
        real.apply_gradients([(tf.constant(GRAD), variable)])
    own.create_slots([[ours]])
    ours.assign(variable.numpy())
    for name in ("m", "v"):
        own.get_slot(ours, name).assign(real.get_slot(variable, name).numpy())
    for power, theirs in zip(
        own._get_beta_accumulators(), real._get_beta_accumulators(), strict=True
    ):
        power.assign(theirs.numpy())
    for _ in range(3):
        real.apply_gradients([(tf.constant(GRAD), variable)])
        own.apply_gradients([(GRAD, ours)])
    np.testing.assert_allclose(ours.numpy(), variable.numpy(), rtol=0, atol=2e-6)


def test_weights_of_the_real_class_are_taken_before_the_first_step():
    variable, _, real, _ = both_after(3, learning_rate=0.1, amsgrad=True)
    own = keras.Adam(0.1, amsgrad=True)
    ours = Variable(variable)
    own.build([ours])
    own.set_weights([weight.numpy() for weight in real.variables()])
    theirs = tf.Variable(variable)
    again = legacy.Adam(0.1, amsgrad=True)
    again._create_all_weights([theirs])
    again.set_weights([weight.numpy() for weight in real.variables()])
    for _ in range(3):
        again.apply_gradients([(tf.constant(GRAD), theirs)])
        own.apply_gradients([(GRAD, ours)])
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=0, atol=2e-6)


def test_the_ways_to_add_up_gradients_are_named():
    x = Variable(1.0)
    optimizer = tf1.AdamOptimizer()
    for method in (None, *(getattr(tf1.AggregationMethod, name) for name in ("ADD_N", "DEFAULT"))):
        optimizer.compute_gradients(lambda: x * x, aggregation_method=method)
    with pytest.raises(ValueError, match="Invalid aggregation_method: .*, got 7"):
        optimizer.compute_gradients(lambda: x * x, aggregation_method=7)


def both_classes():
    return [
        (lambda: tf.compat.v1.train.AdamOptimizer(0.1), lambda: tf1.AdamOptimizer(0.1)),
        (lambda: legacy.Adam(0.1), lambda: keras.Adam(0.1)),
        (lambda: legacy.Adam(0.1, amsgrad=True), lambda: keras.Adam(0.1, amsgrad=True)),
    ]


@pytest.mark.parametrize(("make_real", "make_own"), both_classes(), ids=["tf1", "keras", "amsgrad"])
def test_a_state_goes_from_the_real_class_to_ours_and_back_exactly(make_real, make_own):
    real, own, again = make_real(), make_own(), make_real()
    variable, ours, back = tf.Variable(START), Variable(0 * START), tf.Variable(0 * START)
    for _ in range(3):
        real.apply_gradients([(tf.constant(GRAD), variable)])
    own.take_state_of(real, [(ours, variable)])
    own.give_state_to(again, [(ours, back)])
    for _ in range(3):
        real.apply_gradients([(tf.constant(GRAD), variable)])
        again.apply_gradients([(tf.constant(GRAD), back)])
        own.apply_gradients([(GRAD, ours)])
    np.testing.assert_array_equal(back.numpy(), variable.numpy())
    np.testing.assert_allclose(ours.numpy(), variable.numpy(), rtol=0, atol=2e-6)


@pytest.mark.parametrize(("make_real", "make_own"), both_classes()[:2], ids=["tf1", "keras"])
def test_a_state_that_does_not_fit_changes_nothing(make_real, make_own):
    real, own = make_real(), make_own()
    variable, ours = tf.Variable(START), Variable(START)
    real.apply_gradients([(tf.constant(GRAD), variable)])
    for twins, words in (
        ([(ours, tf.Variable([1.0]))], "twins must have one shape and dtype"),
        ([(variable, ours)], "twins must be pairs of a Variable and a variable of TensorFlow"),
        ([ours], "twins must be pairs"),
    ):
        with pytest.raises((TypeError, ValueError), match=words):
            own.take_state_of(real, twins)
    with pytest.raises((KeyError, ValueError), match="slot"):
        own.take_state_of(make_real(), [(ours, variable)])
    assert own.get_slot_names() == []
    np.testing.assert_array_equal(ours.numpy(), START)
