"""What the wrong Adams of half precision claim to keep."""

from ...vectors.storage import read_storage


def both(text: str) -> dict[str, str]:
    """Return a storage in bfloat16 and in float16."""
    return read_storage({"bfloat16": text, "float16": text})


ROUNDED = both("weights=rounded")
MASTER = both("weights=master")
COMPENSATED = both("weights=compensated")
NATIVE_MOMENTS = both("weights=rounded,moments=T")
SPLIT = read_storage({"bfloat16": "weights=split"})
RANDOM = read_storage({"bfloat16": "weights=stochastic"})
