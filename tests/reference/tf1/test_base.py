"""tf1.Optimizer: an optimizer of a user's own, written for TensorFlow's class and for ours."""

import warnings

import numpy as np
import pytest

from adamref import Variable, gather, keras, tf1

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import tensorflow as tf

v1 = tf.compat.v1
START = np.array([[1.0, -2.0], [3.0, 0.5], [0.25, 4.0]], np.float32)


def power_sign(base, abs_, exp, sign, group, convert):
    """The optimizer of a tutorial of 2018 on a class `base`, by the functions of its library."""

    class PowerSign(base):
        def __init__(self, learning_rate=0.001, alpha=0.01, use_locking=False, name="PowerSign"):
            super().__init__(use_locking, name)
            self._lr = learning_rate
            self._alpha = alpha

        def _prepare(self):
            self._lr_t = convert(self._call_if_callable(self._lr))

        def _create_slots(self, var_list):
            for v in var_list:
                self._zeros_slot(v, "m", self._name)
            self._create_non_slot_variable(2.0, "sharpness", var_list[0])

        def _apply_dense(self, grad, var):
            m = self.get_slot(var, "m")
            sharpness = self._get_non_slot_variable("sharpness", getattr(var, "graph", None))
            decayed = m * 0.9 + abs_(grad)
            m_t = m.assign(decayed)
            step = self._lr_t * grad * exp(self._alpha * sign(grad) * sign(decayed)) / sharpness
            return group(var.assign_sub(step), m_t)

        def _apply_sparse(self, grad, var):
            raise NotImplementedError("no sparse gradients")

    return PowerSign


def group_nothing(*_):
    """What has been done needs no operation."""


Ours = power_sign(tf1.Optimizer, np.abs, np.exp, np.sign, group_nothing, np.float32)
Real = power_sign(v1.train.Optimizer, v1.abs, v1.exp, v1.sign, v1.group, v1.convert_to_tensor)


def real_run():
    with v1.Graph().as_default():
        w = v1.Variable(START, name="w", use_resource=False)
        count = v1.Variable(0, name="count", trainable=False)
        optimizer = Real(lambda: 0.25, 0.5)
        step = optimizer.minimize(v1.reduce_sum(w**2) / 2, count)
        names = [variable.name.removesuffix(":0") for variable in optimizer.variables()]
        with v1.Session() as session:
            session.run(v1.global_variables_initializer())
            values = []
            for _ in range(5):
                session.run(step)
                values.append(session.run([w, optimizer.get_slot(w, "m"), count]))
        return names, step.name, values


def test_an_optimizer_of_a_user_works_in_a_graph_and_eagerly_as_in_tensorflow():
    names, name, due = real_run()
    with tf1.Graph():
        w = Variable(START, name="w")
        count = Variable(0, name="count", trainable=False)
        optimizer = Ours(lambda: 0.25, 0.5)
        step = optimizer.minimize(np.sum(w**2) / 2, count)
        assert [variable.name for variable in optimizer.variables()] == names
        assert step.name == name
    alone, alone_count = Variable(START, name="w"), Variable(0)
    eager = Ours(lambda: 0.25, 0.5)
    for values in due:
        step.run()
        eager.minimize(lambda: np.sum(alone**2) / 2, alone_count)
        found = [w, optimizer.get_slot(w, "m"), count]
        for value, real in zip(found, values, strict=True):
            np.testing.assert_allclose(value.numpy(), real, rtol=1e-6)
        found = [alone, eager.get_slot(alone, "m"), alone_count]
        for value, real in zip(found, values, strict=True):
            np.testing.assert_allclose(value.numpy(), real, rtol=1e-6)
    assert eager.get_slot_names() == ["m"]
    assert eager.get_slot(alone, "v") is None


def test_slices_come_with_each_row_once():
    seen = []

    class Rows(tf1.Optimizer):
        def _apply_sparse(self, grad, var):
            seen.append((grad.values.tolist(), grad.indices.tolist()))

    optimizer = Rows(False, "Rows")
    w = Variable(START)
    optimizer.minimize(lambda: np.sum(gather(w, [2, 0, 2])))
    with tf1.Graph():
        recorded = Variable(START)
        step = Rows(True, "Rows").minimize(np.sum(gather(recorded, [2, 0, 2])))
    step.run()
    assert seen == [([[1, 1], [2, 2]], [0, 2])] * 2


def test_a_method_that_is_missing_or_that_nothing_calls_is_named():
    w = Variable(START)
    with pytest.raises(NotImplementedError, match="_apply_dense must be defined, got Optimizer"):
        tf1.Optimizer(False, "none").minimize(lambda: np.sum(w))
    with pytest.raises(NotImplementedError, match="no sparse gradients"):
        Ours().minimize(lambda: np.sum(gather(w, [0])))
    with pytest.raises(ValueError, match=r"must have its shape \(3, 2\)"):
        Ours().apply_gradients([(np.ones(3, np.float32), w)])
    with pytest.raises(ValueError, match="name must not be empty"):
        tf1.Optimizer(False, "")
    for base in (tf1.AdamOptimizer, keras.Adam):
        with pytest.raises(TypeError, match="Own must not define _apply_dense, which nothing"):
            type("Own", (base,), {"_apply_dense": lambda *_: None})
    assert np.array_equal(w.numpy(), START)
    assert issubclass(tf1.AdamOptimizer, tf1.Optimizer)


def test_a_slot_may_begin_with_the_value_of_its_variable():
    class Average(tf1.Optimizer):
        def _create_slots(self, var_list):
            for var in var_list:
                self._get_or_make_slot(var, var, "average", self._name)

        def _apply_dense(self, grad, var):
            average = self.get_slot(var, "average")
            var.assign_sub(grad)
            average.assign(0.5 * average + 0.5 * var)

    eager, w = Average(False, "Average"), Variable(START)
    eager.minimize(lambda: np.sum(w))
    with tf1.Graph():
        recorded = Average(False, "Average")
        v = Variable(START)
        step = recorded.minimize(np.sum(v))
        assert np.array_equal(recorded.get_slot(v, "average").eval(), START)
    step.run()
    for optimizer, variable in ((eager, w), (recorded, v)):
        assert np.array_equal(optimizer.get_slot(variable, "average").numpy(), START - 0.5)
