"""The judge under its other name, adamref_conformance.

test_fresh_project.py has a project whose own package has taken the first name.
"""

import subprocess
import sys

import adamref_conformance
import pytest

import conformance

DOOR = (
    "import adamref_conformance; "
    "print(adamref_conformance.check.__module__, 'conformance' in sys.modules)"
)


def test_where_the_name_is_ours_it_is_the_package_itself():
    assert all(
        getattr(adamref_conformance, name) is getattr(conformance, name)
        for name in conformance.__all__
    )


def test_what_it_does_not_have_is_said_with_what_it_has():
    with pytest.raises(
        AttributeError,
        match="conformance has no 'chekc'; it has Conformance, Identity, IndexedSlices, Report, ",
    ):
        adamref_conformance.chekc  # noqa: B018


@pytest.mark.parametrize("file", ["conformance.py", "conformance/__init__.py"])
def test_what_has_taken_the_name_is_neither_imported_nor_hidden(file, tmp_path):
    path = tmp_path / file
    path.parent.mkdir(exist_ok=True)
    path.write_text("HERE = True")
    code = f"import sys; {DOOR}; import conformance; print(conformance.HERE)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["_adamref_conformance.judge.check False", "True"]


def test_a_folder_without_a_package_in_it_takes_no_name(tmp_path):
    (tmp_path / "conformance").mkdir()
    code = f"import sys; {DOOR}"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["conformance.judge.check True"]
