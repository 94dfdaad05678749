"""The host's side of a device: memory, copies and streams.

In Numba's simulator, the memory of the device is the memory of the host.
"""

from ctypes import c_char
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numba import cuda
from numpy.typing import NDArray

from .device_array import DeviceArray
from .kernel import SIMULATED

Stream = Any


@cache
def check_device() -> None:
    """Raise RuntimeError if there is no device."""
    if not SIMULATED and not cuda.is_available():
        raise RuntimeError(
            "backend 'cuda' must have an NVIDIA GPU with its driver, got none; 'cpu' needs none"
        )


def device_number() -> int:
    """Return the number of the device that kernels run on."""
    return 0 if SIMULATED else int(cuda.get_current_device().id)


def address(array: Any) -> int:
    """Return the address of a device array of Numba; 0 for None."""
    if array is None:
        return 0
    interface = array.__array_interface__ if SIMULATED else array.__cuda_array_interface__
    return int(interface["data"][0] or 0)


@lru_cache(maxsize=64)
def stream_at(handle: int) -> Stream:
    """Return the stream of a handle; 0 is the default stream, where copies do not wait either."""
    return 0 if SIMULATED else cuda.external_stream(handle)


def is_capturing(handle: int) -> bool:
    """Return whether work that is put on a stream becomes part of a graph instead of being done."""
    if SIMULATED:
        return False
    from cuda.bindings import driver

    error, status = driver.cuStreamIsCapturing(handle)
    none = driver.CUstreamCaptureStatus.CU_STREAM_CAPTURE_STATUS_NONE
    return bool(error != driver.CUresult.CUDA_SUCCESS or status != none)


def zeros(shape: tuple[int, ...], dtype: str, stream: Stream) -> Any:
    """Return a new device array of zeros, which are written on ``stream``.

    NumPy has no bfloat16: its bits are integers.
    """
    dtype = "uint16" if dtype == "bfloat16" else dtype
    if SIMULATED:
        return cuda.to_device(np.zeros(shape, dtype))
    # Bound to no stream: if it were, reading it would not wait.
    array = cuda.device_array(shape, dtype)
    if array.nbytes:
        cuda.cudadrv.driver.device_memset(array, 0, array.nbytes, stream=stream)
    return array


def upload(device: Any, host: NDArray[Any], stream: Stream) -> None:
    """Copy an array to the device without waiting for it.

    Unless it is pinned, ``host`` may be changed at once.
    """
    if host.size:
        device.copy_to_device(host, stream=stream)


def download(device: Any, stream: Stream) -> NDArray[Any]:
    """Return a copy on the host, made when all that is on ``stream`` has been done."""
    host: NDArray[Any] = device.copy_to_host(stream=stream)
    if stream:
        stream.synchronize()
    return host


def download_array(array: DeviceArray, stream: Stream) -> NDArray[Any]:
    """Return a copy on the host of an array of any library, made when ``stream`` has got there."""
    host = np.empty(array.shape, _host_dtype(array.dtype))
    if host.size:
        host.reshape(-1).view(np.uint8)[:] = download(_bytes_of(array), stream)
    return host


def upload_array(array: DeviceArray, host: NDArray[Any], stream: Stream) -> None:
    """Overwrite an array of any library with one of its shape and dtype, without waiting for it."""
    if not host.size:
        return
    upload(_bytes_of(array), np.ascontiguousarray(host).reshape(-1).view(np.uint8), stream)


def _bytes_of(array: DeviceArray) -> Any:
    """Return the memory of an array as a device array of bytes."""
    if SIMULATED:
        memory: Any = (c_char * array.nbytes).from_address(array.address)
        return _SimulatedBytes(np.frombuffer(memory, np.uint8))
    interface = {
        "data": (array.address, False),
        "shape": (array.nbytes,),
        "typestr": "|u1",
        "version": 3,
    }
    # The caller waits for the stream, where it has to.
    return cuda.from_cuda_array_interface(interface, sync=False)


class _SimulatedBytes:
    """Memory of the simulator with the methods of a device array."""

    def __init__(self, array: NDArray[np.uint8]) -> None:
        self._array = array

    def copy_to_device(self, host: NDArray[Any], stream: Stream) -> None:  # noqa: ARG002
        self._array[:] = host

    def copy_to_host(self, stream: Stream) -> NDArray[Any]:  # noqa: ARG002
        return self._array.copy()


def _host_dtype(name: Any) -> "np.dtype[Any]":
    if name == "bfloat16":
        # NumPy knows it only by this package.
        from ml_dtypes import bfloat16

        name = bfloat16
    dtype: np.dtype[Any] = np.dtype(name)
    return dtype


def pinned_like(array: NDArray[Any]) -> NDArray[Any]:
    """Return an array that a graph can copy from whenever it is replayed, as long as it is kept."""
    if SIMULATED:
        return np.empty_like(array)
    pinned: NDArray[Any] = cuda.pinned_array(array.shape, array.dtype)
    return pinned
