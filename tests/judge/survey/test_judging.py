"""A row from its library to its result, and a run that was interrupted."""

import json
import sys
from dataclasses import replace

import pytest

from conformance.survey import __main__ as command
from conformance.survey import judging
from conformance.survey.row import HERE, Row, Rows

# A program of the bridge for old Pythons, around an Adam of a few lines.
PROGRAM = """
import sys
sys.path.insert(0, {folder!r})
import numpy as np
from program import serve

class Adam:
    library, version, dtypes, supports = "few lines", "1", ["float32"], []

    def __init__(self, params, learning_rate, beta1, beta2, epsilon):
        self.params, self.numbers, self.t = params, (learning_rate, beta1, beta2, epsilon), 0
        self.m = [0 * param for param in params]
        self.v = [0 * param for param in params]

    def step(self, grads):
        self.t += 1
        rate, beta1, beta2, epsilon = self.numbers
        for at, grad in enumerate(grads):
            self.m[at] = beta1 * self.m[at] + (1 - beta1) * grad
            self.v[at] = beta2 * self.v[at] + (1 - beta2) * grad**2
            root = np.sqrt(self.v[at] / (1 - beta2**self.t))
            self.params[at] = self.params[at] - rate * self.m[at] / (1 - beta1**self.t) / (
                root + epsilon
            )
        return self.params

    def slots(self):
        return {{"m": self.m, "v": self.v}}

serve(Adam, sys.stdout)
"""


@pytest.fixture
def row(tmp_path):
    program = tmp_path / "adam.py"
    program.write_text(PROGRAM.format(folder=str(HERE / "bridges" / "old_python")))
    return Row(
        name="few-lines",
        language="Python",
        library="ours",
        version="1",
        what="an Adam",
        origin="PyPI",
        convention="paper",
        verdict="conformant",
        source="adam.py:1",
        command=f"{sys.executable} -W ignore {program}",
    )


def test_a_program_on_another_python_is_judged_and_identified(tmp_path, row):
    lock = tmp_path / "cache" / "lock"
    lock.parent.mkdir()
    lock.touch()
    result = judging.result_of(row, {}, tmp_path)
    assert result["verdict"] == "conformant", result
    assert result["counts"]["passed"] > 50
    assert result["axes"]["epsilon"] == "outside"
    assert set(result["worst"]) == {"float32"}
    assert not lock.exists()


def test_what_cannot_be_made_is_the_result(tmp_path, row):
    result = judging.result_of(replace(row, needs=("no-such-compiler",)), {}, tmp_path)
    assert "needs no-such-compiler" in result["error"]
    assert "verdict" not in result


def test_a_run_goes_on_where_it_was_interrupted(tmp_path, row, monkeypatch, capsys):
    names = ["a", "b", "c"]
    rows = [replace(row, name=name) for name in names]
    monkeypatch.setattr(command, "load", lambda: Rows(tuple(rows), (), {}))
    asked = []

    def result_of(row, environments, folder):
        if row.name == "c" and "c" not in asked:
            asked.append("c")
            raise KeyboardInterrupt
        asked.append(row.name)
        found = {"verdict": "conformant"} if row.name != "b" else {"error": "no library"}
        return {"name": row.name, **found}

    monkeypatch.setattr(command, "result_of", result_of)
    with pytest.raises(KeyboardInterrupt):
        command.main([str(tmp_path)])
    # What failed to be made is tried again, what was judged is not.
    assert command.main([str(tmp_path), "--resume"]) == 1
    assert asked == ["a", "b", "c", "b", "c"]
    assert "b: not judged: no library (conformant was expected)" in capsys.readouterr().out
    assert json.loads((tmp_path / "results" / "c.json").read_text())["verdict"] == "conformant"


def test_rows_are_chosen_by_name(tmp_path, row, monkeypatch):
    monkeypatch.setattr(command, "load", lambda: Rows((row, replace(row, name="two")), (), {}))
    asked = []
    monkeypatch.setattr(
        command,
        "result_of",
        lambda row, *_: asked.append(row.name) or {"name": row.name, "verdict": row.verdict},
    )
    assert command.main([str(tmp_path), "--only", "t*"]) == 0
    assert asked == ["two"]
