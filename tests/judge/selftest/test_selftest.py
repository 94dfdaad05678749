"""The score of the suite, and the table of README.md that says it."""

import json
import re

import pytest

from conformance.cli import main
from conformance.coverage.score import Combinations
from conformance.report.screens.roundings import roundings_markdown
from conformance.report.screens.score import markdown
from conformance.selftest.killing import named_point
from conformance.selftest.mutants import EQUIVALENT
from conformance.selftest.roundings import DECLARATIONS, nearest, passing
from conformance.selftest.score import Score, cover, far
from conformance.selftest.selftest import VARIANT_CONVENTIONS, selftest
from conformance.subject.roundings import MOST_ROUNDINGS
from tests.support.paths import ROOT


# Measured once for all tests of this file: it takes a minute or more.
@pytest.fixture(scope="module", name="score")
def measure_score():
    return selftest()


def test_only_equivalent_mutants_pass_and_no_right_adam_fails(score):
    assert score.passed
    assert set(score.survivors) == set(EQUIVALENT)
    assert score.false_alarms == []
    assert len(score.kills) >= 120
    assert len({name for name, _ in score.honest}) >= 24
    assert len(score.mutants) >= 250


def test_the_table_of_the_readme_is_the_score(score):
    text = (ROOT / "README.md").read_text()
    table = re.search(r"<!-- selftest -->\n(.*?)<!-- /selftest -->", text, re.DOTALL).group(1)
    assert table == markdown(score), "write it with: python -m tests.score"


def test_the_tables_of_declared_roundings_are_what_is_measured(score):
    text = (ROOT / "conformance/defects/README.md").read_text()
    tables = re.search(r"<!-- roundings -->\n(.*?)<!-- /roundings -->", text, re.DOTALL).group(1)
    assert tables == roundings_markdown(score), "write them with: python -m tests.score"


def test_no_wrong_formula_passes_within_the_widest_declaration(score):
    assert all(passing(score, declaration) == [] for declaration in DECLARATIONS[:-1])
    # A format of a scalar, as those of an arithmetic; all others are farther off.
    assert passing(score, DECLARATIONS[-1]) == ["rest-in-float32"]
    assert min(one.largest for one in nearest(score)[1:]) > 2 * MOST_ROUNDINGS
    assert str(DECLARATIONS[-1]) == "E1=1000,E2=1000,E5=1000"


def test_right_adams_use_a_good_part_of_the_bound(score):
    for ratios in score.worst.values():
        assert 0.2 < min(ratios.values()) <= max(ratios.values()) <= 1


def test_pairs_are_told_apart_beyond_doubt_or_not_at_all(score):
    for pair in score.pairs:
        assert not pair.apart or far(pair), pair


def test_quick_finds_every_wrong_adam(score, suite):
    assert all(set(vectors) & suite.quick for vectors in score.kills.values())
    assert set(cover(score, suite)) == suite.quick


def test_survivors_and_false_alarms_are_named():
    bad = Score(
        kills={"one": ("a",), "two": ()},
        errors={"one": None, "two": {}},
        mutants={"changed": None},
        honest={("right", "paper"): False},
        worst={},
        pairs=[],
        combinations=Combinations(legal=0, uncovered=[], hidden=[], shown={}),
        seconds=0.0,
    )
    assert not bad.passed
    assert bad.survivors == {"two": "no vector finds it", "changed": "no vector finds it"}
    assert bad.false_alarms == ["right as paper"]


def test_variants_are_tried_with_several_places_of_epsilon_and_arithmetics():
    points = [named_point(name) for name in VARIANT_CONVENTIONS]
    assert len({(point.convention.epsilon, point.arithmetic) for point in points}) >= 4


def test_the_command_prints_and_writes_the_score(tmp_path, capsys, score, monkeypatch):
    from conformance.selftest import selftest as module

    monkeypatch.setattr(module, "selftest", lambda *_: score)
    path = tmp_path / "score.json"
    assert main(["selftest", "--json", str(path)]) == 0
    said = capsys.readouterr().out
    assert "wrong Adams rejected" in said
    assert re.search(r"^2 paper-hat +\de\+\d\d", said, re.MULTILINE)
    assert "wrong Adams that a vector finds by itself" in said
    assert json.loads(path.read_text())["passed"] is True
