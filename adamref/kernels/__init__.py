"""Kernels: the rule of `adamref.step`, compiled for processors, CUDA and deferred rows.

All return the bits of the reference, except for the bits of NaNs. Start with `element`, the rule of
one element. README.md has the map. Nothing here is imported before a user asks for a kernel.
"""

from importlib.util import find_spec

if find_spec("numba") is None:
    raise ImportError(
        "adamref.kernels must have numba, got none; "
        "pip install 'adamref[cpu]', or 'adamref[gpu-cu13]' for CUDA"
    )
