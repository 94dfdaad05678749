"""Subjects: the Adams under test.

A subject is a function

    make(params, learning_rate, beta1, beta2, epsilon)

with optional switches such as ``amsgrad=False``, that returns an object with
``step(grads) -> list of new parameter arrays``, or the function ``step`` itself.
"""

import inspect
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any, TypeVar

from ..process.signals import from_outside
from ..vectors.storage import HALVES, read_storage
from ..vectors.switches import (
    BY_NAME_ONLY,
    COMPLEX,
    DECLARED_FORMS,
    DTYPES,
    LOSS_SCALE,
    MIXED,
    REFUSALS,
)
from .accuracy import ORDINARY, Accuracy, read_accuracy
from .guard import guard
from .messages import describe, shown, text_or
from .roundings import NO_ROUNDINGS, Roundings, read_roundings

Make = Callable[..., Any]
Declared = TypeVar("Declared")
# Features that a subject has only if it says so, because it may take the inputs and ignore them.
DECLARABLE = ("none", "sparse", *HALVES, *DECLARED_FORMS, MIXED, COMPLEX, LOSS_SCALE, "one_t")
_SOME_STORAGE = {"bfloat16": "weights=master"}
# More words than this are not read: the words of a subject may never end.
_MOST_WORDS = 100


class Unsupported(Exception):
    """Raised by a subject that cannot do what a vector asks; reported, never counted as a pass."""


class ValueRefused(Unsupported):
    """Raised by an adapter of a library for a value that the library refuses, of what it has.

    No feature is missing then, so that none that is required fails.
    """


class SubjectError(Exception):
    """A subject that could not be loaded; the message says why and the way out."""


@dataclass(frozen=True)
class SubjectRecord:
    """What reports and waivers know of a subject: plain data, which can be pickled.

    Fields are those of Subject; `is_outside`: whether it runs outside of the judge's process.
    """

    name: str
    version: str = ""
    device: str = "cpu"
    convention: str | None = None
    accuracy: str = ""
    storage: Mapping[str, str] = field(default_factory=dict)
    roundings: Roundings = NO_ROUNDINGS
    arithmetic: str = ""
    served: str = ""
    is_outside: bool = False
    notes: tuple[str, ...] = ()
    is_guess: bool = False


@dataclass(frozen=True)
class Subject:
    """An Adam under test.

    Fields:
        name: as given on the command line, or the name of the function.
        make: the function that starts a run.
        convention: the one it declares, or None.
        version: of the library behind it, or an empty string.
        supports: `none` for None gradients, `sparse` for IndexedSlices, `float16` and `bfloat16`
            for parameters of these dtypes, `readonly` for gradients that cannot be written to,
            `grad_dtype` for gradients of another float dtype than the parameters, `indices_int32`
            for the indices of sparse gradients as 32-bit integers, `mixed_dtypes` for parameters
            of several dtypes, `complex` for parameters of complex numbers, `loss_scale` for a
            `step` that takes the scale by which gradients are multiplied; `one_t` for a `load` that
            is given one t
            for all parameters, and not a list.
        dtypes: of the parameters that it takes; empty is all.
        fixed: names of hyperparameters that are fixed in it, whether it has arguments for them or
            not.
        refuses: the bad inputs that it refuses, words of `REFUSALS`.
        device: where it computes, for waivers that hold on one only.
        accuracy: of its quotients and roots, if they are not rounded correctly.
        storage: dtype of half precision -> what it keeps between steps, as a code.
        roundings: that each operation of an equation errs by, if they are more than one.
        arithmetic: the one that it declares in the place of those that its convention accepts; an
            empty string if it declares none.
        served: the name of the subject that a program serves; empty if it is none of ours.
        is_outside: whether it runs outside of the judge's process.
        is_program: whether it is a program that is no Python subject.
        notes: what its adapter says of it, a sentence each.
        is_guess: whether its adapter could only guess the convention.
        written: the name under which `load` finds the class behind an adapter; empty without one.
    """

    name: str
    make: Make
    convention: str | None = None
    version: str = ""
    supports: frozenset[str] = field(default_factory=frozenset)
    dtypes: frozenset[str] = field(default_factory=frozenset)
    fixed: frozenset[str] = field(default_factory=frozenset)
    refuses: frozenset[str] = field(default_factory=frozenset)
    device: str = "cpu"
    accuracy: Accuracy = ORDINARY
    storage: Mapping[str, str] = field(default_factory=dict)
    roundings: Roundings = NO_ROUNDINGS
    arithmetic: str = ""
    served: str = ""
    is_outside: bool = False
    is_program: bool = False
    notes: tuple[str, ...] = ()
    is_guess: bool = False
    written: str = ""

    @property
    def record(self) -> SubjectRecord:
        """The subject as a report knows it, without its function."""
        return SubjectRecord(
            name=self.name,
            version=self.version,
            device=self.device,
            convention=self.convention,
            accuracy=str(self.accuracy),
            storage=self.storage,
            roundings=self.roundings,
            arithmetic=self.arithmetic,
            served=self.served,
            is_outside=self.is_outside,
            notes=self.notes,
            is_guess=self.is_guess,
        )

    @property
    def halves(self) -> list[str]:
        """The dtypes of half precision that it says it takes, in one way or the other."""
        declared = {*self.supports, *self.dtypes, *self.storage}
        # What dtypes leave out is never given.
        taken = self.dtypes or declared
        return [dtype for dtype in HALVES if dtype in declared & taken]

    @cached_property
    def _signature(self) -> inspect.Signature | None:
        return signature_of(self.make)

    def mismatch(self, positional: int, switches: Iterable[str]) -> str | None:
        """Return Python's reason why `make` cannot be called with these arguments, or None."""
        signature = self._signature
        if signature is None:
            return None
        # Only the count of the arguments matters for `bind`, not their values.
        try:
            signature.bind(*range(positional), **dict.fromkeys(switches))
        except TypeError as error:
            return str(error)
        return None

    def names(self, switch: str) -> bool:
        """Return whether the signature of `make` has a parameter of this name."""
        return self._signature is not None and switch in self._signature.parameters

    def lacks(self, switches: Iterable[str]) -> str | None:
        """Return the first of ``switches`` that `make` has no parameter for, or None."""
        signature = self._signature
        named: Collection[str] = ()
        takes_any = True
        if signature is not None:
            named = signature.parameters
            kinds = {parameter.kind for parameter in signature.parameters.values()}
            takes_any = inspect.Parameter.VAR_KEYWORD in kinds
        for switch in switches:
            # With **kwargs nobody can tell; such a subject raises Unsupported itself.
            if switch not in named and (switch in BY_NAME_ONLY or not takes_any):
                return switch
        return None

    def switches_for(self, switches: Mapping[str, Any]) -> dict[str, Any]:
        """Return the switches that `make` is given: not what is fixed in it without an argument."""
        return {
            name: value
            for name, value in switches.items()
            if name not in self.fixed or not self.lacks([name])
        }


