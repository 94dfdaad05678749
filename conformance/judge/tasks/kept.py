"""Kept runs: in a journal, by subject, version and vector."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ...process.journal import Journal, JournalError
from ...subject.program.connect import Running
from ...trial.run import Run
from ...vectors.suite import Suite
from ...vectors.vector import Vector
from .plan import Plan
from .records import decode_run, encode_run, version_of_code


class KeptRuns:
    """Runs that are kept in a file, or nowhere."""

    def __init__(self, journal: Journal | None) -> None:
        self._journal = journal

    def find(self, plan: Plan, code: str, vector: Vector) -> Run | None:
        """Return the run of a vector that is in the file, or None."""
        key = (plan.subject.name, code, vector.id)
        if self._journal is None or key not in self._journal:
            return None
        try:
            return decode_run(self._journal.get(key), vector)
        except ValueError as error:
            raise JournalError(
                f"{self._journal.path}, {' '.join(key)}: {error}; name a new file"
            ) from None

    def keep(self, plan: Plan, code: str, run: Run) -> None:
        """Write a run to the file."""
        key = (plan.subject.name, code, run.vector.id)
        record = encode_run(run) if self._journal is not None else None
        if self._journal is not None and record is not None:
            self._journal.add(key, record)

    def recorded(self, plan: Plan) -> Callable[[Vector], Run]:
        """Return the function that runs a vector here, or finds its run."""
        code = version_of_code(plan.subject)

        def run(vector: Vector) -> Run:
            found = self.find(plan, code, vector)
            if found is not None:
                return found
            made = plan.run(vector)
            self.keep(plan, code, made)
            return made

        return run


@contextmanager
def open_runs(
    path: Path | None, suite: Suite, running: Running, options: Mapping[str, Any]
) -> Iterator[KeptRuns]:
    """Yield the runs that are kept in a file, of checks with the same arguments.

    Raises:
        JournalError: the file is one of another run, or cannot be read or written.
    """
    if path is None:
        yield KeptRuns(None)
        return
    header = {
        "run": "check",
        "vectors": suite.version,
        "isolate": running.isolate,
        "config": options.get("config") or {},
        "storage": options.get("storage") or {},
        "hygiene": "hygiene" in options.get("require", ()),
    }
    journal = Journal(path, header)
    try:
        yield KeptRuns(journal)
    finally:
        journal.close()
