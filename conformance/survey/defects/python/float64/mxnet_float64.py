"""mxnet.optimizer.Adam takes its numbers through float32 for float64 parameters."""

import mxnet as mx

adam = mx.optimizer.Adam(learning_rate=0.1, epsilon=0.0)
param = mx.nd.array([1.0], dtype="float64")
grad = mx.nd.array([1.0], dtype="float64")
adam.update(0, param, grad, adam.create_state(0, param))
# The first step is the learning rate, whatever the gradient is.
print("1 - 0.1 gives", repr(param.asscalar()))
assert 1e-10 < abs(param.asscalar() - 0.9) < 1e-5
