"""Compiled code on disk: what is damaged there is compiled anew.

Numba takes its files for whole. A file that is empty, cut off or changed raises an error in the
user's step, or runs as another kernel.
"""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from numba.core.caching import (
    CompileResultCacheImpl,
    FunctionCache,
    IndexDataCacheFile,
    UserProvidedCacheLocator,
)

_DIGEST_BYTES = sha256().digest_size


class _Place(CompileResultCacheImpl):  # type: ignore[misc]
    """The folder of the user's setting, and no other."""

    # Where it cannot be written to, Numba would go on to the folder of the sources. There, code is
    # kept by the time of one source file.
    _locator_classes = (UserProvidedCacheLocator,)


class _Files(IndexDataCacheFile):  # type: ignore[misc]
    """The index of a function and its compiled code, each with a digest at the end."""

    def save(self, key: Any, data: Any) -> None:
        # With the key: two processes that save at once may have chosen one name for two keys.
        super().save(key, (key, data))

    def load(self, key: Any) -> Any:
        found = super().load(key)
        if found is None or found[0] != key:
            return None
        return found[1]

    @contextmanager
    def _open_for_write(self, filepath: str) -> Iterator[io.BytesIO]:
        content = io.BytesIO()
        yield content
        whole = content.getvalue()
        with super()._open_for_write(filepath) as file:
            # Behind the end of a pickle, where nothing reads it.
            file.write(whole + sha256(whole).digest())

    def _load_index(self) -> Any:
        return super()._load_index() if _is_whole(self._index_path) else {}

    def _load_data(self, name: str) -> Any:
        return super()._load_data(name) if _is_whole(self._data_path(name)) else None


class KernelCache(FunctionCache):  # type: ignore[misc]
    """The compiled code of one function.

    Raises:
        RuntimeError: no folder can be written to.
    """

    _impl_class = _Place

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        self._cache_file = _Files(
            cache_path=self.cache_path,
            filename_base=self._impl.filename_base,
            source_stamp=self._impl.locator.get_source_stamp(),
        )

    def load_overload(self, signature: Any, target: Any) -> Any:
        """Return compiled code, or None if it must be compiled."""
        try:
            return super().load_overload(signature, target)
        except Exception:
            # A file may hold anything, and compiling mends all of it.
            return None

    def save_overload(self, signature: Any, data: Any) -> None:
        """Keep compiled code if the folder can be written to."""
        try:
            super().save_overload(signature, data)
        except OSError:
            # The code is there to be called, and the next process compiles it again.
            return


def _is_whole(path: str) -> bool:
    """Return whether a file ends with the digest of all that comes before."""
    file = Path(path)
    try:
        # Not of a pipe, which may never end.
        content = file.read_bytes() if file.is_file() else b""
    except OSError:
        return False
    return sha256(content[:-_DIGEST_BYTES]).digest() == content[-_DIGEST_BYTES:]
