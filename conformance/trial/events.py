"""Events of a trial: here the code of a user meets the judge.

`events` runs a subject through the calls of a vector and yields, in order:

    Made                      the subject took its parameters and is ready for the first step
    Stepped(call, snapshot)   a call returned arrays of the right form
    Raised(call, cause)       a call in which a gradient is missing raised; the trial goes on
    Saved(call)               another object restored the saved state, and goes on instead

Every event is plain data, so a line protocol can carry it from another process.

An exception ends the trial. These are all, in the order in which they are found:

    1.  Lacking       `make` has no parameter for a switch that the vector turns on
    2.  Lacking       `supports` lacks what the inputs need, or `refuses` a bad input
    3.  Misbehaved    `make` cannot be called with parameters and four numbers
    4.  any           `make` raises; Unsupported is no failure
    5.  Misbehaved    `make` returns neither an object with `step` nor a function
    6.  Lacking       `step` takes no learning_rate, or there is no `save`, `restore` or `load`
                      (Misbehaved if it takes no scale, which `supports` promised)
    7.  any           `load` raises
    8.  any           a call raises though it has all its gradients; Unsupported from any call
    9.  Misbehaved    a call returns arrays of another number, shape or dtype, or takes a bad input
    10. any           `slots` raises
    11. Misbehaved    `slots` returns another form than named lists of arrays
    12. any           `save`, the call after it, or `restore` raises
    13. any           another object of the run raises, as the first one may

Any exception means every BaseException: a subject must not end the judge. An exception that came
from outside of it, such as the KeyboardInterrupt of a user, passes through everywhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ..subject.subject import Subject
from ..vectors.inputs import Inputs
from ..vectors.spec import Relation
from ..vectors.vector import Vector
from ..vectors.words import Array
from .objects import Objects, take_step
from .outcomes import Cause
from .refusals import require_refusals
from .returned import accept_params, accept_slots
from .watch import Watch


class Snapshot(NamedTuple):
    """The state of a subject after an answered call.

    Fields:
        params: the parameters.
        slots: the moments that the subject shows; an entry may be None.
    """

    params: list[Array]
    slots: dict[str, list[Array | None]]


@dataclass(frozen=True)
class Made:
    """The subject is ready for its first step."""


@dataclass(frozen=True)
class Stepped:
    """A call returned; ``snapshot`` is None where the vector has no answer after it."""

    call: int
    snapshot: Snapshot | None


@dataclass(frozen=True)
class Raised:
    """A call in which a gradient is missing raised, as some conventions demand."""

    call: int
    cause: Cause


@dataclass(frozen=True)
class Saved:
    """After this call the state was saved, and another object restored it."""

    call: int


Event = Made | Stepped | Raised | Saved


def events(
    subject: Subject,
    vector: Vector,
    inputs: Inputs,
    lifetime: Relation | None = None,
    watch: Watch | None = None,
) -> Iterator[Event]:
    """Run a subject through ``inputs`` and yield what it does; see above for what it may raise.

    Args:
        subject: the Adam under test.
        vector: its features and the calls that have answers.
        inputs: those of the vector, or changed ones.
        lifetime: the relation that says which other objects there are; None if there are none.
        watch: sees what goes to the subject and comes back, and overwrites what comes back.
    """
    objects = Objects(subject, vector, inputs, lifetime, watch)
    optimizer = objects.make()
    yield Made()
    # Calls are counted from 1, as the t of the paper.
    for number in range(1, len(inputs.calls) + 1):
        given = objects.given
        objects.step_others(number)
        if inputs.refuses is not None:
            require_refusals(optimizer, inputs, watch)
        result = take_step(optimizer, given.calls[number - 1], watch, inputs.form)
        if result.raised is not None:
            yield Raised(number, result.raised)
        else:
            params = accept_params(result.returned, given, number, watch)
            snapshot = None
            # Moments are asked for only where an answer needs them, because some are costly.
            if number in vector.after:
                snapshot = Snapshot(params, accept_slots(optimizer, given, number, watch))
            yield Stepped(number, snapshot)
        objects.add_late_group(optimizer, number)
        if objects.save(optimizer, number):
            optimizer = objects.restore(optimizer)
            yield Saved(number)
