"""Regression without a graph, as TensorFlow 1.7 and later ran the class eagerly."""

import numpy as np
from tensorflow import Variable
from tensorflow.compat.v1.train import AdamOptimizer
from tensorflow.math import reduce_mean, square

rng = np.random.RandomState(3)
inputs = rng.randn(40).astype(np.float32)
targets = 3 * inputs + 2 + rng.randn(40).astype(np.float32) * 0.1

W = Variable(5.0, name="weight")
B = Variable(10.0, name="bias")
step_counter = Variable(0, trainable=False)
learning_rate = Variable(0.5, trainable=False)
optimizer = AdamOptimizer(learning_rate=lambda: learning_rate, epsilon=0.1)


def loss():
    return reduce_mean(square(inputs * W + B - targets))


numbers = [float(loss())]
for i in range(25):
    if i == 12:
        learning_rate.assign(0.05)
    if i % 2:
        optimizer.minimize(loss, global_step=step_counter)
    else:
        grads_and_vars = optimizer.compute_gradients(loss, [W, B])
        halved = [(0.5 * grad, variable) for grad, variable in grads_and_vars]
        optimizer.apply_gradients(halved, global_step=step_counter)
    numbers.append(float(loss()))
numbers += [float(W.numpy()), float(B.numpy()), float(step_counter.numpy())]
numbers += [float(optimizer.get_slot(W, "v").numpy())]
names = optimizer.get_slot_names()
