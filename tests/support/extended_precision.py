"""Adam on large arrays in 80-bit extended precision, where the decimal oracle is too slow.

A third writing of the algorithm, cross-checked against the oracle in test_bound.py. Its own error
is 2^-64 relative an operation, 1/2048 of a float64 rounding.
"""

from typing import Any

import numpy as np

from adamref.oracle import nearest
from conformance.truth.reference import AdamConfig, Arithmetic, Convention, Exact, Memory

Long = np.longdouble


class FastTruth:
    def __init__(
        self,
        config: AdamConfig,
        convention: Convention,
        arithmetic: Arithmetic,
        dtype: str,
        param: Any,
    ) -> None:
        rounded = {
            "lr": nearest(config.learning_rate, arithmetic.learning_rate, dtype),
            "epsilon": nearest(config.epsilon, arithmetic.epsilon, dtype),
            "weight_decay": nearest(config.weight_decay, arithmetic.learning_rate, dtype),
            "root": nearest(config.epsilon_root, arithmetic.epsilon, dtype),
            "beta1": nearest(config.beta1, arithmetic.moment_beta, dtype),
            "beta2": nearest(config.beta2, arithmetic.moment_beta, dtype),
            "base1": nearest(config.beta1, arithmetic.power_beta, dtype),
            "base2": nearest(config.beta2, arithmetic.power_beta, dtype),
        }
        self.n = {name: Long(float(number)) for name, number in rounded.items()}
        if convention.epsilon == "inside":
            self.n["root"] = self.n["epsilon"]
            self.n["epsilon"] = Long(0)
        self.config = config
        self.convention = convention
        zeros = np.zeros(param.shape, Long)
        self.memory = Memory(0, param.astype(Long), zeros, zeros, zeros)

    def step(self, grad: Any, squares: Any = None) -> Exact:
        n = self.n
        old = self.memory
        t = self.memory.t + 1
        clipped = g = -grad.astype(Long) if self.config.maximize else grad.astype(Long)
        if self.convention.weight_decay == "l2":
            g = g + n["weight_decay"] * old.param
        beta1_power = n["base1"] ** t
        beta2_power = n["base2"] ** t
        m = n["beta1"] * old.m + (1 - n["beta1"]) * g
        v = n["beta2"] * old.v + (1 - n["beta2"]) * (g * g if squares is None else squares)
        hat = self.convention.epsilon == "hat"
        raw = self.convention.amsgrad == "max_raw"
        v_used = v_max = np.maximum(old.v_max, v if raw else v / (1 - beta2_power))
        if not self.config.amsgrad:
            v_used = v
            v_max = old.v_max
        scaled = hat or (self.config.amsgrad and not raw)
        denominator = (
            np.sqrt((v_used if scaled else v_used / (1 - beta2_power)) + n["root"]) + n["epsilon"]
        )
        factor = n["lr"] * (np.sqrt(1 - beta2_power) if hat else 1) / (1 - beta1_power)
        update = factor * m / denominator
        lr_t = n["lr"] * np.sqrt(1 - beta2_power) / (1 - beta1_power)
        rate = (
            n["weight_decay"] * {"lr": n["lr"], "one": 1, "lr_t": lr_t}[self.convention.decay_scale]
        )
        rate = rate if self.convention.weight_decay == "decoupled" else Long(0)
        decay = rate * (old.param if self.convention.decay_when == "before" else old.param - update)
        self.memory = Memory(t, old.param - update - decay, m, v, v_max)
        return Exact(
            after=self.memory,
            before=old,
            learning_rate=n["lr"],
            beta1=n["beta1"],
            beta2=n["beta2"],
            epsilon=n["epsilon"],
            epsilon_root=n["root"],
            beta1_power=beta1_power,
            beta2_power=beta2_power,
            clipped=clipped,
            grad=g,
            v_used=v_used,
            denominator=denominator,
            update=update,
            decay=decay,
        )
