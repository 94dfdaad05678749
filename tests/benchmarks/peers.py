"""Dense Adams of several libraries, on the same numbers and in the same kind of memory."""

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np
from numba import njit, prange

from adamref import AdamConfig
from adamref.kernels.cpu import FusedAdam
from adamref.kernels.cpu.blocks import zeros_apart

CONFIG = AdamConfig()
Array = np.ndarray[Any, Any]


class Peer:
    """Fields: step: takes one. params: what its parameters are now."""

    def __init__(self, step: Callable[[], Any], params: Callable[[], list[Array]]) -> None:
        self.step = step
        self.params = params


def placed(array: Array) -> Array:
    """A copy that begins with a line of the cache."""
    copy = zeros_apart(array, array.dtype, 4)
    copy[...] = array
    return copy


def moments(param: Array) -> tuple[Array, Array]:
    """Zeros where `FusedAdam` has its moments, for all who can be told where to have them."""
    return zeros_apart(param, param.dtype, 1), zeros_apart(param, param.dtype, 2)


def ours(params: Sequence[Array], grads: Sequence[Array]) -> Peer:
    adam = FusedAdam([placed(param) for param in params], CONFIG, "torch")
    given = list(grads)
    return Peer(lambda: adam.step(given), lambda: adam.params)


def ours_new_arrays(params: Sequence[Array], grads: Sequence[Array]) -> Peer:
    """As `ours`, with other gradient arrays in every step."""
    adam = FusedAdam([placed(param) for param in params], CONFIG, "torch")
    turn = [list(grads), [g.copy() for g in grads]]

    def step() -> None:
        adam.step(turn[0])
        turn.reverse()

    return Peer(step, lambda: adam.params)


def torch_adam(**kind: bool) -> Callable[[Sequence[Array], Sequence[Array]], Peer]:
    def peer(params: Sequence[Array], grads: Sequence[Array]) -> Peer:
        import torch

        leaves = [torch.nn.Parameter(torch.from_numpy(placed(param))) for param in params]
        for leaf, grad in zip(leaves, grads, strict=True):
            leaf.grad = torch.from_numpy(grad)
        adam = torch.optim.Adam(leaves, lr=CONFIG.learning_rate, **kind)
        for leaf in leaves:  # the same kind of memory as ours
            m, v = (torch.from_numpy(array) for array in moments(leaf.detach().numpy()))
            adam.state[leaf] = {"step": torch.tensor(0.0), "exp_avg": m, "exp_avg_sq": v}
        return Peer(adam.step, lambda: [leaf.detach().numpy() for leaf in leaves])

    return peer


def optax_adam(params: Sequence[Array], grads: Sequence[Array]) -> Peer:
    import jax
    import optax

    adam = optax.adam(CONFIG.learning_rate)
    held: list[Any] = [[jax.numpy.asarray(param) for param in params]]
    held.append(adam.init(held[0]))
    given = [jax.numpy.asarray(grad) for grad in grads]

    @jax.jit
    def updated(params: Any, state: Any, grads: Any) -> Any:
        updates, state = adam.update(grads, state)
        return optax.apply_updates(params, updates), state

    donating = jax.jit(updated, donate_argnums=(0, 1))

    def step() -> None:
        held[:] = donating(*held, given)
        jax.block_until_ready(held)

    return Peer(step, lambda: [np.asarray(param) for param in held[0]])


def plain(params: Sequence[Array], grads: Sequence[Array]) -> Peer:
    """NumPy as most people write it."""
    params = [param.copy() for param in params]
    m = [np.zeros_like(param) for param in params]
    v = [np.zeros_like(param) for param in params]
    taken = [0]

    def step() -> None:
        taken[0] += 1
        t = taken[0]
        for at, grad in enumerate(grads):
            m[at] = CONFIG.beta1 * m[at] + (1 - CONFIG.beta1) * grad
            v[at] = CONFIG.beta2 * v[at] + (1 - CONFIG.beta2) * grad * grad
            m_hat = m[at] / (1 - CONFIG.beta1**t)
            v_hat = v[at] / (1 - CONFIG.beta2**t)
            params[at] = params[at] - CONFIG.learning_rate * m_hat / (
                np.sqrt(v_hat) + CONFIG.epsilon
            )

    return Peer(step, lambda: params)


@njit(parallel=True, error_model="numpy")  # type: ignore[untyped-decorator]
def _twin(p, g, m, v):  # type: ignore[no-untyped-def]
    for i in prange(p.size):
        p[i] += g[i]
        m[i] += g[i]
        v[i] += g[i]


def twin(params: Sequence[Array], grads: Sequence[Array]) -> Peer:
    """Not an Adam, but what the memory allows: the same four reads and three writes."""
    arrays = [
        (placed(param), grad, *moments(param)) for param, grad in zip(params, grads, strict=True)
    ]

    def step() -> None:
        for four in arrays:
            _twin(*four)

    return Peer(step, list)


PEERS: dict[str, Callable[[Sequence[Array], Sequence[Array]], Peer]] = {
    "adamref": ours,
    "twin loop": twin,
    "adamref, new gradient arrays": ours_new_arrays,
    "torch fused": torch_adam(fused=True),
    "torch foreach": torch_adam(foreach=True),
    "torch single": torch_adam(foreach=False),
    "optax jitted": optax_adam,
    "NumPy": plain,
}
NEEDS = {
    "torch fused": "torch",
    "torch foreach": "torch",
    "torch single": "torch",
    "optax jitted": "optax",
}


def available() -> list[str]:
    return [name for name in PEERS if name not in NEEDS or find_spec(NEEDS[name])]
