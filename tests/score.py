"""python -m tests.score: writes the table of README.md that `adamref selftest` measures."""

import re
from pathlib import Path

from conformance.report.screens.score import markdown
from conformance.selftest.selftest import selftest

if __name__ == "__main__":
    path = Path(__file__).parent.parent / "README.md"
    table = f"<!-- selftest -->\n{markdown(selftest())}<!-- /selftest -->"
    path.write_text(
        re.sub(
            "<!-- selftest -->.*<!-- /selftest -->",
            lambda _: table,
            path.read_text(),
            flags=re.DOTALL,
        )
    )
