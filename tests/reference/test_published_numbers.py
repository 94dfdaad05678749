"""Numbers that tests of other projects state, and whose tests cannot be replayed as they stand."""

import numpy as np
import pytest

from adamref import Adam, AdamConfig, IndexedSlices, schedule

DL4J_GRADS = [0.7124611735343933, 0.4374369978904724, 0.496029257774353]
DL4J = [
    # Gradients and updates of one element in three calls, each of which is taken for the first.
    (False, [1, 1, 1], [0.00099999968377233, 0.00134383858541481, 0.00156540157923389]),
    (False, DL4J_GRADS, [0.00099999955614757, 0.00129067017716555, 0.00150986322036664]),
    (
        True,
        [0.5730348229408264, 0.6404328346252441, 0.46250319480895996],
        [0.00099999944815292, 0.00134565543815267, 0.00154098993679222],
    ),
]


@pytest.mark.parametrize(("amsgrad", "grads", "updates"), DL4J)
def test_deeplearning4j_with_moments_that_are_carried_and_a_t_that_is_not(amsgrad, grads, updates):
    # DeclarableOpsTests18.cpp of deeplearning4j, adamUpdater and amsGradUpdater: epsilon hat.
    config = AdamConfig(learning_rate=0.001, epsilon=1e-8, amsgrad=amsgrad)
    convention = "tf1" if not amsgrad else "tfkeras"
    adam = Adam([np.zeros(1)], config, convention, "ddddd")
    for grad, update in zip(grads, updates, strict=True):
        adam.load([np.zeros(1)], adam.slots(), [0])
        (param,) = adam.step([np.array([float(grad)])])
        np.testing.assert_allclose(-param, update, rtol=2e-6)
    if grads == [1, 1, 1]:
        np.testing.assert_allclose(adam.slots()["m"], [[0.271]])
        np.testing.assert_allclose(adam.slots()["v"], [[0.002997001]])


@pytest.mark.parametrize(
    ("convention", "expected"),
    [
        ("tfkeras", [0.9910685275579438, 0.9897555902103844, 0.989640395712117]),
        ("tfkeras-2.11", [0.9910685865717355, 0.9897556579326658, 0.989640464366116]),
    ],
)
def test_amsgrad_of_tf_keras_on_dense_and_then_sparse_gradients(convention, expected):
    # tf_keras, optimizers/optimizer_test.py, OptimizerRegressionTest, Adam in float64.
    adam = Adam([np.ones(10)], AdamConfig(epsilon=1e-7, amsgrad=True), convention)
    dense = [np.full(10, 0.01), *[np.arange(0.1, 1.1, 0.1)] * 5]
    rows = IndexedSlices(np.array([0, 0.2, 0.4, 0.8, 0.8]), np.array([0, 2, 4, 6, 6]), (10,))
    for grad in (*dense, *[rows] * 5):
        (param,) = adam.step([grad])
    np.testing.assert_allclose(param[[0, 4, 6]], expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("convention", "untouched"), [("tfkeras", 1.200964765639068), ("torch-sparse", 5.0)]
)
def test_paddle_on_rows_of_a_table(convention, untouched):
    # Paddle, test/legacy_test/test_adam_op.py, TestSparseAdamOp, float32: t = 9 in the
    # test, and its sparse kernel takes the next one.
    numbers = {"learning_rate": 2.0, "beta1": 0.78, "beta2": 0.836, "epsilon": 1e-4}
    adam = Adam([np.full((10, 12), 5.0)], AdamConfig(**numbers), convention, "ddddd")
    slots = {"m": [np.full((10, 12), 5.0)], "v": [np.full((10, 12), 5.0)]}
    adam.load([np.full((10, 12), 5.0)], slots, [9])
    values = np.ones((3, 12))
    values[0, 0], values[2, 0] = 2.0, 4.0
    (param,) = adam.step([IndexedSlices(values, np.array([0, 4, 7]), (10, 12))])
    assert param[4, 0] == pytest.approx(1.0631436540091599, rel=1e-5)
    assert param[0, 0] == pytest.approx(1.069525962764811, rel=1e-5)
    assert param[7, 0] == pytest.approx(1.3503838330145896, rel=1e-5)
    assert param[1, 0] == pytest.approx(untouched, rel=1e-5)


def test_a_fit_of_keras_3_with_a_rate_that_decays_every_step():
    # Keras 3, trainers/trainer_test.py, test_fit_lr_correctness.
    x = np.arange(32, dtype=np.float32).reshape(16, 2)
    rate = schedule.ExponentialDecay(0.05, 1, 0.9)
    adam = Adam([np.ones((2, 2), np.float32), np.ones(2, np.float32)], None, "keras3")
    kernel, bias = adam.params
    losses = []
    step = 0
    for _ in range(3):
        batches = []
        for batch in np.split(x, 4):
            error = batch @ kernel + bias - batch
            batches.append(np.mean(error**2))
            slope = 2 * error / error.size
            grads = [(batch.T @ slope).astype(np.float32), slope.sum(0)]
            kernel, bias = adam.step(grads, learning_rate=float(rate(step)))
            step += 1
        losses.append(np.mean(batches))
    expected = [230.79457092285156, 128.30319213867188, 79.33648681640625]
    np.testing.assert_allclose(losses, expected, rtol=5e-5)
