"""A classifier in a graph, in the style of the tutorials of 2017."""

import numpy as np
from tensorflow.compat.v1 import (
    Graph,
    Session,
    Variable,
    clip_by_value,
    exp,
    float32,
    gather,
    global_variables_initializer,
    int32,
    log,
    matmul,
    placeholder,
    reduce_mean,
    reduce_sum,
    tanh,
    trainable_variables,
)
from tensorflow.compat.v1.train import AdamOptimizer

rng = np.random.RandomState(7)
images = rng.randn(96, 5).astype(np.float32)
words = rng.randint(0, 8, 96).astype(np.int32)
labels = np.eye(3, dtype=np.float32)[(images[:, 0] + words / 4 > 1) * 1 + (images[:, 1] > 0)]

with Graph().as_default():
    x = placeholder(float32, [None, 5])
    word = placeholder(int32, [None])
    y_ = placeholder(float32, [None, 3], name="labels")

    embedding = Variable(rng.randn(8, 4).astype(np.float32) * 0.1, name="embedding")
    W1 = Variable(rng.randn(5, 4).astype(np.float32) * 0.5, name="W1")
    b1 = Variable(np.zeros(4, np.float32), name="b1")
    W2 = Variable(rng.randn(4, 3).astype(np.float32) * 0.5, name="W2")
    unused = Variable(1.0, name="unused", trainable=False)
    global_step = Variable(0, name="global_step", trainable=False)

    hidden = tanh(matmul(x, W1) + b1 + gather(embedding, word))
    logits = exp(matmul(hidden, W2))
    probabilities = logits / reduce_sum(logits, 1, keepdims=True)
    loss = reduce_mean(-reduce_sum(y_ * log(probabilities), 1))

    learning_rate = placeholder(float32, [])
    optimizer = AdamOptimizer(learning_rate, beta2=0.99)
    gradients = optimizer.compute_gradients(loss)
    clipped = [
        (clip_by_value(grad, -0.05, 0.05) if variable is W2 else grad, variable)
        for grad, variable in gradients
    ]
    train_step = optimizer.apply_gradients(clipped, global_step=global_step)
    fine_tune = AdamOptimizer(1e-3).minimize(loss, global_step, var_list=[[W1], {"b": b1}])
    init = global_variables_initializer()

    names = [variable.name for variable in trainable_variables()] + [
        train_step.name,
        fine_tune.name,
    ]
    names += [optimizer.get_slot(W2, slot).name for slot in ("m", "v")]
    numbers = []
    with Session() as sess:
        # Twice, because the initializer begins anew, with the moments.
        for _ in range(2):
            sess.run(init)
            for i in range(30):
                batch = slice(i % 6 * 16, i % 6 * 16 + 16)
                feed = {x: images[batch], word: words[batch], y_: labels[batch]}
                rate = 0.1 * 0.9 ** (i // 5)
                _, cost = sess.run([train_step, loss], feed_dict={**feed, learning_rate: rate})
                numbers.append(cost)
            sess.run(fine_tune, {x: images, word: words, y_: labels})
            numbers.append(loss.eval({x: images, word: words, y_: labels}))
            numbers += sess.run({"steps": global_step, "unused": unused}).values()
        numbers += [*embedding.eval().ravel(), *sess.run(optimizer.get_slot(W2, "v")).ravel()]
