"""python -m tests.score: writes the tables that `adamref selftest` measures.

One is in README.md, the others are in the README of conformance/defects/.
"""

import re
from pathlib import Path

from conformance.report.screens.roundings import roundings_markdown
from conformance.report.screens.score import markdown
from conformance.selftest.selftest import selftest

ROOT = Path(__file__).parent.parent


def write(name: str, mark: str, table: str) -> None:
    """Replace what stands between two marks of a page."""
    path = ROOT / name
    whole = f"<!-- {mark} -->\n{table}<!-- /{mark} -->"
    pattern = f"<!-- {mark} -->.*<!-- /{mark} -->"
    path.write_text(re.sub(pattern, lambda _: whole, path.read_text(), flags=re.DOTALL))


if __name__ == "__main__":
    score = selftest()
    write("README.md", "selftest", markdown(score))
    write("conformance/defects/README.md", "roundings", roundings_markdown(score))
