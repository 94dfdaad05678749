"""Storages of halves, and Adams of float32 that some of them must agree with."""

import ml_dtypes
import numpy as np

HALVES = {"float16": np.dtype(np.float16), "bfloat16": np.dtype(ml_dtypes.bfloat16)}
MOMENTS = ("m=float32,v=float32", "m=T", "v=T", "moments=T")


def texts(moments=MOMENTS):
    """All pairs of a half, by name, and a storage for it whose operations are float32."""
    pairs = [("float16", weights) for weights in ("rounded", "master", "compensated")]
    pairs += [("bfloat16", weights) for weights in ("rounded", "master", "split", "compensated")]
    return [(dtype, f"weights={weights},{both}") for dtype, weights in pairs for both in moments]


def arrays_of(adam):
    """All arrays that an `adamref.Adam` keeps."""
    slots = [array for arrays in adam.slots().values() for array in arrays]
    return [*adam.params, *(array for array in slots if array is not None)]
