"""The oracle: what Adam is in exact arithmetic, in 80-digit decimals, one element at a time.

Written from the paper and sharing nothing with `step.py` but the configuration and the axes of a convention, so that
a mistake in one is seen by the other. Slow on purpose: about 100 microseconds an element and step.
"""

import struct
from collections.abc import Sequence
from decimal import Context, Decimal, localcontext
from typing import NamedTuple

from .config import AdamConfig
from .convention import DEFAULT_EPSILON, Arithmetic, Convention

Numbers = tuple[Decimal, ...]

DIGITS = 80
ZERO, ONE = Decimal(0), Decimal(1)
_STRUCT = {"float16": "e", "float32": "f", "float64": "d", "s": "f", "d": "d"}


class Call(NamedTuple):
    """One call of step: a gradient or None for each parameter, flat in C order, and a new learning rate or None."""

    grads: Sequence[Sequence[float] | None]
    learning_rate: float | None = None


class Memory(NamedTuple):
    """One parameter between two steps: exact numbers, flat in C order. ``v_max`` is empty without AMSGrad."""

    t: int
    param: Numbers
    m: Numbers
    v: Numbers
    v_max: Numbers = ()


class Exact(NamedTuple):
    """One parameter after one step, with every number on the way there.

    Fields:
        after: the memory after the step; before: the one before it.
        learning_rate, beta1, beta2, epsilon, epsilon_root: as rounded by the arithmetic.
        power1, power2: beta^t of the moments that are corrected, else 0; the correction is 1 - power.
        clipped: the gradient after maximize and clipping. grad: what enters the moments: with L2 added, unless L2
            was added before clipping.
        chosen: the second moment in the denominator: v, or AMSGrad's maximum.
        denominator: root and epsilon. update: what is subtracted. decay: what decoupled decay subtracts.
    """

    after: Memory
    before: Memory
    learning_rate: Decimal
    beta1: Decimal
    beta2: Decimal
    epsilon: Decimal
    epsilon_root: Decimal
    power1: Decimal
    power2: Decimal
    clipped: Numbers
    grad: Numbers
    chosen: Numbers
    denominator: Numbers
    update: Numbers
    decay: Numbers


class Outcome(NamedTuple):
    """What one call does: an entry a parameter, a Memory for a skipped one. A call that must raise changes nothing."""

    raises: bool
    entries: tuple[Exact | Memory, ...]


def trajectory(
    config: AdamConfig,
    convention: Convention,
    arithmetic: Arithmetic,
    dtype: str,
    start: Sequence[Memory],
    calls: Sequence[Call],
) -> list[Outcome]:
    """The exact trajectory of Adam from ``start`` through ``calls``.

    Args:
        config: what the user set; numbers are rounded to the formats of ``arithmetic`` and then used exactly.
        convention: the point on the axes.
        arithmetic: four of its formats round numbers; the fifth, of operations, only widens a bound.
        dtype: of the parameters: what T means.
        start: one Memory a parameter.
        calls: the gradients of each call, exact as given.

    Returns:
        One Outcome a call.

    Source: Kingma & Ba, arXiv:1412.6980v9, Algorithm 1 and the formula before section 2.1.
    """
    memories, outcomes, rate = list(start), [], config.learning_rate
    with localcontext(Context(prec=DIGITS)):
        for call in calls:
            rate = rate if call.learning_rate is None else call.learning_rate
            if _raises(convention, call):
                outcomes.append(Outcome(True, tuple(memories)))
                continue
            numbers = _Rounded(config, convention, arithmetic, dtype, rate)
            grads = _clipped(numbers, memories, call.grads)
            nothing = all(grad is None for grad in grads)
            entries = [
                _skipped(memory, convention, nothing) if grad is None else _stepped(memory, grad, numbers)
                for memory, grad in zip(memories, grads, strict=True)
            ]
            memories = [entry.after if isinstance(entry, Exact) else entry for entry in entries]
            outcomes.append(Outcome(False, tuple(entries)))
    return outcomes


def start(params: Sequence[Sequence[float]], amsgrad: bool) -> list[Memory]:
    """Memories before the first step."""
    zeros = [(ZERO,) * len(param) for param in params]
    return [
        Memory(0, tuple(map(Decimal, param)), zero, zero, zero if amsgrad else ())
        for param, zero in zip(params, zeros, strict=True)
    ]


def nearest(value: float, letter: str) -> Decimal:
    """``value`` rounded to a format (`s`, `d` or a dtype), exactly."""
    code = ">" + _STRUCT[letter]
    return Decimal(struct.unpack(code, struct.pack(code, value))[0])


class _Rounded:
    """The numbers a user sets, as the arithmetic rounds them."""

    def __init__(
        self, config: AdamConfig, convention: Convention, arithmetic: Arithmetic, dtype: str, rate: float
    ) -> None:
        lr, epsilon, rest, power, _ = (dtype if letter == "T" else letter for letter in arithmetic.code)
        given = config.epsilon
        if given == 0 and convention.epsilon_zero == "default":
            given = DEFAULT_EPSILON
        corrected = convention.amsgrad_bias_correction if config.amsgrad else convention.bias_correction
        self.config, self.convention = config, convention
        self.learning_rate = nearest(rate, lr)
        self.epsilon = nearest(given, epsilon)
        self.epsilon_root = nearest(config.epsilon_root, epsilon)
        self.beta1, self.beta2 = nearest(config.beta1, rest), nearest(config.beta2, rest)
        self.base1 = nearest(config.beta1, power) if corrected in ("both", "first") else ZERO
        self.base2 = nearest(config.beta2, power) if corrected in ("both", "second") else ZERO
        self.weight_decay = nearest(config.weight_decay, lr)


