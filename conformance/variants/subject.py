"""A variant as a subject: it takes steps in its order of operations at a point of the axes."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..truth.point import Point
from ..truth.reference import DEFAULT_EPSILON, AdamConfig, Format
from ..vectors.inputs import Call
from ..vectors.switches import LOSS_SCALE
from .fma import fma
from .orders import Array, RoundedNumbers, sum_l2
from .variant import Variant

# The registers of wide variants. A long double is the widest format that NumPy has.
_WIDER: dict[Any, Any] = {
    np.dtype(np.float32): np.float64,
    np.dtype(np.float64): np.longdouble,
}


class VariantOnArray:
    """A variant on one array.

    Args:
        variant: the order of operations.
        config: the numbers.
        point: epsilon, weight decay and AMSGrad of its convention count, and its arithmetic.
        param: the starting point; its dtype is the format.
    """

    def __init__(self, variant: Variant, config: AdamConfig, point: Point, param: Array) -> None:
        self.variant = variant
        self.config = config
        self.convention = point.convention
        self.param = param
        self.m = np.zeros_like(param)
        self.v = np.zeros_like(param)
        self.v_max = np.zeros_like(param)
        self.t = 0
        # The type that rounds to each format of the arithmetic.
        types: dict[Format, Any] = {
            Format.BINARY64: np.float64,
            Format.BINARY32: np.float32,
            Format.PARAMETER: param.dtype.type,
        }
        self._to_learning_rate = types[point.arithmetic.learning_rate]
        self._to_epsilon = types[point.arithmetic.epsilon]
        self._to_moment_beta = types[point.arithmetic.moment_beta]
        self._to_power_beta = types[point.arithmetic.power_beta]
        self._to_correction = types[point.arithmetic.correction]
        self._work: Any = _WIDER[param.dtype] if variant.wide else param.dtype.type
        self._powers = [self._to_correction(1), self._to_correction(1)]

    def step(self, grad: Array, scale: float | None = None) -> Array:
        """Take one step and return the parameter."""
        self.t += 1
        numbers = self._numbers()
        param = self.param.astype(self._work)
        grad = grad.astype(self._work)
        if scale is not None:
            grad = self.variant.unscale(grad, self._work(scale))
        grad = self._objective_gradient(numbers, param, grad)
        m = self.variant.first_moment(numbers, self.m.astype(self._work), grad)
        v = self.variant.second_moment(numbers, self.v.astype(self._work), grad)
        largest, v_max, numbers = self._largest(numbers, v)
        new = self._new_param(numbers, param, m, largest)
        dtype = self.param.dtype
        # Wide registers end here: what is stored has the format of the parameter.
        self.param = new.astype(dtype)
        self.m = m.astype(dtype)
        self.v = v.astype(dtype)
        self.v_max = v_max.astype(dtype)
        return self.param

    def _objective_gradient(self, numbers: RoundedNumbers, param: Array, grad: Array) -> Array:
        """Return the gradient that enters the moments: negated to maximize, then with L2 added."""
        if self.config.maximize:
            grad = -grad
        if not self.config.weight_decay or self.convention.weight_decay != "l2":
            return grad
        # fma has no format wider than float64.
        add_l2 = sum_l2 if self.variant.wide else self.variant.l2
        return add_l2(numbers, param, grad)

    def _largest(self, numbers: RoundedNumbers, v: Array) -> tuple[Array, Array, RoundedNumbers]:
        """Return the v of E4, AMSGrad's maximum, and the numbers of the rest of the step."""
        v_max = self.v_max.astype(self._work)
        if not self.config.amsgrad:
            return v, v_max, numbers
        if self.convention.amsgrad == "max_raw":
            v_max = np.maximum(v_max, v)
            return v_max, v_max, numbers
        # The maximum of v_hat is corrected already: E4 divides by 1.
        v_max = np.maximum(v_max, v / numbers.work(numbers.bias_correction2))
        return v_max, v_max, numbers._replace(bias_correction2=type(numbers.bias_correction2)(1))

    def _new_param(self, numbers: RoundedNumbers, param: Array, m: Array, v: Array) -> Array:
        """Return the parameter after E5 and decoupled weight decay."""
        # Epsilon-hat stands for another formula, not only for other numbers.
        is_hat = self.convention.epsilon == "hat"
        update = (self.variant.hat_update if is_hat else self.variant.update)(numbers, m, v)
        decays = self.config.weight_decay and self.convention.weight_decay == "decoupled"
        if decays and self._joins_decay():
            update = self._update_and_decay(numbers, param, m, v)
        elif decays and self.convention.decay_when == "before":
            param = self.variant.decay(numbers, param)
        if self.variant.fused_step and not self.variant.wide:
            param = fma(self._work(-1), update, param)
        else:
            param = param - update
        if decays and self.convention.decay_when == "after":
            param = self.variant.decay(numbers, param)
        return param

    def _joins_decay(self) -> bool:
        """Return whether the variant scales update and decay together, and may at this point."""
        if not self.variant.joins_decay or self.convention.epsilon == "hat":
            return False
        return self.convention.decay_when == "before" and self.convention.decay_scale == "lr"

    def _update_and_decay(self, numbers: RoundedNumbers, param: Array, m: Array, v: Array) -> Array:
        one = type(numbers.learning_rate)(1)
        unscaled = self.variant.update(numbers._replace(learning_rate=one), m, v)
        decay = self._work(numbers.weight_decay) * param
        return self._work(numbers.learning_rate) * (unscaled + decay)

    def _numbers(self) -> RoundedNumbers:
        config = self.config
        work = self._work
        # A decay that is tiny compared with 1 is never kept in less than the parameter's format.
        wide: Any = np.promote_types(self._to_correction, self.param.dtype).type
        scalar: Any = self._to_correction if self.variant.narrow else wide
        beta1_power, beta2_power = self._next_powers()
        # 1 - beta^t cancels: the subtraction must be in the format of the correction.
        bias_correction1 = scalar(self._to_correction(1) - beta1_power)
        bias_correction2 = scalar(self._to_correction(1) - beta2_power)
        learning_rate = self._to_learning_rate(config.learning_rate)
        weight_decay = wide(self._to_learning_rate(config.weight_decay))
        scales = {
            "lr": wide(learning_rate),
            "one": wide(1),
            "lr_t": wide(learning_rate) * np.sqrt(wide(bias_correction2)) / wide(bias_correction1),
        }
        decay_scale = scales[self.convention.decay_scale]
        beta1 = float(self._to_moment_beta(config.beta1))
        beta2 = float(self._to_moment_beta(config.beta2))
        epsilon = config.epsilon
        epsilon_root = config.epsilon_root
        if self.convention.epsilon == "inside":
            epsilon_root = epsilon
            epsilon = 0.0
        return RoundedNumbers(
            beta1=work(beta1),
            one_minus_beta1=work(1 - beta1),
            beta2=work(beta2),
            one_minus_beta2=work(1 - beta2),
            root_of_one_minus_beta2=work(np.sqrt(1 - beta2)),
            learning_rate=scalar(learning_rate),
            bias_correction1=bias_correction1,
            bias_correction2=bias_correction2,
            epsilon=self._to_epsilon(epsilon),
            epsilon_root=self._to_epsilon(epsilon_root),
            weight_decay=weight_decay,
            decay_scale=decay_scale,
            decay_rate=weight_decay * decay_scale,
            work=work,
        )

    def _next_powers(self) -> list[Any]:
        """Return beta1^t and beta2^t."""
        to = self._to_correction
        bases = [to(self._to_power_beta(beta)) for beta in (self.config.beta1, self.config.beta2)]
        # The power is taken in float64 and then rounded; a running product rounds at every step.
        if not self.variant.running_product:
            return [to(float(base) ** self.t) for base in bases]
        pairs = zip(self._powers, bases, strict=True)
        self._powers = [to(power * base) for power, base in pairs]
        return self._powers


