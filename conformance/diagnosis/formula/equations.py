"""Equations: which formula an Adam has where no known one fits, found from what it returns.

`find_formulas` exchanges one or two parts of the claimed formula (see `formulas`), until every
parameter of every plain vector is what the subject returned. For example, moments that are right
and steps of `learning_rate * m_hat / sqrt(v_hat + epsilon)` are found as this formula.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from ...trial.outcomes import RunStatus
from ...trial.run import Run
from ...vectors.answer import Axes
from ...vectors.vector import loads_several_t, size
from .formulas import (
    CONSTANTS,
    NUMERATORS,
    PAPER,
    PARTS,
    RATES,
    ROOTS,
    SECONDS,
    TIMES,
    Formula,
    Numbers,
    Samples,
)
from .samples import flat, places_of, sample_of, slot_of, units

# In elements times steps: larger vectors say no more.
_LARGEST = 300
# A vector is plain if it needs nothing but these.
_PLAIN = frozenset({"float32", "float64", "schedule", "load"})
# A step may be off by this part, which rounding of scalars to binary32 may do,
_PART = 3e-4
# and a parameter by this many units in the last place.
_UNITS = 8
# Beyond this, or not a number, results are one to binary32.
_HUGE = 1e30
# A factor is told from steps that are so many units.
_DECISIVE_UNITS = 2**12
# So many formulas that fit are enough.
_MOST = 2
# Values on the axis `bias_correction` that correct a moment.
_CORRECTS_FIRST = ("both", "first")
_CORRECTS_SECOND = ("both", "second")
_ROOT_OF = {"inside": "sqrt({v} + {e})"}
_CONSTANT_OF = {"hat": "epsilon / sqrt(1 - beta2^t)"}


def find_formulas(runs: Sequence[Run], axes: Axes) -> list[str]:
    """Return the formulas that explain all plain vectors, in words; empty if none does.

    It is empty, too, if the formula of the claimed convention explains them.

    Args:
        runs: of the subject.
        axes: the claimed convention.
    """
    plain = [one for one in runs if _is_plain(one)]
    if not plain:
        return []
    observed = _Observed(sorted(plain, key=lambda one: size(one.vector)))
    claimed = claimed_formula(axes)
    with np.errstate(all="ignore"):
        if observed.fits(claimed):
            return []
        for count in (1, 2):
            formulas = _exchange(claimed, count)
            fitting = [formula for formula in formulas if observed.fits(formula)]
            if fitting:
                return [_words(formula, claimed) for formula in fitting[:_MOST]]
        return _factors(plain, claimed)


def _factors(plain: Sequence[Run], claimed: Formula) -> list[str]:
    """Return the formula whose steps are the subject's but for a factor, which is one part more."""
    unchanged = [one for one in plain if "schedule" not in one.vector.features]
    for runs, where in ((plain, ""), (unchanged, " where the learning rate never changes")):
        observed = _Observed(runs)
        for formula in (claimed, *_exchange(claimed, 1)):
            factor = observed.factor(formula)
            if factor is not None:
                return [_words(formula, claimed, f"{factor:.4g} * ") + where]
    return []


def shows_corrected(runs: Sequence[Run]) -> bool:
    """Return whether a subject shows m_hat and v_hat as its moments, in all plain vectors."""
    observed = _Observed([one for one in runs if _is_plain(one)])
    with np.errstate(all="ignore"):
        return observed.shows_corrected()


def claimed_formula(axes: Axes) -> Formula:
    """Return the formula of a convention."""
    corrected = axes["bias_correction"]
    return PAPER._replace(
        numerator=PAPER.numerator if corrected in _CORRECTS_FIRST else "m",
        corrected=PAPER.corrected if corrected in _CORRECTS_SECOND else "v",
        root=_ROOT_OF.get(axes["epsilon"], PAPER.root),
        constant=_CONSTANT_OF.get(axes["epsilon"], PAPER.constant),
    )


def _is_plain(one: Run) -> bool:
    vector = one.vector
    if one.status is not RunStatus.RAN or not vector.features <= _PLAIN:
        return False
    # Binary64 overflows elsewhere.
    if vector.topic == "extremes":
        return False
    return size(vector) <= _LARGEST and not loads_several_t(vector)


def _exchange(formula: Formula, count: int) -> Iterator[Formula]:
    """Yield the formulas with ``count`` other parts."""
    for places in combinations(range(len(PARTS)), count):
        for keys in product(*(PARTS[place] for place in places)):
            if any(formula[place] == key for place, key in zip(places, keys, strict=True)):
                continue
            parts = list(formula)
            for place, key in zip(places, keys, strict=True):
                parts[place] = key
            yield Formula(*parts)


