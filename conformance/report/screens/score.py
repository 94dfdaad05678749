"""What the suite is worth, for people, as Markdown and as JSON."""

from collections import Counter
from collections.abc import Iterator
from math import inf
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ...defects import DEFECTS
from ...selftest.mutants import EQUIVALENT
from ...selftest.selftest import CLASSES, Score, far
from ...vectors.words import finite
from ..text import short

# How many vectors are named that find most.
_MOST = 12


def rows(score: Score) -> Iterator[tuple[str, str]]:
    """What was measured, and the result; nothing that changes from run to run."""
    killed = [name for name, vectors in score.kills.items() if vectors]
    by_class = Counter(one.entry[0] for one in DEFECTS)
    found = Counter(one.entry[0] for one in DEFECTS if one.name in killed)
    parts = ", ".join(f"{CLASSES[letter]} {found[letter]} of {n}" for letter, n in by_class.items())
    yield "wrong Adams rejected", f"{len(killed)} of {len(score.kills)}: {parts}"
    live = [name for name in score.mutants if name not in EQUIVALENT]
    caught = sum(score.mutants[name] is not None for name in live)
    yield (
        "changes of one place of the reference rejected",
        f"{caught} of {len(live)}; {len(EQUIVALENT)} more change nothing",
    )
    accepted, orders = sum(score.honest.values()), len({name for name, _ in score.honest})
    yield (
        "right Adams accepted",
        f"{accepted} of {len(score.honest)}: {orders} orders of operations, each as several conventions",
    )
    for dtype, ratios in score.worst.items():
        shown = ", ".join(f"{of} {short(ratio)}" for of, ratio in ratios.items())
        yield f"worst of them in {dtype}, in bounds", shown
    apart = [pair for pair in score.pairs if pair.apart]
    least = {d: min((pair.apart.get(d, 0.0) for pair in apart), default=0.0) for d in score.worst}
    weakest = " and ".join(f"{bounds:,.0f} in {dtype}" for dtype, bounds in least.items())
    yield (
        "pairs of named conventions told apart",
        f"{len(apart)} of {len(score.pairs)}, by {weakest} bounds or more; the others differ only in what they lack",
    )


def markdown(score: Score) -> str:
    """The table of README.md."""
    lines = [
        "| what | score |",
        "|---|---|",
        *(f"| {what} | {result} |" for what, result in rows(score)),
    ]
    return "\n".join(lines) + "\n"


def show(console: Console, score: Score) -> None:
    """Print the score, what survives, and who tells whom apart."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for what, result in rows(score):
        table.add_row(Text(what, "bold"), result)
    console.print(table)
    for name, why in score.survivors.items():
        console.print(Text.assemble(("survives  ", "yellow"), f"{name}: {why}"), soft_wrap=True)
    for name in score.false_alarms:
        console.print(Text.assemble(("false alarm  ", "red"), name), soft_wrap=True)
    console.print(_matrix(score))
    console.print(
        "bounds between two conventions, the least of float32 and float64; . where only what they lack differs"
    )
    most = sorted(score.alone.items(), key=lambda pair: -pair[1])[:_MOST]
    named = ", ".join(f"{vector} {count}" for vector, count in most)
    console.print(
        Text.assemble(("wrong Adams that a vector finds alone  ", "bold"), named), soft_wrap=True
    )
    console.print(f"{score.seconds:.0f} s")


def _matrix(score: Score) -> Table:
    names = list(dict.fromkeys(name for pair in score.pairs for name in (pair.one, pair.other)))
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("", no_wrap=True)
    for at in range(1, len(names)):
        table.add_column(str(at), justify="right", no_wrap=True)
    cells = {(pair.other, pair.one): _cell(pair.apart) for pair in score.pairs}
    for at, name in enumerate(names):
        table.add_row(f"{at + 1} {name}", *(cells.get((name, other), "") for other in names[:-1]))
    return table


def _cell(apart: dict[str, float]) -> str:
    if not apart:
        return "."
    least = min(apart.values())
    return "raises" if least == inf else f"{least:.0e}"


def as_dict(score: Score) -> dict[str, Any]:
    """All of it, as JSON has it."""
    return {
        "passed": score.passed,
        "kills": {name: list(vectors) for name, vectors in score.kills.items()},
        "mutants": dict(score.mutants),
        "survivors": score.survivors,
        "honest": [
            {"variant": v, "convention": c, "accepted": ok} for (v, c), ok in score.honest.items()
        ],
        "false_alarms": score.false_alarms,
        "worst": {dtype: dict(ratios) for dtype, ratios in score.worst.items()},
        "pairs": [
            {
                "one": p.one,
                "other": p.other,
                "apart": {d: finite(x) for d, x in p.apart.items()},
                "far": far(p),
            }
            for p in score.pairs
        ],
        "alone": score.alone,
        "seconds": round(score.seconds, 1),
    }
