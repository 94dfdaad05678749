"""Exercise: a right Adam with one mistake, as the file that a learner gets."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from ...defects import DEFECTS
from ...defects.defect import Defect

_FOLDER = Path(__file__).parent
_TEMPLATES = _FOLDER.parents[1] / "gate/templates"


class Language(StrEnum):
    """A language in which there are exercises; OWN has a program of the learner's instead."""

    PYTHON = "python"
    C = "c"
    JS = "js"
    OWN = "own"

    @property
    def suffix(self) -> str:
        """The end of the name of a file."""
        return {"python": ".py", "c": ".c", "js": ".js"}.get(self, "")


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """One wrong Adam to be mended.

    Fields:
        defect: its name in the catalogue.
        task: what the Adam has to be.
        adam: the file in `adams` that is changed for Python.
        class_name: of the class in it.
        hints: the first ones, which do not say the mistake.
        changes: language -> the texts that are replaced, each with the new one.
        convention: by which it is judged.
        require: the features that an answer must have.
        storage: what it keeps of bfloat16; empty if it has none.
    """

    defect: str
    task: str
    adam: str
    class_name: str
    hints: Sequence[str]
    changes: Mapping[Language, Sequence[tuple[str, str]]]
    convention: str = "paper"
    require: Sequence[str] = field(default_factory=list)
    storage: str = ""

    @property
    def wrong_adam(self) -> Defect:
        """The defect of the catalogue."""
        return next(defect for defect in DEFECTS if defect.name == self.defect)

    @property
    def all_hints(self) -> list[str]:
        """The hints in their order; the last says the mistake and who shipped it."""
        return [*self.hints, f"The mistake: {mistake(self.wrong_adam)}."]

    def right(self, language: Language) -> str:
        """Return the text of the right Adam."""
        if language is Language.PYTHON:
            return (_FOLDER / f"adams/{self.adam}.py").read_text(encoding="utf-8")
        text = (_TEMPLATES / f"adam.{language}").read_text(encoding="utf-8")
        return _replace_all(text, _content()["comments"][language])

    def wrong(self, language: Language) -> str:
        """Return the text that the learner gets.

        Raises:
            ValueError: a text that is to be replaced is not in the right Adam.
        """
        return _replace_all(self.right(language), self.changes[language])


def _replace_all(text: str, changes: Sequence[tuple[str, str]]) -> str:
    """Return a text with each old text replaced by a new one, wherever it stands.

    Raises:
        ValueError: an old text is not there.
    """
    for old, new in changes:
        if old not in text:
            raise ValueError(f"an exercise must change text that is there, got {old!r}")
        text = text.replace(old, new)
    return text


def mistake(defect: Defect) -> str:
    """Return what a wrong Adam does, and who shipped it."""
    links = f"; shipped in {', '.join(defect.links)}" if defect.links else ""
    return f"{defect.what}{links}"


@cache
def exercises(language: Language) -> tuple[Exercise, ...]:
    """Return the exercises that there are in a language, from easy to hard."""
    found = map(_read_exercise, _content()["exercise"])
    return tuple(exercise for exercise in found if language in exercise.changes)


def _read_exercise(entry: dict[str, Any]) -> Exercise:
    fields = dict(entry)
    changes = {name: fields.pop(name) for name in Language if name in fields}
    return Exercise(class_name=fields.pop("class"), changes=changes, **fields)


@cache
def _content() -> dict[str, Any]:
    return tomllib.loads((_FOLDER / "exercises.toml").read_text(encoding="utf-8"))
