"""Questions in JSON: a run as an object, written by the judge and read by `adamref serve`."""

from dataclasses import asdict
from typing import Any

import numpy as np

from ...vectors.inputs import Call, Inputs
from ...vectors.slices import Grad, decode_grad, encode_grad
from ...vectors.spec import Relation
from ...vectors.switches import ACCUMULATION, GROUPS, HYPERPARAMETERS
from ...vectors.words import Array, decode_number, encode
from .json_lines import Message
from .question import SLOTS, RunQuestion
from .repeats import read_words, write_words


def write_run(question: RunQuestion, seq: int) -> Message:
    """Return the message that asks for a run."""
    inputs = question.inputs
    dtypes = question.dtypes
    message: Message = {"type": "run", "seq": seq, "dtype": dtypes[0]}
    if len(set(dtypes)) > 1:
        message["dtypes"] = dtypes
    settings = {**inputs.numbers, **inputs.switches}
    message["config"] = {name: _write_setting(name, settings[name]) for name in settings}
    message["shapes"] = [list(shape) for shape in question.shapes]
    message["params"] = [write_words(param, question.may_repeat) for param in inputs.params]
    if inputs.load is not None:
        slots, counts = inputs.load
        message["load"] = {"t": list(map(int, counts))}
        for name, arrays in slots.items():
            message["load"][name] = [write_words(array, question.may_repeat) for array in arrays]
    message["steps"] = [_write_call(call, question.may_repeat) for call in inputs.calls]
    message["after"] = list(question.after)
    return message | _write_extras(question)


def _write_extras(question: RunQuestion) -> Message:
    """Return the fields for programs that understand them; usual values are left out."""
    extras: Message = {"form": question.inputs.form, "refuses": question.inputs.refuses}
    if question.relation is not None:
        fields = asdict(question.relation)
        extras["relation"] = {name: value for name, value in fields.items() if value}
    extras["watch"] = question.watch
    extras["fixed"] = list(question.fixed)
    extras["storage"] = dict(question.storage)
    extras["features"] = list(question.features)
    extras["about_storage"] = question.about_storage
    extras["may_repeat"] = question.may_repeat
    return {name: value for name, value in extras.items() if value}


def _write_setting(name: str, value: Any) -> Any:
    if isinstance(value, bool) or name in (ACCUMULATION, "params"):
        return value
    if name == GROUPS:
        return list(map(_write_group, value))
    return write_number(value)


def _write_group(group: Message) -> Message:
    return {name: _write_setting(name, group[name]) for name in group}


def write_number(value: float) -> str:
    """Return a hyperparameter as its binary64 word."""
    return encode(np.array(value, np.float64))


def _read_number(word: str) -> float:
    return decode_number({"word": word})


def _write_call(call: Call, may_repeat: bool) -> Message:
    message: Message = {"grads": [_write_grad(grad, may_repeat) for grad in call.grads]}
    if call.learning_rate is not None:
        message["learning_rate"] = write_number(call.learning_rate)
    if call.scale is not None:
        message["scale"] = write_number(call.scale)
    return message


def _write_grad(grad: Grad | None, may_repeat: bool) -> Any:
    if isinstance(grad, np.ndarray):
        return write_words(grad, may_repeat)
    return None if grad is None else encode_grad(grad)


def read_run(asked: Message) -> RunQuestion:
    """Return the run that a message asks for.

    Raises:
        ValueError: arrays do not fit the shapes.
    """
    shapes = asked["shapes"]
    dtypes = asked.get("dtypes") or [asked["dtype"] for _ in shapes]
    settings = {name: _read_setting(value) for name, value in asked["config"].items()}
    numbers = {name: settings.pop(name) for name in HYPERPARAMETERS}
    load = None
    if "load" in asked:
        kept = asked["load"]
        slots = {name: _arrays(kept[name], dtypes, shapes) for name in SLOTS if name in kept}
        load = (slots, list(kept["t"]))
    relation = None
    if "relation" in asked:
        fields = asked["relation"]
        relation = Relation(**{**fields, "other": tuple(fields.get("other", ()))})
    inputs = Inputs(
        numbers=numbers,
        switches=settings,
        params=_arrays(asked["params"], dtypes, shapes),
        calls=[_read_call(step, dtypes, shapes) for step in asked["steps"]],
        load=load,
        refuses=asked.get("refuses"),
        form=asked.get("form"),
    )
    return RunQuestion(
        inputs,
        asked["after"],
        relation,
        asked.get("watch"),
        asked.get("fixed", ()),
        asked.get("storage", {}),
        asked.get("features", ()),
        asked.get("about_storage", False),
        asked.get("may_repeat", False),
    )


def _arrays(words: list[Any], dtypes: list[str], shapes: list[list[int]]) -> list[Array]:
    triples = zip(words, dtypes, shapes, strict=True)
    return [read_words(text, dtype, shape) for text, dtype, shape in triples]


def _read_setting(value: Any) -> Any:
    if isinstance(value, list):
        return list(map(_read_group, value))
    return _read_number(value) if isinstance(value, str) else value


def _read_group(group: Message) -> Message:
    numbers = {name: _read_number(group[name]) for name in group if name != "params"}
    return {"params": list(group["params"]), **numbers}


def _read_call(step: Message, dtypes: list[str], shapes: list[list[int]]) -> Call:
    grads = []
    for grad, dtype, shape in zip(step["grads"], dtypes, shapes, strict=True):
        grads.append(_read_grad(grad, dtype, shape))
    rate = _read_number(step["learning_rate"]) if "learning_rate" in step else None
    scale = _read_number(step["scale"]) if "scale" in step else None
    return Call(grads, rate, scale)


def _read_grad(entry: Any, dtype: str, shape: list[int]) -> Grad | None:
    # Slices have a shape of their own.
    if entry is None or "values" in entry:
        return decode_grad(entry, dtype, shape)
    return read_words(entry, dtype, shape)
