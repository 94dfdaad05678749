"""The results that are kept, and the table that is made from them."""

import re

from conformance.survey.results import (
    FILE,
    README,
    page,
    read,
    read_folder,
    summary,
    text_of,
)
from conformance.survey.row import KINDS, load

ROWS = load()
KEPT = read()


def test_the_summary_and_the_table_of_the_readme_are_those_of_the_results():
    text = README.read_text()
    assert page(text, ROWS, KEPT) == text


def test_the_summary_counts_every_judged_row_once():
    lines = summary(ROWS, KEPT).splitlines()
    numbers = [int(line.split(" | ")[1]) for line in lines if re.match(r"\| .* \| \d+ \|", line)]
    assert sum(numbers) == len(KEPT)
    assert len(numbers) == 2 + len(KINDS)
    assert lines[0].startswith(f"{len(KEPT)} rows are judged")
    wrong = [name for name, result in KEPT.items() if result["verdict"].startswith("nonconformant")]
    assert numbers[0] + numbers[1] == len(KEPT) - len(wrong)
    assert all(f"`{name}`" in "".join(lines) for name in wrong)


def test_there_are_rows_enough():
    judged = [row for row in ROWS.rows if row.name in KEPT]
    assert len(judged) >= 45
    assert len({row.language for row in judged}) >= 7
    for row in judged:
        result = KEPT[row.name]
        assert row.version
        assert row.source
        assert result["convention"]
        assert result["arithmetic"] or row.kind or row.arithmetic


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
