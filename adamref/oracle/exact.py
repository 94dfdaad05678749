"""The oracle: what Adam is in exact arithmetic, in 80-digit decimals, one element at a time.

Written from the paper and sharing nothing with `adamref.step` but the configuration and the axes of a convention, so
that a mistake in one is seen by the other. Slow on purpose: about 100 microseconds an element and step.
"""

import struct
from collections.abc import Sequence
from decimal import Context, Decimal, localcontext

from ..config import AdamConfig
from ..convention import DEFAULT_EPSILON, Arithmetic, Convention, Format
from .gradients import clipped
from .records import (
    ONE,
    ZERO,
    Call,
    Exact,
    Given,
    Gradient,
    Memory,
    Numbers,
    Outcome,
    Slices,
    Split,
    Summed,
)

DIGITS = 80
# The letters by which the module `struct` knows the formats.
_STRUCT = {"float16": "e", "float32": "f", "float64": "d"}
_DTYPES = {Format.BINARY32: "float32", Format.BINARY64: "float64"}


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
            if _raises(convention, call):
                outcomes.append(Outcome(True, tuple(memories)))
                continue
            rate = rate if call.learning_rate is None else call.learning_rate
            numbers = _Rounded(config, convention, arithmetic, dtype, rate)
            nothing = all(grad is None for grad in call.grads)
            given = [None if _ignored(convention, grad) else grad for grad in call.grads]
            grads = clipped(config, convention, given, _before_clipping(numbers, memories))
            entries = [
                _skipped(memory, convention, nothing)
                if grad is None
                else _moved(memory, grad, numbers)
                for memory, grad in zip(memories, grads, strict=True)
            ]
            memories = [entry if isinstance(entry, Memory) else entry.after for entry in entries]
            outcomes.append(Outcome(False, tuple(entries)))
    return outcomes


def start(params: Sequence[Sequence[float]], amsgrad: bool) -> list[Memory]:
    """Memories before the first step."""
    zeros = [(ZERO,) * len(param) for param in params]
    return [
        Memory(0, tuple(map(Decimal, param)), zero, zero, zero if amsgrad else ())
        for param, zero in zip(params, zeros, strict=True)
    ]


def nearest(value: float, number_format: Format, dtype: str) -> Decimal:
    """Return ``value`` rounded to a format, exactly; T is the format of ``dtype``."""
    code = ">" + _STRUCT[_DTYPES.get(number_format, dtype)]
    return Decimal(struct.unpack(code, struct.pack(code, value))[0])


class _Rounded:
    """The numbers a user sets, as the arithmetic rounds them."""

    def __init__(
        self,
        config: AdamConfig,
        convention: Convention,
        arithmetic: Arithmetic,
        dtype: str,
        rate: float,
    ) -> None:
        given = config.epsilon
        if given == 0 and convention.epsilon_zero == "default":
            given = DEFAULT_EPSILON
        corrected = (
            convention.amsgrad_bias_correction if config.amsgrad else convention.bias_correction
        )
        self.config, self.convention = config, convention
        self.learning_rate = nearest(rate, arithmetic.learning_rate, dtype)
        self.epsilon = nearest(given, arithmetic.epsilon, dtype)
        self.epsilon_root = nearest(config.epsilon_root, arithmetic.epsilon, dtype)
        self.beta1 = nearest(config.beta1, arithmetic.moment_beta, dtype)
        self.beta2 = nearest(config.beta2, arithmetic.moment_beta, dtype)
        self.base1 = self.base2 = ZERO
        if corrected in ("both", "first"):
            self.base1 = nearest(config.beta1, arithmetic.power_beta, dtype)
        if corrected in ("both", "second"):
            self.base2 = nearest(config.beta2, arithmetic.power_beta, dtype)
        self.weight_decay = nearest(config.weight_decay, arithmetic.learning_rate, dtype)


def _raises(convention: Convention, call: Call) -> bool:
    missing = [grad is None for grad in call.grads]
    if any(missing) and convention.none_gradient == "error":
        return True
    return all(missing) and convention.all_none == "error"


def _ignored(convention: Convention, grad: Given) -> bool:
    return convention.empty_sparse == "ignored" and isinstance(grad, Slices) and not grad.indices


def _skipped(memory: Memory, convention: Convention, nothing: bool) -> Memory:
    counts = convention.step_scope == "optimizer" or convention.none_gradient == "skip_but_count"
    if nothing:
        counts = convention.all_none == "count"
    if not counts:
        return memory
    return memory._replace(
        t=memory.t + 1 if isinstance(memory.t, int) else tuple(t + 1 for t in memory.t)
    )


