"""The numbers that a user sets, as the arithmetic rounds them."""

import struct
from decimal import Decimal

from ..config import AdamConfig
from ..convention import DEFAULT_EPSILON, Arithmetic, Convention, Format
from .records import ZERO

# The letters that the module `struct` has for the formats.
_LETTERS = {"float16": "e", "float32": "f", "float64": "d", "complex64": "f", "complex128": "d"}
_DTYPES = {Format.BINARY32: "float32", Format.BINARY64: "float64"}


def nearest(value: float, number_format: Format, dtype: str) -> Decimal:
    """Return ``value`` rounded to a format, exactly; T is the format of ``dtype``."""
    # Packing rounds to nearest, ties to even; big-endian so that no padding is involved.
    code = ">" + _LETTERS[_DTYPES.get(number_format, dtype)]
    return Decimal(struct.unpack(code, struct.pack(code, value))[0])


class RoundedConfig:
    """The numbers of one call, each rounded once, with the config and convention they are of."""

    def __init__(
        self,
        config: AdamConfig,
        convention: Convention,
        arithmetic: Arithmetic,
        dtype: str,
    ) -> None:
        self.config = config
        self.convention = convention
        self.takes_modulus = dtype.startswith("complex") and convention.complex == "modulus"
        self.learning_rate = nearest(config.learning_rate, arithmetic.learning_rate, dtype)
        self.weight_decay = nearest(config.weight_decay, arithmetic.learning_rate, dtype)
        self.beta1 = nearest(config.beta1, arithmetic.moment_beta, dtype)
        self.beta2 = nearest(config.beta2, arithmetic.moment_beta, dtype)

        epsilon = config.epsilon
        if epsilon == 0 and convention.epsilon_zero == "default":
            epsilon = DEFAULT_EPSILON
        self.epsilon = nearest(epsilon, arithmetic.epsilon, dtype)
        self.epsilon_root = nearest(config.epsilon_root, arithmetic.epsilon, dtype)
        if convention.epsilon == "inside":
            self.epsilon_root = self.epsilon
            self.epsilon = ZERO

        # A base of 0 makes the correction 1 - 0^t = 1 for a moment that is not corrected.
        corrected = convention.bias_correction
        if config.amsgrad:
            corrected = convention.amsgrad_bias_correction
        self.base1 = ZERO
        self.base2 = ZERO
        if corrected in ("both", "first"):
            self.base1 = nearest(config.beta1, arithmetic.power_beta, dtype)
        if corrected in ("both", "second"):
            self.base2 = nearest(config.beta2, arithmetic.power_beta, dtype)

    def l2(self, param: tuple[Decimal, ...]) -> tuple[Decimal, ...]:
        """Return the term that L2 adds to the gradient of ``param``: zeros without L2."""
        rate = self.weight_decay if self.convention.weight_decay == "l2" else ZERO
        return tuple(rate * p for p in param)
