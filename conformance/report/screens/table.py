"""The report for people: a table of subjects, and a block for each failure."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from math import isfinite

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ...judge.verdict import Report
from ...trial.compare import DUE, Comparison, Discrepancy
from ...trial.outcomes import Detail, Failure
from ...vectors.slices import Grad, IndexedSlices
from ..results import LEGEND, Results
from ..text import printable

# How many failures beyond those shown in full are named.
_NAMED = 8
# How many rows of a sparse gradient are listed.
_ROWS = 8
_RELATIONS = {
    "scale": "gradients and epsilon times a power of two",
    "negate": "all signs turned around",
    "reverse": "parameters and elements in reverse order",
    "split": "every element a parameter of its own",
    "resume": "saved and restored on the way",
}
_RELATED = {
    "scale": "a constant that has the scale of a gradient and is not epsilon",
    "negate": "what depends on a sign",
    "reverse": "what depends on the place of a parameter or an element",
    "split": "what elements or parameters share",
    "resume": "what is saved and restored (the run that goes on is right)",
}
# What is left out where a terminal is narrow, in this order.
_GIVE_WAY = (
    "s",
    "version",
    "float64 p/m/v",
    "float32 p/m/v",
    "arithmetic",
    "convention",
    "unsupported",
)
_STYLES = {"conformant": "green", "conformant (waived)": "green", "untested": "yellow"}
# The first line of a block: what happened, and to whom.
_HEAD = r"^(?P<red>FAILED|ERRORED)  (?P<bold>.*)  .*  "


def show(console: Console, results: Results, blocks: int) -> None:
    """Print the failures of each report, at most ``blocks`` of each in full, and then the table."""
    for report in results.reports:
        for text in failures(report, blocks):
            shown = Text(text)
            shown.highlight_regex(_HEAD)
            console.print(shown, soft_wrap=True)
    if results.reports:
        console.print(_table(results.rows, console.width))
        console.print(LEGEND, style="dim")
    if results.left_out:
        console.print(
            f"a partial run ({results.left_out}) claims nothing", style="dim", markup=False
        )
    for name, sentence in results.notes:
        console.print(Text.assemble((name, "bold"), f": {sentence}"), soft_wrap=True)


def _table(rows: Sequence[Mapping[str, str]], width: int) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    columns = _fitting(rows, width)
    for column in columns:
        words = column in ("subject", "version", "convention", "verdict", "arithmetic")
        table.add_column(column, justify="left" if words else "right", no_wrap=column != "verdict")
    for row in rows:
        style = _STYLES.get(row["verdict"], "red")
        table.add_row(
            *(Text(row[column], style if column == "verdict" else "") for column in columns)
        )
    return table


def _fitting(rows: Sequence[Mapping[str, str]], width: int) -> list[str]:
    """The columns for which there is room: the verdict never gives way."""
    wide = {
        column: max(len(text) for text in (column, *(row[column] for row in rows))) + 2
        for column in rows[0]
    }
    for column in _GIVE_WAY:
        if sum(wide.values()) > width + 2:
            del wide[column]
    return list(wide)


def failures(report: Report, blocks: int) -> Iterator[str]:
    """One block for each of the first failures, of different topics if there are, and a line for the others."""
    found = report.failures
    topics = {one.vector.topic: one for one in reversed(found)}
    shown = sorted(found, key=lambda one: topics[one.vector.topic] is not one)[:blocks]
    for one in shown:
        yield block(report, one) + "\n"
    if shown and report.smallest is not None:
        lines = report.smallest.script.rstrip().splitlines()
        yield (
            "\n".join(
                [
                    f"SMALLEST  {printable(report.subject.name)}  the least input that it fails:",
                    "",
                    *lines,
                ]
            )
            + "\n"
        )
    rest = [one.vector.id for one in found if one not in shown]
    if rest:
        more = f" and {len(rest) - _NAMED} more" if len(rest) > _NAMED else ""
        yield f"{printable(report.subject.name)} fails also: {', '.join(rest[:_NAMED])}{more}\n"


def block(report: Report, one: Comparison, again: Sequence[str] = ()) -> str:
    """All that is known about one failure, and the command that runs just this vector: ``again``, or adamref's."""
    rows = [
        f"{one.status.upper()}  {printable(report.subject.name)}  {one.vector.id}  {one.failure}"
    ]
    if one.discrepancy is not None:
        rows += _numbers(one, one.discrepancy)
    else:
        rows.append(f"  what       {printable(one.reason)}")
    command = [
        "adamref",
        "check",
        report.subject.name,
        "--convention",
        report.convention.name,
        "--only",
        one.vector.id,
    ]
    if report.suite.config:
        command += [
            "--config",
            ",".join(f"{name}={value!r}" for name, value in report.suite.config.items()),
        ]
    if one.cause.detail is Detail.HYGIENE:
        command += ["--require", "hygiene"]
    if one.failure is not Failure.REQUIRED:
        rows.append(f"  why        {printable(one.vector.why)}")
    rows.append(f"  again      {printable(shlex.join(again or command))}")
    return "\n".join(rows)


