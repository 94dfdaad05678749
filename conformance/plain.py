"""Algorithm 1 with parts that can be exchanged, one line each: what wrong Adams are made from."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from types import SimpleNamespace
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .subject import Unsupported

Array = NDArray[np.floating[Any]]
Part = Callable[..., Any]
Grads = Sequence[Array | None]


class Plain:
    """Algorithm 1, each line of it a part that can be exchanged.

    Parts:
        t: number of this step for parameter i of n. first, second: E1, E2. bias1, bias2: divisors of E3, E4.
        maximum: (what is remembered, what is divided by). update: what E5 subtracts. keep: (m, v) that are remembered.
        rate: the learning rate for parameter i. grad: the gradient, or None for none. moved: the new parameter.
        numbers: learning rate, betas and epsilon as they are used. called: what happens before anything else.
        clipped: the gradients of a step, clipped. saved: what `save` returns of the state.
        loaded: (t, slots) as loaded. signed: the gradient under maximize. coupled: the gradient with L2. decayed: the
        parameter after decoupled decay. step_of: what is subtracted, of the parameter, m_hat and the update.
    """

    parts: ClassVar[dict[str, Part]] = {
        "numbers": lambda *numbers: numbers,
        "called": lambda a, grads: None,
        "clipped": lambda a, grads: grads,
        "saved": lambda a, state: deepcopy(state),
        "t": lambda a, i: a.calls,
        "first": lambda a, m, g: a.beta1 * m + (1 - a.beta1) * g,
        "second": lambda a, v, g: a.beta2 * v + (1 - a.beta2) * (g * g),
        "bias1": lambda a, t: 1 - a.beta1**t,
        "bias2": lambda a, t: 1 - a.beta2**t,
        "maximum": lambda a, v_max, v: (np.maximum(v_max, v), np.maximum(v_max, v)),
        "update": lambda a, m_hat, v_hat, t: a.lr * m_hat / (np.sqrt(v_hat) + a.epsilon),
        "keep": lambda a, old, m, v, t: (m, v),
        "rate": lambda a, i: a.lr,
        "grad": lambda a, p, g: g,
        "signed": lambda a, g: -g if a.maximize else g,
        "coupled": lambda a, p, g: g,
        "decayed": lambda a, p: p,
        "step_of": lambda a, p, m_hat, update: update,
        "moved": lambda a, i, old, new: new,
        "scheduled": lambda a, rate: rate,
        "loaded": lambda a, slots, t: (slots, t),
    }

    # Which switches it has at all; Algorithm 1 has none but AMSGrad.
    switches: ClassVar[frozenset[str]] = frozenset()

    def __init__(
        self,
        params: Sequence[Array],
        learning_rate: float,
        beta1: float,
        beta2: float,
        epsilon: float,
        amsgrad: bool = False,
        **switches: float,
    ) -> None:
        if missing := switches.keys() - self.switches:
            raise Unsupported(f"{min(missing)}: it has no such switch")
        self.p = SimpleNamespace(**self.parts)
        self.params, self.count, self.calls = list(params), len(params), 0
        numbers = self.p.numbers(learning_rate, beta1, beta2, epsilon)
        self.lr, self.beta1, self.beta2, self.epsilon = numbers
        self.amsgrad, self.limits = amsgrad, switches
        self.m, self.v, self.v_max = ([np.zeros_like(p) for p in params] for _ in range(3))
        self.gradients = [0 for _ in params]
        self.weight_decay, self.maximize = switches.get("weight_decay", 0.0), switches.get("maximize", False)
        self.first_lr = learning_rate

    @np.errstate(all="ignore")
    def step(self, grads: Grads, learning_rate: float | None = None) -> list[Array]:
        """One step on every parameter that has a gradient."""
        self.p.called(self, grads)
        self.calls += 1
        grads = self.p.clipped(self, grads)
        rate = self.lr if learning_rate is None else self.p.scheduled(self, learning_rate)
        for i, given in enumerate(grads):
            grad = self.p.grad(self, self.params[i], given)
            if grad is not None:
                self.gradients[i] += 1
                self.lr = rate
                self.lr = self.p.rate(self, i)
                self._one(i, grad)
        self.lr = rate
        return self.params

    def _one(self, i: int, grad: Array) -> None:
        t, dtype = self.p.t(self, i), self.params[i].dtype
        grad = self.p.coupled(self, self.params[i], self.p.signed(self, grad))
        param = self.p.decayed(self, self.params[i])
        old = self.m[i], self.v[i]
        m, v = self.p.first(self, old[0], grad), self.p.second(self, old[1], grad)
        used = v
        if self.amsgrad:
            self.v_max[i], used = self.p.maximum(self, self.v_max[i], v)
        m_hat, v_hat = (x / np.float64(b(self, t)) for x, b in ((m, self.p.bias1), (used, self.p.bias2)))
        m_hat, v_hat = m_hat.astype(dtype), v_hat.astype(dtype)
        update = self.p.update(self, m_hat, v_hat, t)
        new = param - self.p.step_of(self, param, m_hat, update)
        self.m[i], self.v[i] = (np.asarray(x, dtype) for x in self.p.keep(self, old, m, v, t))
        self.params[i] = np.asarray(self.p.moved(self, i, self.params[i], new), dtype)

    def slots(self) -> dict[str, list[Array]]:
        """The moments."""
        return {"m": self.m, "v": self.v} | ({"v_max": self.v_max} if self.amsgrad else {})

    def load(self, params: Sequence[Array], slots: dict[str, list[Array]], t: Sequence[int]) -> None:
        """Continue from the given state."""
        slots, t = self.p.loaded(self, slots, t)
        self.params, self.calls = list(params), t[0]
        self.m, self.v = slots["m"], slots["v"]
        self.v_max = slots.get("v_max", self.v_max)

    def save(self) -> Any:
        """All that `restore` needs."""
        state = {name: getattr(self, name) for name in ("params", "calls", "gradients", "m", "v", "v_max")}
        return self.p.saved(self, state)

    def restore(self, saved: Any) -> None:
        """Continue from what `save` returned."""
        vars(self).update(saved)


def _counted(a: Plain, slots: Any, t: Sequence[int]) -> tuple[Any, Sequence[int]]:
    a.gradients = list(t)
    return slots, t


# torch.optim.Adam and AdamW, as parts.
TORCH: dict[str, Part] = {
    "t": lambda a, i: a.gradients[i],
    "loaded": _counted,
    "coupled": lambda a, p, g: g + a.weight_decay * p,
}
ADAMW: dict[str, Part] = TORCH | {
    "coupled": lambda a, p, g: g,
    "decayed": lambda a, p: p * (1 - a.lr * a.weight_decay),
}


def _keras_numbers(learning_rate: float, beta1: float, beta2: float, epsilon: float) -> tuple[float, ...]:
    single = (float(np.float32(x)) for x in (learning_rate, beta1, beta2))
    return (*single, epsilon or 1e-7)


def _needs_one(a: Plain, grads: Grads) -> None:
    if all(grad is None for grad in grads):
        raise ValueError("grads must hold a gradient, got None for every parameter")


def by_value(a: Plain, grads: Grads) -> Grads:
    """Each element within the limit."""
    limit = a.limits.get("clipvalue")
    return [g if g is None or limit is None else np.clip(g, g.dtype.type(-limit), g.dtype.type(limit)) for g in grads]


def by_norm(a: Plain, grads: Grads) -> Grads:
    """The norm of each gradient within the limit."""
    limit = a.limits.get("clipnorm")
    return [g if g is None or limit is None else rescaled(g, norm([g]), limit) for g in grads]


def by_global_norm(a: Plain, grads: Grads) -> Grads:
    """The norm of all gradients within the limit."""
    limit = a.limits.get("global_clipnorm")
    return [g if g is None or limit is None else rescaled(g, norm(grads), limit) for g in grads]


def norm(grads: Grads) -> float:
    """The Euclidean norm of all elements."""
    return float(np.sqrt(sum(float(np.sum(np.square(g, dtype=np.float64))) for g in grads if g is not None)))


def rescaled(grad: Array, size: float, limit: float) -> Array:
    """A gradient of norm ``size``, or part of one, with the norm within the limit."""
    return (grad * (limit / max(size, limit))).astype(grad.dtype)


# tf.keras.optimizers.Adam before TensorFlow 2.11, as parts.
KERAS: dict[str, Part] = {
    "numbers": _keras_numbers,
    "called": _needs_one,
    "clipped": lambda a, grads: by_global_norm(a, by_norm(a, by_value(a, grads))),
    "scheduled": lambda a, rate: float(np.float32(rate)),
    "update": lambda a, m_hat, v_hat, t: a.lr * m_hat / (np.sqrt(v_hat) + a.epsilon / np.sqrt(1 - a.beta2**t)),
}


class Base(NamedTuple):
    """A right Adam that wrong ones are made from: its parts, and the switches that it has."""

    parts: dict[str, Part]
    switches: frozenset[str] = frozenset()


# By the convention that it has.
BASES = {
    "paper": Base(Plain.parts),
    "torch": Base(Plain.parts | TORCH, frozenset({"weight_decay", "maximize"})),
    "torch-adamw": Base(Plain.parts | ADAMW, frozenset({"weight_decay", "maximize"})),
    "tfkeras": Base(Plain.parts | KERAS, frozenset({"clipvalue", "clipnorm", "global_clipnorm"})),
}


def made(name: str, convention: str, **parts: Part) -> type[Plain]:
    """The Adam of a convention, with other ``parts``, as a subject."""
    base = BASES[convention]
    members = {"parts": base.parts | parts, "switches": base.switches, "convention": convention}
    return type(name, (Plain,), members | {"supports": {"none", "float16"}})
