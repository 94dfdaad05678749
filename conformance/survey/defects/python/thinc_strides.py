"""thinc's Adam reads a strided gradient as if its elements were neighbours."""

import numpy as np
from thinc.api import Adam


def after_one_step(grad):
    adam = Adam(0.5, eps=1.0, grad_clip=0.0, use_averages=False)
    weights, _ = adam((0, "w"), np.zeros(2, np.float32), grad)
    return weights


strided = np.array([1, 9, 2, 9], np.float32)[::2]
right = after_one_step(strided.copy())
wrong = after_one_step(strided)
print("contiguous", right, "strided", wrong)
assert right[1] != wrong[1]
