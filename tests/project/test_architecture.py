"""The rooms of the two packages, and the directions of imports, read from the source."""

import ast
import os
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.project import readability
from tests.support.paths import ROOT

# Room -> the other rooms that its files may import. Imports for types and late imports count.
# A room may name only rooms above it, so that there is no circle of rooms.
CONFORMANCE = {
    "process": "",
    "executors": "process",
    "vectors": "process",
    "subject": "process vectors",
    "truth": "vectors subject",
    "subjects": "vectors subject",
    "trial": "process vectors subject",
    "variants": "vectors truth",
    "defects": "vectors subject truth",
    "waivers": "process vectors subject trial",
    "coverage": "vectors subject subjects trial",
    "on_demand": "vectors subject truth trial",
    "identity": "process vectors subject truth trial defects on_demand",
    "diagnosis": "process vectors subject truth trial defects coverage on_demand identity",
    "judge": "process executors vectors subject trial waivers on_demand identity diagnosis",
    "search": "process vectors subject truth trial variants defects coverage on_demand diagnosis",
    "selftest": "process vectors subject truth trial variants defects coverage on_demand diagnosis "
    "judge",
    "report": "process vectors subject truth trial defects waivers identity diagnosis judge "
    "selftest",
    "generate": "process vectors truth coverage search selftest",
    "gate": "vectors subject trial waivers judge report",
    "survey": "process",
    "teach": "process vectors subject truth trial defects on_demand identity diagnosis judge "
    "report gate survey",
    "cli": "process executors vectors subject trial defects waivers identity diagnosis judge "
    "search selftest report gate teach",
    # The public names and the ways to start: __init__.py, __main__.py, pytest_plugin.py, alias/.
    "front": "process vectors subject waivers identity judge gate cli",
}
ADAMREF = {
    # How halves are kept, and how gradients are given, on arrays alone.
    "halves": "",
    "gradients": "",
    # The files that are in no folder, except the files of adam and front.
    "core": "halves gradients",
    "oracle": "core",
    "storage": "core halves",
    "variables": "core gradients",
    "schedule": "variables",
    # The files in kernels/ that are in no folder of it.
    "kernels": "core halves",
    "kernels/cpu": "core halves storage kernels",
    "kernels/cuda": "core halves storage kernels",
    "kernels/deferred": "core gradients storage kernels kernels/cpu",
    "graph": "core gradients variables",
    "tf1": "core gradients storage variables graph",
    "keras": "core gradients storage variables graph schedule",
    "adam": "core gradients halves storage kernels",
    "front": "core gradients halves variables schedule tf1 keras adam",
}
ROOMS = {"conformance": CONFORMANCE, "adamref": ADAMREF}
FILES = [path for package in ROOMS for path in readability.python_files(ROOT / package)]

# Where the judge may import adamref: its door, our own backends as subjects, the version in a
# report, and what shows or draws the numbers of the reference, because teaching is not judging.
DOORS = {
    "conformance/teach/explain/reference_run.py",
    "conformance/truth/reference.py",
    "conformance/subjects/adamref_adam.py",
    "conformance/report/results.py",
    "conformance/teach/experiments/adam.py",
}
# What of adamref needs more than NumPy, and imports it where it is used.
LIBRARIES = {
    "adamref/__main__.py": {"adamref_conformance"},
    "adamref/keras/memory.py": {"tf_keras"},
    "adamref/kernels/cuda/host.py": {"ml_dtypes"},
    "adamref/storage/checkpoint.py": {"safetensors"},
    "adamref/storage/tensorflow_file.py": {"tensorflow", "tf_keras"},
    "adamref/variables/backward.py": {"autograd"},
    "adamref/variables/traced.py": {"autograd"},
    # For the images that ship with it.
    "conformance/teach/experiments/digits.py": {"sklearn"},
    # It runs on its own, where torch is.
    "conformance/gate/templates/adam_torch.py": {"torch"},
}
FRAMEWORKS = {
    *("torch", "tensorflow", "tf_keras", "keras", "jax", "optax", "sklearn"),
    *("mlx", "tinygrad", "paddle"),
}
MOST_FILES = 16


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def imports(path):
    """The absolute names of modules and their members that a file imports, wherever in it."""
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else ()
            yield from (
                ".".join((*base, *filter(None, [node.module]), alias.name)) for alias in node.names
            )


def packages(path):
    """The top-level packages that a file imports."""
    return {name.partition(".")[0] for name in imports(path)}


