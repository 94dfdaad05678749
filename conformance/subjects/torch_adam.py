"""torch.optim.Adam in its three forms."""

from typing import Any

import torch


class _Adam:
    def __init__(self, params: Any, learning_rate: float, betas: Any, epsilon: float, switches: Any, form: Any) -> None:
        self.params = [torch.from_numpy(param) for param in params]
        self.amsgrad = bool(switches.get("amsgrad"))
        self.optimizer = torch.optim.Adam(self.params, learning_rate, betas, epsilon, **switches, **form)

    def step(self, grads: Any, learning_rate: float | None = None) -> list[Any]:
        if learning_rate is not None:
            self.optimizer.param_groups[0]["lr"] = learning_rate
        for param, grad in zip(self.params, grads, strict=True):
            param.grad = None if grad is None else torch.from_numpy(grad)
        self.optimizer.step()
        return self.params

    def slots(self) -> dict[str, list[Any]]:
        names = {"m": "exp_avg", "v": "exp_avg_sq"} | ({"v_max": "max_exp_avg_sq"} if self.amsgrad else {})
        states = [self.optimizer.state.get(param, {}) for param in self.params]
        return {slot: [state.get(name) for state in states] for slot, name in names.items()}

    def load(self, params: Any, slots: Any, t: Any) -> None:
        names = {"m": "exp_avg", "v": "exp_avg_sq", "v_max": "max_exp_avg_sq"}
        for at, param in enumerate(self.params):
            param.copy_(torch.from_numpy(params[at]))
            moments = {names[slot]: torch.from_numpy(arrays[at]) for slot, arrays in slots.items()}
            self.optimizer.state[param] = {"step": torch.tensor(float(t[at])), **moments}


def _form(**form: bool) -> Any:
    def make(
        params: Any, learning_rate: float, beta1: float, beta2: float, epsilon: float, amsgrad: bool = False
    ) -> _Adam:
        return _Adam(params, learning_rate, (beta1, beta2), epsilon, {"amsgrad": amsgrad}, form)

    make.supports = {"none"}  # type: ignore[attr-defined]
    return make


single, foreach, fused = _form(foreach=False), _form(foreach=True), _form(fused=True)

# The first step of any optimizer imports a good part of torch, which is not the subject's time.
single([torch.zeros(1).numpy()], 0.0, 0.0, 0.0, 1.0).step([torch.zeros(1).numpy()])
