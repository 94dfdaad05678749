"""One row: made, judged and identified; the result is plain data."""

import json
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from ..process.child import with_leash
from .making import NotMade, check_needs, interpreter, ours, program
from .row import HERE, Environment, Row

# A subject that compiles each vector takes minutes.
_LONGEST_SECONDS = 3600
# Judged, with whatever verdict: conformant, not conformant, and nothing that could be asked.
_JUDGED = (0, 1, 5)
_LAST_LINES = 5
_DIGITS = 3
# Where a library is installed is no fact about it.
_PLACE = re.compile(r"/\S*/(site-packages|survey/bridges)/")

Result = dict[str, Any]


def result_of(row: Row, environments: dict[str, Environment], folder: Path) -> Result:
    """Return what a row's run found, or under `error` why there is nothing.

    Args:
        row: what is judged.
        environments: by their names.
        folder: of all that the survey makes.
    """
    result: Result = {"name": row.name, "platform": f"{platform.system()} {platform.machine()}"}
    try:
        check_needs(row)
        python = None
        if row.environment:
            python = interpreter(environments[row.environment], folder)
        if row.bridge:
            # With the bridge in the library's environment: what NumPy has is seen as it is.
            judge = python
            subject = row.bridge
        else:
            judge = Path(sys.executable)
            subject = f"cmd:{program(row, python, folder)}"
        # A lock in it, of a run that was killed, would be waited for.
        shutil.rmtree(folder / "cache", ignore_errors=True)
        reports = folder / "reports" / row.name
        reports.mkdir(parents=True, exist_ok=True)
        judged = _adamref(judge, "check", [subject, *_options(row)], reports)
        result |= _verdict(judged)
        result |= _identity(_adamref(judge, "identify", [subject, *_config(row)], reports))
    except NotMade as error:
        result["error"] = str(error)
    return result


def _options(row: Row) -> list[str]:
    given = ["--convention", row.convention]
    for name in ("arithmetic", "storage"):
        if value := getattr(row, name):
            given += [f"--{name}", value]
    return given + _config(row)


def _config(row: Row) -> list[str]:
    return ["--config", row.config] if row.config else []


def _adamref(python: Path | None, command: str, arguments: list[str], reports: Path) -> str:
    """Return the JSON that a command of adamref writes about a subject into a folder."""
    bridges = HERE / "bridges" / "python"
    folder = reports.parents[1]
    path = os.pathsep.join([str(ours(folder)), str(bridges)])
    file = reports / f"{command}.json"
    file.unlink(missing_ok=True)
    package = __name__.partition(".")[0]
    line = [str(python), "-W", "ignore", "-m", package, command, *arguments, "--json", str(file)]
    # What a bridge prints is not ours, and a thread more does not change a number.
    environ = {**os.environ, "PYTHONPATH": path, "TF_CPP_MIN_LOG_LEVEL": "3"}
    # What libraries compile for themselves is made from nothing, too.
    environ["XDG_CACHE_HOME"] = str(folder / "cache")
    try:
        done = subprocess.run(
            with_leash(line),
            env=environ,
            capture_output=True,
            text=True,
            timeout=_LONGEST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NotMade(f"{command} took longer than {_LONGEST_SECONDS} s") from None
    if done.returncode not in _JUDGED or not file.exists():
        last = " / ".join(done.stderr.strip().splitlines()[-_LAST_LINES:])
        raise NotMade(f"{command} ended with status {done.returncode}: {last}")
    return file.read_text(encoding="utf-8")


def _verdict(lines: str) -> Result:
    """Return what is kept of a report: of the line about the subject."""
    records = map(json.loads, lines.splitlines())
    subject = next(record for record in records if record["type"] == "subject")
    worst = {}
    for dtype, errors in subject["worst"].items():
        if any(error is not None for error in errors.values()):
            worst[dtype] = {slot: _shorter(error) for slot, error in errors.items()}
    return {
        "convention": subject["convention"],
        "vectors": subject["vectors"],
        "verdict": subject["verdict"],
        "arithmetic": subject["arithmetic"],
        "diagnosis": _PLACE.sub("", subject["diagnosis"]),
        "counts": subject["counts"],
        "worst": worst,
        "missing": subject["scope"]["missing"],
    }


def _shorter(error: float | str | None) -> float | str | None:
    # JSON has no infinity, which is written as a text.
    return round(error, _DIGITS) if isinstance(error, float) else error


def _identity(text: str) -> Result:
    """Return what is kept of an identity."""
    found = json.loads(text)
    axes = {axis: value for axis, value in found["convention"].items() if value != "unsupported"}
    storages = [storage["storage_option"] for storage in found["storages"]]
    return {
        "identity": _PLACE.sub("", found["sentence"]),
        "explained": found["explained"],
        "nearest": found["nearest"],
        "axes": axes,
        "arithmetics": found["arithmetics"],
        "storages": storages,
    }
