"""Words form: messages as lines of plain words, which C reads with `scanf`. See README.md.

Only the judge's side is here: it writes runs, and reads what a program says.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ...vectors.inputs import Call
from ...vectors.slices import Grad, IndexedSlices
from ...vectors.switches import GROUPS
from ...vectors.words import Array, encode
from .question import (
    PROTOCOL,
    SLOTS,
    ProgramError,
    ReplyKind,
    RunQuestion,
    RunReply,
    Started,
    StepReply,
    WrongAnswer,
    in_short,
    param_array,
    slot_array,
    split_words,
)

STOP = "stop\n"
# First word of a program that has chosen this form.
STARTED = "started"
_END = "end"
# First word of an answer that is one line.
_SHORT = (ReplyKind.SKIPPED, ReplyKind.ERRORED)
# Of a whole number, as 2^53 has them.
_MOST_DIGITS = 16
# Fields of the first answer that are one word, and that are many.
_ONE = ("convention", "arithmetic", "device")
_NUMBERS = ("accuracy", "roundings")


def is_count(text: str) -> bool:
    """Return whether a text is a whole number that is not absurdly long."""
    return text.isdecimal() and len(text) <= _MOST_DIGITS


def is_last(line: str) -> bool:
    """Return whether a line ends an answer."""
    return line.split(maxsplit=1)[:1] in ([_END], *([word] for word in _SHORT))


# Runs.


def write_run(question: RunQuestion, seq: int) -> str:
    """Return the lines that ask for a run."""
    return "".join(f"{line}\n" for line in _run_lines(question, seq))


def _run_lines(question: RunQuestion, seq: int) -> Iterator[str]:
    inputs = question.inputs
    dtypes = question.dtypes
    yield f"run {seq}"
    yield f"dtype {dtypes[0]}"
    if len(set(dtypes)) > 1:
        yield f"dtypes {' '.join(dtypes)}"
    if inputs.form is not None:
        yield f"form {inputs.form}"
    for name, value in {**inputs.numbers, **inputs.switches}.items():
        if name != GROUPS:
            yield f"{name} {_setting(value)}"
    for group in inputs.switches.get(GROUPS, ()):
        yield f"group {_group(group)}"
    for param in inputs.params:
        yield f"param {_with_count(param.shape)} {encode(param)}"
    if inputs.load is not None:
        slots, counts = inputs.load
        yield f"load_t {' '.join(map(str, counts))}"
        for name, arrays in slots.items():
            yield f"load_{name} {' '.join(map(encode, arrays))}"
    for number, call in enumerate(inputs.calls, 1):
        yield f"step {int(number in question.after)}"
        yield from _call_lines(call)
    yield _END


def _setting(value: Any) -> str:
    # A flag that is on is 1, and a count is itself.
    return str(int(value)) if isinstance(value, int) else _number(value)


def _number(value: float) -> str:
    return encode(np.array(value, np.float64))


def _with_count(numbers: Sequence[int]) -> str:
    """Return how many numbers there are, and the numbers."""
    return " ".join(map(str, [len(numbers), *numbers]))


def _group(group: dict[str, Any]) -> str:
    numbers = [f"{name} {_number(group[name])}" for name in group if name != "params"]
    return " ".join([_with_count(group["params"]), str(len(numbers)), *numbers])


def _call_lines(call: Call) -> Iterator[str]:
    if call.learning_rate is not None:
        yield f"rate {_number(call.learning_rate)}"
    if call.scale is not None:
        yield f"scale {_number(call.scale)}"
    for grad in call.grads:
        yield f"grad {_gradient(grad)}"


def _gradient(grad: Grad | None) -> str:
    if grad is None:
        return "none"
    if isinstance(grad, IndexedSlices):
        return f"sparse {_with_count(grad.indices.tolist())} {encode(grad.values)}"
    return f"dense {encode(grad)}"


# What a program says.


def read_started(lines: Sequence[str]) -> Started:
    """Return what a program says of itself.

    Raises:
        ProgramError: its lines have another form.
    """
    first, *rest = (line.split() for line in lines)
    if first[:2] != [STARTED, str(PROTOCOL)]:
        raise _wrong(lines[0], f"the first line must be: {STARTED} {PROTOCOL} NAME VERSION")
    name, version = [*first[2:], "", ""][:2]
    lists: dict[str, list[str]] = {"dtypes": [], "supports": []}
    declared: dict[str, Any] = {}
    for words in rest[:-1]:
        key, *values = words or [""]
        if key in lists:
            lists[key] = values
        elif key in _ONE:
            declared[key] = " ".join(values)
        elif key in _NUMBERS:
            declared[key] = _read_numbers(key, values)
        elif key == "storage":
            declared.setdefault(key, {})[" ".join(values[:1])] = ",".join(values[1:])
    return Started(name, version, lists["dtypes"], lists["supports"], declared)


def _read_numbers(key: str, values: Sequence[str]) -> dict[str, float]:
    try:
        return {name: float(number) for name, number in zip(values[::2], values[1::2], strict=True)}
    except ValueError:
        text = " ".join([key, *values])
        raise _wrong(text, f"{key} must be followed by names and numbers") from None


def read_reply(lines: Sequence[str], question: RunQuestion) -> tuple[int, RunReply]:
    """Return the number of the run that is answered, and the answer.

    Raises:
        ProgramError: its lines have another form.
        WrongAnswer: a line has more or fewer words than there are numbers, or of other digits.
    """
    outcome, seq, reason = _outcome(lines[0])
    if len(lines) > 1 and lines[-1].split()[0] in _SHORT:
        # It was seen in the middle of the answer.
        outcome, seq, reason = _outcome(lines[-1])
    if len(lines) == 1:
        return seq, RunReply(outcome, reason=reason)
    steps = [StepReply() for _ in question.inputs.calls]
    wanted = iter(_calls_with_params(lines[1:-1], question))
    # Before the first `params` there is no step.
    call = 0
    for line in lines[1:-1]:
        key, *words = line.split() or [""]
        if key == "params":
            call = next(wanted, 0)
            if not call:
                raise _wrong(line, f"there must be {len(question.after)} lines `params`, got more")
            steps[call - 1] = StepReply(_params(words, question, call))
        elif key in SLOTS and call:
            shown = _slots(words, question, f"{key} of step {call}")
            step = steps[call - 1]
            steps[call - 1] = step._replace(slots={**step.slots, key: shown})
        elif key == "raised":
            number, why = _read_raised(line, len(steps))
            steps[number - 1] = StepReply(raised=(why, ""))
    return seq, RunReply(outcome, steps, reason)


def _outcome(line: str) -> tuple[ReplyKind, int, str]:
    outcome, seq, reason = [*line.split(maxsplit=2), "", "", ""][:3]
    if outcome not in (ReplyKind.RAN, *_SHORT) or not is_count(seq):
        raise _wrong(line, "an answer must begin with: ran SEQ, skipped SEQ or errored SEQ")
    return ReplyKind(outcome), int(seq), reason


def _calls_with_params(lines: Sequence[str], question: RunQuestion) -> list[int]:
    """Return the calls that have a line `params`, in their order."""
    calls = len(question.inputs.calls)
    raised = {_read_raised(line, calls)[0] for line in lines if line.split()[:1] == ["raised"]}
    return [call for call in question.after if call not in raised]


def _read_raised(line: str, calls: int) -> tuple[int, str]:
    _, number, why = [*line.split(maxsplit=2), "", ""][:3]
    if not is_count(number) or not 1 <= int(number) <= calls:
        raise _wrong(line, f"raised must be followed by a call from 1 to {calls}, and the reason")
    return int(number), why


def _params(words: Sequence[str], question: RunQuestion, call: int) -> list[Array]:
    where = f"params of step {call}"
    params = question.inputs.params
    parts = _split(words, params, where)
    return [param_array(part, param, where) for part, param in zip(parts, params, strict=True)]


def _slots(words: Sequence[str], question: RunQuestion, where: str) -> list[Array | None]:
    params = question.inputs.params
    parts = _split(words, params, where)
    return [slot_array(part, param, where) for part, param in zip(parts, params, strict=True)]


def _split(words: Sequence[str], params: Sequence[Array], where: str) -> list[str]:
    try:
        return split_words(words, params)
    except WrongAnswer as error:
        raise WrongAnswer(f"{where}: {error}") from None


def _wrong(line: str, rule: str) -> ProgramError:
    return ProgramError(f"{rule}; got {in_short(line)}")
