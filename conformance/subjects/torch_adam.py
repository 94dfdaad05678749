"""torch.optim.Adam and AdamW in their three forms, the differentiable Adam, and SparseAdam."""

from copy import deepcopy

import numpy as np
import torch

from ..subject.subject import Unsupported
from ..vectors.slices import IndexedSlices
from ..vectors.storage import ALL_NATIVE, HALVES
from .variables import is_power_of_two

_SLOTS = {"m": "exp_avg", "v": "exp_avg_sq", "v_max": "max_exp_avg_sq"}
_GROUP_NUMBERS = {"learning_rate": "lr", "epsilon": "eps", "weight_decay": "weight_decay"}
# What the fused kernel keeps of half precision; the other forms round each operation.
_FUSED_STORAGE = "weights=rounded,moments=T,operations=float32"


def _as_tensor(array):
    """Return a tensor that shares memory with an array; torch does not know NumPy's bfloat16."""
    if array.dtype.name != "bfloat16":
        return torch.from_numpy(array)
    return torch.from_numpy(array.view(np.uint16)).view(torch.bfloat16)


def _as_shown(tensor):
    """Return a tensor as NumPy can read it: in bfloat16 as an array, None for no state."""
    if tensor is None or tensor.dtype != torch.bfloat16:
        return tensor
    import ml_dtypes

    return tensor.view(torch.uint16).numpy().view(ml_dtypes.bfloat16)


class _TorchAdam:
    """An optimizer and its parameters.

    Fields:
        names: slot -> the name of its array in the state of a parameter.
        following: the numbers of torch's groups that have no learning rate of their own.
    """

    def __init__(self, params, kind, groups=(), **options):
        # They share memory with the arrays of the judge, which gives each run its own.
        self.params = list(map(_as_tensor, params))
        self.betas = options.get("betas")
        of_torch = self._param_groups(groups, self.betas)
        self.following = [place for place, group in enumerate(of_torch) if "lr" not in group]
        self.optimizer = kind(of_torch, **options)
        # A fused step divides by the scale itself.
        self.is_fused = options.get("fused", False)
        self.scaler = torch.amp.GradScaler("cpu")
        self.names = dict(_SLOTS)
        if not options.get("amsgrad"):
            del self.names["v_max"]

    def _param_groups(self, groups, betas):
        """Return the groups as torch has them; the first has the parameters of no group."""
        grouped = {number for group in groups for number in group["params"]}
        rest = [param for number, param in enumerate(self.params) if number not in grouped]
        of_torch = [{"params": rest}] if rest else []
        for group in groups:
            own = {"params": [self.params[number] for number in group["params"]]}
            # A pair in torch, of which a group may set one.
            own["betas"] = (group.get("beta1", betas[0]), group.get("beta2", betas[1]))
            for name, of_group in _GROUP_NUMBERS.items():
                if name in group:
                    own[of_group] = group[name]
            of_torch.append(own)
        return of_torch

    def tensor(self, grad):
        return _as_tensor(grad)

    def add_group(self, params, **numbers):
        first = len(self.params)
        self.params += map(_as_tensor, params)
        group = {"params": range(first, len(self.params)), **numbers}
        # The last of torch's groups; before it is that of the parameters of no group.
        self.optimizer.add_param_group(self._param_groups([group], self.betas)[-1])
        if "learning_rate" not in numbers:
            self.following.append(len(self.optimizer.param_groups) - 1)

    def step(self, grads, learning_rate=None, scale=None):
        for param, grad in zip(self.params, grads, strict=True):
            param.grad = None if grad is None else self.tensor(grad)
        # Not before torch has accepted the gradients: it refuses other shapes and dtypes.
        if learning_rate is not None:
            for place in self.following:
                self.optimizer.param_groups[place]["lr"] = learning_rate
        if scale is None:
            self.optimizer.step()
        else:
            self.scaled_step(scale)
        return list(map(_as_shown, self.params))

    def scaled_step(self, scale):
        is_wide = any(param.dtype == torch.float64 for param in self.params)
        if is_wide and not is_power_of_two(scale) and not self.is_fused:
            raise Unsupported(
                "float64 with a scale that is no power of two: its GradScaler takes the reciprocal "
                "in float32"
            )
        # It has no scale before the first loss, and may be given another one between steps.
        self.scaler.scale(torch.zeros(()))
        self.scaler.update(scale)
        self.scaler.step(self.optimizer)

    def slots(self):
        # A parameter has no state before its first gradient.
        states = [self.optimizer.state.get(param, {}) for param in self.params]
        shown = {}
        for slot, name in self.names.items():
            shown[slot] = [_as_shown(state.get(name)) for state in states]
        return shown

    def load(self, params, slots, t):
        for number, param in enumerate(self.params):
            param.copy_(_as_tensor(params[number]))
            # torch keeps a counter of its own for each parameter.
            state = {"step": self.counter(t[number])}
            for slot, arrays in slots.items():
                state[_SLOTS[slot]] = _as_tensor(arrays[number])
            self.optimizer.state[param] = state

    def counter(self, t):
        # A tensor of float32, as torch itself has it.
        return torch.tensor(float(t))

    def save(self):
        return deepcopy((self.params, self.following, self.optimizer.state_dict()))

    def restore(self, saved):
        params, following, state = saved
        self.following = list(following)
        for param, kept in zip(self.params, params, strict=True):
            param.copy_(kept)
        # It keeps the tensors that it is given, and changes them in its next step.
        self.optimizer.load_state_dict(deepcopy(state))


