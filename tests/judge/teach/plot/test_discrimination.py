"""The tables of what vectors tell apart."""

import pytest

from conformance.defects import DEFECTS
from conformance.defects.defect import DefectKind
from conformance.teach.plot.discrimination import (
    KINDS,
    TOGETHER,
    catch,
    kills,
    pairs,
    quick_vectors,
)
from conformance.vectors import files

NAMES = ("bias-none", "eps-in-sqrt", "clip-norm-mean")
CHOSEN = [defect for defect in DEFECTS if defect.name in NAMES]
TOPICS = ("basic", "clip")


@pytest.fixture(name="vectors", scope="module")
def vectors_fixture():
    return [vector for vector in quick_vectors(files.load()) if vector.topic in TOPICS]


def test_every_kind_of_wrong_adam_has_a_column():
    assert set(KINDS) == set(DefectKind)


def test_a_topic_finds_the_wrong_adams_that_it_is_about(vectors):
    found = kills(files.load(), CHOSEN, vectors)
    assert found == {"bias-none": {"basic"}, "eps-in-sqrt": {"basic"}, "clip-norm-mean": {"clip"}}


def test_all_topics_together_find_what_any_of_them_finds(vectors):
    found = catch(files.load(), CHOSEN, vectors)
    assert next(iter(found.table)) == TOGETHER
    assert sum(found.table[TOGETHER].values()) == len(CHOSEN)
    assert sum(found.totals.values()) == len(CHOSEN)
    assert found.vectors == len(vectors)


def test_conventions_with_another_epsilon_are_apart_and_those_with_one_formula_are_not():
    found = pairs(files.load(), ["tf1", "keras3", "jax"])
    assert found["tf1", "keras3"] == 0
    assert found["tf1", "jax"] > 10
