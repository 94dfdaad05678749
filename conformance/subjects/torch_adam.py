"""torch.optim.Adam and AdamW in their three forms, and Adam as what gradients can flow through."""

from copy import deepcopy
from typing import Any

import torch

from ..subject.subject import Unsupported
from ..vectors.slices import IndexedSlices

_SLOTS = {"m": "exp_avg", "v": "exp_avg_sq", "v_max": "max_exp_avg_sq"}
_FORMS = ({"foreach": False}, {"foreach": True}, {"fused": True})


class _Adam:
    def __init__(self, params: Any, kind: Any, *numbers: Any, **rest: Any) -> None:
        self.params, self.amsgrad = (
            [torch.from_numpy(param) for param in params],
            rest.get("amsgrad", False),
        )
        self.optimizer = kind(self.params, *numbers, **rest)

    def tensor(self, grad: Any) -> Any:
        return torch.from_numpy(grad)

    def step(self, grads: Any, learning_rate: float | None = None) -> list[Any]:
        if learning_rate is not None:
            self.optimizer.param_groups[0]["lr"] = learning_rate
        for param, grad in zip(self.params, grads, strict=True):
            param.grad = None if grad is None else self.tensor(grad)
        self.optimizer.step()
        return self.params

    def slots(self) -> dict[str, list[Any]]:
        names = {slot: name for slot, name in _SLOTS.items() if slot != "v_max" or self.amsgrad}
        states = [self.optimizer.state.get(param, {}) for param in self.params]
        return {slot: [state.get(name) for state in states] for slot, name in names.items()}

    def load(self, params: Any, slots: Any, t: Any) -> None:
        for at, param in enumerate(self.params):
            param.copy_(torch.from_numpy(params[at]))
            moments = {_SLOTS[slot]: torch.from_numpy(arrays[at]) for slot, arrays in slots.items()}
            self.optimizer.state[param] = {"step": self.count(t[at]), **moments}

    def count(self, t: int) -> Any:
        return torch.tensor(float(t))

    def save(self) -> Any:
        return deepcopy((self.params, self.optimizer.state_dict()))

    def restore(self, saved: Any) -> None:
        for param, kept in zip(self.params, saved[0], strict=True):
            param.copy_(kept)
        self.optimizer.load_state_dict(saved[1])


def _form(kind: Any, **form: bool) -> Any:
    def make(
        params: Any,
        learning_rate: float,
        beta1: float,
        beta2: float,
        epsilon: float,
        amsgrad: bool = False,
        weight_decay: float = 0.0,
        maximize: bool = False,
    ) -> _Adam:
        if "differentiable" in form and any(param.dtype == "float64" for param in params):
            raise Unsupported(
                "float64: its scalars are tensors of float32 whatever the parameters are"
            )
        if weight_decay < 0:
            raise Unsupported("a weight decay below 0: it refuses it")
        numbers = (learning_rate, (beta1, beta2), epsilon, weight_decay)
        return _Adam(params, kind, *numbers, amsgrad=amsgrad, maximize=maximize, **form)

    make.supports = {"none", "float16"}  # type: ignore[attr-defined]
    return make


class _SparseAdam(_Adam):
    def tensor(self, grad: Any) -> Any:
        if not isinstance(grad, IndexedSlices):
            raise Unsupported("dense gradients: it refuses them")
        indices, values = torch.from_numpy(grad.indices), torch.from_numpy(grad.values)
        return torch.sparse_coo_tensor(
            indices[None], values, grad.dense_shape, check_invariants=True
        )

    def count(self, t: int) -> Any:
        return t


def sparse(
    params: Any,
    learning_rate: float,
    beta1: float,
    beta2: float,
    epsilon: float,
    maximize: bool = False,
) -> _SparseAdam:
    if not (learning_rate > 0 and epsilon > 0):
        raise Unsupported("a learning rate or epsilon of 0: it refuses them")
    return _SparseAdam(
        params, torch.optim.SparseAdam, learning_rate, (beta1, beta2), epsilon, maximize=maximize
    )


sparse.supports = {"none", "sparse"}  # type: ignore[attr-defined]
single, foreach, fused = (_form(torch.optim.Adam, **form) for form in _FORMS)
differentiable = _form(torch.optim.Adam, differentiable=True)
adamw, adamw_foreach, adamw_fused = (_form(torch.optim.AdamW, **form) for form in _FORMS)

# The first step of any optimizer imports a good part of torch, which is not the subject's time.
single([torch.zeros(1).numpy()], 0.0, 0.0, 0.0, 1.0).step([torch.zeros(1).numpy()])
