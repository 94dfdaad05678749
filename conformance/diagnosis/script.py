"""A failure as a Python script of a few lines."""

from typing import Any

from ..subject.loading import origin
from ..subject.subject import Subject
from ..trial.comparison import Comparison, Discrepancy
from ..trial.outcomes import Detail, Failure, Permitted
from ..vectors.inputs import Call, Inputs
from ..vectors.slices import Grad, IndexedSlices


def script(subject: Subject, inputs: Inputs, one: Comparison) -> str:
    """Python that shows a failure: it ends in an assertion that does not hold, or where the subject raises."""
    lines = ["import numpy as np"]
    if any(isinstance(grad, IndexedSlices) for call in inputs.calls for grad in call.grads):
        lines.append("from conformance import IndexedSlices")
    module, name = origin(subject)
    lines += (
        [f"from {module} import {name.partition('.')[0]}", ""]
        if module
        else ["# make is the subject", ""]
    )
    words = [_list(_array(param) for param in inputs.params), *map(repr, inputs.numbers.values())]
    words += [f"{switch}={value!r}" for switch, value in inputs.switches.items()]
    lines.append(f"adam = {name}({', '.join(words)})")
    if inputs.load is not None:
        slots = ", ".join(f"{k!r}: {_list(map(_array, v))}" for k, v in inputs.load[0].items())
        lines.append(f"adam.load({words[0]}, {{{slots}}}, {inputs.load[1]})")
    lines.append('step = getattr(adam, "step", adam)')
    last = one.discrepancy.step if one.discrepancy else len(inputs.calls)
    lines += [f"params = step({_call(call)})" for call in inputs.calls[:last]]
    return "\n".join([*lines, *_due(one)]) + "\n"


def _due(one: Comparison) -> list[str]:
    if one.discrepancy is None:
        # What a subject says is shown in letters that harm no terminal and no file.
        what = str(one.cause._replace(place=""))
        why = ascii(" ".join(what.split())[:200])[1:-1]
        # What the subject raises ends the script by itself.
        returned = one.failure is Failure.CONTRACT or one.cause.detail is Detail.RETURNED
        return [f"raise AssertionError({why!r})" if returned else f"# {why}"]
    d = one.discrepancy
    arrays = "params" if d.quantity == "params" else f'adam.slots()["{d.quantity}"]'
    got = f"got = np.asarray({arrays}[{d.param}])[{', '.join(map(str, d.element)) or '()'}]"
    return [got, f"assert {_condition(d)}, got"]


def _condition(d: Discrepancy) -> str:
    if d.permitted is Permitted.NAN:
        return "np.isnan(got)"
    return (
        "not np.isfinite(got)"
        if d.permitted is Permitted.NONFINITE
        else f"{d.lo!r} <= got <= {d.hi!r}"
    )


def _call(call: Call) -> str:
    grads = _list("None" if grad is None else _grad(grad) for grad in call.grads)
    return grads if call.learning_rate is None else f"{grads}, learning_rate={call.learning_rate!r}"


def _grad(grad: Grad) -> str:
    if not isinstance(grad, IndexedSlices):
        return _array(grad)
    indices = f"np.array({grad.indices.tolist()}, 'int64')"
    return f"IndexedSlices({_array(grad.values)}, {indices}, {grad.dense_shape})"


def _array(array: Any) -> str:
    numbers = repr(array.tolist()).replace("nan", "np.nan").replace("inf", "np.inf")
    empty = "" if array.size else f".reshape({array.shape})"
    return f"np.array({numbers}, {array.dtype.name!r}){empty}"


def _list(parts: Any) -> str:
    return f"[{', '.join(parts)}]"
