"""The rows of the survey, and what a rows file may say."""

import ast
import importlib.util
import subprocess
import sys

import pytest

from conformance.subject.shipped import SHIPPED
from conformance.survey.row import HERE, RowError, load
from tests.support.paths import ROOT

ROWS = load()
DEFECTS = sorted(path for path in (HERE / "defects").rglob("*.py"))
# What a reproduction imports is the library and what runs it; never ours.
OURS = {"adamref", "conformance"}

WHOLE = """
[[environment]]
name = "numpy"

[[row]]
name = "one"
language = "Python"
library = "numpy"
version = "2"
what = "an Adam"
from = "PyPI"
environment = "numpy"
bridge = "module:make"
convention = "paper"
verdict = "conformant"
source = "file.py:1"
"""


def by_name(row):
    return row.name


def read(tmp_path, text):
    path = tmp_path / "rows.toml"
    path.write_text(text)
    return load([path])


def test_a_whole_row_is_read(tmp_path):
    (row,) = read(tmp_path, WHOLE).rows
    assert (row.origin, row.bridge, row.defects) == ("PyPI", "module:make", ())


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('from = "PyPI"', 'from = "CPAN"', "from must be one of PyPI, Debian, .* got 'CPAN'"),
        ('name = "one"', 'name = "../one"', "name must have letters, .* got '../one'"),
        ('what = "an Adam"', "", "one: .*'what'"),
        ('what = "an Adam"', 'what = ["an Adam"]', "one: what must be text"),
        ('what = "an Adam"', 'what = "an Adam"\nneeds = "g++"', "one: needs must be a list"),
        ('what = "an Adam"', 'what = "an Adam"\nfun = "x"', "one: unknown field 'fun'"),
        ('bridge = "module:make"', "", "bridge or command must be given"),
        ('environment = "numpy"', "", "environment must be given with bridge"),
        ('environment = "numpy"', 'environment = "no"', "environment of one must be described"),
        ('from = "PyPI"', 'from = "repository"', "repository and commit must be given"),
        ("conformant", "nonconformant", "kind must be one of bug, .* got ''"),
        ("source =", 'kind = "bug"\nsource =', "kind must be given with nonconformant alone"),
        (
            '"conformant"',
            '"nonconformant"\nkind = "bug"',
            "defects must be given with kind = 'bug'",
        ),
        ("[[environment]]", "[[place]]", "tables must be row, missing or environment"),
        ("[[environment]]", "[[", "rows.toml: "),
        ("[[environment]]", WHOLE + "[[environment]]", "a name must be there once"),
    ],
)
def test_a_row_that_makes_no_sense_is_refused(tmp_path, old, new, message):
    with pytest.raises(RowError, match=message):
        read(tmp_path, WHOLE.replace(old, new))


@pytest.mark.parametrize("row", ROWS.rows, ids=by_name)
def test_a_row_names_files_that_exist(row):
    if ":" not in row.bridge:
        assert not row.bridge or row.bridge in SHIPPED
    else:
        module, _, name = row.bridge.partition(":")
        bridge = HERE / "bridges" / "python" / f"{module}.py"
        tree = ast.parse(bridge.read_text())
        assert name in names_of(tree)
    for word in row.command.split() + " ".join(row.build).split():
        if word.startswith("{bridges}"):
            assert (HERE / "bridges" / word.removeprefix("{bridges}/")).exists()
    for defect in row.defects:
        assert (HERE / "defects" / defect).is_file()


def names_of(tree):
    """The names of functions, classes and variables of a module."""
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


@pytest.mark.parametrize("row", ROWS.rows, ids=by_name)
def test_an_environment_pins_the_version_of_the_row(row):
    if not row.environment or row.origin != "PyPI":
        return
    pins = pins_of(ROWS.environments[row.environment])
    assert pins[plain(row.library)] == row.version


@pytest.mark.parametrize("environment", ROWS.environments.values(), ids=lambda each: each.name)
def test_every_requirement_is_pinned(environment):
    lines = environment.requirements.read_text().splitlines()
    assert [line for line in lines if line.count("==") != 1] == []


def test_every_environment_and_every_bridge_is_used():
    used = {row.environment for row in ROWS.rows if row.environment}
    assert set(ROWS.environments) == used
    files = {path.stem for path in (HERE / "environments").glob("*.txt")}
    assert files == used


def pins_of(environment):
    lines = environment.requirements.read_text().splitlines()
    return {plain(line.partition("==")[0]): line.partition("==")[2] for line in lines}


def plain(name):
    return name.lower().replace("_", "-")


@pytest.mark.parametrize("path", DEFECTS, ids=lambda path: path.stem)
def test_a_defect_is_a_few_lines_without_adamref(path):
    text = path.read_text()
    tree = ast.parse(text)
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module.partition(".")[0])
    assert ast.get_docstring(tree)
    assert not imported & OURS
    assert len(text.splitlines()) <= 40
    # It fails where the library has been mended.
    assert any(isinstance(node, (ast.Assert, ast.Raise)) for node in ast.walk(tree))
    if all(importlib.util.find_spec(name) for name in imported):
        subprocess.run([sys.executable, "-W", "ignore", path], cwd=ROOT, check=True)
