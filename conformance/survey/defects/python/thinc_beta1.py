"""thinc's Adam raises NotImplementedError without beta1, and is SGD without beta2."""

import numpy as np
from thinc.api import Adam


def after_one_step(beta1, beta2):
    adam = Adam(0.5, beta1=beta1, beta2=beta2, grad_clip=0.0, use_averages=False)
    weights, _ = adam((0, "w"), np.ones(1, np.float32), np.full(1, 0.25, np.float32))
    return weights[0]


try:
    after_one_step(0.0, 0.999)
except NotImplementedError:
    print("beta1 = 0: NotImplementedError")
else:
    raise AssertionError("no NotImplementedError")
# The first step of Adam is the learning rate, .5, whatever the gradient is.
print("beta2 = 0: 1 ->", after_one_step(0.9, 0.0))
assert after_one_step(0.9, 0.0) == 1 - 0.5 * 0.25
