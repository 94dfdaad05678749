"""neuralnetlib's Adam freezes an element for ever after one NaN, and shows none."""

import numpy as np
from neuralnetlib.optimizers import Adam

weights = np.array([1.0, 1.0])
adam = Adam(learning_rate=0.1)
for grad in ([1.0, np.nan], [1.0, 1.0], [1.0, 1.0]):
    adam.update(0, weights, np.array(grad))
    print(weights, "m =", adam.m_w[0])
assert weights[1] == 1.0
assert np.isnan(adam.m_w[0][1])
