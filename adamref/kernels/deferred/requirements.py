"""What tables whose rows are left behind are not for."""

import math
from typing import Any

import numpy as np

from ...config import AdamConfig
from ...convention import Convention
from ...validation import check_features

# What betas may be rounded to.
_KINDS = (np.float32, np.float64)


def check_convention(convention: Convention) -> None:
    """Raise ValueError unless sparse gradients are dense ones, and each of them is a step."""
    for axis, due in (
        ("sparse", "dense_equivalent"),
        ("duplicates", "sum_then_square"),
        ("empty_sparse", "counts"),
    ):
        value = getattr(convention, axis)
        if value != due:
            raise ValueError(
                f"{axis} must be {due!r} here, got {value!r}; adamref.Adam has the others"
            )


def check_config(config: AdamConfig, convention: Convention) -> None:
    """Raise ValueError for what the convention lacks, and for clipping, which is the caller's."""
    check_features(config, convention)
    for name in ("clipvalue", "clipnorm", "global_clipnorm"):
        value = getattr(config, name)
        if value is not None:
            raise ValueError(f"{name} must be None here, got {value}; adamref.Adam clips")


def check_series(config: AdamConfig, convention: Convention, dtype: "np.dtype[Any]") -> None:
    """Raise ValueError for what has no series; the way out is mode replay."""
    coupled = convention.weight_decay == "l2" and config.weight_decay
    inside = config.epsilon if convention.epsilon == "inside" else config.epsilon_root

    def below(kind: Any) -> bool:
        return bool(kind(config.beta1) < limit(kind))

    def limit(kind: Any) -> float:
        return 1.0 if config.amsgrad else math.sqrt(kind(config.beta2))

    for name, rule, holds, value in (
        ("table", "be float32", dtype == np.float32, dtype),
        ("weight_decay", "be off or decoupled", not coupled, config.weight_decay),
        ("epsilon", "stand outside the root", not inside, f"{inside} under it"),
        (
            "beta1",
            f"be below the root of beta2, {limit(float):.6g},",
            all(map(below, _KINDS)),
            config.beta1,
        ),
    ):
        if not holds:
            raise ValueError(f"{name} must {rule} in mode 'series', got {value}; use mode 'replay'")
