"""Notes: what a report says of a subject below the table, a sentence each."""

import re
from collections import Counter

from ..judge.arithmetics import equal_arithmetics, shows_moments
from ..judge.verdict import Report
from ..trial.contract import NO_PARAMETER, NO_PROGRAM, NOT_SUPPORTED
from .text import count_of

# The reason of a vector whose feature is not declared.
# Why something is lacking -> what is said of all that is lacking for this reason.
_LACKS = {
    NO_PARAMETER: "its signature lacks",
    NOT_SUPPORTED: "what it supports lacks",
    NO_PROGRAM: "a program cannot be asked for",
}
_DECLARE = re.compile(r'(make\.\w+) = \{"(\w+)"\}')


def sentences_about(report: Report) -> list[str]:
    """Return what is waived, not supported, declared or stale, and last what decides."""
    sentences = list(report.subject.notes)
    if report.subject.is_guess and report.convention.name == report.subject.convention:
        sentences.append(
            f"nothing says which convention it follows; {report.convention.name} is what its kind "
            "has. `adamref identify` finds out, and --convention states another"
        )
    # Many vectors have one reason: it is said once.
    reasons = Counter(comparison.reason for comparison in report.waived)
    for reason, count in reasons.items():
        sentences.append(f"{count_of(count, 'vector')} waived: {reason}")
    if report.unsupported:
        sentences += _not_supported(report)
    if report.unasked:
        sentences.append(
            f"not asked: {', '.join(report.unasked)}, which convention {report.convention.name} "
            "has not; `adamref identify` finds whose it is, and --convention names that"
        )
    if report.subject.accuracy:
        sentences.append(
            f"judged by its accuracy class {report.subject.accuracy}, with a bound that is wider "
            "by that; vectors too large to be solved anew are left out"
        )
    for dtype, storage in report.subject.storage.items():
        sentences.append(f"judged in {dtype} as keeping {storage}")
    if not report.subject.roundings.is_ordinary:
        sentences.append(_within_roundings(report))
    if means := _means(report):
        sentences.append(means)
    if report.flushes:
        sentences.append(
            "while it runs, subnormal numbers are flushed to zero; the judge computes without that"
        )
    if report.conformant:
        sentences += _cost_of_rounding(report)
    if report.suite.config and report.conformant and not shows_moments(report):
        sentences.append(
            f"arithmetic {report.arithmetic} is that of the convention: with --config and without "
            "slots() nothing tells it from others"
        )
    elif others := equal_arithmetics(report):
        sentences.append(
            f"arithmetic {report.arithmetic} fits, and so do {', '.join(others)}: without slots() "
            "nothing tells them apart"
        )
    sentences += [f"stale {sentence}" for sentence in report.stale]
    if report.diagnosis:
        sentences.append(report.diagnosis)
    elif scope := report.scope.alone:
        sentences.append(
            f"it is right in {scope} alone: {report.scope.told} of the {report.scope.asked} "
            "vectors could be asked"
        )
    return sentences


def _within_roundings(report: Report) -> str:
    """Return what the declaration of roundings permits, and whether less would be enough."""
    declared = report.subject.roundings
    sentence = (
        f"judged within {declared}: each operation of an equation may err by so many roundings, "
        "and the bound is so many times wider"
    )
    least = report.least_roundings
    if not report.conformant or least is None:
        return sentence
    if least.is_ordinary:
        return f"{sentence}; it conforms without, too"
    return f"{sentence}; {least} is enough" if declared.is_far_above(least) else sentence


def _not_supported(report: Report) -> list[str]:
    """Return how many vectors are not supported, and how many of them for which reason."""
    # The words for a reason -> what is lacking, and the count of vectors.
    lacking: dict[str, dict[str, None]] = {}
    counts: Counter[str] = Counter()
    for comparison in report.unsupported:
        words, name = _lack_in_words(comparison.reason)
        lacking.setdefault(words, {})[name] = None
        counts[words] += 1
    total = f"{len(report.unsupported)} of {count_of(len(report.comparisons), 'vector')}"
    sentences = [f"{total} not supported"]
    for words, count in counts.most_common():
        names = ", ".join(lacking[words])
        sentences.append(f"not supported, {count_of(count, 'vector')}: {words} {names}".rstrip())
    return sentences


def _lack_in_words(reason: str) -> tuple[str, str]:
    """Return what is said of all that is lacking for a reason, and the name of what is lacking."""
    what, _, why = reason.partition(": ")
    if declared := _DECLARE.search(why):
        return f"{declared[1]} lacks", declared[2]
    if why in _LACKS:
        return _LACKS[why], what
    # In the subject's own words, or the name of a method.
    return reason, ""


def _means(report: Report) -> str:
    """Return the mean signed errors in a sentence; empty if there are none."""
    amounts = []
    for dtype in ("float32", "float64"):
        means = [report.means.get((dtype, of)) for of in ("params", "m", "v")]
        if any(mean is not None for mean in means):
            shown = " ".join(map(_with_sign, means))
            amounts.append(f"{shown} ({dtype} p/m/v)")
    if not amounts:
        return ""
    return f"mean signed error over the bound {', '.join(amounts)}; rounding alone is near 0"


def _with_sign(mean: float | None) -> str:
    return "-" if mean is None else f"{mean:+.2f}"


def _cost_of_rounding(report: Report) -> list[str]:
    """Return a sentence if the accepted arithmetic moves a parameter by a whole unit or more."""
    # Less than a unit is lost in the rounding of any step.
    costs = report.costs()
    if all(ulps < 1 for ulps in costs.values()):
        return []
    amounts = [f"{ulps:.3g} ({dtype})" for dtype, ulps in sorted(costs.items())]
    whose = f"its convention accepts arithmetic {report.arithmetic}"
    if report.subject.arithmetic:
        whose = f"the declared arithmetic is {report.arithmetic}"
    return [
        f"{whose}; compared with binary64 scalars, "
        f"parameters move by up to {' and '.join(amounts)} units in the last place"
    ]
