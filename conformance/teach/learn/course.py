"""Course: the exercises in a folder, one after the other.

A folder has a file for each exercise that was reached, `adam01.py` and so on, `README.md` and
`progress.json`. No file of the learner's is ever overwritten.
"""

import subprocess
from contextlib import chdir
from dataclasses import replace
from pathlib import Path

from ...judge.selection import UsageError
from ...process.files import write
from ...subject.subject import SubjectError
from ...vectors.files import default_directory
from .attempt import Attempt, attempt
from .exercise import Exercise, Language, exercises, mistake
from .progress import FILE, CourseProgress, read_progress

# What a learner with a program of his own is to do, and the hints to it.
_WRITE = "Adam, as Algorithm 1 of the paper has it, with the moments m and v shown"
_WRITE_HINTS = (
    "m and v start at 0. m averages gradients (E1), v averages their squares (E2).",
    "E3 and E4 divide by 1 - beta^t, where t is 1 in the first step and the same for all "
    "parameters of a step.",
    "E5 divides by sqrt(v_hat) + epsilon: epsilon is added to the root. `adamref init c` writes a "
    "right Adam in C.",
)
# How the README of a folder begins.
_WRONG_FILES = (
    "Each file `adam01`, `adam02`, ... is an Adam with one mistake that somebody made.\n"
    "Find it, mend it in any editor, and run in this folder:"
)
_OWN_PROGRAM = (
    "Write Adam, as a program that speaks the line protocol: conformance/subject/program/README.md "
    "of adamref describes it.\nThen run in this folder:"
)
_LINES_OF_COMPILER = 10
_KEPT = "kept "
_EDIT = "Edit it, and run `adamref learn check` in this folder."
_AGAIN = "Edit the file and run `adamref learn check` again; `adamref learn hint` helps."


def start(folder: Path, language: Language, command: str = "", exercise: int = 1) -> list[str]:
    """Begin in a folder, and return lines that say what was written and what to do.

    Args:
        folder: is made if it does not exist. Files that it has are kept.
        language: of the exercises.
        command: of the learner's own program, for the language `own`.
        exercise: the one to begin with, from 1.

    Raises:
        UsageError: the folder has exercises already, or there is no such exercise.
        WriteError: a file cannot be written.
    """
    if (folder / FILE).exists():
        raise UsageError(
            f"DIR must not have exercises yet, got {folder}; `adamref learn show` in it says where "
            f"you stand, and without its {FILE} you may start again"
        )
    progress = CourseProgress(language=language, command=command, exercise=exercise)
    if not 1 <= exercise <= progress.count:
        raise UsageError(
            f"exercise must be from 1 to {progress.count} in {language}, got {exercise}"
        )
    folder.mkdir(parents=True, exist_ok=True)
    lessons = (default_directory() / "learn.json").read_text(encoding="utf-8")
    lines = [
        _write_missing(folder, "README.md", _readme(progress)),
        _write_missing(folder, "learn.json", lessons),
        *_open(folder, progress),
    ]
    # Last: the folder is a folder of exercises when everything else is there.
    progress.save(folder)
    return lines


def judge(folder: Path) -> tuple[bool, list[str]]:
    """Judge the exercise that is being solved; if it is right, go on to the next one.

    Returns:
        Whether it is right, and lines that say what is wrong or what comes next.

    Raises:
        ProgressError: the folder has no exercises, or its progress is damaged.
        SubjectError: the program cannot be compiled or loaded.
    """
    progress = read_progress(folder)
    if progress.is_complete:
        return True, [_end(progress)]
    with chdir(folder):
        result = _attempt(progress)
    first, *others = result.lines
    lines = [f"{_head(progress)}: {first}", *others]
    if command := _compiler(progress):
        lines.insert(0, f"$ {' '.join(command)}")
    lines += _go_on(folder, progress) if result.is_right else ["", _AGAIN]
    return result.is_right, lines


def _go_on(folder: Path, progress: CourseProgress) -> list[str]:
    """Write the exercise that follows a right attempt, and return what is said of both."""
    lines = []
    if progress.language is not Language.OWN:
        lines.append(f"The mistake was: {mistake(_exercise(progress).wrong_adam)}.")
    following = replace(progress, exercise=progress.exercise + 1, hints=0)
    if following.is_complete:
        lines.append(_end(following))
    else:
        lines += ["", *_open(folder, following)]
    # After the file: if this is not reached, the same attempt is right again.
    following.save(folder)
    return lines


