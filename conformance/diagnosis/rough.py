"""Rough operations: the explainer of errors that a declaration of roundings would permit.

For example, an Adam with `__powf` is right but for the last digits of beta^t. The largest error of
a parameter is 39.2 bounds, so it is right within `E5=40`, and the report says how to declare that.
"""

from dataclasses import replace
from typing import NamedTuple

from ..identity.known_mistakes import ROUNDING_BOUNDS
from ..subject.roundings import Roundings
from ..trial.comparison import EQUATIONS, Comparison, least_declaration
from .case import Case
from .explanation import Explanation, Kind
from .guesses import another_point, known_mistake

# An arithmetic that the convention does not accept must need so many times fewer roundings.
_CLEARLY_LESS = 4


class _Way(NamedTuple):
    """An arithmetic, and the least declaration by which nothing fails under it."""

    code: str
    declaration: Roundings

    @property
    def most(self) -> int:
        """The roundings of the equation that needs most."""
        return max(self.declaration.by_equation.values(), default=1)


def rough_operations(case: Case) -> Explanation | None:
    """Every failure is a number that is off by a few roundings, in formulas that are right."""
    # What differs from run to run is more than rough.
    if case.unrepeatable:
        return None
    way = _least_way(case)
    # Another formula or a mistake says more, and so it comes first.
    if way is None or another_point(case) or _is_known_mistake(case, way):
        return None
    declaration = way.declaration
    options = f"--roundings {declaration}"
    where = ""
    if way.code not in case.convention.arithmetics:
        options = f"--arithmetic {way.code} {options}"
        where = f" with arithmetic {way.code}"
    remark = (
        f"its formulas are right, and its operations are rough: it is right within {declaration}"
        f"{where}, so `{options}` declares it; {_largest_error(case, way)}"
    )
    return Explanation(
        kind=Kind.ROUGH,
        points=(str(declaration),),
        failed=len(case.failed_ids),
        remark=remark,
        roundings=declaration,
    )


def _is_known_mistake(case: Case, way: _Way) -> bool:
    comparisons = case.judged.under(case.convention.axes, way.code)
    # Errors so small are what a known mistake may be off itself: any of them would fit.
    if max(one.worst_ratio for one in comparisons) <= ROUNDING_BOUNDS:
        return False
    return known_mistake(case) is not None


def _least_way(case: Case) -> _Way | None:
    accepted = case.convention.arithmetics
    own = [way for code in accepted if (way := _way(case, code))]
    others = [way for code in case.suite.arithmetics if (way := _way(case, code))]
    least = min(own, key=lambda way: way.most, default=None)
    least_of_all = min(others, key=lambda way: way.most, default=None)
    # The bound of a coarse arithmetic alone is wide enough for a wrong correction late in a run.
    if least is None or least_of_all is None:
        return None
    return least_of_all if _CLEARLY_LESS * least_of_all.most <= least.most else least


def _way(case: Case, code: str) -> _Way | None:
    """Return the least declaration under an arithmetic; None if none makes everything right."""
    axes = case.convention.axes
    count = len(case.comparisons)
    comparisons = case.judged.under(axes, code)
    declaration = least_declaration(comparisons)
    if declaration is None or len(comparisons) < count:
        return None
    # Judged again, because only that shows that nothing is left.
    bounds = declaration.by_quantity
    runs = [replace(run, vector=run.vector.within(bounds)) for run in case.judged.runs]
    return _Way(code, declaration) if case.judged.only(runs).fits(axes, code, count) else None


def _largest_error(case: Case, way: _Way) -> str:
    """Return where the largest error is, and how many bounds it has."""
    comparisons = case.judged.under(case.convention.axes, way.code)
    worst = max(comparisons, key=_error)
    quantity = max(worst.worst, key=lambda of: worst.worst[of])
    return (
        f"the largest error is in {EQUATIONS[quantity]} of {worst.vector.id}, "
        f"{_error(worst):.4g} times the bound"
    )


def _error(comparison: Comparison) -> float:
    """Return the largest error, as a multiple of the bound of right Adams."""
    roundings = comparison.vector.roundings
    errors = [ratio * roundings.get(of, 1) for of, ratio in comparison.worst.items()]
    return max(errors, default=0.0)