def _words(formula: Formula, claimed: Formula, factor: str = "") -> str:
    """Return the equations in which a formula differs from the claimed one."""
    words = []
    if formula.first != claimed.first:
        words.append(f"in E1 m = {formula.first} (and not {claimed.first})")
    if formula.second != claimed.second:
        words.append(f"in E2 v = {formula.second} (and not {claimed.second})")
    if factor or formula.step != claimed.step:
        words.append(f"in E5 the step is {factor}{formula.step} (and not {claimed.step})")
    return " and ".join(words)


class _Observed:
    """What a subject returned in some runs, to compare formulas with."""

    def __init__(self, runs: Sequence[Run]) -> None:
        self._places = [place for run in runs for place in places_of(run)]
        # Moments are the same for all formulas with the same recurrences, and so are parts.
        self._samples = cache(self._sample)
        self._part = cache(self._evaluate)
        self._has_moments = cache(self._compare_moments)
        after = self._samples(PAPER.first, PAPER.second).after
        each = [units(place) for place in self._places]
        self._unit = np.concatenate(each) if each else after
        self._slots = {slot: self._shown(slot) for slot in ("m", "v")}

    def fits(self, formula: Formula) -> bool:
        """Return whether the subject returned what a formula gives."""
        if not self._places or not self._has_moments(formula.first, formula.second):
            return False
        samples = self._samples(formula.first, formula.second)
        step = self._step(formula)
        due = samples.before - step
        near = np.abs(samples.after - due) <= _UNITS * self._unit + _PART * np.abs(step)
        # Binary32 overflows earlier.
        lost = _is_huge(samples.after) & _is_huge(due)
        return bool(np.all(near | lost))

    def factor(self, formula: Formula) -> float | None:
        """Return the number by which every step must be multiplied; None if there is none."""
        if not self._has_moments(formula.first, formula.second):
            return None
        samples = self._samples(formula.first, formula.second)
        step = self._step(formula)
        taken = samples.before - samples.after
        told = np.isfinite(step) & (np.abs(step) > _DECISIVE_UNITS * self._unit)
        factors = taken[told] / step[told]
        if factors.size < _DECISIVE_UNITS**0.25 or not np.all(np.isfinite(factors)):
            return None
        middle = float(np.median(factors))
        alike = np.abs(factors - middle) <= 2 * _PART * abs(middle)
        return middle if middle and bool(np.all(alike)) else None

    def _step(self, formula: Formula) -> Numbers:
        of = (formula.first, formula.second, formula.time)
        numerator = self._part(*of, "numerator", formula.numerator)
        corrected = self._part(*of, "corrected", formula.corrected)
        constant = self._part(*of, "constant", formula.constant)
        rate = self._part(*of, "rate", formula.rate)
        return rate * numerator / ROOTS[formula.root](corrected, constant)

    def _evaluate(self, first: str, second: str, time: str, kind: str, key: str) -> Numbers:
        tables = {
            "numerator": NUMERATORS,
            "corrected": SECONDS,
            "constant": CONSTANTS,
            "rate": RATES,
        }
        samples = self._samples(first, second)
        return tables[kind][key](samples._replace(t=TIMES[time](samples)))

    def _compare_moments(self, first: str, second: str) -> bool:
        """Return whether the moments that the subject shows are those of two recurrences."""
        samples = self._samples(first, second)
        return all(_is_near(shown, getattr(samples, slot)) for slot, shown in self._slots.items())

    def shows_corrected(self) -> bool:
        """Return whether the moments that the subject shows are m_hat and v_hat."""
        samples = self._samples(PAPER.first, PAPER.second)
        corrected = {"m": NUMERATORS["m_hat"](samples), "v": SECONDS["v_hat"](samples)}
        return all(_is_near(self._slots[slot], due) for slot, due in corrected.items())

    def _shown(self, slot: str) -> Numbers:
        shown = [flat(slot_of(place, slot)) for place in self._places]
        return np.concatenate(shown) if shown else np.zeros(0)

    def _sample(self, first: str, second: str) -> Samples:
        columns = [sample_of(place, first, second) for place in self._places]
        if not columns:
            empty = np.zeros(0)
            return Samples(*(empty for _ in Samples._fields))
        return Samples(*map(np.concatenate, zip(*columns, strict=True)))


def _is_near(shown: Numbers, due: Numbers) -> bool:
    """Return whether moments are near those that are due; NaN where the subject shows none."""
    off = np.abs(shown - due) > _PART * np.abs(due)
    # Binary32 has few digits of what is tiny.
    return not np.any(off & (np.abs(due) > np.finfo(np.float32).tiny))


def _is_huge(numbers: Numbers) -> NDArray[np.bool_]:
    return ~(np.abs(numbers) < _HUGE)
