"""A course goes from exercise to exercise, overwrites no file, and can be taken up at any point."""

import shutil
import subprocess
import sys

import pytest

from conformance.judge.selection import UsageError
from conformance.subject.subject import SubjectError
from conformance.teach.learn import course
from conformance.teach.learn.exercise import Language, exercises
from conformance.teach.learn.progress import FILE, read_progress

PYTHON = exercises(Language.PYTHON)


@pytest.fixture(name="folder")
def folder_fixture(tmp_path, monkeypatch):
    """A place for exercises, whose modules are forgotten afterwards."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield tmp_path / "exercises"
    for name in [name for name in sys.modules if name.startswith("adam0")]:
        del sys.modules[name]


def begin(folder, language=Language.PYTHON, **others):
    return course.start(folder, language, **others)


def judged(folder):
    return course.judge(folder)


def test_it_starts_with_one_exercise_and_what_explains_it(folder):
    lines = begin(folder)
    names = ["README.md", "adam01.py", "learn.json", FILE]
    assert sorted(path.name for path in folder.iterdir()) == sorted(names)
    assert lines[0] == f"wrote {folder / 'README.md'}"
    assert lines[-3:-1] == [
        "exercise 1 of 12: adam01.py has one mistake.",
        "It is meant to be Adam, as Algorithm 1 of the paper has it.",
    ]
    assert (folder / "adam01.py").read_text() == PYTHON[0].wrong(Language.PYTHON)


def test_a_folder_with_exercises_is_not_started_again(folder):
    begin(folder)
    with pytest.raises(UsageError, match="DIR must not have exercises yet, got"):
        begin(folder)


def test_a_start_keeps_the_files_that_are_there(folder):
    folder.mkdir()
    (folder / "adam01.py").write_text("mine")
    assert f"kept {folder / 'adam01.py'}" in begin(folder)
    assert (folder / "adam01.py").read_text() == "mine"


@pytest.mark.parametrize("number", [0, 13])
def test_there_is_no_exercise_beyond_the_last(number, folder):
    with pytest.raises(UsageError, match=f"exercise must be from 1 to 12 in python, got {number}"):
        begin(folder, exercise=number)
    assert not folder.exists()


def test_a_right_attempt_says_the_mistake_and_writes_the_next_exercise(folder):
    begin(folder)
    course.hint(folder)
    (folder / "adam01.py").write_text(PYTHON[0].right(Language.PYTHON))
    is_right, lines = judged(folder)
    assert is_right
    assert lines[0] == "exercise 1 of 12: it is right: it passes 167 vectors"
    assert lines[1].startswith("The mistake was: no bias correction; shipped in nerfstudio")
    assert (folder / "adam02.py").read_text() == PYTHON[1].wrong(Language.PYTHON)
    progress = read_progress(folder)
    assert (progress.exercise, progress.hints) == (2, 0)


def test_an_attempt_that_was_killed_before_it_was_saved_is_made_again(folder, monkeypatch):
    begin(folder)
    (folder / "adam01.py").write_text(PYTHON[0].right(Language.PYTHON))
    with monkeypatch.context() as patch:
        patch.setattr(
            course.CourseProgress, "save", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
        )
        with pytest.raises(KeyboardInterrupt):
            judged(folder)
    (folder / "adam02.py").write_text("begun already")
    assert judged(folder)[0]
    assert read_progress(folder).exercise == 2
    assert (folder / "adam02.py").read_text() == "begun already"


def test_after_the_last_exercise_nothing_is_left(folder):
    begin(folder, exercise=12)
    (folder / "adam12.py").write_text(PYTHON[11].right(Language.PYTHON))
    is_right, lines = judged(folder)
    assert is_right
    assert lines[-1] == "All 12 exercises are solved."
    end = ["All 12 exercises are solved."]
    assert judged(folder) == (True, end)
    assert course.hint(folder) == end
    assert course.show(folder)[0] == "12 of 12 done"


def test_hints_come_one_at_a_time(folder):
    begin(folder)
    counts = [len(course.hint(folder)) for _ in range(4)]
    assert counts == [1, 2, 3, 3]
    assert course.hint(folder)[2].startswith("hint 3 of 3: The mistake: no bias correction")


def test_what_is_shown_is_what_was_solved_and_what_comes_next(folder):
    begin(folder, exercise=3)
    lines = course.show(folder)
    assert lines[:2] == [
        "2 of 12 done",
        "   1  no bias correction; shipped in nerfstudio-project/gsplat#604, ml-explore/mlx#1640",
    ]
    assert "exercise 3 of 12: adam03.py has one mistake." in lines


def test_an_exercise_whose_file_was_deleted_is_written_again(folder):
    begin(folder)
    (folder / "adam01.py").unlink()
    assert f"wrote {folder / 'adam01.py'}" in course.show(folder)
    assert (folder / "adam01.py").exists()


def test_a_file_that_is_no_python_is_an_error_of_the_subject(folder):
    begin(folder)
    (folder / "adam01.py").write_text("def step(:")
    with pytest.raises(SubjectError, match=r"importing adam01 failed: SyntaxError: .*line 1"):
        judged(folder)


def test_an_exception_is_told_with_its_line(folder):
    begin(folder)
    text = PYTHON[0].right(Language.PYTHON).replace("self.t += 1", "self.t += one")
    (folder / "adam01.py").write_text(text)
    is_right, lines = judged(folder)
    assert not is_right
    what = next(line for line in lines if line.startswith("  what "))
    assert "NameError" in what
    assert "adam01.py" in what


def test_an_exercise_in_c_is_compiled_and_the_command_is_said(folder):
    begin(folder, Language.C)
    right = exercises(Language.C)[0].right(Language.C)
    (folder / "adam01.c").write_text(right)
    is_right, lines = judged(folder)
    assert is_right
    assert lines[0] == "$ cc -O2 -o adam01 adam01.c -lm"
    (folder / "adam02.c").write_text(f"{right}\nint")
    with pytest.raises(SubjectError, match=r"cc -O2 -o adam02 adam02\.c -lm failed:\nadam02\.c:"):
        judged(folder)


def test_without_a_compiler_it_says_what_is_missing(folder, monkeypatch):
    begin(folder, Language.C)
    monkeypatch.setenv("PATH", str(folder))
    with pytest.raises(SubjectError, match="cc must be there to compile an exercise, but No such"):
        judged(folder)


def test_a_program_of_ones_own_is_one_exercise_to_write_it(folder):
    lines = begin(folder, Language.OWN, command="./adam")
    assert lines[-2].startswith("exercise 1 of 1: write Adam, as Algorithm 1 of the paper has it")
    assert "`./adam` in this folder" in (folder / "README.md").read_text()
    assert len(course.hint(folder)) == 1
    with pytest.raises(SubjectError, match="could not be started"):
        judged(folder)
    (folder / "adam.c").write_text(exercises(Language.C)[0].right(Language.C))
    subprocess.run(["cc", "-o", "adam", "adam.c", "-lm"], cwd=folder, check=True)
    is_right, lines = judged(folder)
    assert is_right, lines
    assert lines[-1] == "Your Adam is right."
    assert course.show(folder) == ["1 of 1 done", "Your Adam is right."]


def test_a_wrong_attempt_stays_at_its_exercise_and_the_folder_may_be_moved(folder):
    begin(folder)
    moved = folder.with_name("elsewhere")
    shutil.move(folder, moved)
    is_right, lines = judged(moved)
    assert not is_right
    assert lines[0] == "exercise 1 of 12: it passes 10 vectors and fails 157"
    assert read_progress(moved).exercise == 1
