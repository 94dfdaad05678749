"""What the golden vectors tell apart: wrong Adams by topic, and conventions by pairs.

Everything here is measured from the vectors themselves when the picture is drawn.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import NamedTuple

import numpy as np

from ...defects import DEFECTS
from ...defects.defect import Defect, DefectKind
from ...diagnosis.differences import differences
from ...on_demand.solver import Solver
from ...subject.subject import from_make
from ...trial.compare import compare
from ...trial.run import run
from ...vectors import files
from ...vectors.suite import Suite
from ...vectors.vector import Vector
from .sheet import Sheet
from .themes import Theme

# Topics are rows; one more is all of them together.
TOGETHER = "all together"
# The kinds in few words.
KINDS = {
    DefectKind.BUG: "wrong\nformulas",
    DefectKind.OTHER_CONVENTION: "another\nconvention",
    DefectKind.SPARSE: "sparse\ngradients",
    DefectKind.CONTRACT: "interface",
    DefectKind.NUMERICS: "numerics",
    DefectKind.HALF: "half\nprecision",
    DefectKind.OURS: "our\ninventions",
}
# The dtype in which every convention has most answers.
_DTYPE = "float32"


class Catch(NamedTuple):
    """What vectors find.

    Fields:
        table: topic -> kind -> how many wrong Adams the vectors of the topic find; the topic that
            finds most comes first, after all of them together.
        totals: kind -> how many wrong Adams were tried.
        vectors: how many vectors were tried.
    """

    table: Mapping[str, Mapping[DefectKind, int]]
    totals: Mapping[DefectKind, int]
    vectors: int


def shipped_catch() -> Catch:
    """Return what the vectors of level quick find, of all wrong Adams."""
    suite = files.load()
    return catch(suite, DEFECTS, quick_vectors(suite))


def catch(suite: Suite, defects: Sequence[Defect], vectors: Sequence[Vector]) -> Catch:
    """Return what some vectors find, of some wrong Adams."""
    found = kills(suite, defects, vectors)
    totals = Counter(defect.kind for defect in defects)
    return Catch(counts(found, defects), totals, len(vectors))


def shipped_pairs() -> dict[tuple[str, str], int]:
    """Return `pairs` of all named conventions."""
    suite = files.load()
    return pairs(suite, list(suite.conventions))


def quick_vectors(suite: Suite) -> list[Vector]:
    """Return the few vectors that together find every wrong Adam."""
    return [vector for vector in suite.vectors if vector.id in suite.quick]


def kills(
    suite: Suite, defects: Sequence[Defect], vectors: Sequence[Vector]
) -> dict[str, set[str]]:
    """Return wrong Adam -> the topics of the vectors that it fails."""
    found: dict[str, set[str]] = {}
    for defect in defects:
        subject = from_make(defect.make)
        listed = suite.conventions[str(subject.convention)]
        topics = set()
        for vector in vectors:
            result = run(subject, vector)
            answers = result.answers_for(listed.axes, listed.arithmetics[0])
            if answers and compare(result, answers).failed:
                topics.add(vector.topic)
        found[defect.name] = topics
    return found


def counts(
    found: Mapping[str, set[str]], defects: Sequence[Defect]
) -> dict[str, dict[DefectKind, int]]:
    """Return the table of `Catch`."""
    topics = sorted(set().union(*found.values()))
    table = {topic: dict.fromkeys(KINDS, 0) for topic in (TOGETHER, *topics)}
    for defect in defects:
        rows = sorted(found[defect.name])
        if rows:
            rows.append(TOGETHER)
        for topic in rows:
            table[topic][defect.kind] += 1
    # Stable, so that what is first, all together, stays first among equals.
    order = sorted(table, key=lambda topic: -sum(table[topic].values()))
    return {topic: table[topic] for topic in order}


def pairs(suite: Suite, names: Sequence[str]) -> dict[tuple[str, str], int]:
    """Return pair of conventions -> how many golden vectors of float32 tell the two apart.

    A vector tells them apart if a parameter differs by more than a bound, or one of them raises.
    """
    chosen = [vector for vector in suite.vectors if vector.dtype == _DTYPE and vector.dyadic]
    smaller = replace(suite, vectors=chosen)
    solver = Solver()
    found = {}
    for one, other in combinations(names, 2):
        listed = (suite.conventions[one], suite.conventions[other])
        apart = differences(*listed, smaller, solver)
        found[one, other] = sum(difference.bounds > 1 for difference in apart)
    return found


def draw_topics(theme: Theme, found: Catch) -> Sheet:
    """Draw how many wrong Adams of each kind the vectors of each topic find."""
    everything = sum(found.totals.values())
    caught = sum(found.table[TOGETHER].values())
    sheet = Sheet(
        theme,
        f"{found.vectors} vectors find {caught} of {everything} wrong Adams; no topic finds all",
        "Wrong Adams of each kind that the vectors of a topic find (level quick, a topic a row)",
    )
    shares = []
    texts = []
    for row in found.table.values():
        # A kind of which none was tried has a total of 0.
        shares.append([row[kind] / max(1, found.totals[kind]) for kind in KINDS])
        texts.append([str(row[kind] or "") for kind in KINDS])
    columns = [f"{words}\nof {found.totals[kind]}" for kind, words in KINDS.items()]
    sheet.table(0, np.array(shares), texts, list(found.table), columns)
    sheet.panels[0].xaxis.tick_top()
    sheet.place(left=0.16, top=0.76, bottom=0.03)
    return sheet


def draw_pairs(theme: Theme, found: Mapping[tuple[str, str], int]) -> Sheet:
    """Draw how many vectors tell each pair of conventions apart."""
    names = list(dict.fromkeys(name for pair in found for name in pair))
    same = sum(not number for number in found.values())
    sheet = Sheet(
        theme,
        f"{len(found) - same} of {len(found)} pairs of conventions are told apart by vectors",
        f"How many dyadic float32 vectors do so; the other {same} compute the same where both can",
    )
    size = len(names)
    numbers = np.full((size, size), np.nan)
    for (one, other), number in found.items():
        # Below the diagonal, because a distance has no direction.
        numbers[names.index(other), names.index(one)] = number
    # The first row and the last column have nothing below the diagonal.
    numbers = numbers[1:, :-1]
    texts = [list(map(_text, row)) for row in numbers]
    # A ramp of roots, because few vectors differ much from none.
    shares = np.sqrt(numbers / np.nanmax(numbers))
    sheet.table(0, shares, texts, names[1:], names[:-1], 12)
    sheet.panels[0].tick_params(axis="x", rotation=40)
    for text in sheet.panels[0].get_xticklabels():
        text.set(ha="right", rotation_mode="anchor")
    sheet.place(left=0.14, top=0.84, bottom=0.17)
    return sheet


def _text(number: float) -> str:
    return "" if np.isnan(number) else f"{number:.0f}"
