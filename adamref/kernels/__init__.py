"""Kernels: the rule of `adamref.step`, compiled for processors (cpu/), CUDA (cuda/) and deferred rows (deferred/).

All give the same bits as the reference, except for the bits of NaNs. Start with `element`, the rule of one element.
The modules beside the folders serve several of them. Nothing here is imported before a user asks for it.
"""

from importlib.util import find_spec

if find_spec("numba") is None:
    raise ImportError(
        "adamref.kernels must have numba, got none; pip install 'adamref[cpu]', or 'adamref[gpu-cu13]' for CUDA"
    )
