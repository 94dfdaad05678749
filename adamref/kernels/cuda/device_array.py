"""DeviceArray: an array on a device, whichever library made it."""

from math import prod
from typing import NamedTuple

from ...dtypes import ITEM_BYTES


class DeviceArray(NamedTuple):
    """Where an array is, and what is in it.

    Fields:
        address: of the first element.
        dtype: its name; a name that is no float for arrays that cannot be stepped.
        shape: of the array.
        strides: in bytes; None is C-contiguous.
        writeable: whether the owner lets others write to it.
        device: number of its device; None if the owner does not say.
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
        return self.size * ITEM_BYTES.get(self.dtype, 0)

    @property
    def contiguous(self) -> bool:
        """Whether elements follow each other in C order."""
        expected = ITEM_BYTES.get(self.dtype, 0)
        for length, stride in zip(reversed(self.shape), reversed(self.strides or ()), strict=False):
            # The stride of an axis of length 1 is never used.
            if length > 1 and stride != expected:
                return not self.size
            expected *= length
        return True