def file_of(name):
    """The file of ours that an imported name is, or is defined in."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        place = ROOT.joinpath(*parts[:length])
        for file in (place.with_suffix(".py"), place / "__init__.py"):
            if file.exists():
                return file
    raise AssertionError(f"{name} is no module of ours")


def files_imported(path):
    """The files of its own package that a file imports."""
    own = name_of(path).partition("/")[0]
    return {file_of(name) for name in imports(path) if name.partition(".")[0] == own} - {path}


def room_of(path):
    """Return the room of a file: the deepest folder in the table, or the room of files in none."""
    package, *inside = path.relative_to(ROOT).with_suffix("").parts
    for length in range(len(inside), 0, -1):
        if (room := "/".join(inside[:length])) in ROOMS[package]:
            return room
    front = package == "conformance" or inside[-1] in ("__init__", "__main__")
    return "front" if front else "core"


@pytest.mark.parametrize("package", ROOMS)
def test_every_folder_is_a_room_and_names_only_rooms_above_it(package):
    table = ROOMS[package]
    for at, allowed in enumerate(table.values()):
        assert set(allowed.split()) <= set(list(table)[:at])
    rooms = {room_of(path) for path in FILES if name_of(path).startswith(f"{package}/")}
    assert rooms == set(table)
    entries = (ROOT / package).iterdir()
    assert {path.name for path in entries if (path / "__init__.py").exists()} <= set(table)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_file_imports_only_from_the_rooms_that_its_room_may(path):
    own = room_of(path)
    table = ROOMS[name_of(path).partition("/")[0]]
    found = {room_of(file) for file in files_imported(path)}
    assert found - {own} <= set(table[own].split())


def test_no_files_import_each_other_in_a_circle():
    tuple(TopologicalSorter({path: files_imported(path) for path in FILES}).static_order())


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_go_one_way(path):
    name = name_of(path)
    found = packages(path)
    standard = set(sys.stdlib_module_names)
    if name.startswith("adamref/"):
        compilers = {"numba", "llvmlite", "cuda"} if name.startswith("adamref/kernels/") else set()
        assert found - standard <= {"adamref", "numpy"} | compilers | LIBRARIES.get(name, set())
    if name.startswith("adamref/oracle/"):
        assert "numpy" not in found
    if name.startswith("conformance/") and name not in DOORS:
        assert "adamref" not in found
    if not name.startswith("conformance/subjects/"):
        assert not found & (FRAMEWORKS - LIBRARIES.get(name, set()))
    assert "numba" not in found or name.startswith("adamref/kernels/")
    assert "tests" not in found


def test_the_judge_says_its_own_name_nowhere_and_so_works_under_another():
    others = [
        path for path in FILES if path.name != "adamref_conformance.py"
    ]  # the other name itself
    for path in (path for path in others if path.is_relative_to(ROOT / "conformance")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                assert not any(
                    alias.name.partition(".")[0] == "conformance" for alias in node.names
                ), path
            elif isinstance(node, ast.ImportFrom) and not node.level:
                assert str(node.module).partition(".")[0] != "conformance", path
            elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
                assert "conformance" not in ast.unparse(node.args[0]), path


def test_the_oracle_shares_nothing_with_the_reference_but_config_and_convention():
    allowed = {ROOT / "adamref/config.py", ROOT / "adamref/convention.py"}
    for path in (ROOT / "adamref/oracle").glob("*.py"):
        assert {file for file in files_imported(path) if file.parent != path.parent} <= allowed, (
            path
        )


def modules_after(code):
    """The modules that a new process has loaded after ``code``."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\nprint(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def test_a_conformant_check_needs_neither_the_oracle_nor_what_is_made_from_it():
    # An import graph does not show this: there, imports inside functions count as any others.
    subject = (ROOT / "conformance/gate/templates/adam_subject.py").read_text()
    code = (
        f"{subject}\nfrom conformance import check\n"
        "report = check(MyAdam, level='quick')\n"
        "assert report.conformant, report.verdict\n"
        "assert not report.diagnosis"
    )
    loaded = modules_after(code)
    assert "conformance.judge.check" in loaded
    assert [
        name
        for name in loaded
        if name.startswith(("adamref", "conformance.truth", "conformance.defects"))
    ] == []


def test_importing_adamref_needs_numpy_alone():
    before = modules_after("pass")
    after = modules_after("import adamref")
    own = {"adamref", "numpy", *sys.stdlib_module_names}
    assert {name.partition(".")[0] for name in set(after) - set(before)} - own == set()


def test_there_is_no_pickle_and_nothing_is_evaluated():
    for path in FILES:
        tree = ast.parse(path.read_text())
        called = {
            node.func.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert not called & {"eval", "exec", "compile", "__import__"}, path
        assert not {"pickle", "marshal", "shelve"} & packages(path), path


def folders():
    """Yield the folders of a checkout of the packages and of tests, with the files in each."""
    for package in (*ROOMS, "tests"):
        for folder, below, files in os.walk(ROOT / package):
            below[:] = [name for name in below if not name.startswith((".", "_"))]
            if files:
                yield Path(folder), files


def test_no_folder_has_more_files_than_one_look_takes_in():
    assert {
        name_of(folder): len(files) for folder, files in folders() if len(files) > MOST_FILES
    } == {}


def test_every_room_says_what_lives_in_it():
    for folder, files in folders():
        if "__init__.py" in files:
            assert ast.get_docstring(ast.parse((folder / "__init__.py").read_text())), folder


def test_tests_have_the_shape_of_the_packages():
    for package, place in (("adamref", "reference"), ("conformance", "judge")):
        for folder, _ in folders():
            if folder.is_relative_to(tests := ROOT / "tests" / place):
                own = folder.relative_to(tests).as_posix()
                assert (ROOT / package / own).is_dir() or own in (
                    "seed_pages",
                    "kernels/cuda/simulator",
                ), own
