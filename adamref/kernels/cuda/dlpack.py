"""DLPack: the description of an array that libraries hand to each other in a capsule."""

import ctypes
from typing import Any

from .device_array import DeviceArray

# DLPack's numbers. Source: dlpack.h of version 1.0.
_CUDA = 2
_CUDA_MANAGED = 13
_FLOAT = 2
_BFLOAT = 4
# DLPack's name of the default stream; 0 is not allowed.
DEFAULT_STREAM = 1


class CapsuleTensor(ctypes.Structure):
    """DLTensor, the contents of a capsule."""

    _fields_ = (
        ("data", ctypes.c_void_p),
        ("device_type", ctypes.c_int32),
        ("device_id", ctypes.c_int32),
        ("ndim", ctypes.c_int32),
        ("code", ctypes.c_uint8),
        ("bits", ctypes.c_uint8),
        ("lanes", ctypes.c_uint16),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("byte_offset", ctypes.c_uint64),
    )


def is_on_device(array: Any) -> bool:
    """Return whether ``array`` has DLPack, and lies on a CUDA device."""
    if not hasattr(array, "__dlpack_device__"):
        return False
    kind, _ = array.__dlpack_device__()
    return int(kind) in (_CUDA, _CUDA_MANAGED)


def read_capsule(capsule: Any) -> DeviceArray:
    """Return the array that a capsule describes.

    The capsule is not consumed, so its own destructor releases it.
    """
    get = ctypes.pythonapi.PyCapsule_GetPointer
    get.restype = ctypes.c_void_p
    get.argtypes = (ctypes.py_object, ctypes.c_char_p)
    start = get(capsule, b"dltensor")
    assert start is not None
    tensor = CapsuleTensor.from_address(start)
    strides = None
    if tensor.strides:
        # DLPack counts strides in elements.
        size = tensor.bits // 8
        strides = tuple(size * stride for stride in tensor.strides[: tensor.ndim])
    return DeviceArray(
        address=(tensor.data or 0) + tensor.byte_offset,
        dtype=_dtype_name(tensor),
        shape=tuple(tensor.shape[: tensor.ndim]),
        strides=strides,
        device=tensor.device_id,
    )


def _dtype_name(tensor: CapsuleTensor) -> str:
    if tensor.lanes != 1:
        return "a vector"
    names = {_FLOAT: f"float{tensor.bits}", _BFLOAT: f"bfloat{tensor.bits}"}
    return names.get(tensor.code, f"code {tensor.code} of DLPack")
