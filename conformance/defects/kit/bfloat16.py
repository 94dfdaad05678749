"""Rounding to bfloat16."""

from typing import Any

import numpy as np


def bfloat16(x: Any) -> Any:
    """The nearest bfloat16, as a float32."""
    bits = np.asarray(x, np.float32).view(np.uint32)
    rounded = (bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))) & np.uint32(
        0xFFFF0000
    )
    return rounded.view(np.float32)