def _subject(kind, **form):
    """Return the function that starts a run of ``kind`` in one of its forms."""

    def make(params, *numbers, amsgrad=False, weight_decay=0.0, maximize=False, groups=()):
        doubles = ("float64", "complex128")
        if "differentiable" in form and any(param.dtype in doubles for param in params):
            raise Unsupported(
                "float64: its scalars are tensors of float32 whatever the parameters are"
            )
        # torch raises ValueError here, which would look like a mistake of the vector.
        if weight_decay < 0:
            raise Unsupported("a weight decay below 0: it refuses it")
        learning_rate, beta1, beta2, epsilon = numbers
        return _TorchAdam(
            params,
            kind,
            groups,
            lr=learning_rate,
            betas=(beta1, beta2),
            eps=epsilon,
            weight_decay=weight_decay,
            amsgrad=amsgrad,
            maximize=maximize,
            **form,
        )

    make.supports = {"none", "float16", "mixed_dtypes", "loss_scale"}
    make.storage = dict.fromkeys(HALVES, _FUSED_STORAGE if "fused" in form else ALL_NATIVE)
    # torch refuses complex parameters with fused.
    if "fused" not in form:
        make.supports.add("complex")
    make.refuses = {"shape", "dtype"}
    return make


class _TorchSparseAdam(_TorchAdam):
    """SparseAdam: it takes sparse tensors, and its counter is a number."""

    def tensor(self, grad):
        if not isinstance(grad, IndexedSlices):
            raise Unsupported("dense gradients: it refuses them")
        indices = torch.from_numpy(grad.indices)[None]
        values = torch.from_numpy(grad.values)
        return torch.sparse_coo_tensor(indices, values, grad.dense_shape, check_invariants=True)

    def counter(self, t):
        return t


def sparse(params, *numbers, maximize=False):
    learning_rate, beta1, beta2, epsilon = numbers
    if not (learning_rate > 0 and epsilon > 0):
        raise Unsupported("a learning rate or epsilon of 0: it refuses them")
    return _TorchSparseAdam(
        params,
        torch.optim.SparseAdam,
        lr=learning_rate,
        betas=(beta1, beta2),
        eps=epsilon,
        maximize=maximize,
    )


sparse.supports = {"none", "sparse", "indices_int32", "loss_scale"}
sparse.refuses = {"shape", "dtype", "index"}

single = _subject(torch.optim.Adam, foreach=False)
foreach = _subject(torch.optim.Adam, foreach=True)
fused = _subject(torch.optim.Adam, fused=True)
differentiable = _subject(torch.optim.Adam, differentiable=True)
adamw = _subject(torch.optim.AdamW, foreach=False)
adamw_foreach = _subject(torch.optim.AdamW, foreach=True)
adamw_fused = _subject(torch.optim.AdamW, fused=True)

# The first step of any optimizer imports a good part of torch, which is not the subject's time.
single([torch.zeros(1).numpy()], 0.0, 0.0, 0.0, 1.0).step([torch.zeros(1).numpy()])
