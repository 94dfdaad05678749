"""Task: what a worker does. It has a subject by its name, and returns plain data.

A worker is handed the inputs of vectors and no answers; the judge compares.
"""

import inspect
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from ...process.floating_point import (
    flushes_subnormals,
    own_floating_point,
    subject_floating_point,
)
from ...subject.loading import load
from ...subject.program.connect import HERE, Running
from ...subject.subject import Subject, signature_of
from ...trial.hygiene import run_twice
from ...trial.run import run
from ...vectors.spec import VectorSpec
from ...vectors.vector import Vector
from .plan import require_subnormals
from .records import version_of_code

# A worker keeps so many subjects at a time. Modules stay loaded anyway.
_KEPT = 8
# A worker of a cluster may have several threads, but floating-point environments, signals and most
# libraries belong to the process.
_ONE_AT_A_TIME = threading.Lock()
# A subject is looked for where the command was given.
_FOLDER = os.getcwd()  # noqa: PTH109


class VectorTask(NamedTuple):
    """Some vectors of a subject.

    Fields:
        name: of the subject.
        running: whether it has a process of its own, and the limits of that.
        storage, fixed: what is declared of it beyond its own words, as in Subject.
        hygiene: whether each vector is run twice.
        specs: the vectors, without answers.
    """

    name: str
    running: Running
    storage: Mapping[str, str]
    fixed: frozenset[str]
    hygiene: bool
    specs: tuple[VectorSpec, ...]


class Done(NamedTuple):
    """What a task returns.

    Fields:
        runs: the fields of each Run, besides its vector.
        flushes: whether subnormal numbers were flushed to zero while the subject ran.
        seconds: how long they took.
    """

    runs: tuple[dict[str, Any], ...]
    flushes: bool
    seconds: float


class Described(NamedTuple):
    """A subject as a worker knows it: its function is replaced by one that can be sent.

    A program is asked in another way than a function, and the judge connects with it itself.

    Fields:
        code: what tells versions of it apart in a file of runs.
        seconds: how long it took to load it.
    """

    subject: Subject
    code: str
    seconds: float


class Elsewhere:
    """The function of a subject that workers have loaded: it has the signature, and loads late.

    The judge asks for the signature. Only to explain a failure it calls the subject itself.
    """

    def __init__(self, name: str, running: Running, signature: inspect.Signature | None) -> None:
        self._name = name
        self._running = running
        self._signature = signature

    @property
    def __signature__(self) -> inspect.Signature:
        if self._signature is None:
            # What `inspect` raises for functions of C.
            raise ValueError("no signature is known")
        return self._signature

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return _load(self._name, self._running).make(*arguments, **named)


def describe(name: str, running: Running = HERE) -> Described:
    """Load a subject, and return what the judge must know of it.

    Raises:
        SubjectError: it cannot be loaded.
    """
    started = time.perf_counter()
    with _ONE_AT_A_TIME:
        os.chdir(_FOLDER)
        subject = _load(name, running)
        signature = signature_of(subject.make)
        stand_in = Elsewhere(name, running, signature and _without_values(signature))
        code = version_of_code(subject)
        seconds = time.perf_counter() - started
        return Described(replace(subject, make=stand_in), code, seconds)


def perform(task: VectorTask) -> Done:
    """Run the vectors of a task.

    Raises:
        SubjectError: the subject cannot be loaded, or this process flushes subnormal numbers.
    """
    with _ONE_AT_A_TIME, own_floating_point():
        os.chdir(_FOLDER)
        loaded = _load(task.name, task.running)
        started = time.perf_counter()
        subject = replace(loaded, storage=task.storage, fixed=task.fixed)
        run_vector: Callable[..., Any] = run_twice if task.hygiene else run
        runs = []
        for spec in task.specs:
            fields = dict(vars(run_vector(subject, Vector(spec))))
            del fields["vector"]
            runs.append(fields)
        require_subnormals()
        with subject_floating_point():
            flushes = flushes_subnormals()
    return Done(tuple(runs), flushes, time.perf_counter() - started)


@lru_cache(maxsize=_KEPT)
def _load(name: str, running: Running) -> Subject:
    return load(name, running)


def _without_values(signature: inspect.Signature) -> inspect.Signature:
    """Return a signature with None for every default: values of a subject may not be sent."""
    parameters = []
    for parameter in signature.parameters.values():
        default = parameter.empty if parameter.default is parameter.empty else None
        parameters.append(inspect.Parameter(parameter.name, parameter.kind, default=default))
    return inspect.Signature(parameters)
