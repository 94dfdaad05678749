"""One exact step on elements that have taken all steps together: equations E1 to E5.

An example, the first step of a parameter 1 with gradient 3, learning rate 0.5 and epsilon 0:
m = 0.1 x 3, v = 0.001 x 9, m_hat = 3, v_hat = 9, and the parameter becomes 1 - 0.5 x 3/3 = 0.5.
"""

from decimal import Decimal

from .records import ONE, ZERO, Exact, Gradient, Memory, Numbers, add, subtract
from .rounded import RoundedConfig


def exact_step(memory: Memory, gradient: Gradient, rounded: RoundedConfig) -> Exact:
    """Return one step.

    Args:
        memory: before the step.
        gradient: clipped and, for ascent, negated already.
        rounded: the numbers of this call.
    """
    t = memory.t + 1
    beta1_power = rounded.base1**t
    beta2_power = rounded.base2**t
    bias_correction1 = 1 - beta1_power
    bias_correction2 = 1 - beta2_power
    grad, squares = _objective_gradient(memory, gradient, rounded)

    # E1, E2: the moments.
    m = _moving_average(rounded.beta1, memory.m, grad)
    v = _moving_average(rounded.beta2, memory.v, squares)
    v_used, v_max = _largest(memory, v, bias_correction2, rounded)

    # E3, E4: the corrections, as factors of m and of the used second moment. Epsilon `hat` has
    # both in the learning rate.
    lr_t = rounded.learning_rate * bias_correction2.sqrt() / bias_correction1
    folds = rounded.convention.epsilon == "hat"
    factor = lr_t if folds else rounded.learning_rate / bias_correction1
    scale = _scale_of_used(bias_correction2, rounded)

    # E5: the parameter. Decay is subtracted as a term of its own, so that its size is known.
    denominator = tuple(_denominator(scale * w, rounded) for w in v_used)
    update = tuple(factor * x / d for x, d in zip(m, denominator, strict=True))
    decay = _decay(rounded, lr_t, memory.param, update)
    param = subtract(subtract(memory.param, update), decay)
    return Exact(
        after=Memory(t, param, m, v, v_max),
        before=memory,
        learning_rate=rounded.learning_rate,
        beta1=rounded.beta1,
        beta2=rounded.beta2,
        epsilon=rounded.epsilon,
        epsilon_root=rounded.epsilon_root,
        beta1_power=beta1_power,
        beta2_power=beta2_power,
        clipped=gradient.numbers,
        grad=grad,
        v_used=v_used,
        denominator=denominator,
        update=update,
        decay=decay,
        summed=gradient.summed,
    )


def _moving_average(beta: Decimal, old: Numbers, new: Numbers) -> Numbers:
    pairs = zip(old, new, strict=True)
    return tuple(beta * before + (1 - beta) * added for before, added in pairs)


def _denominator(second_moment: Decimal, rounded: RoundedConfig) -> Decimal:
    # At most one of the two terms is not zero, but for optax, which has both.
    root = (second_moment + rounded.epsilon_root).sqrt()
    return root + rounded.epsilon


def _objective_gradient(
    memory: Memory, gradient: Gradient, rounded: RoundedConfig
) -> tuple[Numbers, Numbers]:
    """Return the numbers that enter m and the squares that enter v."""
    grad = gradient.numbers
    # With clip_when `after_l2`, L2 was added before the gradient came here.
    if rounded.convention.clip_when == "before_l2":
        grad = add(grad, rounded.l2(memory.param))
    if gradient.summed and rounded.convention.duplicates == "sum_of_squares":
        return grad, gradient.summed.squares
    if rounded.takes_modulus:
        return grad, _squared_moduli(grad)
    return grad, tuple(g * g for g in grad)


def _squared_moduli(grad: Numbers) -> Numbers:
    """Return |g|^2 twice for each complex number, of which both parts share a v."""
    squares = []
    for real, imaginary in zip(grad[::2], grad[1::2], strict=True):
        square = real * real + imaginary * imaginary
        squares += [square, square]
    return tuple(squares)


def _largest(
    memory: Memory, v: Numbers, bias_correction2: Decimal, rounded: RoundedConfig
) -> tuple[Numbers, Numbers]:
    """Return the second moment of the denominator, and AMSGrad's maximum."""
    if not rounded.config.amsgrad:
        return v, memory.v_max
    compared = v
    if rounded.convention.amsgrad != "max_raw":
        compared = tuple(x / bias_correction2 for x in v)
    pairs = zip(memory.v_max, compared, strict=True)
    v_max = tuple(max(old, new) for old, new in pairs)
    return v_max, v_max


def _scale_of_used(bias_correction2: Decimal, rounded: RoundedConfig) -> Decimal:
    """Return the factor of the used second moment: 1 where it is corrected elsewhere."""
    if rounded.convention.epsilon == "hat":
        return ONE
    if rounded.config.amsgrad and rounded.convention.amsgrad == "max_corrected":
        return ONE
    return ONE / bias_correction2


def _decay(rounded: RoundedConfig, lr_t: Decimal, before: Numbers, update: Numbers) -> Numbers:
    """Return the numbers that decoupled decay subtracts, before or after the update."""
    convention = rounded.convention
    # A rate of zero, not an early return: the sign of a zero parameter must not depend on it.
    scales = {"lr": rounded.learning_rate, "one": ONE, "lr_t": lr_t}
    rate = rounded.weight_decay if convention.weight_decay == "decoupled" else ZERO
    rate *= scales[convention.decay_scale]
    decayed = before if convention.decay_when == "before" else subtract(before, update)
    return tuple(rate * p for p in decayed)
