"""Steps of the action: judge the subject, keep the reports, annotate the first failures.

It needs nothing but Python, because the action may be copied to another repository.
"""

import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

Entry = dict[str, Any]
# GitHub shows at most ten annotations of a level for a step, and the diagnosis is the first.
_MOST_FAILURES = 9
# Status of a run in which `adamref check` never came to its end.
_NOT_JUDGED = 3
# Option of `adamref check` -> its file in the folder of reports.
_REPORTS = {
    "json": "report.jsonl",
    "junit": "report.xml",
    "markdown": "report.md",
    "badge": "badge.json",
}
# Status of a vector -> level of its annotation; a vector that passed has none.
_LEVELS = {"failed": "error", "errored": "error", "unsupported": "notice", "waived": "notice"}


class Annotation(NamedTuple):
    """One annotation of a run on GitHub; ``level`` is error, warning or notice."""

    level: str
    title: str
    message: str


def main() -> int:
    """Judge the subject that the environment names; return the exit status of the judge."""
    temporary = os.environ.get("RUNNER_TEMP")
    folder = Path(tempfile.mkdtemp(prefix="adamref-", dir=temporary))
    status = _check(folder)
    entries = _entries(folder / _REPORTS["json"])
    for annotation in annotations(entries, status):
        title = _escape(annotation.title, ":,")
        print(f"::{annotation.level} title={title}::{_escape(annotation.message)}")
    markdown = folder / _REPORTS["markdown"]
    # Only a file: what a subject put in its place might have no end.
    if markdown.is_file():
        _append("GITHUB_STEP_SUMMARY", markdown.read_text("utf-8"))
    verdicts = [entry["verdict"] for entry in entries if entry["type"] == "subject"]
    _set_output("verdict", verdicts[0] if verdicts else "")
    _set_output("report", str(folder))
    # A subject may end the process with status 0; without a report it was not judged.
    return status if entries else status or _NOT_JUDGED


def _check(folder: Path) -> int:
    """Run the judge, with its reports into ``folder``."""
    # -P: files of the current folder belong to the subject, and must not replace the judge's.
    command = [sys.executable, "-P", "-m", "adamref_conformance", "check"]
    given = {name: os.environ.get(name.upper()) for name in ("convention", "level", "waivers")}
    command += [f"--{name}={value}" for name, value in given.items() if value]
    command += [f"--require={feature}" for feature in os.environ.get("REQUIRE", "").split()]
    command += [f"--{kind}={folder / name}" for kind, name in _REPORTS.items()]
    command += ["--", os.environ["SUBJECT"]]
    # Until the token, GitHub takes no line for a command: the subject may print anything.
    token = secrets.token_hex()
    print(f"::stop-commands::{token}", flush=True)
    status = subprocess.run(command, check=False).returncode
    print(f"::{token}::", flush=True)
    return status


def _entries(report: Path) -> list[Entry]:
    """Return the lines of a report, or nothing if it was not written."""
    if not report.is_file():
        return []
    lines = report.read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def annotations(entries: list[Entry], status: int) -> Iterator[Annotation]:
    """Yield the verdict, then the first failures, then what was not tested and why."""
    if not entries:
        message = f"adamref check ended with status {status}; its last lines say why"
        yield Annotation("error", "adamref", message)
    for entry in entries:
        yield from _of_subject(entry)
    vectors = [entry for entry in entries if entry["type"] == "vector"]
    failures = [entry for entry in vectors if _LEVELS.get(entry["status"]) == "error"]
    for entry in failures[:_MOST_FAILURES]:
        title = f"{entry['subject']}: {entry['id']}"
        message = entry.get("reason") or _numbers(entry["discrepancy"])
        yield Annotation("error", title, message)
    yield from _of_statuses(vectors)


def _of_subject(entry: Entry) -> Iterator[Annotation]:
    if entry["type"] == "error":
        yield Annotation("error", entry["subject"], entry["reason"])
    if entry["type"] == "subject":
        title = f"{entry['subject']}: {entry['verdict']}"
        if entry["diagnosis"]:
            yield Annotation("error", title, entry["diagnosis"])
        for waiver in entry["stale"]:
            yield Annotation("error", title, f"stale {waiver}")


def _of_statuses(vectors: list[Entry]) -> Iterator[Annotation]:
    """Yield one annotation for all vectors with the same status, failures left out."""
    groups: dict[str, list[str]] = {}
    for entry in vectors:
        groups.setdefault(entry["status"], []).append(entry.get("reason", ""))
    for status, reasons in groups.items():
        level = _LEVELS.get(status, "error")
        if level != "error":
            noun = "vector" if len(reasons) == 1 else "vectors"
            # GitHub shows few annotations: each reason is said once, and all in one.
            message = "; ".join(dict.fromkeys(reasons))
            yield Annotation(level, f"{status}: {len(reasons)} {noun}", message)


def _numbers(discrepancy: Entry) -> str:
    array = f"{discrepancy['of']}[{discrepancy['param']}]"
    where = f"step {discrepancy['step']}, {array} element {discrepancy['element']}"
    if discrepancy["due"] != "interval":
        return f"{where}: got {discrepancy['got']}, expected {discrepancy['due']}"
    interval = f"{discrepancy['lo']} to {discrepancy['hi']}"
    distance = f"{discrepancy['ulps']} units in the last place off"
    return f"{where}: got {discrepancy['got']}, permitted {interval}, {distance}"


def _escape(text: str, also: str = "") -> str:
    """Return ``text`` as a value in a command to the runner, which ends at a line break."""
    # A lone surrogate, which JSON may hold, cannot be printed.
    text = text.encode("utf-8", "replace").decode()
    # The percent sign comes first, because it marks what is escaped.
    for character in "%\r\n" + also:
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def _set_output(name: str, value: str) -> None:
    # Nobody can guess the end mark, so that no value can set another output.
    end = secrets.token_hex()
    _append("GITHUB_OUTPUT", f"{name}<<{end}\n{value}\n{end}\n")


def _append(variable: str, text: str) -> None:
    """Add ``text`` to the file that the runner named in a variable."""
    if path := os.environ.get(variable):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    sys.exit(main())
