"""The worth of the suite, for people, as Markdown and as JSON."""

from collections import Counter
from collections.abc import Iterator
from math import inf
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ...defects import DEFECTS
from ...defects.defect import DefectKind
from ...selftest.mutants import EQUIVALENT
from ...selftest.score import Score, far
from ...vectors.words import finite
from ..text import short

# How many of the vectors that find most are named.
_MOST = 12


def rows(score: Score) -> Iterator[tuple[str, str]]:
    """Yield what was measured, and the result; nothing that changes from run to run."""
    yield from _rejected_counts(score)
    # An equivalent mutant is no mistake, so that nothing can find it.
    live = [name for name in score.mutants if name not in EQUIVALENT]
    found = [name for name in live if score.mutants[name] is not None]
    yield (
        "mutants of the reference rejected",
        f"{len(found)} of {len(live)}; {len(EQUIVALENT)} more are equivalent to the reference",
    )
    combinations = score.combinations
    yield (
        "pairs of settings of two features, such as AMSGrad and a changing learning rate, where a "
        "mistake that shows in this pair alone fails a vector by 64 bounds",
        f"{len(combinations.shown)} of {combinations.legal}",
    )
    yield (
        "triples of such settings that some vector has together",
        f"{combinations.covered_triples} of {combinations.triples}",
    )
    yield (
        "- of these, where a mistake in this triple alone would show",
        f"{combinations.shown_triples}",
    )
    # One order of operations is tried as several conventions.
    accepted = sum(score.honest.values())
    orders = len({name for name, _ in score.honest})
    yield (
        "right Adams accepted",
        f"{accepted} of {len(score.honest)}: {orders} orders of operations, "
        "each under one or more conventions",
    )
    for dtype, ratios in score.worst.items():
        errors = (f"{quantity} {short(ratio)}" for quantity, ratio in ratios.items())
        yield f"- largest errors in {dtype}, divided by the bound", ", ".join(errors)
    yield from _pairs_told_apart(score)


def _rejected_counts(score: Score) -> Iterator[tuple[str, str]]:
    """Yield how many wrong Adams some vector finds, in all and of each kind."""
    killed = [name for name, vectors in score.kills.items() if vectors]
    total = Counter(defect.kind for defect in DEFECTS)
    found = Counter(defect.kind for defect in DEFECTS if defect.name in killed)
    yield "wrong Adams rejected", f"{len(killed)} of {len(score.kills)}"
    for kind in DefectKind:
        yield f"- {kind}", f"{found[kind]} of {total[kind]}"


def _pairs_told_apart(score: Score) -> Iterator[tuple[str, str]]:
    """Yield how many pairs differ in some vector, and the smallest difference among them."""
    pairs = [pair for pair in score.pairs if pair.apart]
    smallest = []
    for dtype in score.worst:
        bounds = min((pair.apart.get(dtype, 0.0) for pair in pairs), default=0.0)
        smallest.append(f"{bounds:.2g} in {dtype}")
    yield (
        "pairs of named conventions told apart",
        f"{len(pairs)} of {len(score.pairs)}; the other pairs have the same formulas, and differ "
        "only in the features that they cover",
    )
    yield (
        "- smallest distance between two conventions told apart, divided by the bound",
        ", ".join(smallest),
    )


def markdown(score: Score) -> str:
    """Return the table of README.md."""
    lines = ["| what | score |", "|---|---|"]
    lines += [f"| {what} | {result} |" for what, result in rows(score)]
    return "\n".join(lines) + "\n"


def show(console: Console, score: Score) -> None:
    """Print the score, the survivors, and the distance of each pair of conventions."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for what, result in rows(score):
        table.add_row(Text(what, "bold"), result)
    console.print(table)
    for name, why in score.survivors.items():
        console.print(Text.assemble(("survives  ", "yellow"), f"{name}: {why}"), soft_wrap=True)
    for one, other in (*score.combinations.uncovered, *score.combinations.hidden):
        hidden = Text.assemble(("not shown  ", "yellow"), f"{one} and {other}")
        console.print(hidden, soft_wrap=True)
    for name in score.false_alarms:
        console.print(Text.assemble(("false alarm  ", "red"), name), soft_wrap=True)
    console.print(_matrix(score))
    console.print(
        "distance of two conventions in bounds, the smaller of float32 and float64; "
        "a dot: they differ only in supported features"
    )
    most = sorted(score.alone.items(), key=lambda item: -item[1])[:_MOST]
    named = ", ".join(f"{vector} {count}" for vector, count in most)
    title = ("wrong Adams that a vector finds by itself  ", "bold")
    console.print(Text.assemble(title, named), soft_wrap=True)
    console.print(f"{score.seconds:.0f} s")


def _matrix(score: Score) -> Table:
    """Return the distances as a triangle, in which numbers stand for the names of the columns."""
    names = list(dict.fromkeys(name for pair in score.pairs for name in (pair.one, pair.other)))
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("", no_wrap=True)
    for number in range(1, len(names)):
        table.add_column(str(number), justify="right", no_wrap=True)
    # Only the half below the diagonal: a distance has no direction.
    cells = {(pair.other, pair.one): _cell(pair.apart) for pair in score.pairs}
    for number, name in enumerate(names, 1):
        row = (cells.get((name, column), "") for column in names[:-1])
        table.add_row(f"{number} {name}", *row)
    return table


def _cell(apart: dict[str, float]) -> str:
    if not apart:
        return "."
    # Infinite in every dtype: one of the two raises, and no number tells how far they are apart.
    least = min(apart.values())
    return "raises" if least == inf else f"{least:.0e}"


def as_dict(score: Score) -> dict[str, Any]:
    """Return the whole score as JSON has it."""
    # Published names: they stay, even where the code has better ones by now.
    return {
        "passed": score.passed,
        "kills": {name: list(vectors) for name, vectors in score.kills.items()},
        "mutants": dict(score.mutants),
        "survivors": score.survivors,
        "honest": [
            {"variant": variant, "convention": convention, "accepted": accepted}
            for (variant, convention), accepted in score.honest.items()
        ],
        "false_alarms": score.false_alarms,
        "worst": {dtype: dict(ratios) for dtype, ratios in score.worst.items()},
        "pairs": [
            {
                "one": pair.one,
                "other": pair.other,
                "apart": {dtype: finite(bounds) for dtype, bounds in pair.apart.items()},
                "far": far(pair),
            }
            for pair in score.pairs
        ],
        "combinations": {
            "legal": score.combinations.legal,
            "shown": len(score.combinations.shown),
            "uncovered": [f"{one} and {other}" for one, other in score.combinations.uncovered],
            "hidden": [f"{one} and {other}" for one, other in score.combinations.hidden],
            "triples": score.combinations.triples,
            "covered_triples": score.combinations.covered_triples,
            "shown_triples": score.combinations.shown_triples,
        },
        "alone": score.alone,
        "seconds": round(score.seconds, 1),
    }
