"""pennylane.AdamOptimizer returns float64 for float32 parameters and gradients."""

import numpy as np
import pennylane as qml

param = qml.numpy.array(np.ones(1, np.float32), requires_grad=True)
(new,) = qml.AdamOptimizer().apply_grad([np.ones(1, np.float32)], [param])
print(param.dtype, "->", new.dtype)
assert new.dtype == np.float64
