"""Compiled code on disk that is damaged is compiled anew, and is whole again afterwards."""

import os
import pickle
import shutil
from pathlib import Path

import numba
import pytest

from adamref.kernels.cpu.compiled import compile_strict


def _double(number):
    return 2 * number


def loaded(*numbers):
    """Double numbers as a new process would; return how many kernels it did not compile."""
    double = compile_strict(_double)
    assert [double(number) for number in numbers] == [number + number for number in numbers]
    return sum(double.stats.cache_hits.values())


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A folder for compiled code, with an index and the kernels for an integer and a float."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(numba.config, "CACHE_DIR", str(folder))
        assert (loaded(3, 1.25), loaded(3, 1.25)) == (0, 2)
    return folder


@pytest.fixture
def folder(kept, tmp_path, monkeypatch):
    """A copy of it: the folder of the files."""
    shutil.copytree(kept, tmp_path, dirs_exist_ok=True)
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    (index,) = tmp_path.rglob("*.nbi")
    return index.parent


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


DAMAGES = {
    "empty": lambda path: path.write_bytes(b""),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-40]),
    "cut to a byte": lambda path: path.write_bytes(path.read_bytes()[:1]),
    "garbage": lambda path: path.write_bytes(bytes(range(256))),
    "another pickle": lambda path: path.write_bytes(pickle.dumps({"a": 1})),
    "one bit": flip,
}


def files_of(folder):
    (index,) = folder.glob("*.nbi")
    return [index, *sorted(folder.glob("*.nbc"))]


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_compiled_anew_and_written_again(folder, damage):
    for file in files_of(folder)[:2]:
        damage(file)
        assert (loaded(3), loaded(3)) == (0, 1)


def make_folder(path):
    path.unlink()
    path.mkdir()


def make_pipe(path):
    path.unlink()
    os.mkfifo(path)


def make_circle(path):
    path.unlink()
    path.symlink_to(path.name)


@pytest.mark.parametrize(
    "make", [make_folder, make_pipe, make_circle], ids=lambda make: make.__name__
)
def test_what_is_no_file_is_compiled_anew(folder, make):
    for file in files_of(folder)[:2]:
        make(file)
        assert loaded(3) == 0


def test_code_of_another_kernel_is_not_run(folder):
    # As after two processes have written at once, each with the name that the other chose.
    _, one, other = files_of(folder)
    content = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(content)
    assert (loaded(3, 1.25), loaded(3, 1.25)) == (0, 2)


def test_a_folder_that_vanishes_or_cannot_be_made_is_no_matter(folder):
    for file in files_of(folder):
        file.unlink()
    folder.rmdir()
    folder.write_text("")
    assert loaded(3) == 0
    assert folder.read_text() == ""
    beside = Path(__file__).parent
    assert not list(beside.rglob("test_cache*.nb?"))


def test_a_user_without_a_home_keeps_nothing(monkeypatch):
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    compiled_folder = compile_strict.__globals__["_folder"]
    compiled_folder.cache_clear()
    try:
        assert (loaded(3), loaded(3)) == (0, 0)
    finally:
        compiled_folder.cache_clear()
    assert not Path("~").exists()
