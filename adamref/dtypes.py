"""Which dtypes a parameter may have, and which moments go with them."""

from .state import Array

# Dtype of a parameter -> the dtypes that its moments may have, the usual one first.
_STATES = {
    "float16": ("float16", "float32"),
    "bfloat16": ("float32",),
    "float32": ("float32",),
    "float64": ("float64",),
}
# Kernels compute in the widest of them.
KERNEL_STATES = {name: allowed[-1] for name, allowed in _STATES.items()}
ITEM_BYTES = {"float16": 2, "bfloat16": 2, "float32": 4, "float64": 8}


def state_dtypes(param: Array, name: str = "param") -> tuple[str, ...]:
    """The dtypes that the state of ``param``, which an error calls ``name``, may have; the usual one first.

    Raises:
        ValueError: ``param`` is not of a dtype that Adam is defined for.
    """
    allowed = _STATES.get(param.dtype.name) if param.dtype.isnative else None
    if allowed is None:
        raise ValueError(
            f"{name} must be float16, bfloat16, float32 or float64, in native byte order, got {param.dtype}"
        )
    return allowed
