"""Tables of the two seed pages: they lack nothing of the real classes; each row has its test."""

import ast
import inspect
import json
import warnings
from pathlib import Path

import pytest

from adamref import keras, tf1
from tests.support.paths import ROOT

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import tensorflow as tf
    from tf_keras.optimizers import legacy

FOLDER = Path(__file__).parent

# The pages, each with the real class and ours.
PAGES = {
    "keras": (legacy.Adam, keras.Adam),
    "tf1": (tf.compat.v1.train.AdamOptimizer, tf1.AdamOptimizer),
}
# Of the real classes of today, but not on the pages: arguments that came later, and what no user
# calls.
LATER = {
    "keras": {
        "add_weight.synchronization": "of distribution strategies",
        "add_weight.aggregation": "of distribution strategies",
    },
    "tf1": {
        "__init__.use_own_namescope_for_non_slot_vars": "a scope for names in graphs",
        "apply_gradients.skip_gradients_aggregation": "of distribution strategies",
    },
}
KINDS = {"argument", "attribute", "constant", "default", "error", "method", "sentence"}


def table(page):
    return json.loads((FOLDER / f"{page}.json").read_text())


def public(real):
    """Each public attribute of a class, and the constructor."""
    return ["__init__", *(name for name in dir(real) if not name.startswith("_"))]


def parameters(real, name):
    """Return the named parameters of a method, without self; none of anything else."""
    member = getattr(real, name)
    if not (inspect.isfunction(member) or inspect.ismethod(member)):
        return {}
    named = [
        p
        for p in inspect.signature(member).parameters.values()
        if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
    ]
    return {parameter.name: parameter.default for parameter in named if parameter.name != "self"}


def required_items(page):
    """What a page must say something of: attributes, and arguments as method.argument."""
    real, _ = PAGES[page]
    items = {f"{name}.{argument}" for name in public(real) for argument in parameters(real, name)}
    return {*public(real), *items} - set(LATER[page])


def functions(path):
    tree = ast.parse((ROOT / path).read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_table_is_a_page_and_every_page_has_a_table():
    assert {path.stem for path in FOLDER.glob("*.json")} == set(PAGES) == set(LATER)


@pytest.mark.parametrize("page", PAGES)
def test_every_attribute_and_argument_of_the_real_class_has_a_row(page):
    assert required_items(page) - {row["item"] for row in table(page)} == set()


@pytest.mark.parametrize("page", PAGES)
def test_rows_of_attributes_and_arguments_name_one_of_the_real_class(page):
    named = {
        row["item"]
        for row in table(page)
        if row["kind"] in ("argument", "attribute", "constant", "method")
    }
    assert named <= required_items(page)


@pytest.mark.parametrize("page", PAGES)
def test_what_came_later_is_there_and_not_ours(page):
    real, own = PAGES[page]
    for item in LATER[page]:
        name, _, argument = item.partition(".")
        assert hasattr(real, name)
        assert argument in parameters(real, name) if argument else not hasattr(own, name)
        assert not argument or argument not in parameters(own, name)


@pytest.mark.parametrize("page", PAGES)
def test_every_row_is_whole_and_its_test_exists(page):
    for row in table(page):
        assert set(row) == {"item", "kind", "says", "test"}, row
        assert row["kind"] in KINDS, row
        assert row["says"], row
        path, _, name = row["test"].partition("::")
        assert name in functions(path), row


@pytest.mark.parametrize("page", PAGES)
def test_signatures_and_defaults_are_the_real_ones(page):
    real, own = PAGES[page]
    for name in public(real):
        due = {k: v for k, v in parameters(real, name).items() if f"{name}.{k}" not in LATER[page]}
        if name not in LATER[page]:
            assert list(parameters(own, name).items()) == list(due.items()), name


@pytest.mark.parametrize("page", PAGES)
def test_constants_have_the_real_values(page):
    real, own = PAGES[page]
    for row in table(page):
        if row["kind"] == "constant":
            assert getattr(own, row["item"]) == getattr(real, row["item"])
