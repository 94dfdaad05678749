"""mlx.optimizers.Adam corrects float64 moments by powers of float32."""

import mlx.core as mx
from mlx.optimizers import Adam

mx.set_default_device(mx.cpu)
adam = Adam(0.5, [0.9, 0.999], 0.0, bias_correction=True)
param = {"p": mx.array([1.0], dtype=mx.float64)}
param = adam.apply_gradients({"p": mx.array([1.0], dtype=mx.float64)}, param)
# The first step is the learning rate, whatever the gradient is.
print(f"1 - 0.5 gives {param['p'].item():.17}, {param['p'].dtype}")
assert 1e-8 < abs(param["p"].item() - 0.5) < 1e-5
