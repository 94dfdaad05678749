"""One exact step on elements that have taken all steps together: equations E1 to E5.

An example, the first step of a parameter 1 with gradient 3, learning rate 0.5 and epsilon 0:
m = 0.1 x 3, v = 0.001 x 9, m_hat = 3, v_hat = 9, and the parameter becomes 1 - 0.5 x 3/3 = 0.5.
"""

from decimal import Decimal

from .records import ONE, ZERO, Exact, Gradient, Memory, Numbers
from .rounded import RoundedConfig


def exact_step(memory: Memory, gradient: Gradient, rounded: RoundedConfig) -> Exact:
    """Return one step.

    Args:
        memory: before the step.
        gradient: clipped and, for ascent, negated already.
        rounded: the numbers of this call.
    """
    beta1 = rounded.beta1
    beta2 = rounded.beta2
    t = memory.t + 1
    power1 = rounded.base1**t
    power2 = rounded.base2**t
    grad, squares = _effective_gradient(memory, gradient, rounded)

    # E1, E2: the moments.
    m = tuple(beta1 * old + (1 - beta1) * g for old, g in zip(memory.m, grad, strict=True))
    v = tuple(beta2 * old + (1 - beta2) * x for old, x in zip(memory.v, squares, strict=True))
    chosen, v_max = _largest(memory, v, 1 - power2, rounded)

    # E3, E4: the corrections, as factors of the update and of the chosen second moment.
    lr_t = rounded.learning_rate * (1 - power2).sqrt() / (1 - power1)
    folds = rounded.convention.epsilon == "hat"
    factor = lr_t if folds else rounded.learning_rate / (1 - power1)
    scale = _correction_of_chosen(1 - power2, rounded)

    # E5: the parameter.
    denominator = tuple((scale * w + rounded.epsilon_root).sqrt() + rounded.epsilon for w in chosen)
    update = tuple(factor * x / d for x, d in zip(m, denominator, strict=True))
    decay = _decay(rounded, lr_t, memory.param, update)
    param = tuple(p - d - k for p, d, k in zip(memory.param, update, decay, strict=True))
    return Exact(
        after=Memory(t, param, m, v, v_max),
        before=memory,
        learning_rate=rounded.learning_rate,
        beta1=beta1,
        beta2=beta2,
        epsilon=rounded.epsilon,
        epsilon_root=rounded.epsilon_root,
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


def _effective_gradient(
    memory: Memory, gradient: Gradient, rounded: RoundedConfig
) -> tuple[Numbers, Numbers]:
    """Return the numbers that enter m and the squares that enter v."""
    grad = gradient.numbers
    # With clip_when `after_l2`, L2 was added before the gradient came here.
    if rounded.convention.clip_when == "before_l2":
        l2 = rounded.l2(memory.param)
        grad = tuple(g + x for g, x in zip(grad, l2, strict=True))
    if gradient.summed and rounded.convention.duplicates == "sum_of_squares":
        return grad, gradient.summed.squares
    return grad, tuple(g * g for g in grad)


def _largest(
    memory: Memory, v: Numbers, bias2: Decimal, rounded: RoundedConfig
) -> tuple[Numbers, Numbers]:
    """Return the second moment of the denominator, and AMSGrad's maximum."""
    if not rounded.config.amsgrad:
        return v, memory.v_max
    compared = v
    if rounded.convention.amsgrad == "max_corrected":
        compared = tuple(x / bias2 for x in v)
    v_max = tuple(max(old, new) for old, new in zip(memory.v_max, compared, strict=True))
    return v_max, v_max


def _correction_of_chosen(bias2: Decimal, rounded: RoundedConfig) -> Decimal:
    """Return the factor of the chosen second moment: 1 where it is corrected elsewhere."""
    if rounded.convention.epsilon == "hat":
        return ONE
    if rounded.config.amsgrad and rounded.convention.amsgrad == "max_corrected":
        return ONE
    return ONE / bias2


def _decay(rounded: RoundedConfig, lr_t: Decimal, before: Numbers, update: Numbers) -> Numbers:
    """Return the numbers that decoupled decay subtracts, before or after the update."""
    convention = rounded.convention
    scales = {"lr": rounded.learning_rate, "one": ONE, "lr_t": lr_t}
    rate = rounded.weight_decay if convention.weight_decay == "decoupled" else ZERO
    rate *= scales[convention.decay_scale]
    if convention.decay_when == "before":
        return tuple(rate * p for p in before)
    return tuple(rate * (p - d) for p, d in zip(before, update, strict=True))
