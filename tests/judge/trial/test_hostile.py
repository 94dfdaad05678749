"""Subjects that raise whatever Python can raise, wherever the judge touches them."""

import asyncio
import decimal
import re
from collections.abc import Sequence

import pytest

from conformance import Unsupported, check
from conformance.subject.subject import from_make
from conformance.trial.outcomes import RunStatus
from conformance.trial.run import run
from tests.support.subjects import right


class Silent(Exception):
    """An exception that cannot be shown."""

    def __str__(self):
        raise RuntimeError("no text")

    __repr__ = __str__


class Numeric(Exception):
    def __str__(self):
        return 3


class Untraceable(Exception):
    @property
    def __traceback__(self):
        raise RuntimeError("no place")


class Nameless(type):
    @property
    def __name__(cls):
        raise RuntimeError("no name")


class Anonymous(Exception, metaclass=Nameless):
    pass


class Classless(Exception):
    @property
    def __class__(self):
        raise RuntimeError("no class")


# Makers, because pytest asks its parameters for their class.
EXCEPTIONS = {
    "BaseException": lambda: BaseException("bare"),
    "GeneratorExit": lambda: GeneratorExit("gone"),
    "CancelledError": lambda: asyncio.CancelledError("cancelled"),
    "BaseExceptionGroup": lambda: BaseExceptionGroup("several", [GeneratorExit(), ValueError()]),
    "ExceptionGroup": lambda: ExceptionGroup("several", [ValueError("one")]),
    "SystemExit": lambda: SystemExit(0),
    "KeyboardInterrupt": KeyboardInterrupt,
    "StopIteration": lambda: StopIteration("end"),
    "MemoryError": MemoryError,
    "Silent": Silent,
    "Numeric": Numeric,
    "Untraceable": lambda: Untraceable("where"),
    "Anonymous": lambda: Anonymous("who"),
    "Classless": lambda: Classless("what"),
}


def raising(error):
    def method(*arguments, **switches):
        raise error

    return method


class Full:
    """A right Adam with every optional method."""

    def __init__(self, *arguments):
        self.adam = right(*arguments)

    def step(self, grads, learning_rate=None):
        return self.adam.step(grads, learning_rate)

    def slots(self):
        return self.adam.slots()

    def load(self, params, slots, t):
        self.adam.load(params, slots, t)

    def save(self):
        return self.adam.save()

    def restore(self, saved):
        self.adam.restore(saved)


def in_make(error):
    return raising(error)


def in_method(name):
    return lambda error: type("Raising", (Full,), {name: raising(error)})


def in_property(name):
    return lambda error: type("Raising", (Full,), {name: property(raising(error))})


def in_getattr(error):
    class Raising:
        def __init__(self, *arguments):
            pass

        __getattr__ = raising(error)

    return Raising


def in_what_it_returns(name):
    """Each array that it returns is an object with a method that raises."""

    def wrap(error):
        kind = type("Returned", (), {"__getitem__": repr, "__len__": len, name: raising(error)})

        class Raising(Full):
            def step(self, grads, learning_rate=None):
                return [kind() for _ in super().step(grads)]

        return Raising

    return wrap


def in_the_list(name):
    """It returns a sequence of its own with a method that raises."""

    def wrap(error):
        methods = {"__getitem__": lambda self, at: 1, "__len__": lambda self: 3}
        kind = type("Listed", (Sequence,), methods | {name: raising(error)})

        class Raising(Full):
            def step(self, grads, learning_rate=None):
                return kind()

        return Raising

    return wrap


def in_the_slots(error):
    class Raising(Full):
        def slots(self):
            return type("Slots", (dict,), {"items": raising(error)})()

    return Raising


