"""Scripts for programs: a failure as lines of the protocol, and as literals of C and JavaScript."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ...subject.program import json_questions, words_form
from ...subject.program.connect import COMMAND
from ...subject.program.json_lines import START, STOP, line_of
from ...subject.program.program import Program
from ...subject.program.question import RunQuestion
from ...subject.subject import Subject
from ...trial.comparison import Comparison
from ...trial.outcomes import Permitted
from ...vectors.inputs import Inputs
from ...vectors.slices import IndexedSlices
from ...vectors.words import Array, encode

_C_TYPES = {"float32": "float", "float64": "double"}
_JS_TYPES = {"float32": "Float32Array", "float64": "Float64Array"}


def program_script(subject: Subject, inputs: Inputs, comparison: Comparison) -> str:
    """Return a shell command that shows a failure of a program, and its numbers as literals."""
    last = len(inputs.calls)
    if comparison.discrepancy is not None:
        last = comparison.discrepancy.step
    question = RunQuestion(inputs._replace(calls=inputs.calls[:last]), [last])
    lines = [*_shell(subject, question), *_right_answer(comparison, inputs)]
    # Literals are for plain arrays, as most smallest inputs have them.
    grads = [grad for call in inputs.calls[:last] for grad in call.grads]
    has_literals = inputs.params[0].dtype.name in _C_TYPES
    if has_literals and not any(isinstance(grad, IndexedSlices) for grad in grads):
        lines += ["", "/* C */", *_literals(question.inputs, "static const double ", _c_array)]
        lines += ["", "// JavaScript", *_literals(question.inputs, "const ", _js_array)]
    return "\n".join(lines) + "\n"


def _shell(subject: Subject, question: RunQuestion) -> Iterator[str]:
    command = "PROGRAM"
    if subject.name.startswith(COMMAND):
        command = subject.name.removeprefix(COMMAND)
    run = line_of(json_questions.write_run(question, 1))
    stop = line_of(STOP)
    if isinstance(subject.make, Program) and subject.make.in_words:
        run = words_form.write_run(question, 1)
        stop = words_form.STOP
    yield f"{command} <<'END'"
    yield f"{line_of(START)}{run}{stop}END"


def _right_answer(comparison: Comparison, inputs: Inputs) -> Iterator[str]:
    """Yield what the answer must be, as comments of a shell."""
    discrepancy = comparison.discrepancy
    if discrepancy is None:
        yield f"# {comparison.reason}"
        return
    place = "".join(f"[{index}]" for index in discrepancy.element)
    where = f"{discrepancy.quantity} of parameter {discrepancy.param}{place}"
    if discrepancy.permitted is Permitted.INTERVAL:
        dtype = inputs.params[discrepancy.param].dtype
        words = [encode(np.array(value, dtype)) for value in (discrepancy.lo, discrepancy.hi)]
        rule = f"from {discrepancy.lo!r} to {discrepancy.hi!r}, words {words[0]} to {words[1]}"
    else:
        rule = str(discrepancy.permitted)
    yield f"# after step {discrepancy.step}, {where} must be {rule}; got {discrepancy.got!r}"


def _literals(inputs: Inputs, constant: str, array: Callable[[str, Any], str]) -> Iterator[str]:
    for name, value in inputs.numbers.items():
        yield f"{constant}{name} = {value!r};"
    for place, param in enumerate(inputs.params):
        yield array(f"param_{place}", param)
    slots, counts = inputs.load or ({}, [])
    for place, count in enumerate(counts):
        yield f"{constant}t_{place} = {count};"
    for name, arrays in slots.items():
        for place, moment in enumerate(arrays):
            yield array(f"{name}_{place}", moment)
    for step, call in enumerate(inputs.calls, 1):
        if call.learning_rate is not None:
            yield f"{constant}learning_rate_{step} = {call.learning_rate!r};"
        for place, grad in enumerate(call.grads):
            if grad is not None:
                yield array(f"grad_{step}_{place}", grad)


def _c_array(name: str, array: Array) -> str:
    kind = _C_TYPES[array.dtype.name]
    numbers = ", ".join(map(_c_number, array.ravel().tolist())) or "0"
    return f"static const {kind} {name}[] = {{{numbers}}};"


def _c_number(value: float) -> str:
    if np.isnan(value):
        return "NAN"
    if np.isinf(value):
        return "INFINITY" if value > 0 else "-INFINITY"
    # Hexadecimal digits lose no bit.
    return value.hex()


def _js_array(name: str, array: Array) -> str:
    numbers = ", ".join(map(_js_number, array.ravel().tolist()))
    return f"const {name} = {_JS_TYPES[array.dtype.name]}.of({numbers});"


def _js_number(value: float) -> str:
    if np.isnan(value):
        return "NaN"
    if np.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return repr(value)
