"""Respondents: who answers for a subject that is no Python code here. They stand in for `make`."""

import inspect
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NoReturn

from ...vectors.switches import ACCUMULATION, DTYPES, FEATURES, GROUPS, LIMITS
from .question import ProgramError, RunQuestion, RunReply, Started

# Features that are arguments of `make`.
_SWITCHES = (
    "amsgrad",
    "weight_decay",
    "maximize",
    "epsilon_root",
    *LIMITS,
    ACCUMULATION,
    GROUPS,
)
_NUMBERS = ("params", "learning_rate", "beta1", "beta2", "epsilon")
_KINDS = {
    kind.name: kind
    for kind in (
        inspect.Parameter.POSITIONAL_ONLY,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
        inspect.Parameter.VAR_POSITIONAL,
        inspect.Parameter.KEYWORD_ONLY,
        inspect.Parameter.VAR_KEYWORD,
    )
}
_USUAL_DTYPES = ("float32", "float64")


class Respondent(ABC):
    """Answers whole runs.

    Attributes:
        name: of the subject, as on the command line.
        started: what it says of itself.
    """

    def __init__(self, name: str, started: Started) -> None:
        self.name = name
        self.started = started
        # What `inspect.signature` finds.
        self.__signature__ = _signature(started)
        self.__name__ = name

    @abstractmethod
    def ask(self, question: RunQuestion) -> RunReply:
        """Return the answer to one run.

        Raises:
            ProgramError: there is none.
            WrongAnswer: its arrays are not those that were asked for.
        """

    def __call__(self, *_arguments: Any, **_switches: Any) -> NoReturn:
        raise ProgramError(f"{self.name} answers whole runs, and cannot be called")

    @property
    def has_objects(self) -> bool:
        """Whether it is a Python subject, whose objects decide what they can do."""
        return self.started.arguments is not None

    def lacks(self, features: Collection[str]) -> str | None:
        """Return the first of the features that it does not have, or None."""
        # Python code says it in its answer.
        if self.started.arguments is not None:
            return None
        has = {*self.started.supports, *(self.started.dtypes or _USUAL_DTYPES)}
        return next((feature for feature in sorted(features) if feature not in has), None)


def check_started(started: Started, label: str) -> None:
    """Raise ProgramError if a program says that it supports what is no feature."""
    for word in started.supports:
        if word not in FEATURES and not started.arguments:
            known = ", ".join(feature for feature in FEATURES if feature not in DTYPES)
            raise ProgramError(f"supports of {label} must be out of {known}; got {word!r}")
    for argument in started.arguments or ():
        if argument["kind"] not in _KINDS:
            raise ProgramError(f"arguments of {label} must be of a kind of Python's")


def arguments_of(signature: inspect.Signature | None) -> list[Mapping[str, Any]]:
    """Return a signature as a program sends it; one that takes anything if it is not known."""
    if signature is None:
        kinds = ("VAR_POSITIONAL", "VAR_KEYWORD")
        return [{"name": f"a{kind}", "kind": kind, "required": False} for kind in kinds]
    return [
        {
            "name": parameter.name,
            "kind": parameter.kind.name,
            "required": parameter.default is parameter.empty,
        }
        for parameter in signature.parameters.values()
    ]


def _signature(started: Started) -> inspect.Signature:
    if started.arguments is not None:
        return inspect.Signature([_parameter(argument) for argument in started.arguments])
    names: Sequence[str] = [switch for switch in _SWITCHES if switch in started.supports]
    needed = [inspect.Parameter(name, _KINDS["POSITIONAL_OR_KEYWORD"]) for name in _NUMBERS]
    optional = [inspect.Parameter(name, _KINDS["KEYWORD_ONLY"], default=None) for name in names]
    return inspect.Signature([*needed, *optional])


def _parameter(argument: Mapping[str, Any]) -> inspect.Parameter:
    kind = _KINDS[argument["kind"]]
    default = inspect.Parameter.empty if argument["required"] else None
    if kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD):
        default = inspect.Parameter.empty
    return inspect.Parameter(argument["name"], kind, default=default)