def signature_of(function: Callable[..., Any]) -> inspect.Signature | None:
    """Return the signature, or None if it cannot be told, as for some functions of C."""
    try:
        return inspect.signature(function)
    except BaseException as error:
        # Looking it up may run code of the subject, which may raise anything.
        if from_outside(error):
            raise
        return None


def from_make(make: Make, name: str | None = None) -> Subject:
    """Return a subject; what it declares of itself are attributes of ``make``.

    Raises:
        SubjectError: ``make`` is not callable, or one of these attributes has a value that it
            cannot have, or cannot be read.
    """
    with guard():
        # A callable object has no name of its own.
        label = name or text_or("", lambda: make.__name__) or shown(make)
        try:
            return _subject_of(make, label)
        except SubjectError:
            raise
        except BaseException as error:
            if from_outside(error):
                raise
            raise SubjectError(f"subject {label}: {describe(error)}") from error


def _subject_of(make: Make, label: str) -> Subject:
    if not callable(make):
        raise SubjectError(
            f"subject {label} must be a function make(params, learning_rate, ...), "
            f"got {type(make).__name__}"
        )
    convention = getattr(make, "convention", None)
    if not (convention is None or isinstance(convention, str)):
        raise SubjectError(f"convention of {label} must be a name, got {shown(convention)}")
    return Subject(
        label,
        make,
        convention=convention and str.__str__(convention),
        version=_text_of(make, "version", ""),
        supports=_words_of(make, label, "supports", DECLARABLE),
        dtypes=_words_of(make, label, "dtypes", DTYPES),
        refuses=_words_of(make, label, "refuses", REFUSALS),
        device=_text_of(make, "device", "cpu"),
        accuracy=_read_declared(make, label, "accuracy", {"division": 2.5}, read_accuracy),
        storage=_read_declared(make, label, "storage", _SOME_STORAGE, read_storage),
        roundings=_read_declared(make, label, "roundings", {"E5": 40}, read_roundings),
        arithmetic=_text_of(make, "arithmetic", ""),
        notes=tuple(map(str, getattr(make, "notes", ()))),
        is_guess=bool(getattr(make, "is_guess", False)),
    )


def _read_declared(
    make: Make,
    label: str,
    name: str,
    example: Mapping[str, Any],
    read: Callable[[dict[str, Any]], Declared],
) -> Declared:
    """Return what an attribute declares in a dict, as ``read`` understands it."""
    declared = getattr(make, name, {})
    if not isinstance(declared, dict):
        raise SubjectError(
            f"{name} of {label} must be a dict, such as {example}, got {shown(declared)}"
        )
    try:
        return read(declared)
    except (TypeError, ValueError) as error:
        raise SubjectError(f"{name} of {label}: {error}") from None


def _text_of(make: Make, attribute: str, default: str) -> str:
    value = str(getattr(make, attribute, default))
    return " ".join(str.split(value))


def _words_of(make: Make, label: str, name: str, known: Sequence[str]) -> frozenset[str]:
    """Return the words of an attribute that declares some of those that are known."""
    declared = getattr(make, name, ())
    # A string is a set of letters to Python, and an iterator is empty after it was read.
    if not isinstance(declared, (set, frozenset, list, tuple)):
        raise SubjectError(
            f"{name} of {label} must be a set, such as {{{known[0]!r}}}, got {shown(declared)}"
        )
    words = list(islice(declared, _MOST_WORDS))
    unknown = [word for word in words if not isinstance(word, str) or word not in known]
    if unknown:
        listed = ", ".join(repr(word) for word in sorted(known))
        got = min(map(shown, unknown))
        raise SubjectError(f"{name} of {label} must be out of {listed}, got {got}")
    return frozenset(map(str.__str__, words))
