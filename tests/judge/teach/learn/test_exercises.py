"""Every exercise is a catalogued mistake, is rejected as it is given, and accepted when mended."""

import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from conformance import IndexedSlices, check
from conformance.teach.learn.attempt import attempt
from conformance.teach.learn.exercise import Language, exercises

PYTHON = exercises(Language.PYTHON)
PROGRAMS = [
    (language, one) for language in (Language.C, Language.JS) for one in exercises(language)
]
by_name = pytest.mark.parametrize("exercise", PYTHON, ids=lambda exercise: exercise.defect)


@pytest.fixture(name="folder")
def folder_fixture(tmp_path, monkeypatch):
    """An empty current folder, whose modules are forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield tmp_path
    sys.modules.pop("attempted", None)


def judged(folder, text, exercise):
    (folder / "attempted.py").write_text(text)
    subject = f"attempted:{exercise.class_name}"
    return attempt(subject, exercise.convention, exercise.require, exercise.storage)


def test_there_are_twelve_of_different_mistakes_from_the_first_correction_to_the_master():
    names = [exercise.defect for exercise in PYTHON]
    assert len(set(names)) == len(names) == 12
    assert (names[0], names[-1]) == ("bias-none", "half-master-remade")


@pytest.mark.parametrize("language", [Language.C, Language.JS])
def test_the_other_languages_have_the_first_eight(language):
    assert exercises(language) == PYTHON[:8]


@by_name
def test_an_exercise_is_rejected_and_nothing_that_is_said_names_the_mistake(exercise, folder):
    result = judged(folder, exercise.wrong(Language.PYTHON), exercise)
    assert not result.is_right
    said = "\n".join(result.lines)
    assert " and fails " in said
    assert "  equation  " in said
    assert exercise.defect not in said
    assert exercise.wrong_adam.what not in said


@pytest.mark.parametrize(
    "exercise", {one.adam: one for one in PYTHON}.values(), ids=lambda one: one.adam
)
def test_a_mended_exercise_is_accepted(exercise, folder):
    result = judged(folder, exercise.right(Language.PYTHON), exercise)
    assert result.is_right, result.lines


@by_name
def test_an_exercise_differs_from_the_right_adam_in_few_lines(exercise):
    lines = set(exercise.right(Language.PYTHON).splitlines())
    changed = [line for line in exercise.wrong(Language.PYTHON).splitlines() if line not in lines]
    assert 1 <= len(changed) <= 2


GRADS = [[[0.3, -2.0], [0.25, 0.5]], [[-0.7, 0.0], [4.0, 8.0]], [[0.1, 3.0], [-1.0, 0.125]]]


def inputs(exercise):
    """Parameters, calls and switches that an exercise gets wrong."""
    dtype = exercise.require[0] if "bfloat16" in exercise.require else "float64"
    params = [np.array([1.0, -2.0], dtype), np.array([0.5, 4.0], dtype)]
    calls = [[np.array(grad, dtype) for grad in grads] for grads in GRADS]
    if "none" in exercise.require:
        calls[1][0] = None
    if "sparse" in exercise.require:
        values, indices = np.array([1.0, 0.5, 2.0]), np.array([1, 0, 1])
        calls = [[IndexedSlices(values, indices, (2,)) for _ in grads] for grads in calls]
    switches = {"amsgrad": True} if "amsgrad" in exercise.require else {}
    return params, calls, switches | {name: 0.1 for name in exercise.require if "decay" in name}


@by_name
def test_an_exercise_makes_the_mistake_of_the_catalogue(exercise):
    module = SimpleNamespace()
    code = compile(exercise.wrong(Language.PYTHON), exercise.defect, "exec")
    exec(code, vars(module))
    params, calls, switches = inputs(exercise)
    found = []
    for make in (getattr(module, exercise.class_name), exercise.wrong_adam.make):
        own = [param.copy() for param in params]
        adam = make(own, 0.01, 0.9, 0.99, 0.03, **switches)
        for grads in calls:
            stepped = [np.asarray(param, "float64") for param in adam.step(grads)]
        found.append(stepped)
    # The same formula, in another order of operations; the mistake itself is in the third digit.
    np.testing.assert_allclose(*found, rtol=1e-12)


@pytest.mark.parametrize(
    ("language", "exercise"), PROGRAMS, ids=[f"{lang}-{one.defect}" for lang, one in PROGRAMS]
)
def test_a_program_is_rejected_as_it_is_given(language, exercise, folder):
    program = built(folder, language, exercise.wrong(language))
    only = "amsgrad.f32.*" if exercise.require else "basic.f32.*"
    report = check(program, exercise.convention, only=only, require=exercise.require)
    assert not report.conformant


@pytest.mark.parametrize("language", [Language.C, Language.JS])
def test_a_mended_program_is_accepted(language, folder):
    program = built(folder, language, PYTHON[0].right(language))
    report = check(program, only="amsgrad.f32.*", require=["amsgrad"])
    assert report.conformant, report.failures


def built(folder, language, text):
    """The subject of a program."""
    (folder / f"adam{language.suffix}").write_text(text)
    if language is Language.JS:
        return "cmd:node adam.js"
    command = ["cc", "-Wall", "-Werror", "-o", "adam", "adam.c", "-lm"]
    subprocess.run(command, cwd=folder, check=True)
    return "cmd:./adam"


@by_name
def test_three_hints_lead_to_the_mistake_and_only_the_last_says_it(exercise):
    first, second, last = exercise.all_hints
    assert exercise.wrong_adam.what in last
    assert all(link in last for link in exercise.wrong_adam.links)
    assert exercise.wrong_adam.what not in f"{first} {second}"


def test_a_change_of_text_that_is_not_there_is_refused():
    changed = replace(PYTHON[0], changes={Language.PYTHON: [("no such text", "")]})
    with pytest.raises(ValueError, match="must change text that is there, got 'no such text'"):
        changed.wrong(Language.PYTHON)
