"""Adam on processors, by Numba: many parameters in one parallel region.

Start with `fused`, then `kernel`.

`run` is what `adamref.Adam` calls; `FusedAdam` steps arrays of the caller in place. The bits are
the bits of `adamref.step`, whatever the number of threads, the sizes, and what is stepped together.
"""

from .fused import FusedAdam
from .jobs import run

__all__ = ["FusedAdam", "run"]
