"""Arrays that lie on a device, whoever made them: PyTorch, CuPy, JAX, Numba. Nothing is copied."""

import ctypes
import sys
from math import prod
from typing import Any, NamedTuple

import numpy as np

_WAY_OUT = "adamref.Adam(backend='cuda') and adamref.kernels.cuda.run copy arrays of the host"
_BITS = {"float16": 16, "bfloat16": 16, "float32": 32, "float64": 64}


class DeviceArray(NamedTuple):
    """Where an array is, and what is in it.

    Fields:
        address: of the first element.
        dtype: its name; another than of a float for what cannot be stepped.
        shape: of the array. strides: in bytes; None is C-contiguous.
        writeable: whether its owner lets others write to it.
        device: number of its device; None is not said.
    """

    address: int
    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...] | None = None
    writeable: bool = True
    device: int | None = None

    @property
    def size(self) -> int:
        return prod(self.shape)

    @property
    def nbytes(self) -> int:
        return self.size * _BITS.get(self.dtype, 0) // 8

    @property
    def contiguous(self) -> bool:
        """Whether elements follow each other in C order."""
        due = _BITS.get(self.dtype, 0) // 8
        for length, stride in zip(reversed(self.shape), reversed(self.strides or ()), strict=False):
            if length > 1 and stride != due:
                return not self.size
            due *= length
        return True


def device_array(name: str, array: Any, stream: int = 0) -> DeviceArray:
    """What ``array`` is.

    Args:
        name: of the argument that it is.
        array: a tensor of PyTorch, or anything with ``__cuda_array_interface__`` or DLPack.
        stream: handle of the stream on which it will be read.

    Raises:
        ValueError: it does not lie on a device.
    """
    if _is_torch(array):
        return _from_torch(name, array)
    interface = getattr(array, "__cuda_array_interface__", None)
    if interface is not None:
        address, read_only = interface["data"]
        dtype = np.dtype(interface["typestr"])
        known = dtype.name if dtype.isnative else dtype.str
        return DeviceArray(
            int(address or 0),
            known,
            tuple(interface["shape"]),
            interface.get("strides"),
            not read_only,
        )
    if hasattr(array, "__dlpack_device__"):
        kind, _ = array.__dlpack_device__()
        if int(kind) in (_CUDA, _CUDA_MANAGED):
            return _from_capsule(
                array.__dlpack__(stream=stream or 1)
            )  # 1 is DLPack's name of the default stream
    raise ValueError(
        f"{name} must lie on a CUDA device, got {type(array).__name__} of the host; {_WAY_OUT}"
    )


def fingerprint(array: Any) -> Any:
    """Something that is equal from one step to the next as long as `device_array` is; quick to get of a tensor."""
    if _is_torch(array) and not array.is_sparse:
        return array.data_ptr(), array.dtype, array.shape, array.is_contiguous()
    return None


def library(arrays: Any) -> str:
    """Whose arrays they are, as the name of a package."""
    kinds = {base.__module__.partition(".")[0] for array in arrays for base in type(array).__mro__}
    return next((name for name in ("torch", "cupy") if name in kinds), "")


def stream_handle(owner: str, given: Any) -> int:
    """The stream that a library launches on now, or the given one.

    Args:
        owner: a name of `library`.
        given: a handle, or a stream of PyTorch, CuPy or Numba; None is the current one, in a library that has that.
    """
    if given is None and owner in sys.modules:
        module: Any = sys.modules[owner]
        given = (
            module.cuda.current_stream() if owner == "torch" else module.cuda.get_current_stream()
        )
    if given is None or isinstance(given, int):
        return given or 0
    for attribute in ("cuda_stream", "ptr", "handle"):
        if hasattr(given, attribute):
            return int(getattr(given, attribute) or 0)
    raise ValueError(
        f"stream must be a stream of PyTorch, CuPy or Numba, or its handle, got {given!r}"
    )


def _is_torch(array: Any) -> bool:
    return hasattr(array, "data_ptr") and hasattr(array, "is_contiguous")


def _from_torch(name: str, tensor: Any) -> DeviceArray:
    if not tensor.is_cuda:
        raise ValueError(
            f"{name} must lie on a CUDA device, got a tensor on {tensor.device}; {_WAY_OUT}"
        )
    if tensor.is_sparse:
        raise ValueError(
            f"{name} must be dense here, got a sparse tensor; adamref.Adam takes IndexedSlices"
        )
    strides = tuple(stride * tensor.element_size() for stride in tensor.stride())
    dtype = str(tensor.dtype).removeprefix("torch.")
    return DeviceArray(
        tensor.data_ptr(), dtype, tuple(tensor.shape), strides, True, tensor.device.index
    )


# DLPack's numbers. Source: dlpack.h of version 1.0.
_CUDA, _CUDA_MANAGED = 2, 13
_FLOAT, _BFLOAT = 2, 4


class _Tensor(ctypes.Structure):
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


def _from_capsule(capsule: Any) -> DeviceArray:
    """Read what a capsule describes. It is not consumed, so that its own destructor releases it."""
    get = ctypes.pythonapi.PyCapsule_GetPointer
    get.restype, get.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)
    start = get(capsule, b"dltensor")
    assert start is not None
    tensor = _Tensor.from_address(start)
    size = tensor.bits // 8
    names = {_FLOAT: f"float{tensor.bits}", _BFLOAT: f"bfloat{tensor.bits}"}
    dtype = (
        names.get(tensor.code, f"code {tensor.code} of DLPack") if tensor.lanes == 1 else "a vector"
    )
    shape = tuple(tensor.shape[: tensor.ndim])
    strides = (
        tuple(size * stride for stride in tensor.strides[: tensor.ndim]) if tensor.strides else None
    )
    return DeviceArray(
        (tensor.data or 0) + tensor.byte_offset, dtype, shape, strides, True, tensor.device_id
    )
