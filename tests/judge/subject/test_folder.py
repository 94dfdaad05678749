"""A file in the current folder hides no module of the judge or of a library."""

import ast
import subprocess
import sys

import pytest

from conformance.subject.folder import NEEDED
from tests.support.commands import ADAMREF, hostile_module, run_command
from tests.support.paths import ROOT

# Modules that the judge, its reports, and a library import, at once or later.
HIDING = ("xml", "jinja2", "rich", "click", "tomlkit", "autograd", "sklearn")
# With `python -m adamref`, NumPy has imported these before a line of ours runs.
HIDING_FROM_A_COMMAND = ("json", "random", "decimal", "hashlib")
# What judges no subject of the folder, and what loads its libraries before it loads one.
WITHOUT_SUBJECTS = {
    "defects",
    "executors",
    "experiments",
    "gate",
    "generate",
    "kernels",
    "plot",
    "process",
    "pytest_plugin.py",
    "search",
    "selftest",
    "storage",
    "subjects",
    "survey",
}
ONE = ("check", "--only", "basic.*.mixed", "--junit", "report.xml", "--markdown", "report.md")


@pytest.fixture(name="folder")
def folder_fixture(tmp_path):
    """A folder with subjects, and with files that have the names of modules."""
    hostile_module(tmp_path)
    hide(tmp_path, HIDING)
    return tmp_path


def hide(folder, names):
    for name in names:
        (folder / f"{name}.py").write_text(f"raise ImportError('{name} of the folder')\n")


@pytest.mark.parametrize("start", [(str(ADAMREF),), (sys.executable, "-m", "adamref")], ids=len)
def test_files_of_the_folder_with_the_names_of_modules_are_not_imported(start, folder):
    if len(start) == 1:
        hide(folder, HIDING_FROM_A_COMMAND)
    subjects = ("hostile:Right", "autograd", "sklearn", "hostile:Wrong")
    done = subprocess.run(
        [*start, *ONE, *subjects], cwd=folder, capture_output=True, text=True, check=False
    )
    assert "of the folder" not in done.stdout + done.stderr
    assert done.returncode == 1
    rows = [line for line in done.stdout.splitlines() if "basic" not in line]
    for subject, verdict in zip(subjects, ["conformant"] * 3 + ["nonconformant"], strict=True):
        assert any(row.startswith(subject) and f" {verdict} " in row for row in rows)


def test_what_a_subject_imports_first_does_not_replace_what_the_judge_imports_later(folder):
    (folder / "first.py").write_text(
        "import os, sys\n"
        "sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))\n"
        "from hostile import Wrong\n"
    )
    done = run_command(*ONE, "first:Wrong", cwd=folder)
    assert done.returncode == 1
    assert "of the folder" not in done.stdout + done.stderr
    assert (folder / "report.xml").exists()


def test_a_library_that_a_file_hides_already_is_not_judged_in_its_place(tmp_path):
    hostile_module(tmp_path)
    (tmp_path / "autograd.py").write_text("")
    (tmp_path / "first.py").write_text(
        "import os, sys\n"
        "for name in [name for name in sys.modules if name.startswith('autograd')]:\n"
        "    del sys.modules[name]\n"
        "sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))\n"
        "import autograd\n"
        "from hostile import Right\n"
    )
    done = run_command(
        "check", "--only", "basic.f32.mixed", "first:Right", "autograd", cwd=tmp_path
    )
    assert done.returncode == 3
    assert "needs the installed autograd, but a file of this name" in done.stderr
    assert "first:Right" in done.stdout


def test_the_module_that_is_named_comes_from_the_folder(tmp_path):
    # An installed module of this name is found after it.
    (tmp_path / "optax.py").write_text(
        "def make(params, *numbers):\n    return lambda grads: params"
    )
    done = run_command("check", "optax:make", "--only", "basic.f32.mixed", cwd=tmp_path)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_a_name_of_a_module_in_use_is_refused_with_a_way_out(tmp_path):
    (tmp_path / "json.py").write_text("")
    done = run_command("check", "json:make", cwd=tmp_path)
    assert done.returncode == 3
    assert "json must not have the name of a module in use; rename the file" in done.stderr


def test_a_subject_that_empties_the_path_and_the_modules_loses_no_report(tmp_path):
    subject = f"{hostile_module(tmp_path)}:Forgets"
    done = run_command(*ONE, subject, cwd=tmp_path)
    assert done.returncode == 1
    assert "nonconformant" in done.stdout
    assert "Traceback" not in done.stderr
    assert {"report.xml", "report.md"} <= {path.name for path in tmp_path.iterdir()}


def test_what_the_judge_imports_late_is_loaded_before_a_subject_of_the_folder():
    late = set()
    for package in ("conformance", "adamref"):
        for path in (ROOT / package).rglob("*.py"):
            if not WITHOUT_SUBJECTS & set(path.parts):
                late |= imported_names(path)
    ours = {"conformance", "adamref", "adamref_conformance"}
    code = (
        "import sys\n"
        f"from importlib import import_module\nfor name in {NEEDED!r}: import_module(name)\n"
        "import conformance.cli, conformance.judge.check, conformance.report.screens.table\n"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert late - set(done.stdout.split()) - ours == set()


def imported_names(path):
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(str(node.module).partition(".")[0])
    return names
