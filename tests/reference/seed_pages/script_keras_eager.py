"""tf.keras' class run eagerly, as the page has it and in a loop."""

import numpy as np
from tensorflow import Variable
from tensorflow.math import reduce_mean, reduce_sum, square
from tf_keras.optimizers.legacy import Adam

opt = Adam(learning_rate=0.1)
var1 = Variable(10.0)
loss = lambda: (var1**2) / 2.0  # noqa: E731  # d(loss)/d(var1) == var1
step_count = opt.minimize(loss, [var1]).numpy()
# The first step is `-learning_rate*sign(grad)`
numbers = [float(step_count), float(var1.numpy())]

rng = np.random.RandomState(5)
inputs = rng.randn(32, 4).astype(np.float32)
targets = inputs @ np.array([1.0, -2.0, 0.5, 3.0], np.float32)
weights = Variable(np.zeros(4, np.float32), name="weights")
bias = Variable(1.0, name="bias")
optimizer = Adam(0.2, beta_1=0.8, clipvalue=1.5, decay=0.01, name="Fit")


def error():
    return reduce_mean(square(reduce_sum(inputs * weights, 1) + bias - targets))


for i in range(20):
    optimizer.minimize(error, var_list=lambda: [weights, bias])
    if i == 10:
        optimizer.learning_rate = 0.05
    numbers.append(float(error()))
numbers += [float(number) for number in weights.numpy()]
numbers += [float(optimizer.iterations.numpy()), float(optimizer.get_slot(bias, "v").numpy())]
names = optimizer.get_slot_names()
