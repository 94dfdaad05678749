"""An optimizer that is a torch.optim.Optimizer: what the bridges of such libraries share."""

import torch

from conformance import Unsupported


class Hidden:
    """Parameters and their optimizer, whose state is not m and v, or is corrected."""

    def __init__(self, kind, params, learning_rate, beta1, beta2, epsilon, **options):
        self.params = [torch.nn.Parameter(torch.from_numpy(param)) for param in params]
        numbers = {"lr": learning_rate, "betas": (beta1, beta2), "eps": epsilon}
        try:
            self.optimizer = kind(self.params, **numbers, **options)
        except ValueError as error:
            # Most refuse a number that others take, such as a learning rate of 0.
            raise Unsupported(f"it refuses this: {error}") from None

    def step(self, grads, learning_rate=None):
        if learning_rate is not None:
            for group in self.optimizer.param_groups:
                group["lr"] = learning_rate
        for param, grad in zip(self.params, grads, strict=True):
            param.grad = None if grad is None else torch.from_numpy(grad)
        self.optimizer.step()
        return [param.detach().numpy() for param in self.params]


class Optimizer(Hidden):
    """One with torch's state.

    Fields:
        names: slot -> its name in the state of a parameter.
    """

    names = {"m": "exp_avg", "v": "exp_avg_sq"}

    def slots(self):
        states = [self.optimizer.state.get(param, {}) for param in self.params]
        return {slot: [state.get(name) for state in states] for slot, name in self.names.items()}


class Maximum(Optimizer):
    """One with AMSGrad."""

    names = {**Optimizer.names, "v_max": "max_exp_avg_sq"}
