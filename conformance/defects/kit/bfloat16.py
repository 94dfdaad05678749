"""Rounding to bfloat16."""

from typing import Any

import numpy as np


def bfloat16(x: Any) -> Any:
    """The nearest bfloat16, as a float32."""
    # A bfloat16 is the upper half of a float32. Half of its last bit is added before the lower half
    # is cut off, and a little less before an even number, to which ties are rounded.
    bits = np.asarray(x, np.float32).view(np.uint32)
    rounded = (bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))) & np.uint32(
        0xFFFF0000
    )
    return rounded.view(np.float32)
