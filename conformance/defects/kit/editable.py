"""Algorithm 1 with parts that can be exchanged, one line each: what wrong Adams are made from."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ...subject.subject import Unsupported
from ...vectors.slices import IndexedSlices

Array = NDArray[np.floating[Any]]
Part = Callable[..., Any]
Grads = Sequence[Array | None]


class Plain:
    """Algorithm 1, each line of it a part that can be exchanged.

    Parts:
        t: number of this step for parameter i of n. first, second: E1, E2. bias1, bias2: divisors of E3, E4.
        denominator: of E5. inside, outside: what stands under its root and beside it. decay: weight_decay as used.
        maximum: (what is remembered, what is divided by). update: what E5 subtracts. keep: (m, v) that are remembered.
        rate: the learning rate for parameter i. grad: the gradient, or None for none. moved: the new parameter.
        numbers: learning rate, betas and epsilon as they are used. called: what happens before anything else.
        counts_nothing: whether a call without any gradient counts.
        clipped: the gradients of a step, clipped. saved: what `save` returns of the state.
        loaded: (t, slots) as loaded. signed: the gradient under maximize. coupled: the gradient with L2. decayed: the
        parameter after decoupled decay. step_of: what is subtracted, of the parameter, m_hat and the update.
        sparse: takes the step of parameter i with slices. scattered: the dense gradient that slices stand for.
    """

    parts: ClassVar[dict[str, Part]] = {
        "numbers": lambda *numbers: numbers,
        "called": lambda a, grads: None,
        "counts_nothing": lambda a: True,
        "clipped": lambda a, grads: grads,
        "saved": lambda a, state: deepcopy(state),
        "t": lambda a, i: a.calls,
        "first": lambda a, m, g: a.beta1 * m + (1 - a.beta1) * g,
        "second": lambda a, v, g: a.beta2 * v + (1 - a.beta2) * (g * g),
        "bias1": lambda a, t: 1 - a.beta1**t,
        "bias2": lambda a, t: 1 - a.beta2**t,
        "maximum": lambda a, v_max, v: (np.maximum(v_max, v), np.maximum(v_max, v)),
        "inside": lambda a, t: 0.0,
        "outside": lambda a, t: a.epsilon,
        "denominator": lambda a, v_hat, t: np.sqrt(v_hat + a.p.inside(a, t)) + a.p.outside(a, t),
        "update": lambda a, m_hat, v_hat, t: a.lr * m_hat / a.p.denominator(a, v_hat, t),
        "decay": lambda a: a.weight_decay,
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
        "sparse": lambda a, i, slices: a.one(i, a.p.scattered(a, a.params[i], slices)),
        "scattered": lambda a, p, slices: scattered(p, slices),
    }

    # Which switches it has at all, what it declares, and whose Adam it is.
    switches: ClassVar[frozenset[str]] = frozenset({"amsgrad"})
    supports: ClassVar[set[str]] = {"none", "sparse", "float16"}
    convention: ClassVar[str] = "paper"

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
        on = switches.keys() | ({"amsgrad"} if amsgrad else set())
        if missing := on - self.switches:
            raise Unsupported(f"{min(missing)}: it has no such switch")
        self.p = SimpleNamespace(**self.parts)
        self.params, self.count, self.calls = list(params), len(params), 0
        numbers = self.p.numbers(learning_rate, beta1, beta2, epsilon)
        self.lr, self.beta1, self.beta2, self.epsilon = numbers
        self.amsgrad, self.limits = amsgrad, switches
        self.m, self.v, self.v_max = ([np.zeros_like(p) for p in params] for _ in range(3))
        self.gradients = [0 for _ in params]
        self.weight_decay, self.maximize = (
            switches.get("weight_decay", 0.0),
            switches.get("maximize", False),
        )
        self.first_lr = learning_rate
        self.on_rows, self.by_row, self.empty_calls = False, dict[int, Any](), 0
        self.noted: Any = None
        self.now = 0

    @np.errstate(all="ignore")
    def step(self, grads: Grads, learning_rate: float | None = None) -> list[Array]:
        """One step on every parameter that has a gradient."""
        self.p.called(self, grads)
        if all(grad is None for grad in grads):
            counted = self.p.counts_nothing(self)
            self.gradients = [count + counted for count in self.gradients]
            self.calls += counted
        else:
            self.calls += 1
        grads = self.p.clipped(self, grads)
        rate = self.lr if learning_rate is None else self.p.scheduled(self, learning_rate)
        for i, given in enumerate(grads):
            grad = self.p.grad(self, self.params[i], given)
            if grad is not None:
                self.gradients[i] += 1
                self.lr = rate
                self.lr = self.p.rate(self, i)
                self.on_rows = isinstance(grad, IndexedSlices)
                if isinstance(grad, IndexedSlices):
                    self.p.sparse(self, i, grad)
                else:
                    self.one(i, grad)
        self.lr = rate
        return self.params

    def rows(self, i: int, rows: Any, grad: Array) -> None:
        """A step of some rows of a parameter alone."""
        slots = (self.params, self.m, self.v, self.v_max)
        whole = [slot[i].copy() for slot in slots]
        for slot in slots:
            slot[i] = slot[i][rows]
        self.one(i, grad)
        for slot, array in zip(slots, whole, strict=True):
            array[rows] = slot[i]
            slot[i] = array

    def one(self, i: int, grad: Array) -> None:
        """A step of one parameter."""
        t, dtype = self.p.t(self, i), self.params[i].dtype
        self.now = t
        grad = self.p.coupled(self, self.params[i], self.p.signed(self, grad))
        param = self.p.decayed(self, self.params[i])
        old = self.m[i], self.v[i]
        m, v = self.p.first(self, old[0], grad), self.p.second(self, old[1], grad)
        used = v
        if self.amsgrad:
            self.v_max[i], used = self.p.maximum(self, self.v_max[i], v)
        m_hat, v_hat = (
            x / np.float64(b(self, t)) for x, b in ((m, self.p.bias1), (used, self.p.bias2))
        )
        m_hat, v_hat = m_hat.astype(dtype), v_hat.astype(dtype)
        update = self.p.update(self, m_hat, v_hat, t)
        new = param - self.p.step_of(self, param, m_hat, update)
        self.m[i], self.v[i] = (np.asarray(x, dtype) for x in self.p.keep(self, old, m, v, t))
        self.params[i] = np.asarray(self.p.moved(self, i, self.params[i], new), dtype)

    def slots(self) -> dict[str, list[Array]]:
        """The moments."""
        return {"m": self.m, "v": self.v} | ({"v_max": self.v_max} if self.amsgrad else {})

    def load(
        self, params: Sequence[Array], slots: dict[str, list[Array]], t: Sequence[int]
    ) -> None:
        """Continue from the given state."""
        slots, t = self.p.loaded(self, slots, t)
        self.params, self.calls = list(params), t[0]
        self.m, self.v = slots["m"], slots["v"]
        self.v_max = slots.get("v_max", self.v_max)

    def save(self) -> Any:
        """All that `restore` needs."""
        state = {
            name: getattr(self, name)
            for name in ("params", "calls", "gradients", "m", "v", "v_max")
        }
        return self.p.saved(self, state)

    def restore(self, saved: Any) -> None:
        """Continue from what `save` returned."""
        vars(self).update(saved)


def scattered(param: Array, slices: IndexedSlices) -> Array:
    """The dense gradient that slices stand for."""
    dense = np.zeros_like(param)
    np.add.at(dense, slices.indices, slices.values)
    return dense
