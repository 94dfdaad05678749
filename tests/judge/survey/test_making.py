"""What a row needs is made, made again if it changed, and its absence is said."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from conformance.survey import making
from conformance.survey.making import NotMade, check_needs, interpreter, ours, program, run
from conformance.survey.row import Environment, Row

ROW = Row(
    name="one",
    language="C",
    library="ours",
    version="1",
    what="an Adam",
    origin="Debian",
    convention="paper",
    verdict="conformant",
    source="adam.c:1",
    command="{build}/adam {bridges}",
)


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """An environment of no libraries."""
    requirements = tmp_path / "environments"
    requirements.mkdir()
    (requirements / "empty.txt").write_text("")
    monkeypatch.setattr("conformance.survey.row.HERE", tmp_path)
    return Environment(name="empty", python=f"{sys.version_info.major}.{sys.version_info.minor}")


def test_an_environment_is_made_once_until_its_requirements_change(tmp_path, empty, monkeypatch):
    commands = []

    def made(command, folder):
        commands.append(command)
        (tmp_path / "made" / "environments" / "empty").mkdir(exist_ok=True)

    monkeypatch.setattr(making, "run", made)
    python = interpreter(empty, tmp_path / "made")
    assert python == tmp_path / "made" / "environments" / "empty" / "bin" / "python"
    assert [command[1:3] for command in commands] == [["-m", "venv"], ["-m", "pip"]]
    interpreter(empty, tmp_path / "made")
    assert len(commands) == 2
    left = tmp_path / "made" / "environments" / "empty" / "left"
    left.touch()
    empty.requirements.write_text("# another\n")
    interpreter(empty, tmp_path / "made")
    assert len(commands) == 4
    assert not left.exists()


def test_a_python_that_is_not_there_is_said(tmp_path, empty):
    with pytest.raises(NotMade, match=r"needs python1\.5, which is not on the PATH"):
        interpreter(replace(empty, python="1.5"), tmp_path)


def test_a_failure_of_a_command_has_its_last_lines(tmp_path):
    with pytest.raises(NotMade, match="ended with status 1: .*no such thing"):
        run([sys.executable, "-c", "raise SystemExit('no such thing')"], tmp_path)


# Runs a command that says that it began, and would end in an hour.
LONG = """
import sys
from pathlib import Path
from conformance.survey.making import run
began = "open('began', 'w').write(str(__import__('os').getpid()));"
run([sys.executable, "-c", began + "__import__('time').sleep(3600)"], Path(sys.argv[1]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends it")
def test_a_killed_run_leaves_no_command_behind(tmp_path):
    judge = subprocess.Popen([sys.executable, "-c", LONG, str(tmp_path)])
    began = tmp_path / "began"
    while not (began.exists() and began.read_text()):
        assert judge.poll() is None
        time.sleep(0.05)
    judge.kill()
    judge.wait()
    command = int(began.read_text())
    # It would sleep for an hour.
    for _ in range(600):
        if not is_there(command):
            return
        time.sleep(0.05)
    os.kill(command, signal.SIGKILL)
    pytest.fail("it goes on")


def is_there(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_program_is_built_in_a_folder_of_its_row(tmp_path):
    build = [f"{sys.executable} -c \"open('adam', 'w').write('built')\""]
    command = program(replace(ROW, build=tuple(build)), None, tmp_path)
    built = tmp_path / "build" / "one" / "adam"
    assert command == f"{built} {making.HERE / 'bridges'}"
    assert built.read_text() == "built"


def test_a_program_that_is_needed_and_missing_is_said():
    with pytest.raises(NotMade, match="needs no-such-compiler"):
        check_needs(replace(ROW, needs=("no-such-compiler",)))


def test_a_repository_that_nobody_fetched_is_said(tmp_path):
    row = replace(ROW, origin="repository", repository="https://example.org/adam", commit="0" * 40)
    with pytest.raises(NotMade, match=r"needs https://example.org/adam at 0{40} in .*sources/one"):
        program(row, None, tmp_path)


def test_the_folder_of_ours_has_nothing_else(tmp_path):
    names = {path.name for path in ours(tmp_path).iterdir()}
    assert names == {"adamref", "conformance", "vectors"}
