"""A digest of the bits that a subject returned, so that a change inside the bound can be seen."""

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np

from ..vectors.words import Array
from .run import Snapshot


def digest(snapshots: Mapping[int, Snapshot]) -> str | None:
    """The first 16 hexadecimal digits of a SHA-256 over parameters and shown slots after each answered call.

    Each array is a line `call of param dtype shape`, and then its elements in C order, little-endian, every NaN as the
    quiet one without payload. None if there was no such call.
    """
    sha = hashlib.sha256()
    for call, snapshot in sorted(snapshots.items()):
        held: dict[str, Sequence[Array | None]] = {"params": snapshot.params, **snapshot.slots}
        for of, arrays in sorted(held.items()):
            for at, array in enumerate(arrays):
                sha.update(f"{call} {of} {at} ".encode())
                sha.update(b"None\n" if array is None else _canonical(array))
    return sha.hexdigest()[:16] if snapshots else None


def _canonical(array: Array) -> bytes:
    head = f"{array.dtype.name} {list(array.shape)}\n".encode()
    if array.dtype.itemsize > 8:  # a long double is padded with bytes that mean nothing
        return head + " ".join(map(str, array.ravel())).encode()
    plain = np.array(array, array.dtype.newbyteorder("<"))
    plain[np.isnan(plain)] = np.nan
    return head + plain.tobytes()
