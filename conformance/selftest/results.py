"""Results of the measurement: asked of a pool, kept in a file, and counted when a signal comes."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from ..process.journal import Journal, JournalError, Key
from ..process.plain import from_json, to_json
from ..process.signals import Interrupted, obey

# Digits of a hash of arguments.
_DIGITS = 16

Progress = Callable[[str], object]


class PartialSelftest(Interrupted):
    """A signal has ended the measurement.

    Attributes:
        counts: what was measured -> of how many things there are results, and how many there are.
    """

    def __init__(self, number: int, counts: dict[str, tuple[int, int]]) -> None:
        super().__init__(number)
        self.counts = counts


class Asked(NamedTuple):
    """A result that is there, or on its way."""

    key: Key
    future: Future[Any]


class KeptResults:
    """The results of one measurement.

    Args:
        journal: keeps them; None keeps nothing.
    """

    def __init__(self, journal: Journal | None) -> None:
        self._journal = journal
        self.counts: dict[str, tuple[int, int]] = {}

    def ask(self, pool: Executor, function: Callable[..., Any], *arguments: Any) -> Asked:
        """Return the result of a function, which a process computes unless it is in the file."""
        text = repr(arguments)
        # The names of a thousand mutants are one key.
        key = (function.__name__, sha256(text.encode()).hexdigest()[:_DIGITS])
        if self._journal is None or key not in self._journal:
            return Asked(key, pool.submit(function, *arguments))
        future: Future[Any] = Future()
        try:
            future.set_result(from_json(self._journal.get(key)))
        except ValueError as error:
            raise JournalError(
                f"{self._journal.path}, {key[0]}: {error}; name a new file"
            ) from None
        return Asked(key, future)

    def take(self, what: str, asked: Sequence[Asked], say: Progress) -> list[Any]:
        """Return results as they come, and keep them."""
        results = []
        for number, (key, future) in enumerate(asked):
            self.counts[what] = (number, len(asked))
            say(f"{what}: {number} of {len(asked)}")
            result = future.result()
            results.append(result)
            if self._journal is not None and key not in self._journal:
                self._journal.add(key, to_json(result))
        self.counts[what] = (len(asked), len(asked))
        return results


@contextmanager
def open_results(path: Path | None, version: str) -> Iterator[KeptResults]:
    """Yield the results that are kept in a file, which fit this version of the vectors.

    Raises:
        PartialSelftest: a signal came inside the context.
    """
    journal = Journal(path, {"run": "selftest", "vectors": version}) if path else None
    results = KeptResults(journal)
    try:
        yield results
    except KeyboardInterrupt as error:
        raise PartialSelftest(obey(error), results.counts) from None
    finally:
        if journal is not None:
            journal.close()
