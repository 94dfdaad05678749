"""Adam compiled: the rule of `adamref.step` for processors (`cpu`), for CUDA (`cuda`), for rows kept back (`deferred`).

All give the same bits as the reference, but for those of NaNs. Nothing here is imported before it is asked for.
"""

from importlib.util import find_spec

if find_spec("numba") is None:
    raise ImportError(
        "adamref.kernels must have numba, got none; pip install 'adamref[cpu]', or 'adamref[gpu-cu13]' for CUDA"
    )
