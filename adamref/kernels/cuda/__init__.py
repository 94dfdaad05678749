"""Adam on NVIDIA GPUs, by Numba: many parameters in one launch. Start with `fused`, then `kernel`.

`run` takes arrays of the host, `FusedAdam` steps arrays on a device. `simulated` stands in for a
device in Numba's simulator.
"""

from importlib.util import find_spec

# numba itself has a module numba.cuda too, which is an older one.
if find_spec("numba_cuda") is None:
    raise ImportError(
        "adamref.kernels.cuda must have numba-cuda, got none; pip install 'adamref[gpu-cu13]'"
    )

from .fused import FusedAdam
from .host import check_device
from .jobs import run

__all__ = ["FusedAdam", "check_device", "run"]
