"""One subject through one vector: what it returned, or why there is nothing to compare."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..subject.subject import Subject, Unsupported, message_of, place_of, signature_of
from ..vectors.inputs import Call, Inputs
from ..vectors.relations import RELATIONS
from ..vectors.slices import Grad
from ..vectors.vector import Vector
from ..vectors.words import Array
from .outcomes import Cause, Detail, RunStatus

Grads = list[Grad | None]


# What a subject is asked only if it declares it.
_DECLARED = (("none", "None gradients"), ("sparse", "sparse gradients"), ("float16", "float16"))


class Misbehaved(Exception):
    """The subject broke the contract: wrong number, shape or dtype of arrays."""

    def __init__(self, message: str, detail: Detail | None = None) -> None:
        super().__init__(message)
        self.detail = detail


class Lacking(Unsupported):
    """The subject has no way to be asked for this feature."""

    def __init__(self, feature: str, reason: str) -> None:
        super().__init__(reason)
        self.feature = feature


class Snapshot(NamedTuple):
    """What the subject held after an answered call: parameters, and the slots it shows; an entry may be None."""

    params: list[Array]
    slots: dict[str, list[Array | None]]


class Run(NamedTuple):
    """One run of one vector.

    Fields:
        cause: why there is nothing to compare.
        snapshots: call -> what was held after it, for each answered call that returned.
        raised: call -> the exception, for calls in which a gradient is missing.
        related: of a second run with inputs changed as the vector's relation says, changed back; like snapshots.
        lacks: unsupported: the feature that is missing, or all of the vector's where the subject does not tell.
    """

    vector: Vector
    status: RunStatus
    cause: Cause
    snapshots: dict[int, Snapshot]
    raised: dict[int, Cause]
    related: dict[int, Snapshot] = {}  # noqa: RUF012  (never changed)
    lacks: frozenset[str] = frozenset()

    @property
    def reason(self) -> str:
        """The cause in one line, for people; empty where there is something to compare."""
        return str(self.cause)


@np.errstate(all="ignore")
def run(subject: Subject, vector: Vector) -> Run:
    """Run ``subject`` through ``vector``; nothing that it does gets out of here but an interrupt from the keyboard.

    NumPy does not warn: a division by zero is judged by its result.
    """
    raised: dict[int, Cause] = {}
    snapshots: dict[int, Snapshot] = {}
    related: dict[int, Snapshot] = {}
    try:
        _trajectory(subject, vector, vector.inputs, snapshots, raised)
        if vector.relation:
            related = _related(subject, vector, raised)
    except Unsupported as reason:
        lacks = frozenset({reason.feature}) if isinstance(reason, Lacking) else vector.features
        cause = Cause(str(reason) or "the subject says so")
        return Run(vector, RunStatus.UNSUPPORTED, cause, {}, {}, lacks=lacks)
    except Misbehaved as error:
        cause = Cause(str(error), detail=error.detail)
        return Run(vector, RunStatus.MISBEHAVED, cause, snapshots, raised)
    except (Exception, SystemExit) as error:
        return Run(vector, RunStatus.ERRORED, _cause_of(error), snapshots, raised)
    return Run(vector, RunStatus.RAN, Cause(), snapshots, raised, related)


def _cause_of(error: BaseException) -> Cause:
    return Cause(message_of(error), place_of(error))


def _related(subject: Subject, vector: Vector, due: dict[int, Cause]) -> dict[int, Snapshot]:
    """The snapshots of a run with inputs changed as the relation says, and changed back; ``due``: which calls raise."""
    assert vector.relation is not None
    relation, kind = RELATIONS[vector.relation.kind], vector.relation.kind
    inputs = relation.inputs(vector.inputs, vector.relation.power or 0)
    found: dict[int, Snapshot] = {}
    raised: dict[int, Cause] = {}
    _trajectory(
        subject,
        vector,
        inputs,
        found,
        raised,
        vector.relation.after or 0 if kind == "resume" else 0,
    )
    if differing := sorted(raised.keys() ^ due.keys()):
        raise Misbehaved(
            f"step {differing[0]} must raise in both runs of relation {kind} or in neither, got one"
        )
    return {
        number: Snapshot(
            [
                array
                for array in relation.back(list(one.params), "params", vector)
                if array is not None
            ],
            {of: relation.back(arrays, of, vector) for of, arrays in one.slots.items()},
        )
        for number, one in found.items()
    }


def _trajectory(
    subject: Subject,
    vector: Vector,
    inputs: Inputs,
    snapshots: dict[int, Snapshot],
    raised: dict[int, Cause],
    resume: int = 0,
) -> None:
    """Run ``inputs`` and fill ``snapshots`` and ``raised``; after call ``resume`` go on with a restored subject."""
    made = _made(subject, vector, inputs)
    for number, call in enumerate(inputs.calls, 1):
        try:
            returned = _step_of(made)(
                _copies(call),
                **({} if call.learning_rate is None else {"learning_rate": call.learning_rate}),
            )
        except (Exception, SystemExit) as error:
            if isinstance(error, Unsupported) or all(grad is not None for grad in call.grads):
                raise
            raised[number] = _cause_of(error)
            continue
        params = _accepted(returned, inputs, number)
        if number in vector.after:
            snapshots[number] = Snapshot(params, _slots(made, inputs))
        if number == resume:
            saved = made.save()
            _step_of(made)(_copies(inputs.calls[number]))  # must not reach what was saved
            made = _made(subject, vector, inputs)
            made.restore(saved)


def _made(subject: Subject, vector: Vector, inputs: Inputs) -> Any:
    """The subject, ready for its first step."""
    if missing := subject.lacks(inputs.switches):
        raise Lacking(missing, f"{missing}: its signature has no such parameter")
    for feature, what in _DECLARED:
        if feature in vector.features and feature not in subject.supports:
            raise Lacking(feature, f'{what}: declare them with make.supports = {{"{feature}"}}')
    four = list(inputs.numbers.values())
    if refusal := subject.refuses(len(four) + 1, inputs.switches):
        raise Misbehaved(
            f"make must take (params, learning_rate, beta1, beta2, epsilon); {refusal}"
        )
    made = subject.make([param.copy() for param in inputs.params], *four, **inputs.switches)
    step = _step_of(made)
    if "schedule" in vector.features and not _takes_rate(step):
        raise Lacking("schedule", "a changing learning rate: its step takes no learning_rate")
    if "save" in vector.features and not (hasattr(made, "save") and hasattr(made, "restore")):
        raise Lacking("save", "to be saved: it has no save() and restore(saved)")
    if inputs.load is not None:
        _load(made, inputs)
    return made


def _step_of(made: Any) -> Callable[..., Any]:
    step = getattr(made, "step", made)
    if not callable(step):
        raise Misbehaved(
            f"make must return an object with step(grads), or a function, got {type(made).__name__}"
        )
    return step  # type: ignore[no-any-return]


def _takes_rate(step: Callable[..., Any]) -> bool:
    signature = signature_of(step)
    return signature is not None and "learning_rate" in signature.parameters


def _load(made: Any, inputs: Inputs) -> None:
    if not hasattr(made, "load"):
        raise Lacking("load", "a state to start from: it has no load(params, slots, t)")
    assert inputs.load is not None
    slots, t = inputs.load
    copies = {name: [array.copy() for array in arrays] for name, arrays in slots.items()}
    made.load([param.copy() for param in inputs.params], copies, list(t))


def _copies(call: Call) -> Grads:
    """Fresh arrays, which the subject may keep or overwrite."""
    return [None if grad is None else grad.copy() for grad in call.grads]


def _accepted(returned: Any, inputs: Inputs, number: int) -> list[Array]:
    """Copies of what step returned, once it has the form that the contract asks for."""
    due = len(inputs.params)
    if isinstance(returned, (str, bytes, np.ndarray)) or not isinstance(returned, Sequence):
        raise Misbehaved(
            f"step {number} must return a list of {due} arrays, got {type(returned).__name__}"
        )
    if len(returned) != due:
        raise Misbehaved(
            f"step {number} must return {due} arrays, one a parameter, got {len(returned)}"
        )
    arrays = [np.array(array) for array in returned]
    for at, (array, param) in enumerate(zip(arrays, inputs.params, strict=True)):
        if array.shape != param.shape:
            raise Misbehaved(
                f"step {number} must return parameter {at} in shape {param.shape}, got {array.shape}"
            )
        if array.dtype != param.dtype:
            hint = (
                "; raise conformance.Unsupported for what it cannot do"
                if array.dtype.kind == "f"
                else ""
            )
            raise Misbehaved(
                f"step {number} must return parameter {at} as {param.dtype}, got {array.dtype}{hint}"
            )
    return arrays


def _slots(made: Any, inputs: Inputs) -> dict[str, list[Array | None]]:
    if not hasattr(made, "slots"):
        return {}
    shown = made.slots()
    if not isinstance(shown, dict):
        raise Misbehaved(
            f"slots() must return a dict of lists under m, v and v_max, got {type(shown).__name__}"
        )
    slots: dict[str, list[Array | None]] = {}
    for name, entries in shown.items():
        arrays = [None if entry is None else np.array(entry) for entry in entries]
        if name not in ("m", "v", "v_max"):
            raise Misbehaved(f"slots must be named m, v or v_max, got {name!r}")
        if len(arrays) != len(inputs.params):
            raise Misbehaved(
                f"slots[{name!r}] must have {len(inputs.params)} entries, one a parameter, got {len(arrays)}"
            )
        for at, (array, param) in enumerate(zip(arrays, inputs.params, strict=True)):
            if array is not None and array.shape != param.shape:
                raise Misbehaved(
                    f"slots[{name!r}][{at}] must have shape {param.shape}, got {array.shape}"
                )
            if array is not None and array.dtype.kind != "f":
                raise Misbehaved(f"slots[{name!r}][{at}] must hold floats, got {array.dtype}")
        slots[name] = arrays
    return slots
