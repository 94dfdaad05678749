"""Mutants: every place of the rule, and a changed copy of adamref for each."""

import ast

import numpy as np
import pytest

from conformance.selftest.changed_copy import changed_adam
from conformance.selftest.killing import killer, points
from conformance.selftest.mutants import (
    EQUIVALENT,
    NAMES,
    RULE,
    file_of_reference,
    mutants,
)
from conformance.subject.subject import from_make
from conformance.trial.run import run
from conformance.truth.point import Point


def nodes_of(module):
    return list(ast.walk(ast.parse((file_of_reference(module)).read_text())))


@pytest.mark.parametrize(
    ("module", "function"),
    [(module, function) for module, functions in RULE.items() for function in functions],
)
def test_every_function_of_the_rule_exists(module, function):
    defined = {node.name for node in nodes_of(module) if isinstance(node, ast.FunctionDef)}
    assert function in defined


@pytest.mark.parametrize("name", NAMES)
def test_every_name_that_may_be_mistaken_occurs_in_the_rule_with_its_neighbours(name):
    nodes = [node for module in RULE for node in nodes_of(module)]
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    attributes = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    assert {name, *NAMES[name]} <= names | attributes


def test_mutants_have_names_of_their_own():
    names = [mutant.name for mutant in mutants()]
    assert len(set(names)) == len(names)


def test_every_equivalent_mutant_exists():
    assert set(EQUIVALENT) <= {mutant.name for mutant in mutants()}


@pytest.mark.parametrize("name", EQUIVALENT)
def test_an_equivalent_mutant_returns_the_bits_of_the_reference(name, suite):
    mutant = next(mutant for mutant in mutants() if mutant.name == name)
    unchanged = mutant._replace(place=-1)
    assert killer(mutant, suite) is None
    for number, point in enumerate(points().values()):
        changed = from_make(changed_adam(mutant, point))
        reference = from_make(changed_adam(unchanged, point))
        # Every eleventh vector, others at each point: all of them would take minutes.
        for vector in suite.vectors[number::11]:
            if vector.level == "core" and vector.answers_for(point.values, point.arithmetic.code):
                of_mutant = run(changed, vector).snapshots
                of_reference = run(reference, vector).snapshots
                assert str(of_mutant) == str(of_reference), vector.id


def test_a_changed_copy_is_another_package_and_leaves_ours_unchanged(suite):
    from adamref.step import advance

    mutant = next(mutant for mutant in mutants() if mutant.name == "step.advance: g * g -> g + g")
    assert killer(mutant, suite) is not None
    make = changed_adam(mutant, Point.of({}))
    assert type(make([np.ones(1)], 0.1, 0.9, 0.99, 0.0)).__module__.startswith("adamref_changed_")
    assert advance.__module__ == "adamref.step"
