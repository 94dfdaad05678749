"""What the host does with a device: memory, copies and streams. In Numba's simulator, device memory is the host's."""

from functools import cache, lru_cache
from typing import Any

import numpy as np
from numba import cuda
from numpy.typing import NDArray

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
    """The number of the device that kernels run on."""
    return 0 if SIMULATED else int(cuda.get_current_device().id)


def address(array: Any) -> int:
    """Where a device array of Numba is; 0 for none."""
    if array is None:
        return 0
    interface = array.__array_interface__ if SIMULATED else array.__cuda_array_interface__
    return int(interface["data"][0] or 0)


@lru_cache(maxsize=64)
def stream_at(handle: int) -> Stream:
    """The stream of a handle. Handle 0 is the default stream, on which copies do not wait either."""
    return 0 if SIMULATED else cuda.external_stream(handle)


def is_capturing(handle: int) -> bool:
    """Whether what is put on a stream becomes part of a graph, instead of being done."""
    if SIMULATED:
        return False
    from cuda.bindings import driver

    error, status = driver.cuStreamIsCapturing(handle)
    none = driver.CUstreamCaptureStatus.CU_STREAM_CAPTURE_STATUS_NONE
    return bool(error != driver.CUresult.CUDA_SUCCESS or status != none)


def zeros(shape: tuple[int, ...], dtype: str, stream: Stream) -> Any:
    """A new device array of zeros, which are written on ``stream``."""
    if SIMULATED:
        return cuda.to_device(np.zeros(shape, dtype))
    array = cuda.device_array(
        shape, dtype
    )  # bound to no stream, for then reading it would not wait
    if array.nbytes:
        cuda.cudadrv.driver.device_memset(array, 0, array.nbytes, stream=stream)
    return array


def upload(device: Any, host: NDArray[Any], stream: Stream) -> None:
    """Copy an array to the device without waiting for it; unless it is pinned, it may be changed at once."""
    if host.size:
        device.copy_to_device(host, stream=stream)


def download(device: Any, stream: Stream) -> NDArray[Any]:
    """A copy on the host, of what is there when all that is on ``stream`` has been done."""
    host: NDArray[Any] = device.copy_to_host(stream=stream)
    if stream:
        stream.synchronize()
    return host


def pinned(like: NDArray[Any]) -> NDArray[Any]:
    """An array that a graph can copy from whenever it is replayed, as long as it is kept."""
    if SIMULATED:
        return np.empty_like(like)
    found: NDArray[Any] = cuda.pinned_array(like.shape, like.dtype)
    return found
