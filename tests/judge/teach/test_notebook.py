"""The notebook runs from its first cell to its last, and prints what is stored in it."""

import contextlib
import io
import json

import pytest

from tests.support.paths import ROOT

NOTEBOOK = json.loads((ROOT / "conformance/teach/from_paper_to_adam.ipynb").read_text())
CELLS = [cell for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code"]


def source(cell):
    return "".join(cell["source"])


@pytest.fixture(name="printed", scope="module")
def printed_fixture():
    """What each cell prints, in one namespace."""
    names = {"__name__": "notebook"}
    printed = []
    for cell in CELLS:
        with contextlib.redirect_stdout(io.StringIO()) as stdout:
            exec(compile(source(cell), "cell", "exec"), names)
        printed.append(stdout.getvalue())
    return printed


def test_every_cell_prints_what_is_stored(printed):
    stored = ["".join(text for out in cell["outputs"] for text in out["text"]) for cell in CELLS]
    assert printed == stored


def test_it_ends_in_an_adam_that_conforms(printed):
    assert printed[-1].startswith("conformant\n")


def test_its_adam_has_at_most_forty_lines():
    whole = next(source(cell) for cell in CELLS if source(cell).startswith("class Adam:"))
    assert len(whole.splitlines()) <= 40


def test_it_was_executed_in_order():
    assert [cell["execution_count"] for cell in CELLS] == list(range(1, len(CELLS) + 1))


def test_no_output_is_an_error_or_a_warning():
    kinds = {out["output_type"] for cell in CELLS for out in cell["outputs"]}
    assert kinds == {"stream"}
    names = {out["name"] for cell in CELLS for out in cell["outputs"]}
    assert names == {"stdout"}
