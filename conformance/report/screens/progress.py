"""Progress on long work: on terminals, never in logs."""

from rich.console import Console

from ...vectors.vector import Vector


class Progress:
    """A line on terminals that says what is being done; nothing in logs. It is called with each vector that is done."""

    def __init__(self, name: str) -> None:
        self.name, self.count = name, 0

    def __enter__(self) -> "Progress":
        console = Console(stderr=True)
        self.status = console.status(f"{self.name}: loading") if console.is_terminal else None
        if self.status:
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
