"""tf.keras' class in a graph, with the learning rate of a schedule."""

import numpy as np
from tensorflow.compat.v1 import (
    Graph,
    Session,
    Variable,
    float32,
    global_variables_initializer,
    placeholder,
    reduce_sum,
    square,
)
from tf_keras.optimizers.legacy import Adam
from tf_keras.optimizers.schedules import ExponentialDecay

targets = np.array([[1.0, -2.0, 0.5], [0.5, -1.0, 1.5]], np.float32)

with Graph().as_default():
    target = placeholder(float32, [3])
    var1 = Variable([3.0, 4.0, 5.0], name="var1")
    var2 = Variable(0.25, name="var2")
    optimizer = Adam(ExponentialDecay(0.3, 4, 0.5), amsgrad=True)
    loss = lambda: reduce_sum(square(var1 - target)) * square(var2)  # noqa: E731
    value = loss()
    # In graph mode, minimize returns the operation that updates the listed variables.
    opt_op = optimizer.minimize(loss, var_list=[var1, var2])
    grads = optimizer.get_gradients(value, [var2])
    slower = Adam(0.01, clipnorm=0.5).apply_gradients([(grads[0], var2)])

    numbers = []
    with Session() as sess:
        for _ in range(2):
            sess.run(global_variables_initializer())
            for i in range(20):
                feed = {target: targets[i % 2]}
                numbers.append(value.eval(feed))
                sess.run(opt_op if i % 4 else slower, feed)
            numbers += [*sess.run(var1), var2.eval(), sess.run(optimizer.iterations)]
    names = sorted(optimizer.get_slot_names())