def _raises(convention: Convention, call: Call) -> bool:
    missing = [grad is None for grad in call.grads]
    if any(missing) and convention.none_gradient == "error":
        return True
    return all(missing) and convention.all_none == "error"


def _skipped(memory: Memory, convention: Convention, nothing: bool) -> Memory:
    counts = convention.step_scope == "optimizer" or convention.none_gradient == "skip_but_count"
    if nothing:
        counts = convention.all_none == "count"
    return memory._replace(t=memory.t + 1) if counts else memory


def _stepped(memory: Memory, clipped: Numbers, n: _Rounded) -> Exact:
    """One step on one parameter, the gradient clipped and signed already."""
    config, convention, t = n.config, n.convention, memory.t + 1
    power1, power2 = n.base1**t, n.base2**t
    bias1, bias2 = 1 - power1, 1 - power2
    grad, before = clipped, memory.param
    if convention.clip_when == "before_l2":
        grad = _with_l2(n, memory, clipped)
    m = tuple(n.beta1 * old + (1 - n.beta1) * g for old, g in zip(memory.m, grad, strict=True))
    v = tuple(n.beta2 * old + (1 - n.beta2) * g * g for old, g in zip(memory.v, grad, strict=True))
    chosen, v_max = v, memory.v_max
    if config.amsgrad:
        seen = v if convention.amsgrad == "max_raw" else tuple(x / bias2 for x in v)
        chosen = v_max = tuple(max(pair) for pair in zip(memory.v_max, seen, strict=True))
    lr_t = n.learning_rate * bias2.sqrt() / bias1
    factor = lr_t if convention.epsilon == "hat" else n.learning_rate / bias1
    inside, outside = (n.epsilon, ZERO) if convention.epsilon == "inside" else (n.epsilon_root, n.epsilon)
    corrected = convention.epsilon == "hat" or (config.amsgrad and convention.amsgrad == "max_corrected")
    scale = ONE if corrected else ONE / bias2
    denominator = tuple((scale * w + inside).sqrt() + outside for w in chosen)
    update = tuple(factor * x / d for x, d in zip(m, denominator, strict=True))
    rate = n.weight_decay if convention.weight_decay == "decoupled" else ZERO
    rate *= {"lr": n.learning_rate, "one": ONE, "lr_t": lr_t}[convention.decay_scale]
    decays = convention.decay_when == "before"
    decay = tuple(rate * (p if decays else p - d) for p, d in zip(before, update, strict=True))
    param = tuple(p - d - k for p, d, k in zip(before, update, decay, strict=True))
    return Exact(
        after=Memory(t, param, m, v, v_max),
        before=memory,
        learning_rate=n.learning_rate,
        beta1=n.beta1,
        beta2=n.beta2,
        epsilon=outside,
        epsilon_root=inside,
        power1=power1,
        power2=power2,
        clipped=clipped,
        grad=grad,
        chosen=chosen,
        denominator=denominator,
        update=update,
        decay=decay,
    )


def _clipped(n: _Rounded, memories: Sequence[Memory], grads: Sequence[Sequence[float] | None]) -> list[Numbers | None]:
    """The gradients as exact numbers, with maximize, L2 if it comes before clipping, and the clips applied."""
    config, convention = n.config, n.convention
    sign = -1 if config.maximize else 1
    result = [None if grad is None else tuple(sign * Decimal(g) for g in grad) for grad in grads]
    if convention.clip_when == "after_l2":
        result = [g and _with_l2(n, memory, g) for g, memory in zip(result, memories, strict=True)]
    limits = {"value": config.clipvalue, "norm": config.clipnorm, "global": config.global_clipnorm}
    kinds = [kind for kind in convention.clip_order.split("_") if limits[kind] is not None]
    for kind in kinds[:1] if convention.clip == "first" else kinds:
        limit = Decimal(limits[kind] or 0)
        if kind == "value":
            result = [g and tuple(max(-limit, min(limit, x)) for x in g) for g in result]
        elif kind == "norm":
            result = [g and _rescaled(g, _norm(g), limit, convention) for g in result]
        else:
            norm = _norm([x for g in result if g for x in g])
            result = [g and _rescaled(g, norm, limit, convention) for g in result]
    return result


def _with_l2(n: _Rounded, memory: Memory, grad: Numbers) -> Numbers:
    if n.convention.weight_decay != "l2":
        return grad
    return tuple(g + n.weight_decay * p for g, p in zip(grad, memory.param, strict=True))


def _norm(numbers: Sequence[Decimal]) -> Decimal:
    return sum((x * x for x in numbers), start=ZERO).sqrt()


def _rescaled(numbers: Numbers, norm: Decimal, limit: Decimal, convention: Convention) -> Numbers:
    slack = Decimal("1e-6") if convention.clip_law == "plus_1e-6" else ZERO
    factor = min(ONE, limit / (norm + slack)) if norm + slack else ONE
    return tuple(x * factor for x in numbers)
