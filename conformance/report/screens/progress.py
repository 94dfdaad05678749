"""Progress of long work: a line on terminals, nothing in logs."""

from rich.console import Console

from ...vectors.vector import Vector


class Progress:
    """A line that says what is being done; it is called after each vector."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.count = 0

    def __enter__(self) -> "Progress":
        # On stderr, because stdout may be a file with a report.
        console = Console(stderr=True)
        self.status = None
        if console.is_terminal:
            self.status = console.status(f"{self.name}: loading")
            self.status.start()
        return self

    def __call__(self, vector: Vector) -> None:
        self.count += 1
        self.say(f"{self.count} vectors, {vector.id}")

    def count_to(self, inputs: int) -> None:
        """Say how many inputs were tried."""
        self.say(f"{inputs} inputs")

    def say(self, what: str) -> None:
        """Say what is being done."""
        if self.status:
            self.status.update(f"{self.name}: {what}")

    def __exit__(self, *exception: object) -> None:
        if self.status:
            self.status.stop()
