"""mlx.optimizers.Adam and AdamW on MLX's processor backend, with and without bias correction."""

import mlx.core as mx
import mlx.optimizers as optimizers
import numpy as np

mx.set_default_device(mx.cpu)


class Optimizer:
    def __init__(self, kind, params, learning_rate, beta1, beta2, epsilon, **options):
        self.params = {str(at): _array(param) for at, param in enumerate(params)}
        self.optimizer = kind(learning_rate, [beta1, beta2], epsilon, **options)
        self.optimizer.init(self.params)

    def step(self, grads, learning_rate=None):
        if learning_rate is not None:
            self.optimizer.learning_rate = learning_rate
        # A gradient that is missing is left out of the tree.
        given = {str(at): _array(grad) for at, grad in enumerate(grads) if grad is not None}
        self.params.update(self.optimizer.apply_gradients(given, self.params))
        return [np.array(param) for param in self.params.values()]

    def slots(self):
        states = [self.optimizer.state[name] for name in self.params]
        return {slot: [np.array(state[slot]) for state in states] for slot in ("m", "v")}


def _array(array):
    # By itself it takes float64 for float32.
    return mx.array(array, dtype=getattr(mx, array.dtype.name))


def _subject(bias_correction, decays, dtypes=("float32",)):
    def adam(params, *numbers):
        return Optimizer(optimizers.Adam, params, *numbers, bias_correction=bias_correction)

    def adamw(params, *numbers, weight_decay=0.0):
        options = {"bias_correction": bias_correction, "weight_decay": weight_decay}
        return Optimizer(optimizers.AdamW, params, *numbers, **options)

    make = adamw if decays else adam
    make.supports = {"none", "float16"}
    make.dtypes = set(dtypes)
    return make


adam = _subject(True, False)
adam64 = _subject(True, False, ("float64",))
uncorrected = _subject(False, False, ("float32", "float64"))
adamw = _subject(True, True)