PLACES = {
    "make": (in_make, "basic.f32.mixed"),
    "step": (in_method("step"), "basic.f32.mixed"),
    "slots": (in_method("slots"), "basic.f32.mixed"),
    "load": (in_method("load"), "basic.f32.loaded-state"),
    "save": (in_method("save"), "relations.f32.resume"),
    "restore": (in_method("restore"), "relations.f32.resume"),
    "property step": (in_property("step"), "basic.f32.mixed"),
    "property slots": (in_property("slots"), "basic.f32.mixed"),
    "property load": (in_property("load"), "basic.f32.loaded-state"),
    "property restore": (in_property("restore"), "relations.f32.resume"),
    "__getattr__": (in_getattr, "basic.f32.mixed"),
    "__array__": (in_what_it_returns("__array__"), "basic.f32.mixed"),
    "__len__ of an array": (in_what_it_returns("__len__"), "basic.f32.mixed"),
    "__iter__ of an array": (in_what_it_returns("__iter__"), "basic.f32.mixed"),
    "__iter__": (in_the_list("__iter__"), "basic.f32.mixed"),
    "__getitem__": (in_the_list("__getitem__"), "basic.f32.mixed"),
    "items": (in_the_slots, "basic.f32.mixed"),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("error", EXCEPTIONS)
def test_no_exception_of_a_subject_leaves_its_run(place, error, suite):
    subject_with, name = PLACES[place]
    make = subject_with(EXCEPTIONS[error]())
    vector = next(vector for vector in suite.vectors if vector.id == name)
    done = run(from_make(make, "subject"), vector)
    assert done.status in (RunStatus.ERRORED, RunStatus.MISBEHAVED)
    assert done.reason


def test_an_exception_is_said_as_far_as_it_can_be(suite):
    vector = next(vector for vector in suite.vectors if vector.id == "basic.f32.mixed")

    def reason(error):
        return run(from_make(raising(error), "subject"), vector).reason

    assert re.match(
        r"Silent: its message cannot be read \(.*test_hostile.py:\d+\)", reason(Silent())
    )
    assert re.match("Numeric: its message cannot be read", reason(Numeric()))
    assert reason(Untraceable("where")) == "Untraceable: where"
    assert re.match("an exception: who", reason(Anonymous("who")))
    assert re.match("StopIteration: end", reason(StopIteration("end")))


def test_a_refusal_whose_text_fails_is_still_no_failure(suite):
    class Refusal(Unsupported):
        __str__ = Silent.__str__

    report = check(raising(Refusal()), suite=suite, only="basic.f32.mixed")
    assert report.unsupported[0].reason == "its message cannot be read"


def returning(returned):
    return lambda *arguments: lambda grads: returned


def showing(slots):
    class Showing(Full):
        def slots(self):
            return slots

    return Showing


class Incomparable:
    def __bool__(self):
        raise RuntimeError("no truth")

    __eq__ = __hash__ = __repr__ = __bool__


def test_objects_that_cannot_be_compared_or_shown_are_a_broken_contract(suite):
    vector = next(vector for vector in suite.vectors if vector.id == "basic.f32.mixed")
    reasons = [
        (returning(Incomparable()), "step 1 must return a list of 3 arrays, got Incomparable"),
        (returning([Incomparable()] * 3), "step 1 must return parameter 0 in shape .*, got \\(\\)"),
        (
            showing(type("Slots", (dict,), {"items": lambda self: [(Incomparable(), [])]})()),
            "slots must be named m, v or v_max, got a value that cannot be shown",
        ),
    ]
    for make, reason in reasons:
        done = run(from_make(make), vector)
        assert done.status == "misbehaved"
        assert re.match(reason, done.reason)


def test_a_call_without_step_is_a_broken_contract_although_a_gradient_is_missing(suite):
    class Losing(Full):
        supports = frozenset({"none"})

        def step(self, grads, learning_rate=None):
            self.step = None
            return super().step(grads, learning_rate)

    vector = next(vector for vector in suite.vectors if vector.id == "none-gradient.f32.all")
    assert run(from_make(Losing), vector).status == "misbehaved"


def test_the_decimals_of_a_subject_are_its_own(suite):
    def make(*arguments):
        decimal.getcontext().prec = 2
        return right(*arguments)

    before = decimal.getcontext().prec
    vector = next(vector for vector in suite.vectors if vector.id == "basic.f32.mixed")
    assert run(from_make(make), vector).status == "ran"
    assert decimal.getcontext().prec == before
