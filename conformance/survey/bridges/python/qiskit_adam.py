"""qiskit_algorithms.optimizers.ADAM, whose loop asks for gradients; here it gets one at a time."""

import threading
from queue import Queue

import numpy as np
from qiskit_algorithms.optimizers import ADAM


class Adam:
    """A loop in a thread of its own: its jacobian waits for the next gradient."""

    # One flat vector, whose moments are float64.
    dtypes = frozenset({"float64"})

    def __init__(self, params, learning_rate, beta1, beta2, epsilon, amsgrad=False):
        self.shapes = [param.shape for param in params]
        self.to_loop, self.to_judge = Queue(), Queue()
        # Its `eps` is the step of finite differences; Adam's epsilon is the noise factor.
        numbers = {"lr": learning_rate, "beta_1": beta1, "beta_2": beta2, "noise_factor": epsilon}
        self.loop = ADAM(maxiter=10**9, tol=-1.0, amsgrad=amsgrad, **numbers)
        flat = np.concatenate([param.ravel() for param in params])
        arguments = (lambda _: 0.0, flat, self.jacobian)
        threading.Thread(target=self.loop.minimize, args=arguments, daemon=True).start()
        self.to_judge.get()

    def jacobian(self, at):
        self.to_judge.put(np.array(at))
        return self.to_loop.get()

    def step(self, grads):
        self.to_loop.put(np.concatenate([grad.ravel() for grad in grads]))
        return self.split(self.to_judge.get())

    def split(self, flat):
        ends = np.cumsum([int(np.prod(shape)) for shape in self.shapes])
        parts = np.split(flat, ends[:-1])
        return [part.reshape(shape) for part, shape in zip(parts, self.shapes, strict=True)]
