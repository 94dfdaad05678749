"""The report of `adamref check`: the first failures, then a table of the subjects."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ...judge.verdict import Report
from ...waivers.waiver import MEASURED
from ..results import EQUATIONS, LEGEND, Results, RunVerdict
from ..text import printable
from .failures import failures

# Columns that are left out if a terminal is narrow, in this order; the verdict always stays.
_GIVE_WAY = (
    "s",
    "version",
    "float64 p/m/v",
    "float32 p/m/v",
    "arithmetic",
    "convention",
    "unsupported",
)
_WORDS = ("subject", "version", "convention", "verdict", "arithmetic")
_STYLES = {
    RunVerdict.CONFORMANT: "green",
    RunVerdict.WAIVED: "green",
    RunVerdict.OF_CLASS: "green",
    RunVerdict.DECLARED: "green",
    RunVerdict.UNTESTED: "yellow",
    RunVerdict.INCONCLUSIVE: "yellow",
    RunVerdict.INTERRUPTED: "yellow",
}
_GAP = 2
# The first line of a failure: its status, then the subject and the vector.
_HEAD = r"^(?P<red>FAILED|ERRORED)  (?P<bold>.*)  .*  "


def show(console: Console, results: Results, blocks: int) -> None:
    """Print the failures of each report, at most ``blocks`` of each in full, and the table."""
    # The cause stands first and last, because what comes between is long.
    for report in results.reports:
        if report.failures and blocks:
            head = f"{report.verdict}: {printable(report.diagnosis)}"
            name = printable(report.subject.name)
            console.print(Text.assemble((name, "bold"), " ", (head, "red"), "\n"), soft_wrap=True)
        for text in failures(report, blocks):
            failure = Text(text)
            failure.highlight_regex(_HEAD)
            console.print(failure, soft_wrap=True)
    if results.reports:
        console.print(_table(results.reports, results.rows, console.width))
        console.print(LEGEND, style="dim", soft_wrap=True)
        if any(one.failure in MEASURED for report in results.reports for one in report.failures):
            console.print(EQUATIONS, style="dim", soft_wrap=True)
        if results.limits:
            console.print(results.limits, style="dim", soft_wrap=True, markup=False)
    if left_out := results.left_out:
        console.print(
            f"This run is partial ({left_out}): it does not establish conformance.",
            style="dim",
            markup=False,
        )
    causes = {printable(report.diagnosis) for report in results.reports}
    for name, sentence in results.notes:
        style = "red" if sentence in causes else ""
        console.print(Text.assemble((name, "bold"), ": ", (sentence, style)), soft_wrap=True)


def _table(reports: Sequence[Report], rows: Sequence[Mapping[str, str]], width: int) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, _GAP, 0, 0))
    columns = _fitting_columns(rows, width)
    for column in columns:
        table.add_column(
            column,
            justify="left" if column in _WORDS else "right",
            # Where no column can give way any more, a long command takes more lines.
            no_wrap=column not in ("subject", "verdict"),
            min_width=_longest_word(rows) if column == "verdict" else None,
            overflow="fold",
        )
    for report, row in zip(reports, rows, strict=True):
        cells = [Text(row[column]) for column in columns]
        cells[columns.index("verdict")].stylize(_style(report))
        table.add_row(*cells)
    return table


def _longest_word(rows: Sequence[Mapping[str, str]]) -> int:
    """Return the least width of the verdicts, in characters."""
    words = [word for row in rows for word in row["verdict"].split()]
    return max(map(len, words))


def _style(report: Report) -> str:
    """Return the colour of a verdict; yellow if a pass is confined to a part."""
    if report.conformant and report.confined:
        return "yellow"
    return _STYLES.get(RunVerdict(report.verdict), "red")


def _fitting_columns(rows: Sequence[Mapping[str, str]], width: int) -> list[str]:
    """Return the columns for which there is room."""
    widths = {}
    for column in rows[0]:
        texts = [column, *(row[column] for row in rows)]
        widths[column] = max(map(len, texts)) + _GAP
    for column in _GIVE_WAY:
        # The last column needs no gap.
        if sum(widths.values()) - _GAP > width:
            del widths[column]
    return list(widths)
