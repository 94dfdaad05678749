"""What explains the numbers of a subject: an arithmetic, another convention, or neither."""

from collections.abc import Iterable, Sequence

import numpy as np

from .compare import Comparison, answers_for, compare
from .run import Run
from .vectors import Named, Suite

# A convention that leaves more vectors unexplained is not worth a word.
_NEARLY = 0.15


class Bench:
    """Runs on which conventions and arithmetics are tried; what has the same answers is compared once."""

    def __init__(self, runs: Sequence[Run], require: frozenset[str] = frozenset()) -> None:
        self.runs, self.require = runs, require
        self.known: dict[tuple[int, ...], Comparison] = {}

    def compared(self, named: Named, code: str) -> list[Comparison]:
        return [self._one(one, named, code) for one in self.runs]

    def best(self, named: Named, codes: Iterable[str]) -> str:
        """The arithmetic under which the fewest vectors fail, and of those the one that leaves the least room."""

        def rank(code: str) -> tuple[int, float]:
            found = self.compared(named, code)
            return failures(found), -sum(max(one.worst.values(), default=0.0) for one in found)

        return min(codes, key=rank)

    def _one(self, one: Run, named: Named, code: str) -> Comparison:
        answers = answers_for(one.vector, named.axes | {"arithmetic": resolved(code, one.vector.dtype)})
        key = (id(one), *map(id, answers))
        if key not in self.known:
            comparison = compare(one, answers)
            needed = ", ".join(sorted(one.vector.features & self.require))
            if comparison.status == "unsupported" and needed:
                comparison = comparison._replace(status="failed", reason=f"{needed} is required; {comparison.reason}")
            self.known[key] = comparison
        return self.known[key]


def resolved(code: str, dtype: str) -> str:
    """An arithmetic with T replaced by the format of the parameters."""
    return code.replace("T", {"float32": "s", "float64": "d"}.get(dtype, "T"))


def failures(comparisons: Iterable[Comparison]) -> int:
    return sum(one.status in ("failed", "errored") for one in comparisons)


def rounding(code: str, named: Named, suite: Suite, failed: Sequence[Comparison]) -> str:
    ulps = max(
        (one.discrepancy.ulps for one in failed if one.discrepancy and one.discrepancy.of == "params"), default=0
    )
    return (
        f"the algorithm is right; its scalars are rounded as {code} ({suite.arithmetics[code]}), where {named.name} "
        f"accepts {', '.join(named.arithmetics)}; that costs up to {ulps:.3g} units in the last place of the parameter"
    )


def no_numbers(failed: Sequence[Comparison]) -> str:
    """What there is to say if no vector that failed has a number in it."""
    if all(one.discrepancy is None for one in failed) and len({one.reason for one in failed}) == 1:
        return f"it never came to numbers: {failed[0].reason}"
    if all(one.discrepancy is not None and np.isnan(one.discrepancy.got) for one in failed):
        return "what it returns is not a number (NaN) in every vector that failed"
    return ""


def nearest(bench: Bench, named: Named, suite: Suite, own: float) -> str:
    """The other named convention that explains the most, if it explains nearly everything and more than its ``own``."""
    ranks = []
    for name, other in suite.conventions.items():
        for code in other.arithmetics:
            found = bench.compared(other, code)
            compared = sum(one.status in ("passed", "failed", "errored") for one in found)
            if name != named.name and compared:
                ranks.append((failures(found) / compared, -compared, name, code, failures(found)))
    share, compared, name, code, count = min(ranks, default=(1.0, 0, "", "", 0))
    if share >= min(_NEARLY, own):
        return ""
    if not count:
        return f"these are the numbers of convention {name}, arithmetic {code}: all {-compared} vectors pass"
    return f"nearly convention {name}, arithmetic {code}: {-compared - count} of {-compared} vectors pass"
