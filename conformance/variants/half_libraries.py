"""Libraries of half precision: what each keeps between steps, as subjects/HALF_PRECISION.md has it.

A library is here as NumPy variants, also where it needs a device. Each has several orders of
operations: its own, and others that a compiler may make of it.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from ..truth.point import Point
from ..truth.reference import AdamConfig
from ..vectors.storage import ALL_NATIVE, HALVES, DeclaredStorage
from .dense import VARIANTS
from .half import HalfOnArray, HalfOnParameters, Round
from .orders import Array
from .rounding import ties_away, to_nearest
from .variant import Variant

_BFLOAT16 = ("bfloat16",)
_FLOAT16 = ("float16",)
# Orders by their names in `dense`. Fused operations have no rounding in T.
_CUDA = ("apex", "fused multiply-add", "multiply-add")
_LERPS = ("two-branch lerp", "fused lerp", "lerp")
_NATIVE = ("multiply-add, rate last", "lerp", "scaled gradient first")


class Library(NamedTuple):
    """What a library keeps.

    Fields:
        name: of the library, and the way to use it.
        storage: the text form.
        orders: the names of variants.
        dtypes: of the parameters for which it is so.
        round_weight: how the parameter is rounded from a weight of float32.
    """

    name: str
    storage: str
    orders: Sequence[str]
    dtypes: Sequence[str] = HALVES
    round_weight: Round = to_nearest

    @property
    def variants(self) -> list[Variant]:
        """Its orders of operations."""
        return [variant for variant in VARIANTS if variant.name in self.orders]


LIBRARIES = (
    # A step in float32.
    Library("apex FusedAdam", "weights=rounded", _CUDA),
    Library("apex FusedAdam, capturable", "weights=rounded,moments=T", _CUDA),
    Library("apex FusedAdam, master weights", "weights=master", _CUDA, _FLOAT16),
    # Two 16-bit halves that are no split: the upper one is rounded.
    Library("apex, param remainders", "weights=master", _CUDA, _BFLOAT16, ties_away),
    Library("Transformer Engine, bfloat16 moments", "weights=master,moments=T", _CUDA, _BFLOAT16),
    Library("Megatron-LM", "weights=master", _CUDA),
    Library("DeepSpeed FP16_Optimizer, BF16_Optimizer", "weights=master", _CUDA),
    Library("DeepSpeed FusedAdam", "weights=rounded,moments=T", _CUDA),
    Library("DeepSpeedCPUAdam", "weights=rounded", ("DeepSpeed", "multiply-add")),
    Library("IPEX, split master weight", "weights=split", _LERPS, _BFLOAT16),
    Library("torch, fused", "weights=rounded,moments=T", _LERPS),
    Library("torchao", "weights=rounded,moments=T", _LERPS),
    Library("torchao, bf16_stochastic_round", "weights=stochastic,moments=T", _LERPS, _BFLOAT16),
    Library("llm.c, without master weights", "weights=stochastic", _LERPS, _BFLOAT16),
    Library("bitsandbytes", "weights=rounded", ("scaled gradient first", "multiply-add")),
    Library("Paddle", "weights=rounded", ("Paddle", "fused multiply-add")),
    Library("Paddle, multi_precision", "weights=master", ("Paddle", "fused multiply-add")),
    Library("Kahan's sum in float32", "weights=compensated", _CUDA),
    Library("Kahan's sum in float32, moments in T", "weights=compensated,moments=T", _CUDA),
    # Every operation rounded.
    Library("torch", ALL_NATIVE, ("two-branch lerp", *_NATIVE)),
    Library("optax, TensorFlow, Keras, MLX", ALL_NATIVE, _NATIVE),
    Library("AnyPrecisionAdamW, optimi", "weights=compensated,moments=T,operations=T", _NATIVE),
)


def half_subject(
    library: Library, variant: Variant, point: Point
) -> Callable[..., HalfOnParameters]:
    """Return a subject's `make` that keeps what a library does; its `seed` is for its rounding."""

    def make(
        params: Sequence[Array],
        learning_rate: float,
        beta1: float,
        beta2: float,
        epsilon: float,
        amsgrad: bool = False,
        weight_decay: float = 0.0,
        maximize: bool = False,
        seed: int = 0,
    ) -> HalfOnParameters:
        config = AdamConfig(
            learning_rate=learning_rate,
            beta1=beta1,
            beta2=beta2,
            epsilon=epsilon,
            amsgrad=amsgrad,
            weight_decay=weight_decay,
            maximize=maximize,
        )
        storage = DeclaredStorage.parse(library.storage)
        random = np.random.default_rng(seed)

        def start(param: Array) -> HalfOnArray:
            array = np.atleast_1d(param)
            rounding = library.round_weight
            return HalfOnArray(variant, storage, config, point, array, rounding, random)

        runs = list(map(start, params))
        slots = ("m", "v", "v_max") if amsgrad else ("m", "v")
        return HalfOnParameters(runs, [param.shape for param in params], slots)

    make.storage = dict.fromkeys(library.dtypes, library.storage)  # type: ignore[attr-defined]
    make.supports = {"mixed_dtypes"}  # type: ignore[attr-defined]
    return make
