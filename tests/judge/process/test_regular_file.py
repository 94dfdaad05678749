"""Paths that lead to no file: every command that reads refuses them at once, with one sentence."""

import hashlib
import json
import os
import shutil

import pytest

from conformance.cli import main
from conformance.process.regular_file import UnreadableFile, read_regular
from conformance.vectors import files
from tests.support.strange_files.paths import STRANGE

# What is read, and the status of a command that cannot.
READERS = {
    "waivers": (["check", "adamref", "--only", "basic.f32.mixed", "--waivers"], 2),
    "old report": (["report", "diff"], 3),
}


def refusal(capsys, arguments):
    """Return status and stderr of a command that must print nothing else."""
    status = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    assert captured.out == ""
    # One sentence: a traceback has several lines.
    assert captured.err.startswith("adamref: ")
    assert captured.err.count("\n") == 1
    return status, captured.err


@pytest.mark.parametrize("kind", STRANGE)
@pytest.mark.parametrize("reader", READERS)
def test_a_path_that_leads_to_no_file_is_refused(reader, kind, tmp_path, capsys):
    make, message = STRANGE[kind]
    make(tmp_path / "strange")
    arguments, expected = READERS[reader]
    more = [tmp_path / "strange"] if reader == "old report" else []
    status, said = refusal(capsys, [*arguments, tmp_path / "strange", *more])
    assert status == expected
    assert message in said


@pytest.mark.parametrize("kind", STRANGE)
@pytest.mark.parametrize("name", ["MANIFEST.json", "conventions.json", "quick.json"])
def test_a_file_of_vectors_that_is_no_file_is_refused(name, kind, tmp_path, capsys):
    make, message = STRANGE[kind]
    folder = tmp_path / "vectors"
    folder.mkdir()
    shipped = files.default_directory()
    for other in ("MANIFEST.json", "schema.json", "conventions.json"):
        shutil.copy(shipped / other, folder)
    (folder / name).unlink(missing_ok=True)
    make(folder / name)
    sums = {"schema.json": "", "conventions.json": ""}
    for listed in sums:
        if listed != name:
            sums[listed] = hashlib.sha256((folder / listed).read_bytes()).hexdigest()
    if name != "MANIFEST.json":
        listed = {"version": "1", "sha256": {name: "", **sums}}
        (folder / "MANIFEST.json").write_text(json.dumps(listed))
    # Strays of the circle must not be what is refused.
    status, said = refusal(capsys, ["vectors", "check", folder])
    assert status == 3
    assert message in said


def test_a_file_of_vectors_that_is_a_link_out_of_the_folder_is_refused(tmp_path, capsys):
    folder = tmp_path / "vectors"
    shutil.copytree(files.default_directory(), folder)
    outside = tmp_path / "outside.json"
    for name in ("basic.json", "MANIFEST.json"):
        (folder / name).rename(outside)
        (folder / name).symlink_to(outside)
        status, said = refusal(capsys, ["vectors", "check", folder])
        assert (status, f"{name} must be a file in the folder" in said) == (3, True), said
        outside.rename(folder / name)
    # A link to the whole folder, or to a file beside it, leads to what the user has given.
    (folder / "basic.json").rename(folder / "other")
    (folder / "basic.json").symlink_to("other")
    (tmp_path / "link").symlink_to("vectors")
    assert len(files.load(tmp_path / "link").vectors) > 100


@pytest.mark.parametrize("path", ["/dev/zero", "/proc/self/mem", "a\0b", "\ud800"])
def test_devices_and_files_of_the_system_are_refused_by_their_own_names(path, tmp_path):
    with pytest.raises(UnreadableFile):
        read_regular(tmp_path / path, 1000)


def test_a_file_that_grows_beyond_the_limit_while_it_is_read_is_refused():
    # It tells the size 0.
    with pytest.raises(UnreadableFile, match="it must have at most 10 bytes, but has more"):
        read_regular(files.Path("/proc/self/status"), 10)


def test_a_file_is_read_whole_up_to_the_limit(tmp_path):
    (tmp_path / "file").write_bytes(b"0123456789")
    (tmp_path / "link").symlink_to("file")
    assert read_regular(tmp_path / "link", 10) == b"0123456789"
    with pytest.raises(UnreadableFile, match="it must have at most 9 bytes, but has more"):
        read_regular(tmp_path / "file", 9)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_must_not_be_read_is_refused(tmp_path):
    (tmp_path / "file").write_bytes(b"0")
    (tmp_path / "file").chmod(0)
    with pytest.raises(UnreadableFile, match="Permission denied"):
        read_regular(tmp_path / "file", 9)