class VariantOnParameters:
    """A variant on a list of parameters, as the judge runs it."""

    def __init__(
        self, variant: Variant, config: AdamConfig, point: Point, params: Sequence[Array]
    ) -> None:
        self._shapes = [param.shape for param in params]
        # A scalar is an array of one element here, because arithmetic on it would return no array.
        self._runs = [
            VariantOnArray(variant, config, point, np.atleast_1d(param)) for param in params
        ]
        self._names = ("m", "v", "v_max") if config.amsgrad else ("m", "v")

    def step(self, grads: Sequence[Any], scale: float | None = None) -> list[Array]:
        if not Call(list(grads), None, scale).is_skipped:
            for run, grad in zip(self._runs, grads, strict=True):
                run.step(np.atleast_1d(grad), scale)
        return self._in_shape("param")

    def slots(self) -> dict[str, list[Array]]:
        return {name: self._in_shape(name) for name in self._names}

    def _in_shape(self, name: str) -> list[Array]:
        pairs = zip(self._runs, self._shapes, strict=True)
        return [getattr(run, name).reshape(shape) for run, shape in pairs]


def variant_subject(variant: Variant, point: Point) -> Callable[..., VariantOnParameters]:
    """Return a subject's `make` that starts a variant at a point of the axes."""

    def make(
        params: Sequence[Array],
        learning_rate: float,
        beta1: float,
        beta2: float,
        epsilon: float,
        amsgrad: bool = False,
        weight_decay: float = 0.0,
        maximize: bool = False,
    ) -> VariantOnParameters:
        if epsilon == 0 and point.convention.epsilon_zero == "default":
            epsilon = DEFAULT_EPSILON
        config = AdamConfig(
            learning_rate=learning_rate,
            beta1=beta1,
            beta2=beta2,
            epsilon=epsilon,
            amsgrad=amsgrad,
            weight_decay=weight_decay,
            maximize=maximize,
        )
        return VariantOnParameters(variant, config, point, params)

    subject: Any = make
    subject.supports = {LOSS_SCALE}
    return make
