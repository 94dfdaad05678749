"""The answers of an entry, as a vector file holds them."""

from decimal import Context, localcontext
from fractions import Fraction

import numpy as np

from ..vectors.entries import Entry
from ..vectors.words import decode_number
from .problem import Problem


def solved(entry: Entry) -> Entry:
    """``entry`` with its answers."""
    if entry["kind"] == "dyadic":
        check_dyadic(entry)
    with localcontext(Context(prec=60)):
        return {
            **{k: v for k, v in entry.items() if k != "answers"},
            "answers": Problem(entry).answers(),
        }


def check_dyadic(entry: Entry) -> None:
    """Raise ValueError unless every power of the betas, and 1 minus it, is exact in binary32."""
    last = entry.get("cycle", len(entry["steps"])) + max(entry.get("load", {}).get("t", [0]))
    for name in ("beta1", "beta2"):
        beta = Fraction(decode_number(entry["config"][name]))
        for t in range(1, last + 1):
            for number in (beta**t, 1 - beta**t):
                if Fraction(float(np.float32(float(number)))) != number:
                    raise ValueError(
                        f"{name} of {entry['id']} must be exact in binary32 up to step {last}, got {beta}"
                    )
