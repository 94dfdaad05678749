"""Interrupts: whether an exception that passes a subject came from it, or from outside."""


def from_outside(error: BaseException) -> bool:
    """Return whether an exception is no deed of the subject and must end the whole run."""
    return isinstance(error, KeyboardInterrupt)
