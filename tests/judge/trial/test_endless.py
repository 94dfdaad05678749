"""What a subject hands back may never end; the judge reads no more than it needs."""

from collections.abc import Sequence
from itertools import count, repeat

import numpy as np
import pytest

from conformance.subject.subject import from_make
from conformance.trial.run import run
from tests.support.subjects import right


class Endless(Sequence):
    """A sequence that has the right length and never ends."""

    def __init__(self, length, entry):
        self.length = length
        self.entry = entry

    def __len__(self):
        return self.length

    def __getitem__(self, index):
        return self.entry

    def __iter__(self):
        return repeat(self.entry)


def returning(returned):
    return lambda *arguments: lambda grads: returned


def showing(slots):
    class Showing:
        def __init__(self, *arguments):
            self.step = right(*arguments).step

        def slots(self):
            return slots

    return Showing


def names():
    for number in count():
        yield f"m{number}", []


ENDLESS = {
    "an iterator": (returning(count()), "step 1 must return a list of 3 arrays, got count"),
    "a generator": (
        returning(np.zeros(1) for _ in count()),
        "step 1 must return a list of 3 arrays, got generator",
    ),
    "a sequence": (
        returning(Endless(3, np.zeros(3))),
        "step 1 must return 3 arrays, one a parameter, got more",
    ),
    "an array": (
        returning([Endless(3, 0.0)] * 3),
        "step 1 must return parameter 0 in shape (5,), got (6,)",
    ),
    "depth": (
        returning([Endless(3, Endless(3, 0.0))] * 3),
        "an array must have the shape of its parameter, got more axes than that",
    ),
    "slots": (
        showing({"m": Endless(3, None)}),
        "slots['m'] must have 3 entries, one a parameter, got more",
    ),
    "entries of a slot": (
        showing({"m": repeat(None)}),
        "slots['m'] must be a list of arrays, got repeat",
    ),
    "names": (
        showing(type("Slots", (dict,), {"items": lambda self: names()})()),
        "slots must be named m, v or v_max, got 'm0'",
    ),
}


@pytest.mark.parametrize("what", ENDLESS)
def test_what_never_ends_is_not_read_to_the_end(what, suite):
    make, reason = ENDLESS[what]
    vector = next(vector for vector in suite.vectors if vector.id == "basic.f32.mixed")
    done = run(from_make(make), vector)
    assert (done.status, done.reason) == ("misbehaved", reason)
