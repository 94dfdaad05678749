"""Rough Adams: float32 kernels as working engineers ship them, emulated in NumPy.

Each is right but for operations that err by more than one rounding, and returns its moments.
"""

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

F = np.float32
Array = Any
_SMALLEST = np.finfo(F).tiny


class RoughAdam:
    """Algorithm 1 in float32, with scalars in binary64 that are rounded once; parts are replaced.

    It takes a learning rate for each call, and may be loaded.
    """

    dtypes: ClassVar = {"float32"}

    def __init__(self, params, learning_rate, beta1, beta2, epsilon):
        self.params = [np.array(param, F) for param in params]
        self.learning_rate, self.beta1, self.beta2, self.epsilon = (
            learning_rate,
            beta1,
            beta2,
            epsilon,
        )
        self.m = [np.zeros_like(param) for param in self.params]
        self.v = [np.zeros_like(param) for param in self.params]
        self.t = 0
        # Beta -> t and the number of `repeat` after t steps.
        self.known = {}

    def step(self, grads, learning_rate=None):
        self.learning_rate = self.learning_rate if learning_rate is None else learning_rate
        self.t += 1
        with np.errstate(all="ignore"):
            for i, grad in enumerate(grads):
                grad = np.array(grad, F)
                self.m[i] = self.first_moment(self.m[i], grad)
                self.v[i] = self.second_moment(self.v[i], grad)
                self.params[i] = self.params[i] - self.update(self.m[i], self.v[i])
        return [param.copy() for param in self.params]

    def slots(self):
        return {
            "m": [m.copy() for m in self.m],
            "v": [self.shown_v(v) for v in self.v],
        }

    def load(self, params, slots, t):
        self.params = [np.array(param, F) for param in params]
        self.m = [np.array(m, F) for m in slots["m"]]
        self.v = [self.stored_v(np.array(v, F)) for v in slots["v"]]
        self.t = int(t[0])

    def shown_v(self, v: Array) -> Array:
        return v.copy()

    def stored_v(self, v: Array) -> Array:
        return v

    def first_moment(self, m: Array, grad: Array) -> Array:
        return F(self.beta1) * m + F(1 - self.beta1) * grad

    def second_moment(self, v: Array, grad: Array) -> Array:
        return F(self.beta2) * v + F(1 - self.beta2) * (grad * grad)

    def correction(self, beta: float) -> float:
        """Return 1 - beta^t."""
        return 1 - beta**self.t

    def repeat(self, beta: float, number: Array, change: Callable[[Array], Array]) -> Array:
        """Return a number of a beta that was changed t times."""
        since = 0
        if beta in self.known and self.known[beta][0] <= self.t:
            since, number = self.known[beta]
        for _ in range(since, self.t):
            changed = change(number)
            # From here on nothing changes, though t may be in the millions.
            if changed == number:
                break
            number = changed
        self.known[beta] = self.t, number
        return number

    def update(self, m: Array, v: Array) -> Array:
        m_hat = m / F(self.correction(self.beta1))
        v_hat = v / F(self.correction(self.beta2))
        return F(self.learning_rate) * m_hat / (np.sqrt(v_hat) + F(self.epsilon))


class Mix(RoughAdam):
    """Moments by the `mix` of Metal and WGSL, which cancels what 1 - beta should scale down."""

    def first_moment(self, m, grad):
        return grad + F(self.beta1) * (m - grad)

    def second_moment(self, v, grad):
        square = grad * grad
        return square + F(self.beta2) * (v - square)


class MixOfM(Mix):
    """`mix` for m alone, as kernels do that write v out."""

    second_moment = RoughAdam.second_moment


class StoredRoot(RoughAdam):
    """The root of v is what is stored, so that v is squared and rooted again in each step."""

    def shown_v(self, v):
        return v * v

    def stored_v(self, v):
        return np.sqrt(v)

    def second_moment(self, v, grad):
        return np.sqrt(super().second_moment(v * v, grad))

    def update(self, m, v):
        return super().update(m, v * v)


class RecursiveCorrections(RoughAdam):
    """c = beta c + (1 - beta) in float32, in the place of 1 - beta^t."""

    def correction(self, beta):
        return self.repeat(beta, F(0), lambda c: F(beta) * c + F(1 - beta))


class Float32Scalars(RoughAdam):
    """All scalars in float32, and beta^t by `powf`: arithmetic sssss."""

    def __init__(self, params, learning_rate, beta1, beta2, epsilon):
        super().__init__(params, F(learning_rate), F(beta1), F(beta2), F(epsilon))

    def first_moment(self, m, grad):
        return self.beta1 * m + (F(1) - self.beta1) * grad

    def second_moment(self, v, grad):
        return self.beta2 * v + (F(1) - self.beta2) * (grad * grad)

    def correction(self, beta):
        return F(1) - F(float(beta) ** self.t)


