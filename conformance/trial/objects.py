"""Objects: what a subject made during one run, and the calls that they take.

One object has the results that are judged. A lifetime has others besides: `reload` and `again` use
one before, `beside` has two that take every call before it, and `resume` saves it and goes on with
another. `inputs.other_inputs` says what the others are given. `late` has no other object: the
first one is made without the last group, which is added to it.
"""

from typing import Any, NamedTuple

from ..process.signals import from_outside
from ..subject.messages import message_of, place_of, text_of
from ..subject.subject import Subject, Unsupported
from ..vectors.inputs import Call, Inputs, grad_in_form, other_inputs, without_late
from ..vectors.spec import Relation
from ..vectors.vector import Vector
from .contract import Lacking, load_state, make_optimizer, step_of
from .outcomes import Cause
from .watch import Watch

# Of a run without other objects.
_PLAIN = Relation("plain")


class Result(NamedTuple):
    """What a call returned, or why it raised, if a gradient is missing in it."""

    returned: Any = None
    raised: Cause | None = None


def take_step(optimizer: Any, call: Call, watch: Watch | None, form: str | None = None) -> Result:
    """Make one call with gradients that the subject may keep or overwrite."""
    # Not in `try`: a subject without a step breaks the contract, whatever the gradients are.
    step = step_of(optimizer)
    grads = [grad_in_form(grad, form) for grad in call.grads]
    if watch is not None:
        watch.lend(grads, [grad_in_form(grad, form) for grad in call.grads])
    named = {"learning_rate": call.learning_rate, "scale": call.scale}
    # A subject without a schedule or a loss scale has no such argument.
    numbers = {name: number for name, number in named.items() if number is not None}
    try:
        return Result(step(grads, **numbers))
    except Unsupported:
        raise
    except BaseException as error:
        # Only a convention may demand an exception, and only for a missing gradient.
        is_complete = all(grad is not None for grad in call.grads)
        if is_complete or from_outside(error):
            raise
        return Result(raised=cause_of(error))


def cause_of(error: BaseException) -> Cause:
    """Return message and place of an exception that a subject raised."""
    if type(error) is Reported:
        return error.cause
    # Python turns a StopIteration that leaves a generator into another exception.
    if type(error) is RuntimeError and type(error.__cause__) is StopIteration:
        error = error.__cause__
    return Cause(message_of(error), place_of(error))


class Reported(Exception):
    """What a subject raised in another process."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(str(cause))
        self.cause = cause


class Objects:
    """The objects of one run.

    Args:
        subject: makes them.
        vector: says which features they need.
        inputs: those of the object whose results are judged.
        lifetime: says which others there are; None if there are none.
        watch: sees what goes to all of them.
    """

    def __init__(
        self,
        subject: Subject,
        vector: Vector,
        inputs: Inputs,
        lifetime: Relation | None,
        watch: Watch | None,
    ) -> None:
        self._subject = subject
        self._vector = vector
        self._inputs = inputs
        # What holds until the next call: without a group that comes later.
        self.given = inputs
        self._late: dict[str, Any] = {}
        if lifetime is not None and lifetime.kind == "late":
            self.given, self._late = without_late(inputs)
        self._lifetime = lifetime or _PLAIN
        self._watch = watch
        self._others_inputs = other_inputs(inputs, self._lifetime.other)
        self._beside: list[Any] = []
        self._saved: list[Any] = []

    def make(self) -> Any:
        """Return the object that takes the first step, after the others were made or used."""
        kind = self._lifetime.kind
        if kind == "again":
            # It is gone before the next is made.
            self._use(self._make_other())
        if kind == "reload":
            optimizer = self._make_other()
            self._use(optimizer)
            load_state(optimizer, self._inputs, self._subject)
            return optimizer
        if kind != "beside":
            return self._make(self.given)
        # Made before it and after it: either may take what belongs to the first.
        before = self._make_other()
        optimizer = self._make(self._inputs)
        self._beside = [before, self._make_other()]
        return optimizer

    def step_others(self, number: int) -> None:
        """Make call ``number`` of the objects beside, which comes before that of the first."""
        for optimizer in self._beside:
            self._step(optimizer, self._others_inputs.calls[number - 1])

    def add_late_group(self, optimizer: Any, number: int) -> None:
        """Add the group that comes after call ``number``, if there is one."""
        if not self._late or number != self._lifetime.after:
            return
        numbers = {name: value for name, value in self._late.items() if name != "params"}
        params = [self._inputs.params[place].copy() for place in self._late["params"]]
        optimizer.add_group(params, **numbers)
        self.given = self._inputs

    def save(self, optimizer: Any, number: int) -> bool:
        """Save the state after call ``number`` where the lifetime says so.

        Returns:
            Whether another object must go on instead.
        """
        if self._lifetime.kind != "resume":
            return False
        if number not in (self._lifetime.after, self._lifetime.also_after):
            return False
        self._saved.append(optimizer.save())
        return number == self._lifetime.after

    def restore(self, old: Any) -> Any:
        """Return another object, after it restored what the old one saved."""
        # The old object goes on, which must not reach the saved state. In another order, so that
        # even a maximum that is shared becomes another.
        for call in self._inputs.calls[::-1]:
            self._step(old, call)
        optimizer = self._make_other()
        first, *later = self._saved
        self._restore_state(optimizer, first)
        if self._lifetime.used:
            # What it does must reach neither the saved state nor what it goes on from.
            self._use(optimizer)
            later = later or [first]
        for saved in later:
            self._restore_state(optimizer, saved)
        return optimizer

    def _restore_state(self, optimizer: Any, saved: Any) -> None:
        try:
            optimizer.restore(saved)
        except Unsupported as error:
            # It can save, but not this: no other feature of the vector is missing.
            raise Lacking("save", text_of(error) or "to be saved: the subject says so") from None

    def _make_other(self) -> Any:
        return self._make(self._others_inputs)

    def _make(self, inputs: Inputs) -> Any:
        return make_optimizer(self._subject, self._vector, inputs)

    def _use(self, optimizer: Any) -> None:
        for call in self._others_inputs.calls:
            self._step(optimizer, call)

    def _step(self, optimizer: Any, call: Call) -> None:
        take_step(optimizer, call, self._watch, self._inputs.form)
