"""What declared roundings cost, as Markdown: which wrong Adams pass within them."""

from collections.abc import Iterator

from ...defects import DEFECTS
from ...selftest.roundings import DECLARATIONS, nearest, passing
from ...selftest.score import Score
from ..text import short


def roundings_markdown(score: Score) -> str:
    """Return the two tables of the README of defects/."""
    return "\n".join([*_declarations(score), "", *_nearest(score)]) + "\n"


def _declarations(score: Score) -> Iterator[str]:
    yield "| declaration | wrong Adams rejected | that pass |"
    yield "|---|---|---|"
    for declaration in DECLARATIONS:
        names = passing(score, declaration)
        rejected = f"{len(score.kills) - len(names)} of {len(score.kills)}"
        yield f"| `{declaration}` | {rejected} | {', '.join(names) or '-'} |"


def _nearest(score: Score) -> Iterator[str]:
    what = {defect.name: defect.what for defect in DEFECTS}
    yield "| wrong Adam | its mistake | params | m | v |"
    yield "|---|---|---|---|---|"
    for one in nearest(score):
        errors = (short(one.errors.get(of)) for of in ("params", "m", "v"))
        yield f"| {one.name} | {what[one.name]} | {' | '.join(errors)} |"