class RunningProduct(Float32Scalars):
    """beta^t as a product of t factors in float32, as a kernel keeps it between steps."""

    def correction(self, beta):
        return F(1) - self.repeat(beta, F(1), lambda power: power * beta)


class ExpOfLog(Float32Scalars):
    """beta^t as expf(t logf(beta))."""

    def correction(self, beta):
        return F(1) - np.exp(F(self.t) * np.log(beta))


class ExpOfLogOfDouble(RoughAdam):
    """1 - expf(t logf(beta)), and everything else with scalars in binary64."""

    def correction(self, beta):
        return F(1) - np.exp(F(self.t) * np.log(F(beta)))


class FastMath(Float32Scalars):
    """CUDA's `-use_fast_math`: `__fdividef`, `__powf`, `sqrt.approx`, subnormals flushed."""

    def step(self, grads, learning_rate=None):
        grads = [_flush(np.array(grad, F)) for grad in grads]
        rate = None if learning_rate is None else F(learning_rate)
        return super().step(grads, rate)

    def first_moment(self, m, grad):
        return _flush(super().first_moment(_flush(m), grad))

    def second_moment(self, v, grad):
        return _flush(super().second_moment(_flush(v), grad))

    def correction(self, beta):
        return F(1) - _powf(beta, self.t)

    def update(self, m, v):
        m_hat = _fdividef(m, self.correction(self.beta1))
        v_hat = _fdividef(v, self.correction(self.beta2))
        denominator = _off(np.sqrt(v_hat), 1) + self.epsilon
        return _flush(_fdividef(self.learning_rate * m_hat, denominator))


def _fdividef(a: Array, b: Array) -> Array:
    """Return a (1 / b), with a reciprocal that is one unit too large: 2 units in all."""
    return _flush(a * _off(F(1) / b, 1))


def _powf(base: Array, exponent: int) -> Array:
    """Return exp2(exponent log2(base)) with the errors that the CUDA guide states for both."""
    # __log2f errs by 2^-21.6 near 1, and __exp2f by two units in the last place.
    digit = 2.0**-22
    log2 = F(np.floor(np.log2(float(base)) / digit) * digit) if base > 0 else F(-np.inf)
    return _off(np.exp2(F(exponent) * log2), 2)


def _off(array: Array, units: int) -> Array:
    """Return numbers that are some units in the last place larger."""
    for _ in range(units):
        larger = np.nextafter(array, np.copysign(F(np.inf), array))
        array = np.where((array == 0) | ~np.isfinite(array), array, larger)
    return array


def _flush(array: Array) -> Array:
    return np.where(np.abs(array) < _SMALLEST, F(0) * array, array)


class Truncation(RoughAdam):
    """Every operation is cut off after the last digit, as on devices that do not round."""

    def first_moment(self, m, grad):
        return _sum(_product(F(self.beta1), m), _product(F(1 - self.beta1), grad))

    def second_moment(self, v, grad):
        square = _product(grad, grad)
        return _sum(_product(F(self.beta2), v), _product(F(1 - self.beta2), square))

    def update(self, m, v):
        m_hat = _cut(_wide(m) / _wide(F(self.correction(self.beta1))))
        v_hat = _cut(_wide(v) / _wide(F(self.correction(self.beta2))))
        denominator = _sum(_cut(np.sqrt(_wide(v_hat))), F(self.epsilon))
        return _cut(_wide(_product(F(self.learning_rate), m_hat)) / _wide(denominator))

    def step(self, grads, learning_rate=None):
        old = list(self.params)
        super().step(grads, learning_rate)
        # The last difference is cut off, too.
        with np.errstate(all="ignore"):
            for i, param in enumerate(old):
                self.params[i] = _sum(param, -self.update(self.m[i], self.v[i]))
        return [param.copy() for param in self.params]


def _wide(array: Array) -> Array:
    return np.asarray(array, np.float64)


def _sum(a: Array, b: Array) -> Array:
    return _cut(_wide(a) + _wide(b))


def _product(a: Array, b: Array) -> Array:
    return _cut(_wide(a) * _wide(b))


def _cut(wide: Array) -> Array:
    """Return float64 numbers as float32, rounded toward zero."""
    near = np.asarray(wide, F)
    too_far = (np.abs(_wide(near)) > np.abs(wide)) & np.isfinite(wide)
    return np.where(too_far, np.nextafter(near, F(0)), near)


class FiniteMathOnly(RoughAdam):
    """A limit of the step by MINSS, as `-ffinite-math-only` permits: NaN becomes the limit."""

    def update(self, m, v):
        step = super().update(m, v)
        limit = np.finfo(F).max
        return np.where(np.abs(step) < limit, step, np.copysign(limit, step))


KERNELS = (
    MixOfM,
    StoredRoot,
    RecursiveCorrections,
    Float32Scalars,
    RunningProduct,
    ExpOfLog,
    ExpOfLogOfDouble,
    FastMath,
    Truncation,
)
