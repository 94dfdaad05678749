"""The results that are kept, and the table that is made from them."""

from conformance.survey.results import (
    FILE,
    README,
    read,
    read_folder,
    table,
    text_of,
    with_table,
)
from conformance.survey.row import load

ROWS = load()
KEPT = read()


def test_the_table_of_the_readme_is_that_of_the_results():
    text = README.read_text()
    assert with_table(text, table(ROWS, KEPT)) == text


def test_the_file_has_the_form_in_which_it_is_written():
    assert text_of(KEPT.values()) == FILE.read_text()


def test_a_result_is_of_a_row_and_is_what_the_row_expects():
    expected = {row.name: row.verdict for row in ROWS.rows}
    found = {name: result["verdict"] for name, result in KEPT.items()}
    assert found == {name: expected[name] for name in found}


def test_a_result_was_judged_by_the_convention_of_its_row():
    by_row = {row.name: row.convention.partition(",")[0] for row in ROWS.rows}
    for name, result in KEPT.items():
        assert result["convention"].startswith(by_row[name])


def test_no_place_of_the_machine_is_in_a_result():
    assert "/tmp" not in FILE.read_text()
    assert "/root" not in FILE.read_text()
    assert "/home" not in FILE.read_text()


def test_results_are_read_from_the_folder_of_a_run(tmp_path):
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "one.json").write_text('{"name": "one", "verdict": "conformant"}')
    assert read_folder(tmp_path) == {"one": {"name": "one", "verdict": "conformant"}}
