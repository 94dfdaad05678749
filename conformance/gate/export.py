"""Export: the runs that a program would be asked for, without a program."""

from collections.abc import Mapping

from ..judge.selection import HYGIENE, bake_numbers, choose_convention, choose_vectors
from ..subject.program.adapter import adapter_questions
from ..subject.program.answers import QuestionRecorder
from ..subject.program.connect import subject_of
from ..subject.program.question import Started
from ..trial.run import run
from ..vectors.suite import Suite
from ..vectors.switches import DECLARED_FORMS, DTYPES, FEATURES

# What a program cannot be asked for, because it has no memory or objects that the judge reaches.
_OF_PYTHON = {HYGIENE, "save", "add_group", *DECLARED_FORMS}


def questions_of(
    suite: Suite,
    *,
    convention: str | None = None,
    level: str = "core",
    only: str = "*",
    dtype: str | None = None,
    config: Mapping[str, float] | None = None,
) -> QuestionRecorder:
    """Return who has noted every run that a program may be asked for.

    Args:
        suite: all vectors.
        convention: whose vectors are asked; None is those of all conventions.
        level: as for `check`.
        only: glob on vector ids.
        dtype: of the parameters; None is all.
        config: hyperparameters that are fixed in the program; it needs a convention.

    Raises:
        UsageError: an argument has a value that it cannot have.
    """
    can = [word for word in FEATURES if word not in _OF_PYTHON and not word.startswith("refuse_")]
    recorder = QuestionRecorder("export", Started(supports=can, dtypes=DTYPES))
    subject = subject_of(recorder, "export")
    named = choose_convention(suite, convention, None, "export")
    vectors = choose_vectors(suite, named, level, only=only, dtype=dtype)
    if convention is not None:
        vectors = [vector for vector in vectors if vector.asks(named.axes)]
    if config:
        part = bake_numbers(suite, named, config, subject)
        vectors = choose_vectors(part, named, level, only=only, dtype=dtype)
    for pair in adapter_questions(recorder):
        for question in pair:
            recorder.ask(question)
    for vector in vectors:
        run(subject, vector)
    return recorder
