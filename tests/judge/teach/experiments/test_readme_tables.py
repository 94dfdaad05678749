"""The tables of README.md, computed again; of the slow one some cells."""

import re

import pytest

from conformance.teach.experiments import bias_correction, epsilon
from conformance.teach.experiments.bias_correction import Setting
from conformance.teach.experiments.digits import digits
from tests.support.paths import ROOT

TEXT = (ROOT / "conformance/teach/experiments/README.md").read_text()


def row(name):
    """Return the cells after the first of the table row that begins with a name."""
    line = re.search(rf"^\| {re.escape(name)} \|(.*)\|$", TEXT, re.MULTILINE)
    return [cell.strip() for cell in line.group(1).split("|")]


@pytest.mark.parametrize("name", ["1e-8", "0.1", "1.0"])
def test_a_row_of_the_table_of_epsilons(name):
    # Of two tables with a row 0.1 that of epsilons is the last.
    lines = re.findall(rf"^\| {re.escape(name)} \|(.*)\|$", TEXT, re.MULTILINE)
    best, least, at_a_tenth = (float(cell) for cell in lines[-1].split("|"))
    images = digits()
    losses = [epsilon.loss_after(images, 10, float(name), rate) for rate in (best, 0.1)]
    assert losses == pytest.approx([least, at_a_tenth], abs=0.002)


@pytest.mark.parametrize(
    ("rate", "column", "beta2", "corrected"),
    [("0.0001", 0, 0.9999, True), ("0.0001", 3, 0.9999, False), ("0.01", 0, 0.9999, True)],
)
def test_a_cell_of_the_table_of_bias_correction(rate, column, beta2, corrected):
    setting = Setting(0.0, beta2, float(rate), corrected)
    loss = bias_correction.loss_after(digits(), 10, setting)
    # Sums of another BLAS, in another order, lead a little elsewhere.
    assert loss == pytest.approx(float(row(rate)[column]), abs=0.3)
