"""Honest variants: right Adams in other orders of operations. The bound must accept every one of them.

Each is a choice of how to write m, v and the step; `VARIANTS` combines them as real libraries do.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..truth.reference import AdamConfig, Arithmetic, Convention
from .fma import fma
from .orders import (
    Array,
    Numbers,
    corrected,
    decay_chain,
    decay_difference,
    decay_factor,
    decay_fused,
    folded_denominator,
    folded_rate,
    folded_reciprocal_root,
    fused_lerp_m,
    fused_lerp_v,
    fused_m,
    fused_v,
    hat,
    hat_folded,
    hat_rate_last,
    l2_fused,
    l2_sum,
    lerp_m,
    lerp_v,
    multiply_add_m,
    rate_last,
    reciprocal,
    scaled_epsilon,
    scaled_first_v,
    square_first_v,
    two_branch_lerp_m,
)


class Variant(NamedTuple):
    """A right Adam: how it writes m, v, the step with epsilon outside the correction, and the step with epsilon-hat.

    Fields:
        product: beta^t as a running product instead of a power.
        wide: in wider registers, rounded only when stored.
        narrow: every scalar of a step in the format of operations, not only beta^t and 1 - beta^t; torch's capturable.
        fused_step: the parameter is updated by one fused multiply-add.
        l2: how L2 is added. decay: how decoupled decay is taken off.
        joined: decay is added to m_hat / d before both are scaled by the learning rate, where it comes to the same.
    """

    name: str
    m: Callable[[Numbers, Array, Array], Array]
    v: Callable[[Numbers, Array, Array], Array]
    step: Callable[[Numbers, Array, Array], Array]
    hat_step: Callable[[Numbers, Array, Array], Array]
    product: bool = False
    wide: bool = False
    narrow: bool = False
    fused_step: bool = False
    l2: Callable[[Numbers, Array, Array], Array] = l2_sum
    decay: Callable[[Numbers, Array], Array] = decay_factor
    joined: bool = False


VARIANTS = (
    Variant("multiply-add", multiply_add_m, square_first_v, corrected, hat),
    Variant(
        "multiply-add, rate last",
        multiply_add_m,
        square_first_v,
        rate_last,
        hat_rate_last,
        decay=decay_difference,
    ),
    Variant("scaled gradient first", multiply_add_m, scaled_first_v, folded_rate, hat),
    Variant("lerp", lerp_m, lerp_v, scaled_epsilon, hat, decay=decay_chain),
    Variant("two-branch lerp", two_branch_lerp_m, scaled_first_v, folded_rate, hat),
    Variant(
        "two-branch lerp, folded denominator",
        two_branch_lerp_m,
        scaled_first_v,
        folded_denominator,
        hat_folded,
    ),
    Variant("fused multiply-add", fused_m, fused_v, corrected, hat, fused_step=True, l2=l2_fused),
    Variant(
        "fused lerp", fused_lerp_m, fused_lerp_v, folded_rate, hat_rate_last, decay=decay_chain
    ),
    Variant(
        "fused lerp of m alone", fused_lerp_m, square_first_v, scaled_epsilon, hat, fused_step=True
    ),
    Variant("wide registers", multiply_add_m, square_first_v, corrected, hat, wide=True),
    Variant("wide registers, lerp", lerp_m, lerp_v, scaled_epsilon, hat_folded, wide=True),
    Variant("folded learning rate", multiply_add_m, square_first_v, folded_rate, hat_rate_last),
    Variant("scaled epsilon", multiply_add_m, square_first_v, scaled_epsilon, hat),
    Variant("reciprocal", multiply_add_m, square_first_v, reciprocal, hat_folded),
    Variant(
        "narrow scalars",
        two_branch_lerp_m,
        scaled_first_v,
        folded_denominator,
        hat_folded,
        narrow=True,
    ),
    Variant(
        *("DeepSpeed", fused_m, fused_v, folded_reciprocal_root, hat_rate_last),
        fused_step=True,
        l2=l2_fused,
        decay=decay_fused,
    ),
    Variant("apex", multiply_add_m, scaled_first_v, rate_last, hat_rate_last, joined=True),
    Variant("running products", multiply_add_m, square_first_v, corrected, hat, product=True),
    Variant("running products, lerp", lerp_m, lerp_v, folded_rate, hat_rate_last, product=True),
    Variant("Paddle", multiply_add_m, scaled_first_v, scaled_epsilon, hat, product=True),
    Variant("ggml", multiply_add_m, square_first_v, reciprocal, hat_rate_last),
    Variant("optax", multiply_add_m, square_first_v, rate_last, hat_rate_last, joined=True),
    Variant(
        "lerp of m, fused v", lerp_m, fused_v, corrected, hat_rate_last, decay=decay_difference
    ),
    Variant("fused m, lerp of v", fused_m, lerp_v, folded_rate, hat, decay=decay_fused),
    Variant(
        "fused lerp, folded denominator",
        fused_lerp_m,
        fused_v,
        folded_denominator,
        hat_folded,
        product=True,
    ),
)


def subject(
    variant: Variant, epsilon: str, code: str, epsilon_zero: float = 0.0, **axes: Any
) -> Callable[..., "_Honest"]:
    """An honest variant as a subject.

    Args:
        variant: the order of operations.
        epsilon: where it stands.
        code: the arithmetic.
        epsilon_zero: what an epsilon of 0 is replaced by.
        axes: others that are not as in the paper.
    """
    point = Convention(epsilon=epsilon, **axes), Arithmetic.parse(code)  # type: ignore[arg-type]

    def make(
        params: Sequence[Array],
        learning_rate: float,
        beta1: float,
        beta2: float,
        given: float,
        amsgrad: bool = False,
        weight_decay: float = 0.0,
        maximize: bool = False,
    ) -> _Honest:
        config = AdamConfig(
            learning_rate=learning_rate,
            beta1=beta1,
            beta2=beta2,
            epsilon=given or epsilon_zero,
            amsgrad=amsgrad,
            weight_decay=weight_decay,
            maximize=maximize,
        )
        return _Honest(
            params, [Trial(variant, config, *point, np.atleast_1d(param)) for param in params]
        )

    return make


class _Honest:
    """A list of parameters, each a trial of its own."""

    def __init__(self, params: Sequence[Array], trials: Sequence["Trial"]) -> None:
        self.params, self.trials = params, trials

    def step(self, grads: Sequence[Any]) -> list[Array]:
        for trial, grad in zip(self.trials, grads, strict=True):
            trial.step(np.atleast_1d(grad))
        return self._shown("param")

    def slots(self) -> dict[str, list[Array]]:
        amsgrad = any(trial.config.amsgrad for trial in self.trials)
        return {
            name: self._shown(name) for name in (("m", "v", "v_max") if amsgrad else ("m", "v"))
        }

    def _shown(self, name: str) -> list[Array]:
        pairs = zip(self.trials, self.params, strict=True)
        return [getattr(trial, name).reshape(param.shape) for trial, param in pairs]


class Trial:
    """An honest variant on one flat array.

    Args:
        variant: the order of operations.
        config: the numbers.
        convention: epsilon and AMSGrad.
        arithmetic: the formats of the scalars.
        param: the starting point; its dtype is the format.
    """

    def __init__(
        self,
        variant: Variant,
        config: AdamConfig,
        convention: Convention,
        arithmetic: Arithmetic,
        param: Array,
    ) -> None:
        self.variant, self.config, self.convention = variant, config, convention
        self.dtype = param.dtype
        wider: dict[Any, Any] = {
            np.dtype(np.float32): np.float64,
            np.dtype(np.float64): np.longdouble,
        }
        self.work: Any = wider[param.dtype] if variant.wide else param.dtype.type
        types: dict[str, Any] = {"d": np.float64, "s": np.float32, "T": param.dtype.type}
        self.to_lr = types[arithmetic.learning_rate]
        self.to_epsilon = types[arithmetic.epsilon]
        self.to_rest = types[arithmetic.moment_beta]
        self.to_power = types[arithmetic.power_beta]
        self.op = types[arithmetic.correction]
        self.param, self.t = param, 0
        self.m, self.v, self.v_max = (np.zeros_like(param) for _ in range(3))
        self.powers = [self.op(1), self.op(1)]

    def step(self, grad: Array) -> Array:
        """One step; returns the parameter."""
        self.t += 1
        n, work = self._numbers(), self.work
        p = self.param.astype(work)
        g = self._entering(n, p, grad.astype(work))
        m = self.variant.m(n, self.m.astype(work), g)
        v = self.variant.v(n, self.v.astype(work), g)
        w, v_max, n = self._chosen(n, v)
        update = (self.variant.hat_step if self.convention.epsilon == "hat" else self.variant.step)(
            n, m, w
        )
        fused = self.variant.fused_step and not self.variant.wide
        decays = self.config.weight_decay and self.convention.weight_decay == "decoupled"
        if decays and self._joins():
            unscaled = self.variant.step(n._replace(lr=type(n.lr)(1)), m, w)
            update = work(n.lr) * (unscaled + work(n.weight_decay) * p)
        elif decays and self.convention.decay_when == "before":
            p = self.variant.decay(n, p)
        param = fma(work(-1), update, p) if fused else p - update
        if decays and self.convention.decay_when == "after":
            param = self.variant.decay(n, param)
        self.param, self.m, self.v, self.v_max = (
            x.astype(self.dtype) for x in (param, m, v, v_max)
        )
        return self.param

    def _joins(self) -> bool:
        place = (self.convention.decay_when, self.convention.decay_scale)
        return (
            self.variant.joined and place == ("before", "lr") and self.convention.epsilon != "hat"
        )

    def _entering(self, n: Numbers, p: Array, g: Array) -> Array:
        """The gradient that enters the moments."""
        g = -g if self.config.maximize else g
        if not self.config.weight_decay or self.convention.weight_decay != "l2":
            return g
        return l2_sum(n, p, g) if self.variant.wide else self.variant.l2(n, p, g)

    def _chosen(self, n: Numbers, v: Array) -> tuple[Array, Array, Numbers]:
        old = self.v_max.astype(self.work)
        if not self.config.amsgrad:
            return v, old, n
        if self.convention.amsgrad == "max_raw":
            v_max = np.maximum(old, v)
            return v_max, v_max, n
        v_max = np.maximum(old, v / n.work(n.bias2))
        return v_max, v_max, n._replace(bias2=type(n.bias2)(1))

    def _numbers(self) -> Numbers:
        config, work = self.config, self.work
        to_lr, to_epsilon = self.to_lr, self.to_epsilon
        to_rest, to_power, op = self.to_rest, self.to_power, self.op
        bases = [op(to_power(beta)) for beta in (config.beta1, config.beta2)]
        if self.variant.product:
            self.powers = [op(power * base) for power, base in zip(self.powers, bases, strict=True)]
        else:
            self.powers = [op(float(base) ** self.t) for base in bases]
        beta1, beta2 = float(to_rest(config.beta1)), float(to_rest(config.beta2))
        inside = self.convention.epsilon == "inside"
        wide: Any = np.promote_types(
            op, self.dtype
        ).type  # a decay that is tiny beside 1 is never kept in less
        scalar: Any = op if self.variant.narrow else wide
        bias1, bias2 = (scalar(op(1) - power) for power in self.powers)
        lr, weight_decay = to_lr(self.config.learning_rate), wide(to_lr(self.config.weight_decay))
        lr_t = wide(lr) * np.sqrt(wide(bias2)) / wide(bias1)
        decay_lr = {"lr": wide(lr), "one": wide(1), "lr_t": lr_t}[self.convention.decay_scale]
        return Numbers(
            beta1=work(beta1),
            rest1=work(1 - beta1),
            beta2=work(beta2),
            rest2=work(1 - beta2),
            lr=scalar(lr),
            bias1=bias1,
            bias2=bias2,
            epsilon=to_epsilon(0 if inside else config.epsilon),
            root=to_epsilon(config.epsilon if inside else config.epsilon_root),
            rate=weight_decay * decay_lr,
            weight_decay=weight_decay,
            decay_lr=decay_lr,
            work=work,
        )
