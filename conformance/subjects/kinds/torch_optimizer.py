"""Any class of torch.optim.Optimizer as a subject: parameter groups, state_dict, GradScaler."""

from copy import deepcopy

import numpy as np
import torch

from ...subject.subject import SubjectError, Unsupported, ValueRefused
from ...vectors.slices import IndexedSlices
from ...vectors.storage import ALL_NATIVE, HALVES
from ...vectors.switches import HYPERPARAMETERS
from ..variables import is_power_of_two
from .arguments import Arguments
from .probe import Places, try_out

# A place is the name of an array in the state of a parameter.
_SLOTS = {"m": "exp_avg", "v": "exp_avg_sq", "v_max": "max_exp_avg_sq"}
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


class _TorchOptimizer:
    """An optimizer and its parameters.

    Fields:
        names: slot -> its place.
        following: the numbers of torch's groups that have no learning rate of their own.
    """

    def __init__(self, params, kind, numbers, switches, groups):
        # They share memory with the arrays of the judge, which gives each run its own.
        self.params = list(map(_as_tensor, params))
        self.kind = kind
        self.own = dict(zip(HYPERPARAMETERS, numbers, strict=True))
        self.rate = kind.arguments.names.get("learning_rate")
        of_torch = self._param_groups(groups or ())
        self.following = [place for place, one in enumerate(of_torch) if self.rate not in one]
        self.optimizer = kind.factory(of_torch, **kind.arguments.values(numbers, switches))
        self.scaler = torch.amp.GradScaler("cpu")
        self.names = dict(kind.places.names)
        if not switches.get("amsgrad"):
            self.names.pop("v_max", None)

    def _param_groups(self, groups):
        """Return the groups as torch has them; the first has the parameters of no group."""
        grouped = {number for group in groups for number in group["params"]}
        rest = [param for number, param in enumerate(self.params) if number not in grouped]
        of_torch = [{"params": rest}] if rest else []
        for group in groups:
            numbers = {name: value for name, value in group.items() if name != "params"}
            # A pair in torch, of which a group may set one.
            pair = {name: numbers.get(name, self.own[name]) for name in ("beta1", "beta2")}
            own = self.kind.arguments.translate(numbers | pair)
            own["params"] = [self.params[number] for number in group["params"]]
            of_torch.append(own)
        return of_torch

    def _tensor(self, grad):
        if not isinstance(grad, IndexedSlices):
            if self.kind.is_sparse:
                raise Unsupported("dense gradients: it refuses them")
            return _as_tensor(grad)
        indices = torch.from_numpy(grad.indices)[None]
        values = torch.from_numpy(grad.values)
        return torch.sparse_coo_tensor(indices, values, grad.dense_shape, check_invariants=True)

    def add_group(self, params, **numbers):
        first = len(self.params)
        self.params += map(_as_tensor, params)
        group = {"params": range(first, len(self.params)), **numbers}
        # The last of torch's groups; before it is that of the parameters of no group.
        self.optimizer.add_param_group(self._param_groups([group])[-1])
        if "learning_rate" not in numbers:
            self.following.append(len(self.optimizer.param_groups) - 1)

    def step(self, grads, learning_rate=None, scale=None):
        for param, grad in zip(self.params, grads, strict=True):
            param.grad = None if grad is None else self._tensor(grad)
        # Not before torch has accepted the gradients: it refuses other shapes and dtypes.
        if learning_rate is not None:
            self._set_rate(learning_rate)
        if scale is None:
            self.optimizer.step()
        else:
            self._scaled_step(scale)
        return list(map(_as_shown, self.params))

    def _set_rate(self, learning_rate):
        for place in self.following:
            group = self.optimizer.param_groups[place]
            if self.rate not in group:
                raise Unsupported("a changing learning rate: its groups have none")
            group[self.rate] = learning_rate

    def _scaled_step(self, scale):
        is_wide = any(param.dtype == torch.float64 for param in self.params)
        # A fused step divides by the scale itself.
        if is_wide and not is_power_of_two(scale) and not self.kind.is_on("fused"):
            raise ValueRefused(
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
        self.kind.places.require_load()
        # A step makes the state, with a counter of its own for each parameter; only the form of
        # what it leaves there remains.
        for param in self.params:
            param.grad = torch.zeros_like(param, layout=self.kind.layout)
        self.optimizer.step()
        for number, param in enumerate(self.params):
            param.copy_(_as_tensor(params[number]))
            state = self.optimizer.state[param]
            state["step"] = _with_value(state["step"], t[number])
            for slot, arrays in slots.items():
                state[_SLOTS[slot]] = _as_tensor(arrays[number])

    def save(self):
        return deepcopy((self.params, self.following, self.optimizer.state_dict()))

    def restore(self, saved):
        params, following, state = saved
        self.following = list(following)
        for param, kept in zip(self.params, params, strict=True):
            param.copy_(kept)
        # It keeps the tensors that it is given, and changes them in its next step.
        self.optimizer.load_state_dict(deepcopy(state))


def _with_value(counter, t):
    """Return a counter of the same form, which is a tensor or a number."""
    if isinstance(counter, torch.Tensor):
        return torch.full_like(counter, float(t))
    return type(counter)(t)


class _TorchKind:
    """A class, what its arguments mean, and where it keeps its moments."""

    def __init__(self, factory, settings):
        self.factory = factory
        # The defaults of its groups are what a class hands to the base class.
        self.arguments = Arguments(factory, settings, given=("params", "defaults"))
        self.places = Places(_SLOTS)
        # Its step takes nothing but sparse gradients.
        self.is_sparse = issubclass(factory, torch.optim.SparseAdam)
        self.layout = torch.sparse_coo if self.is_sparse else torch.strided
        # Whatever the class is, its numbers are torch's if its step is.
        self.is_of_torch = factory.step.__module__.startswith("torch.")

    def is_on(self, form):
        """Return whether one of torch's implementations was chosen, as `fused`."""
        return bool(self.arguments.settings.get(form))

    @property
    def convention(self):
        """The one that its class follows, or that it is most likely to follow."""
        if self.is_sparse:
            return "torch-sparse"
        is_adamw = issubclass(self.factory, torch.optim.AdamW)
        is_named_so = "adamw" in self.factory.__name__.lower()
        if is_adamw or is_named_so or self.is_on("decoupled_weight_decay"):
            return "torch-adamw"
        # They compute with tensors of float32 for scalars.
        return "torch-capturable" if self.is_on("differentiable") else "torch"

    @property
    def is_certain(self):
        """Whether the convention is known, and not a guess."""
        of_torch = (torch.optim.Adam, torch.optim.AdamW, torch.optim.SparseAdam)
        return self.factory in of_torch


def subject(factory, **settings):
    """Return the function that starts a run; nothing is tried out."""
    return _make(_TorchKind(factory, settings))


def _make(kind):
    def make(params, *numbers, groups=(), **switches):
        doubles = ("float64", "complex128")
        if kind.is_on("differentiable") and any(param.dtype in doubles for param in params):
            raise Unsupported(
                "float64: its scalars are tensors of float32 whatever the parameters are"
            )
        rate, _, _, epsilon = numbers
        if kind.is_sparse and not (rate > 0 and epsilon > 0):
            raise ValueRefused("a learning rate or epsilon of 0: it refuses them")
        try:
            return _TorchOptimizer(params, kind, numbers, switches, groups)
        except ValueError as error:
            # It would look like a mistake of the vector.
            if switches.get("weight_decay", 0) < 0:
                raise ValueRefused("a weight decay below 0: it refuses it") from error
            raise

    make.refuses = {"shape", "dtype"}
    make.supports = {"none", "loss_scale"}
    make.convention = kind.convention
    if kind.is_sparse:
        make.supports |= {"sparse", "indices_int32"}
        make.refuses.add("index")
        make.__signature__ = kind.arguments.signature()
        return make
    make.__signature__ = kind.arguments.signature("groups")
    make.supports.add("mixed_dtypes")
    # Of other classes nobody knows what they do with these.
    if kind.is_of_torch:
        fused = kind.is_on("fused")
        make.supports.add("float16")
        make.storage = dict.fromkeys(HALVES, _FUSED_STORAGE if fused else ALL_NATIVE)
        # torch refuses complex parameters with fused.
        if not fused:
            make.supports.add("complex")
    return make


def adapt(factory, settings):
    """Return the function that starts a run of a class, after a few steps of it.

    Raises:
        SubjectError: it is no Adam, or the adapter cannot use it.
    """
    if not isinstance(factory, type):
        raise SubjectError(f"it must be a class, got {type(factory).__name__}")
    kind = _TorchKind(factory, settings)
    return try_out(_make(kind), kind, not kind.is_certain, kind.is_sparse)
