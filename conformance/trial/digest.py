"""Digest of the bits that a subject returned, so that a change inside the bound can be seen."""

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np

from ..vectors.words import Array
from .events import Snapshot

# 64 bits: enough to tell runs apart, and short enough to be read.
_DIGITS = 16
# The widest float whose bytes all carry a value.
_BYTES_OF_DOUBLE = 8


def digest(snapshots: Mapping[int, Snapshot]) -> str | None:
    """Return the first 16 hexadecimal digits of a SHA-256 over parameters and shown slots.

    Each array is a line `call quantity number dtype shape`, and then its elements in C order,
    little-endian, every NaN as the quiet one without payload.

    Returns:
        None if there was no answered call.
    """
    sha = hashlib.sha256()
    for call, snapshot in sorted(snapshots.items()):
        held: dict[str, Sequence[Array | None]] = {"params": snapshot.params, **snapshot.slots}
        for quantity, arrays in sorted(held.items()):
            for number, array in enumerate(arrays):
                sha.update(f"{call} {quantity} {number} ".encode())
                sha.update(_canonical(array))
    if not snapshots:
        return None
    return sha.hexdigest()[:_DIGITS]


def _canonical(array: Array | None) -> bytes:
    """Return dtype, shape and elements as bytes that do not depend on the machine."""
    if array is None:
        return b"None\n"
    head = f"{array.dtype.name} {list(array.shape)}\n".encode()
    if array.dtype.itemsize > _BYTES_OF_DOUBLE:
        # A long double is padded with bytes of no meaning; its decimals have none.
        decimals = " ".join(map(str, array.ravel()))
        return head + decimals.encode()
    # One byte order and one NaN, so that machines agree.
    plain = np.array(array, array.dtype.newbyteorder("<"))
    plain[np.isnan(plain)] = np.nan
    return head + plain.tobytes()
