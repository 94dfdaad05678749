"""What the action does: adamref check, its reports into a folder, the first failures as annotations.

Needs nothing but Python, so that it runs from wherever the action was copied to.
"""

import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Entry = dict[str, Any]
# GitHub shows no more than ten of a kind for a step.
_SHOWN = 9
_REPORTS = {
    "json": "report.jsonl",
    "junit": "report.xml",
    "markdown": "report.md",
    "badge": "badge.json",
}
_LEVELS = {"unsupported": "warning", "waived": "notice"}


def main() -> int:
    """Judge the subject of the environment; returns the exit status of the judge."""
    folder = Path(tempfile.mkdtemp(prefix="adamref-", dir=os.environ.get("RUNNER_TEMP")))
    status = _checked(folder)
    report, markdown = folder / "report.jsonl", folder / "report.md"
    entries = (
        [json.loads(line) for line in report.read_text("utf-8").splitlines()]
        if report.exists()
        else []
    )
    for level, title, message in annotations(entries, status):
        print(f"::{level} title={_escaped(title, property_=True)}::{_escaped(message)}")
    if markdown.exists():
        _append("GITHUB_STEP_SUMMARY", markdown.read_text("utf-8"))
    verdict = next((entry["verdict"] for entry in entries if entry["type"] == "subject"), "")
    for name, value in {"verdict": verdict, "report": str(folder)}.items():
        end = secrets.token_hex()
        _append("GITHUB_OUTPUT", f"{name}<<{end}\n{value}\n{end}\n")
    return status if entries else status or 3  # a subject that ended the process was not judged


def _checked(folder: Path) -> int:
    """Run the judge, with its reports into ``folder``."""
    # -P: what lies in the current folder is for the subject, and must not get in the way of the judge.
    command = [sys.executable, "-P", "-m", "adamref_conformance", "check"]
    given = {name: os.environ.get(name.upper(), "") for name in ("convention", "level", "waivers")}
    command += [f"--{name}={value}" for name, value in given.items() if value]
    command += [f"--require={feature}" for feature in os.environ.get("REQUIRE", "").split()]
    command += [f"--{kind}={folder / name}" for kind, name in _REPORTS.items()]
    # What a subject prints must not be taken for commands to the runner.
    token = secrets.token_hex()
    print(f"::stop-commands::{token}", flush=True)
    status = subprocess.run([*command, "--", os.environ["SUBJECT"]], check=False).returncode
    print(f"::{token}::", flush=True)
    return status


def annotations(entries: list[Entry], status: int) -> Iterator[tuple[str, str, str]]:
    """Level, title and message of each annotation: the verdict, the first failures, and what was not asked and why."""
    if not entries:
        yield (
            "error",
            "adamref",
            f"adamref check ended with status {status}; its last lines say why",
        )
    for entry in entries:
        if entry["type"] == "error":
            yield "error", entry["subject"], entry["reason"]
        elif entry["type"] == "subject":
            said = [entry["diagnosis"]] * bool(entry["diagnosis"]) + [
                f"stale {waiver}" for waiver in entry["stale"]
            ]
            yield from (
                ("error", f"{entry['subject']}: {entry['verdict']}", sentence) for sentence in said
            )
    vectors = [entry for entry in entries if entry["type"] == "vector"]
    for entry in [one for one in vectors if one["status"] in ("failed", "errored")][:_SHOWN]:
        yield (
            "error",
            f"{entry['subject']}: {entry['id']}",
            entry.get("reason") or _numbers(entry["discrepancy"]),
        )
    for (word, reason), count in Counter(
        (one["status"], one.get("reason", "")) for one in vectors
    ).items():
        if word in _LEVELS:
            yield _LEVELS[word], f"{word}: {count} {'vector' if count == 1 else 'vectors'}", reason


def _numbers(d: Entry) -> str:
    where = f"step {d['step']}, {d['of']}[{d['param']}] element {d['element']}"
    if d["due"] != "interval":
        return f"{where}: got {d['got']}, where {d['due']} is due"
    return f"{where}: got {d['got']}, permitted {d['lo']} to {d['hi']}, {d['ulps']} units in the last place off"


def _escaped(text: str, property_: bool = False) -> str:
    """A value in a command to the runner, which ends at a line break, and in a title at a comma too."""
    for character in "%\r\n" + (":," if property_ else ""):
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def _append(variable: str, text: str) -> None:
    """Add to a file that the runner reads."""
    if path := os.environ.get(variable):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    sys.exit(main())