def _moved(memory: Memory, gradient: Gradient, n: _Rounded) -> Exact | Split:
    """One step on one parameter, or on those of its rows that a sparse gradient moves."""
    whole = gradient.summed is None or n.convention.sparse == "dense_equivalent"
    if whole and isinstance(memory.t, int):
        return _stepped(memory, memory.t + 1, gradient, n)
    counts = memory.t if isinstance(memory.t, tuple) else (memory.t,) * gradient.of
    rows = range(len(counts)) if gradient.summed is None else gradient.rows
    width = len(memory.param) // max(1, len(counts))
    slots = [list(slot) for slot in memory[1:]]
    parts = []
    for t in sorted({counts[row] for row in rows}):
        elements = tuple(
            e for row in rows if counts[row] == t for e in range(row * width, (row + 1) * width)
        )
        part = _stepped(_of(memory, elements), t + 1, _of_gradient(gradient, elements), n)
        parts.append((elements, part))
        for slot, moved in zip(slots, part.after[1:], strict=True):
            for element, number in zip(elements, moved, strict=False):  # v_max may be empty
                slot[element] = number
    t_after: int | tuple[int, ...] = tuple(
        count + (row in rows) for row, count in enumerate(counts)
    )
    if n.convention.sparse != "lazy_row_t":
        assert isinstance(memory.t, int)
        t_after = memory.t + 1
    return Split(Memory(t_after, *map(tuple, slots)), tuple(parts))


def _of(memory: Memory, elements: Sequence[int]) -> Memory:
    """The memory of some elements."""
    return Memory(0, *(tuple(slot[e] for e in elements) if slot else () for slot in memory[1:]))


def _of_gradient(gradient: Gradient, elements: Sequence[int]) -> Gradient:
    summed = gradient.summed and Summed._make(
        tuple(x[e] for e in elements) for x in gradient.summed
    )
    return Gradient(tuple(gradient.numbers[e] for e in elements), summed)


def _stepped(memory: Memory, t: int, gradient: Gradient, n: _Rounded) -> Exact:
    """One step, the ``t``-th, on elements that have taken it together; the gradient clipped and signed already."""
    config, convention = n.config, n.convention
    power1, power2 = n.base1**t, n.base2**t
    bias1, bias2 = 1 - power1, 1 - power2
    grad, squares = _entering(memory, gradient, n)
    before = memory.param
    m = tuple(n.beta1 * old + (1 - n.beta1) * g for old, g in zip(memory.m, grad, strict=True))
    v = tuple(n.beta2 * old + (1 - n.beta2) * x for old, x in zip(memory.v, squares, strict=True))
    chosen, v_max = v, memory.v_max
    if config.amsgrad:
        seen = v if convention.amsgrad == "max_raw" else tuple(x / bias2 for x in v)
        chosen = v_max = tuple(max(pair) for pair in zip(memory.v_max, seen, strict=True))
    lr_t = n.learning_rate * bias2.sqrt() / bias1
    factor = lr_t if convention.epsilon == "hat" else n.learning_rate / bias1
    inside, outside = (
        (n.epsilon, ZERO) if convention.epsilon == "inside" else (n.epsilon_root, n.epsilon)
    )
    corrected = convention.epsilon == "hat" or (
        config.amsgrad and convention.amsgrad == "max_corrected"
    )
    scale = ONE if corrected else ONE / bias2
    denominator = tuple((scale * w + inside).sqrt() + outside for w in chosen)
    update = tuple(factor * x / d for x, d in zip(m, denominator, strict=True))
    decay = _decay(n, lr_t, before, update)
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
        clipped=gradient.numbers,
        grad=grad,
        chosen=chosen,
        denominator=denominator,
        update=update,
        decay=decay,
        summed=gradient.summed,
    )


def _decay(n: _Rounded, lr_t: Decimal, before: Numbers, update: Numbers) -> Numbers:
    """What decoupled decay takes of the parameter, before or after its update."""
    rate = n.weight_decay if n.convention.weight_decay == "decoupled" else ZERO
    rate *= {"lr": n.learning_rate, "one": ONE, "lr_t": lr_t}[n.convention.decay_scale]
    first = n.convention.decay_when == "before"
    return tuple(rate * (p if first else p - d) for p, d in zip(before, update, strict=True))


def _entering(memory: Memory, gradient: Gradient, n: _Rounded) -> tuple[Numbers, Numbers]:
    """What enters m and what enters v."""
    grad = gradient.numbers
    if n.convention.clip_when == "before_l2":
        grad = tuple(g + x for g, x in zip(grad, _l2(n, memory), strict=True))
    if gradient.summed and n.convention.duplicates == "sum_of_squares":
        return grad, gradient.summed.squares
    return grad, tuple(g * g for g in grad)


def _before_clipping(n: _Rounded, memories: Sequence[Memory]) -> list[Numbers]:
    """What L2 adds to each gradient before clipping; nothing if it comes after, or not at all."""
    if (
        n.convention.clip_when == "before_l2"
        or n.convention.weight_decay != "l2"
        or not n.weight_decay
    ):
        return []
    return [_l2(n, memory) for memory in memories]


def _l2(n: _Rounded, memory: Memory) -> Numbers:
    rate = n.weight_decay if n.convention.weight_decay == "l2" else ZERO
    return tuple(rate * p for p in memory.param)
