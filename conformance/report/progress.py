"""Progress on long work: on terminals, never in logs."""

from collections.abc import Callable

from rich.console import Console

from ..vectors import Vector


class Progress:
    """A line on terminals that says what is being done; nothing in logs."""

    def __init__(self, name: str) -> None:
        self.name, self.count = name, 0

    def __enter__(self) -> Callable[[Vector], None]:
        console = Console(stderr=True)
        self.status = console.status(f"{self.name}: loading") if console.is_terminal else None
        if self.status:
            self.status.start()
        return self._advance

    def _advance(self, vector: Vector) -> None:
        self.count += 1
        if self.status:
            self.status.update(f"{self.name}: {self.count} vectors, {vector.id}")

    def __exit__(self, *exception: object) -> None:
        if self.status:
            self.status.stop()
