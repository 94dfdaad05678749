"""AggregationMethod: the ways in which TensorFlow 1 adds up gradients; in NumPy there is one."""


class AggregationMethod:
    """The values of ``aggregation_method``; all do the same here."""

    ADD_N = 0
    DEFAULT = 0
    EXPERIMENTAL_TREE = 1
    EXPERIMENTAL_ACCUMULATE_N = 2


def check_aggregation(method: object) -> None:
    """Raise ValueError unless a method is None or one of `AggregationMethod`."""
    if method not in (None, 0, 1, 2) or isinstance(method, bool):
        raise ValueError(
            "Invalid aggregation_method: it must be None or a value of AggregationMethod, "
            f"got {method!r}"
        )
