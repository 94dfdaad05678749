"""Answers in JSON: what a program says of itself, and its reply to a run."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...vectors.words import Array
from .json_lines import Message
from .question import (
    PROTOCOL,
    SLOTS,
    ReplyKind,
    RunQuestion,
    RunReply,
    Started,
    StepReply,
    WrongAnswer,
    param_array,
    slot_array,
)
from .repeats import write_words

# Fields of the first answer that are attributes of the function of a Python subject.
DECLARATIONS = (
    "convention",
    "device",
    "accuracy",
    "roundings",
    "arithmetic",
    "storage",
    "refuses",
    "serves",
    "notes",
    "is_guess",
)
# Fields of a run that only a program with Python's objects can follow.
EXTRAS = (
    *("relation", "form", "refuses", "watch", "fixed", "storage", "features", "about_storage"),
    "may_repeat",
)


def read_started(message: Message) -> Started:
    """Return what a program says of itself."""
    declared = {name: message[name] for name in DECLARATIONS if name in message}
    return Started(
        name=message.get("name", ""),
        version=message.get("version", ""),
        dtypes=message.get("dtypes", ()),
        supports=message.get("supports", ()),
        declared=declared,
        understands=frozenset(message.get("understands", ())),
        arguments=message.get("arguments"),
    )


def write_started(started: Started) -> Message:
    """Return the first answer of a program."""
    return {
        "type": "started",
        "protocol": PROTOCOL,
        "name": started.name,
        "version": started.version,
        "dtypes": list(started.dtypes),
        "supports": list(started.supports),
        **started.declared,
        "understands": sorted(started.understands),
        "arguments": started.arguments,
    }


def write_reply(reply: RunReply, seq: int, may_repeat: bool = False) -> Message:
    """Return the answer to a run; ``may_repeat`` is a field of the run."""
    message: Message = {"type": reply.kind, "seq": seq}
    for name in ("reason", "place", "feature", "detail"):
        if text := getattr(reply, name):
            message[name] = text
    message["steps"] = [_write_step(step, may_repeat) for step in reply.steps]
    return message


def _write_step(step: StepReply, may_repeat: bool) -> Message:
    if step.raised is not None:
        reason, place = step.raised
        return {"raised": reason, "place": place}
    if step.params is None:
        return {}
    message: Message = {"params": [write_words(param, may_repeat) for param in step.params]}
    for name, arrays in step.slots.items():
        message[name] = [_write_slot(array, may_repeat) for array in arrays]
    return message


def _write_slot(array: Array | None, may_repeat: bool) -> Any:
    if array is None:
        return None
    if array.dtype.name not in ("float16", "bfloat16", "float32"):
        array = array.astype(np.float64)
    # Four digits alone do not tell which format it is.
    words = write_words(array, may_repeat)
    if isinstance(words, str):
        words = {"words": words}
    return {"dtype": array.dtype.name, **words}


def read_reply(message: Message, question: RunQuestion) -> RunReply:
    """Return an answer, with arrays of the shapes that were asked for.

    Raises:
        WrongAnswer: an array has more or fewer words, or words of other digits.
    """
    steps = []
    for call, step in enumerate(message.get("steps", ()), 1):
        raised = None
        if "raised" in step:
            raised = (step["raised"], step.get("place", ""))
        arrays = None
        slots = {}
        if "params" in step and call in question.after:
            params = question.params_at(call)
            arrays = _entries(step["params"], params, f"params of step {call}", param_array)
            for name in SLOTS:
                if name in step:
                    slots[name] = _entries(step[name], params, f"{name} of step {call}", slot_array)
        steps.append(StepReply(arrays, slots, raised))
    return RunReply(
        ReplyKind(message["type"]),
        steps,
        message.get("reason", ""),
        message.get("place", ""),
        message.get("feature", ""),
        message.get("detail", ""),
    )


def _entries(
    listed: list[Any], params: Sequence[Array], where: str, read: Callable[[Any, Array, str], Any]
) -> list[Any]:
    if len(listed) != len(params):
        raise WrongAnswer(
            f"{where} must have {len(params)} entries, one for each parameter, got {len(listed)}"
        )
    pairs = zip(listed, params, strict=True)
    return [read(entry, param, f"{where}[{place}]") for place, (entry, param) in enumerate(pairs)]
