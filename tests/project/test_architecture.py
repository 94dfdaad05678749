"""The directions of imports, read from the source."""

import ast
import subprocess
import sys

import pytest

from tests.support.paths import ROOT

FILES = [path for package in ("adamref", "conformance") for path in sorted((ROOT / package).rglob("*.py"))]
# Where the judge may know adamref: its door, and our own backends as subjects; the version in a report.
DOORS = {"conformance/truth/reference.py", "conformance/subjects/adamref_adam.py", "conformance/report/results.py"}
# What of adamref needs more than NumPy, and imports it where it is used.
LIBRARIES = {
    "adamref/__main__.py": {"adamref_conformance"},
    "adamref/variables/backward.py": {"autograd"},
    "adamref/storage/checkpoint.py": {"safetensors"},
    "adamref/variables/traced.py": {"autograd"},
}
FRAMEWORKS = {"torch", "tensorflow", "tf_keras", "keras", "jax", "optax", "sklearn"}


def imports(path, everywhere=True):
    """The absolute top-level packages that a file imports; with everywhere=False at module level only."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree) if everywhere else tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = path.relative_to(ROOT).parts[0]
            yield package if node.level else str(node.module).partition(".")[0]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_one_way(path):
    name, found = path.relative_to(ROOT).as_posix(), set(imports(path))
    standard = set(sys.stdlib_module_names)
    if name.startswith("adamref/"):
        compilers = {"numba", "llvmlite", "cuda"} if name.startswith("adamref/kernels/") else set()
        assert found - standard <= {"adamref", "numpy"} | compilers | LIBRARIES.get(name, set())
    if name.startswith("adamref/oracle/"):
        assert "numpy" not in found
    if name.startswith("conformance/") and name not in DOORS:
        assert "adamref" not in found
    if not name.startswith("conformance/subjects/"):
        assert not found & FRAMEWORKS
    assert "numba" not in found or name.startswith("adamref/kernels/")
    assert "tests" not in found


def test_the_judge_says_its_own_name_nowhere_and_so_works_under_another():
    others = [path for path in FILES if path.name != "adamref_conformance.py"]  # the other name itself
    for path in (path for path in others if path.is_relative_to(ROOT / "conformance")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                assert not any(alias.name.partition(".")[0] == "conformance" for alias in node.names), path
            elif isinstance(node, ast.ImportFrom) and not node.level:
                assert str(node.module).partition(".")[0] != "conformance", path
            elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
                assert "conformance" not in ast.unparse(node.args[0]), path


def test_the_oracle_shares_nothing_with_the_reference_but_config_and_convention():
    for path in (ROOT / "adamref" / "oracle").glob("*.py"):
        nodes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
        assert {node.module for node in nodes if node.level > 1} <= {"config", "convention"}, path


def test_checking_by_the_frozen_vectors_needs_no_oracle():
    code = (
        "import sys; from conformance import check; check(lambda p, *n: lambda g: p, only='basic.f32.*'); "
        "print([m for m in sys.modules if m.startswith('adamref')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_importing_adamref_needs_numpy_alone():
    code = (
        "import sys; before = set(sys.modules); import adamref; "
        "print({m.partition('.')[0] for m in set(sys.modules) - before})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    third_party = {
        m for m in ast.literal_eval(done.stdout) if m not in sys.stdlib_module_names and not m.startswith("_")
    }
    assert third_party - {"adamref", "numpy"} == set()


def test_there_is_no_pickle_and_nothing_is_evaluated():
    for path in FILES:
        tree = ast.parse(path.read_text())
        called = {
            node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert not called & {"eval", "exec", "compile", "__import__"}, path
        assert not {"pickle", "marshal", "shelve"} & set(imports(path)), path