def hint(folder: Path) -> list[str]:
    """Return the hints that were given to an exercise, and one more.

    Raises:
        ProgressError: the folder has no exercises, or its progress is damaged.
    """
    progress = read_progress(folder)
    if progress.is_complete:
        return [_end(progress)]
    known = _hints(progress)
    progress = replace(progress, hints=min(progress.hints + 1, len(known)))
    progress.save(folder)
    given = enumerate(known[: progress.hints], 1)
    return [f"hint {number} of {len(known)}: {text}" for number, text in given]


def show(folder: Path) -> list[str]:
    """Return where a learner stands; an exercise whose file is missing is written again.

    Raises:
        ProgressError: the folder has no exercises, or its progress is damaged.
    """
    progress = read_progress(folder)
    behind = progress.exercise - 1
    lines = [f"{behind} of {progress.count} done"]
    if progress.language is not Language.OWN:
        for number, exercise in enumerate(exercises(progress.language)[:behind], 1):
            lines.append(f"  {number:2}  {mistake(exercise.wrong_adam)}")
    if progress.is_complete:
        return [*lines, _end(progress)]
    lines += [line for line in _open(folder, progress) if not line.startswith(_KEPT)]
    if progress.hints:
        lines.append(f"hints: {progress.hints} of {len(_hints(progress))} given")
    return lines


def _attempt(progress: CourseProgress) -> Attempt:
    """Judge the program of the current folder."""
    if progress.language is Language.OWN:
        return attempt(f"cmd:{progress.command}", require=["float32"])
    exercise = _exercise(progress)
    if command := _compiler(progress):
        _compile(command)
    return attempt(
        _subject(progress, exercise), exercise.convention, exercise.require, exercise.storage
    )


def _compile(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise SubjectError(
            f"{command[0]} must be there to compile an exercise, but {error.strerror}; install a "
            "compiler of C, or use --language python"
        ) from None
    if done.returncode:
        said = "\n".join(done.stderr.splitlines()[:_LINES_OF_COMPILER])
        raise SubjectError(f"{' '.join(command)} failed:\n{said}")


def _compiler(progress: CourseProgress) -> list[str]:
    """Return the command that compiles the exercise; empty if none is needed."""
    if progress.language is not Language.C:
        return []
    return ["cc", "-O2", "-o", _stem(progress), _file(progress), "-lm"]


def _subject(progress: CourseProgress, exercise: Exercise) -> str:
    """Return the name of the subject, as `adamref check` takes it."""
    if progress.language is Language.PYTHON:
        return f"{_stem(progress)}:{exercise.class_name}"
    program = f"node {_file(progress)}" if progress.language is Language.JS else _program(progress)
    return f"cmd:{program}"


def _program(progress: CourseProgress) -> str:
    return f"./{_stem(progress)}"


def _open(folder: Path, progress: CourseProgress) -> list[str]:
    """Write the file of an exercise, if it is not there, and return what to do."""
    if progress.language is Language.OWN:
        return [f"{_head(progress)}: write {_WRITE}.", _EDIT]
    exercise = _exercise(progress)
    return [
        _write_missing(folder, _file(progress), exercise.wrong(progress.language)),
        f"{_head(progress)}: {_file(progress)} has one mistake.",
        f"It is meant to be {exercise.task}.",
        _EDIT,
    ]


def _write_missing(folder: Path, name: str, text: str) -> str:
    if (folder / name).exists():
        return f"{_KEPT}{folder / name}"
    write(folder / name, text)
    return f"wrote {folder / name}"


def _exercise(progress: CourseProgress) -> Exercise:
    return exercises(progress.language)[progress.exercise - 1]


def _hints(progress: CourseProgress) -> list[str]:
    own = progress.language is Language.OWN
    return list(_WRITE_HINTS) if own else _exercise(progress).all_hints


def _stem(progress: CourseProgress) -> str:
    return f"adam{progress.exercise:02}"


def _file(progress: CourseProgress) -> str:
    return _stem(progress) + progress.language.suffix


def _head(progress: CourseProgress) -> str:
    return f"exercise {progress.exercise} of {progress.count}"


def _end(progress: CourseProgress) -> str:
    if progress.language is Language.OWN:
        return "Your Adam is right."
    return f"All {progress.count} exercises are solved."


def _readme(progress: CourseProgress) -> str:
    """Return the text that explains the folder."""
    text = (Path(__file__).parent / "folder.md").read_text(encoding="utf-8")
    is_own = progress.language is Language.OWN
    how = {
        Language.PYTHON: "The judge imports a file.",
        Language.C: "The judge compiles a file with `cc -O2 -o adam01 adam01.c -lm` and runs it.",
        Language.JS: "The judge runs a file with `node`.",
        Language.OWN: f"The judge runs `{progress.command}` in this folder.",
    }
    what = _OWN_PROGRAM if is_own else _WRONG_FILES
    return text.replace("WHAT", what).replace("HOW", how[progress.language])
