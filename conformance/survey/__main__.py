"""Command that makes and judges the rows of the survey, one after another.

python -m conformance.survey DIR                 all rows; DIR keeps environments and results
python -m conformance.survey DIR --resume        only the rows that DIR has no result of
python -m conformance.survey DIR --only 'torch*' only rows with matching names
python -m conformance.survey DIR --update        then write results.json and the table of README.md
"""

import argparse
import json
import sys
from fnmatch import fnmatchcase
from pathlib import Path

from ..process.files import write
from .judging import result_of
from .results import read_folder, update
from .row import load


def main(arguments: list[str]) -> int:
    """Judge rows, and return the exit status: 1 if one is not what is expected, or is missing."""
    parser = argparse.ArgumentParser(prog="python -m conformance.survey", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("folder", metavar="DIR", type=Path)
    parser.add_argument("--only", metavar="GLOB", default="*")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--update", action="store_true")
    options = parser.parse_args(arguments)
    rows = load()
    folder: Path = options.folder.absolute()
    (folder / "results").mkdir(parents=True, exist_ok=True)
    done = read_folder(folder) if options.resume else {}
    surprises = 0
    chosen = [row for row in rows.rows if fnmatchcase(row.name, options.only)]
    for row in chosen:
        # What failed to be made is tried again.
        if "verdict" in done.get(row.name, {}):
            continue
        result = result_of(row, rows.environments, folder)
        # At once, so that nothing is lost if the next row ends this process.
        write(folder / "results" / f"{row.name}.json", json.dumps(result, indent=1) + "\n")
        found = result.get("verdict", f"not judged: {result.get('error')}")
        as_expected = found == row.verdict
        surprises += not as_expected
        expected = "" if as_expected else f" ({row.verdict} was expected)"
        print(f"{row.name}: {found}{expected}", flush=True)
    if options.update:
        judged = read_folder(folder).values()
        update(rows, [result for result in judged if "verdict" in result])
    return min(surprises, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
