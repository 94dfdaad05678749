"""The table of formats: its options, and a new format that is added as README.md says."""

import csv
import io
import re
import sys
import textwrap
from importlib import util

import click
import pytest

from conformance import check
from conformance.cli import main
from conformance.cli.outputs import format_options
from conformance.report.outputs import formats
from conformance.report.outputs.formats import FORMATS, OutputFormat
from conformance.report.results import Options, Results
from tests.support.paths import ROOT


@pytest.mark.parametrize("name", FORMATS)
def test_an_output_that_cannot_be_written_is_an_error(name, capsys):
    assert (
        main(["check", "adamref", "--only", "basic.f32.mixed", f"--{name}", "nowhere/report"]) == 3
    )
    assert "nowhere/report must be a file in an existing folder" in capsys.readouterr().err


def test_two_outputs_cannot_share_a_file(capsys):
    assert main(["check", "adamref", "--json", "-", "--badge", "-"]) == 2
    assert (
        "--json must have a FILE of its own, got '-' as --badge has it" in capsys.readouterr().err
    )


def test_an_added_format_needs_no_more_than_its_readme_says(tmp_path, monkeypatch):
    module, row = re.findall(
        r"```py\n(.*?)```", (ROOT / "conformance/report/README.md").read_text(), re.DOTALL
    )
    file = tmp_path / "csv_table.py"
    file.write_text(textwrap.dedent(module))
    name, module_name, explanation = re.findall('"([^"]*)"', row)
    monkeypatch.setitem(FORMATS, name, OutputFormat(module_name, explanation))
    # The module stands in its folder, as far as Python knows.
    spec = util.spec_from_file_location(f"{formats.__package__}.{module_name}", file)
    monkeypatch.setitem(sys.modules, spec.name, util.module_from_spec(spec))
    spec.loader.exec_module(sys.modules[spec.name])

    command = click.Command("check", params=format_options(lambda: 0).__click_params__[::-1])
    report = check("adamref", only="basic.f32.*")
    text = formats.texts(Results([report], {}, "2026.2", Options()), ["csv"])["csv"]

    assert ["--csv"] in [param.opts for param in command.params]
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["subject"], row["verdict"]) == ("adamref", "conformant")
