"""The convention that a subject follows, for people and as JSON."""

import shlex
from collections.abc import Iterator, Sequence
from math import isinf
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ...identity.identity import Evidence, Identity
from ...identity.storages import MEANINGS, StorageIdentity
from ...trial.comparison import Comparison
from ...trial.sentences import failure_line
from ...truth.reference import ARITHMETICS
from ...vectors.words import finite
from ..text import printable, short


def show(console: Console, name: str, identity: Identity, again: Sequence[str] = ()) -> None:
    """Print each axis with what decided it, what could not be decided, and the sentence.

    ``again``: options with which `check` judges the same vectors.
    """
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("axis", "value", "what decided it"):
        table.add_column(column, no_wrap=column != "what decided it")
    for axis, value in identity.convention.items():
        table.add_row(axis, value, Text(_why(identity, axis)))
    if identity.convention:
        console.print(table)
    _print_lines(console, "arithmetic", _arithmetic(identity))
    _print_lines(console, "undecided", _open_axes(identity))
    for storage in identity.storages:
        _print_lines(console, storage.dtype, _lines_of_storage(storage))
    sentence = f": {printable(identity.sentence)}"
    console.print(Text.assemble((printable(name), "bold"), sentence), soft_wrap=True)
    if identity.explained or (identity.keeps and not identity.asked):
        command = ["adamref", "check", name, "--convention", identity.convention_option, *again]
        for option in identity.storage_options:
            command += ["--storage", option]
        line = printable(shlex.join(command))
        console.print(Text.assemble(("judge it by  ", "bold"), line), soft_wrap=True)
        if identity.departs:
            text = "by this command a pass says that it stays as it is, and not that it is right"
            console.print(text, soft_wrap=True)


def _print_lines(console: Console, title: str, lines: Iterator[str]) -> None:
    for line in lines:
        console.print(Text.assemble((f"{title}  ", "bold"), line), soft_wrap=True)


def _why(identity: Identity, axis: str) -> str:
    # A value without evidence is one that the subject cannot be asked for.
    if axis in identity.lacks:
        return printable(identity.lacks[axis])
    if axis not in identity.evidence:
        return "it has no other value"
    evidence = identity.evidence[axis]
    error = f"error {short(evidence.ratio)} of the bound"
    # An infinite error is a call that raised where it must not, or the other way round.
    if isinf(evidence.its_ratio):
        next_best = f"{evidence.other} (differs in whether it raises)"
    else:
        next_best = f"{evidence.other}, error {short(evidence.its_ratio)}"
    return f"{evidence.vector}: {error}; next best: {next_best}"


def _arithmetic(identity: Identity) -> Iterator[str]:
    if not identity.arithmetics:
        yield "unknown: no known arithmetic fits, or no vector could tell"
        return
    # The first fits best; the numbers cannot exclude the others.
    first, *others = identity.arithmetics
    known = f" ({ARITHMETICS[first]})" if first in ARITHMETICS else ""
    costs = [f"{ulps:.3g} ({dtype})" for dtype, ulps in identity.costs.items()]
    also = f"; the numbers fit {', '.join(others)} too" if others else ""
    yield (
        f"{first}{known}: compared with binary64 scalars, parameters move by up to "
        f"{' and '.join(costs)} units in the last place{also}"
    )


def _lines_of_storage(storage: StorageIdentity) -> Iterator[str]:
    if not storage.codes:
        yield printable(f"what it keeps between steps is unknown: {_why_unknown(storage)}")
        return
    for name, value in storage.decided.items():
        line = f"{name}={value}: {MEANINGS[name, value]}"
        if name in storage.evidence:
            vector, other, failure = storage.evidence[name]
            line += f" ({vector}: not {other}, {_failure_text(failure)})"
        yield printable(line)
    for name, values in storage.undecided.items():
        yield f"{name}={' or '.join(values)}: no vector that ran tells them apart"
    if storage.users:
        yield f"the same is kept by {storage.users}"


def _why_unknown(storage: StorageIdentity) -> str:
    if not storage.failures:
        return storage.cause
    first = failure_line(storage.failures[0])
    return f"by the nearest, {storage.nearest}, {len(storage.failures)} vectors fail: {first}"


def _failure_text(failure: Comparison) -> str:
    """Return how a vector fails, without its id."""
    return failure_line(failure).removeprefix(failure.vector.id).lstrip(": ")


def _open_axes(identity: Identity) -> Iterator[str]:
    # Several axes may be undecided for one reason, which is then said once.
    for why in dict.fromkeys(identity.undecided.values()):
        axes = [axis for axis, reason in identity.undecided.items() if reason == why]
        yield f"{', '.join(axes)}: {printable(why)}"


def as_dict(name: str, identity: Identity) -> dict[str, Any]:
    """Return the identity as JSON has it."""
    # Published names: they stay, even where the code has better ones by now.
    return {
        "subject": name,
        "sentence": identity.sentence,
        "explained": identity.explained,
        "convention": dict(identity.convention),
        "evidence": {axis: _as_json(evidence) for axis, evidence in identity.evidence.items()},
        "lacks": dict(identity.lacks),
        "undecided": dict(identity.undecided),
        "arithmetics": list(identity.arithmetics),
        "costs": {dtype: finite(ulps) for dtype, ulps in identity.costs.items()},
        "nearest": identity.nearest,
        "differs": dict(identity.differs),
        "unexplained": [comparison.vector.id for comparison in identity.unexplained],
        "cause": identity.cause,
        "known_as": list(identity.known_as),
        "also": list(identity.also),
        "convention_option": identity.convention_option,
        "storages": [_storage_as_json(storage) for storage in identity.storages],
    }


def _storage_as_json(storage: StorageIdentity) -> dict[str, Any]:
    return {
        "dtype": storage.dtype,
        "decided": storage.decided,
        "undecided": {name: list(values) for name, values in storage.undecided.items()},
        "evidence": {
            name: {"vector": found.vector, "other": found.other}
            for name, found in storage.evidence.items()
        },
        "storage_option": storage.option if storage.codes else None,
        "nearest": storage.nearest or None,
        "unexplained": [failure.vector.id for failure in storage.failures],
        "cause": storage.cause,
    }


def _as_json(evidence: Evidence) -> dict[str, Any]:
    return {
        "vector": evidence.vector,
        "ratio": finite(evidence.ratio),
        "other": evidence.other,
        "its_ratio": finite(evidence.its_ratio),
    }