def _numbers(one: Comparison, d: Discrepancy) -> Iterator[str]:
    vector, place = one.vector, d.element
    where = f"{d.of}[{d.param}]" + (f" element {list(place)}" if place else "")
    yield f"  where      step {d.step}, {where}" + (
        f", {_RELATIONS[d.relation]}" if d.relation else ""
    )
    yield f"  suspect    {_suspects(one, d)}"
    yield f"  got        {_both(d.got, vector.dtype)}"
    yield f"  permitted  {_permitted(d, vector.dtype)}"
    if d.due in ("interval", "bits") and isfinite(d.ulps):
        bounds = "" if d.lo == d.hi else f"{d.ratio:.3g} bounds, "
        yield f"  off by     {bounds}{d.ulps:.3g} units in the last place"
    numbers = vector.numbers | {k: v for k, v in vector.switches.items() if isinstance(v, bool)}
    yield "  config     " + ", ".join(f"{name}={value!r}" for name, value in numbers.items())
    yield f"  parameter  {_element(vector.params[d.param], place)} at the start, {vector.dtype}"
    if vector.load is not None:
        slots, t = vector.load
        yield f"  loaded     t={t[d.param]}, " + ", ".join(
            f"{k}={_element(v[d.param], place)}" for k, v in slots.items()
        )
    grads = [call.grads[d.param] for call in vector.calls[: d.step]]
    yield "  gradients  " + ", ".join(
        "None" if grad is None else _element(grad, place) for grad in grads
    )


def _permitted(d: Discrepancy, dtype: str) -> str:
    if d.due == "bits":
        return f"{_both(d.lo, dtype)}, the bits of the run with inputs as they are"
    if d.due != "interval":
        return DUE[d.due]
    return (
        f"exactly {_both(d.hi, dtype)}"
        if d.lo == d.hi
        else f"{_both(d.lo, dtype)} to {_both(d.hi, dtype)}"
    )


def _suspects(one: Comparison, d: Discrepancy) -> str:
    """Which equations of step.py the mistake may be in, as far as the moments tell."""
    if d.relation:
        return _RELATED[d.relation]
    if d.of != "params":
        return {
            "m": "E1, the first moment",
            "v": "E2, the second moment",
            "v_max": "AMSGrad's maximum",
        }[d.of]
    if "m" not in one.worst:
        return "E1 to E5 (it shows no moments)"
    if max(one.worst.get(of, 0) for of in ("m", "v", "v_max")) <= 1:
        return "E3 to E5, bias correction and step (the moments are right)"
    return "E3 to E5, bias correction and step (the moments are right up to here)"


def _element(array: Grad, place: tuple[int, ...]) -> str:
    """One element; of a sparse gradient, of each slice of its row."""
    if not isinstance(array, IndexedSlices):
        return str(array[place])
    slices = array.values[array.indices == place[0]]
    rows = ", ".join(map(str, array.indices[:_ROWS])) + (
        ", ..." if len(array.indices) > _ROWS else ""
    )
    return (" & ".join(str(one[place[1:]]) for one in slices) or "no slice") + f" of rows [{rows}]"


def _both(value: float, dtype: str) -> str:
    """The shortest decimal that tells the number in its format, and its bits in hexadecimal."""
    digits, _, exponent = value.hex().partition("p")
    bits = f" ({digits.rstrip('0').rstrip('.')}p{exponent})" if exponent else ""
    return f"{np.dtype(dtype).type(value)!s}{bits}"
