"""Arrays on a device, from any library: PyTorch, CuPy, JAX, Numba. Nothing is copied."""

import sys
from typing import Any

import numpy as np

from .device_array import DeviceArray
from .dlpack import DEFAULT_STREAM, is_on_device, read_capsule

_WAY_OUT = "adamref.Adam(backend='cuda') and adamref.kernels.cuda.run copy arrays of the host"


def describe(name: str, array: Any, stream: int = 0) -> DeviceArray:
    """Return the description of ``array``.

    Args:
        name: of the argument that it is, for errors.
        array: a tensor of PyTorch, or anything with ``__cuda_array_interface__`` or DLPack.
        stream: handle of the stream on which it will be read.

    Raises:
        ValueError: it does not lie on a device.
    """
    if _is_torch(array):
        return _from_torch(name, array)
    interface = getattr(array, "__cuda_array_interface__", None)
    if interface is not None:
        return _from_interface(interface)
    if is_on_device(array):
        return read_capsule(array.__dlpack__(stream=stream or DEFAULT_STREAM))
    raise ValueError(
        f"{name} must lie on a CUDA device, got {type(array).__name__} of the host; {_WAY_OUT}"
    )


def fingerprint(array: Any) -> Any:
    """Return a value that is equal from step to step as long as the description is.

    None if unknown. Of a tensor it is much quicker to get than the description.
    """
    if _is_torch(array) and not array.is_sparse:
        return array.data_ptr(), array.dtype, array.shape, array.is_contiguous()
    return None


def library(arrays: Any) -> str:
    """Return the package whose arrays they are, if it has a current stream."""
    packages = set()
    for array in arrays:
        packages |= {base.__module__.partition(".")[0] for base in type(array).__mro__}
    return next((name for name in ("torch", "cupy") if name in packages), "")


def stream_handle(owner: str, stream: Any) -> int:
    """Return the handle of a stream.

    Args:
        owner: a name that `library` returned.
        stream: a handle, or a stream of PyTorch, CuPy or Numba. None is the stream on which the
            owner launches now, or the default stream.

    Raises:
        ValueError: ``stream`` is something else.
    """
    if stream is None and owner in sys.modules:
        cuda: Any = sys.modules[owner].cuda
        stream = cuda.current_stream() if owner == "torch" else cuda.get_current_stream()
    if stream is None:
        return 0
    if isinstance(stream, int):
        return stream
    # The names that PyTorch, CuPy and Numba have for the handle.
    for attribute in ("cuda_stream", "ptr", "handle"):
        if hasattr(stream, attribute):
            return int(getattr(stream, attribute) or 0)
    raise ValueError(
        f"stream must be a stream of PyTorch, CuPy or Numba, or its handle, got {stream!r}"
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
    return DeviceArray(
        address=tensor.data_ptr(),
        dtype=str(tensor.dtype).removeprefix("torch."),
        shape=tuple(tensor.shape),
        strides=tuple(stride * tensor.element_size() for stride in tensor.stride()),
        device=tensor.device.index,
    )


def _from_interface(interface: Any) -> DeviceArray:
    address, read_only = interface["data"]
    dtype = np.dtype(interface["typestr"])
    return DeviceArray(
        address=int(address or 0),
        # In another byte order it is no float that kernels know.
        dtype=dtype.name if dtype.isnative else dtype.str,
        shape=tuple(interface["shape"]),
        strides=interface.get("strides"),
        writeable=not read_only,
    )
