"""Files are whole and in the place that was meant; what is no file is never replaced by one."""

import json
import os
import subprocess
import sys
import threading

import pytest

from conformance.cli import main
from conformance.process.files import Destination, WriteError, write
from tests.support.commands import hostile_module, run_command

CHECK = ("check", "adamref", "--only", "basic.f32.mixed", "--json")


def test_a_full_disk_leaves_the_old_file_and_no_half_file(tmp_path):
    # A limit on the size of files is what a full disk looks like to a program.
    file = tmp_path / "report.jsonl"
    file.write_text("the old one\n")
    code = (
        "import resource, signal, sys; from conformance.cli import main; "
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)); "
        "sys.exit(main(['check', 'adamref', '--only', 'basic.*', '--json', sys.argv[1]]))"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", code, str(file)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    assert "could not be written: File too large; nothing was left behind" in done.stderr
    # What was judged is still shown.
    assert "conformant" in done.stdout
    assert "Traceback" not in done.stderr
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "report.jsonl": "the old one\n"
    }


def test_a_file_that_cannot_be_written_costs_no_other_file(tmp_path):
    good = tmp_path / "report.xml"
    options = ["--json", "/dev/full", "--junit", str(good)]
    assert main(["check", "adamref", "--only", "basic.f32.mixed", *options]) == 3
    assert good.read_text().startswith("<?xml")


def test_a_kill_in_the_middle_of_writing_leaves_the_old_file(tmp_path):
    # The file is replaced in one system call: a kill can only leave a temporary file next to it.
    file = tmp_path / "report"
    file.write_text("old")
    code = (
        "import os, sys, pathlib; from conformance.process import files; "
        "os.fsync = lambda handle: os._exit(9); files.write(pathlib.Path(sys.argv[1]), 'new')"
    )
    done = subprocess.run([sys.executable, "-c", code, str(file)], check=False)
    assert (done.returncode, file.read_text()) == (9, "old")
    write(file, "new")
    assert file.read_text() == "new"


def test_a_new_file_keeps_the_permissions_of_the_old_one(tmp_path):
    file = tmp_path / "report"
    file.write_text("old")
    file.chmod(0o600)
    write(file, "new")
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("exists", [True, False])
def test_a_link_stays_and_its_target_is_written(exists, tmp_path):
    target = tmp_path / "folder" / "target"
    target.parent.mkdir()
    if exists:
        target.write_text("old")
    first = tmp_path / "first"
    second = tmp_path / "second"
    second.symlink_to("folder/target")
    first.symlink_to(second)
    write(first, "new")
    assert (target.read_text(), first.is_symlink(), second.is_symlink()) == ("new", True, True)


def test_what_is_no_place_for_a_file_is_refused_before_a_subject_runs(tmp_path, capsys):
    circle = tmp_path / "circle"
    circle.symlink_to(circle)
    sentences = {
        circle: "but is a circle of links",
        tmp_path: "but is a folder",
        tmp_path / "nowhere" / "file": "must be a file in an existing folder",
        "/dev/fd/999": "Bad file descriptor",
        "/proc/1/fd/1": "could not be written",
    }
    for path, sentence in sentences.items():
        assert main([*CHECK, str(path)]) == 3
        assert sentence in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == [circle]


def test_two_links_to_one_file_are_one_file(tmp_path, capsys):
    link = tmp_path / "link"
    link.symlink_to("report")
    assert main([*CHECK, str(link), "--junit", str(tmp_path / "report")]) == 2
    assert "must have a FILE of its own" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["-", "/dev/stdout", "/dev/fd/1", "link"])
def test_what_a_file_behind_stdout_holds_is_kept(name, tmp_path):
    (tmp_path / "link").symlink_to("/dev/stdout")
    file = tmp_path / "all"
    file.write_text("first\n")
    with file.open("a") as stdout:
        done = run_command(*CHECK, name, cwd=tmp_path, stdout=stdout)
    assert done.returncode == 0
    first, *report = file.read_text().splitlines()
    assert first == "first"
    assert [json.loads(line)["type"] for line in report] == ["header", "vector", "subject"]
    assert "conformant" in done.stderr


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    received = []
    reader = threading.Thread(target=lambda: received.append(pipe.read_text()))
    reader.start()
    write(pipe, "content")
    reader.join()
    assert received == ["content"]
    assert pipe.is_fifo()


def test_a_reader_that_has_seen_enough_changes_no_status(tmp_path):
    receiver, sender = os.pipe()
    os.close(receiver)
    done = run_command(*CHECK, f"/dev/fd/{sender}", cwd=tmp_path, pass_fds=[sender])
    os.close(sender)
    assert done.returncode == 0


def test_a_subject_that_changes_the_folder_moves_no_file(tmp_path):
    module = hostile_module(tmp_path)
    subjects = (f"{module}:Moves", f"{module}:Right")
    done = run_command(
        "check", *subjects, "--only", "basic.f32.mixed", "--json", "report.jsonl", cwd=tmp_path
    )
    assert done.returncode == 0
    assert (tmp_path / "report.jsonl").read_text().count('"type": "subject"') == len(subjects)


def test_letters_that_have_no_encoding_cost_no_report(tmp_path):
    file = tmp_path / "report"
    write(file, "half a pair: \ud800")
    assert file.read_text() == "half a pair: ?"


def test_a_place_is_found_when_it_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    from pathlib import Path

    destination = Destination(Path("report"))
    monkeypatch.chdir("/")
    destination.write("here")
    assert (tmp_path / "report").read_text() == "here"


def test_an_error_names_the_file_as_it_was_given():
    from pathlib import Path

    with pytest.raises(WriteError, match="^/dev/full could not be written: No space left"):
        write(Path("/dev/full"), "text")
