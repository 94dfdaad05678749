"""The dtypes that a parameter may have, and the dtypes of its moments."""

from .state import Array

# dtype of a parameter -> dtypes that its moments may have; the usual one first.
_STATES = {
    "float16": ("float16", "float32"),
    "bfloat16": ("float32",),
    "float32": ("float32",),
    "float64": ("float64",),
}
# dtype of a parameter -> dtype of the moments in kernels, which compute in no half precision.
KERNEL_STATES = {name: allowed[-1] for name, allowed in _STATES.items()}
# dtype -> bytes of one number.
ITEM_BYTES = {"float16": 2, "bfloat16": 2, "float32": 4, "float64": 8}


def state_dtypes(param: Array, name: str = "param") -> tuple[str, ...]:
    """Return the dtypes that the moments of a parameter may have, the usual one first.

    Args:
        param: the parameter.
        name: its name in an error.

    Raises:
        ValueError: Adam is not defined for the dtype of ``param``.
    """
    # A dtype in foreign byte order has the same name as the native one.
    allowed = _STATES.get(param.dtype.name) if param.dtype.isnative else None
    if allowed is None:
        raise ValueError(
            f"{name} must be float16, bfloat16, float32 or float64, in native byte order, "
            f"got {param.dtype}"
        )
    return allowed
