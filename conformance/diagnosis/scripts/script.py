"""Scripts: a failure as a few lines of Python that anybody can run.

For example, a subject that forgets the bias correction is shown by a script that makes it, takes
one step with the gradient 1, and asserts the interval in which the parameter must lie.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from ...subject.loading import origin
from ...subject.program.respondent import Respondent
from ...subject.subject import Subject
from ...trial.comparison import Comparison, Discrepancy
from ...trial.outcomes import Detail, Failure, Permitted
from ...vectors.inputs import Call, Inputs, grad_in_form, model_in_form, other_inputs
from ...vectors.slices import Grad, IndexedSlices
from ...vectors.spec import Relation
from .program_script import program_script

# A message longer than this is cut, because the script is to be read.
_LONGEST_REASON = 200
# Of a run without other objects.
_PLAIN = Relation("plain")


def script(
    subject: Subject, inputs: Inputs, comparison: Comparison, relation: Relation | None = None
) -> str:
    """Return Python that shows a failure; with a lifetime, in the run that has other objects.

    It ends in an assertion that does not hold, or where the subject raises.
    """
    make = subject.make
    if isinstance(make, Respondent) and not make.has_objects:
        return program_script(subject, inputs, comparison)
    lines = ["import numpy as np"]
    if _has_slices(inputs):
        lines.append("from conformance import IndexedSlices")
    module, name = origin(subject)
    if subject.written:
        name = "make"
        lines += ["from conformance.subject.loading import load", ""]
        lines.append(f"make = load({subject.written!r}).make")
    elif module:
        lines.append(f"from {module} import {name.partition('.')[0]}")
    else:
        lines.append("# make is the subject")
    lines.append("")
    last = len(inputs.calls)
    if comparison.discrepancy is not None:
        last = comparison.discrepancy.step
    lines += _Lifetime(name, inputs, relation or _PLAIN).lines(last)
    lines += _end(comparison, inputs.is_complex)
    return "\n".join(lines) + "\n"


class _Lifetime:
    """The lines that make objects and their calls, in the order of `trial.objects`."""

    def __init__(self, name: str, inputs: Inputs, relation: Relation) -> None:
        self.name = name
        self.inputs = _as_given(inputs)
        self.relation = relation
        self.other = _as_given(other_inputs(inputs, relation.other))

    def lines(self, last: int) -> Iterator[str]:
        """Yield the lines up to call ``last``."""
        if self.relation.kind == "again":
            yield from self._make("other", self.other)
            yield from self._use("other")
            yield "del other, other_step"
        if self.relation.kind == "beside":
            yield from self._make("before", self.other)
        yield from self._make("adam", self.inputs)
        if self.inputs.load is not None:
            yield _load(self.inputs)
        if self.relation.kind == "beside":
            yield from self._make("after", self.other)
        for number, call in enumerate(self.inputs.calls[:last], 1):
            if self.relation.kind == "beside":
                other_call = _call(self.other.calls[number - 1])
                yield f"before_step({other_call})"
                yield f"after_step({other_call})"
            step = f"params = adam_step({_call(call)})"
            if number < last and any(grad is None for grad in call.grads):
                # What fails comes later.
                yield "try:"
                yield f"    {step}"
                yield "except Exception:"
                yield "    pass  # in some conventions such a call must raise"
            else:
                yield step
            if number == self.relation.also_after:
                yield "saved_first = adam.save()"
            if number == self.relation.after:
                yield from self._restore()

    def _restore(self) -> Iterator[str]:
        yield "saved = adam.save()"
        yield "# The saved state must not change with it."
        for call in self.inputs.calls[::-1]:
            yield f"adam_step({_call(call)})"
        yield from self._make("adam", self.other)
        first = "saved"
        if self.relation.also_after is not None:
            first = "saved_first"
        yield f"adam.restore({first})"
        if self.relation.used:
            yield from self._use("adam")
        if self.relation.used or self.relation.also_after is not None:
            yield "adam.restore(saved)"

    def _make(self, variable: str, inputs: Inputs) -> Iterator[str]:
        yield f"{variable} = {self.name}({', '.join(_arguments(inputs))})"
        # A subject may be a function instead of an object with a step.
        yield f'{variable}_step = getattr({variable}, "step", {variable})'

    def _use(self, variable: str) -> Iterator[str]:
        for call in self.other.calls:
            yield f"{variable}_step({_call(call)})"


def _as_given(inputs: Inputs) -> Inputs:
    """Return the inputs with parameters and gradients as a subject is given them."""
    params = [model_in_form(param, inputs.form) for param in inputs.params]
    calls = []
    for call in inputs.calls:
        grads = [grad_in_form(grad, inputs.form) for grad in call.grads]
        calls.append(call._replace(grads=grads))
    return inputs._replace(params=params, calls=calls)


def _has_slices(inputs: Inputs) -> bool:
    grads = [grad for call in inputs.calls for grad in call.grads]
    return any(isinstance(grad, IndexedSlices) for grad in grads)


def _arguments(inputs: Inputs) -> list[str]:
    numbers = [repr(number) for number in inputs.numbers.values()]
    switches = [f"{switch}={value!r}" for switch, value in inputs.switches.items()]
    return [_arrays(inputs.params), *numbers, *switches]


def _load(inputs: Inputs) -> str:
    assert inputs.load is not None
    slots, t = inputs.load
    written = ", ".join(f"{name!r}: {_arrays(arrays)}" for name, arrays in slots.items())
    return f"adam.load({_arrays(inputs.params)}, {{{written}}}, {t})"


def _end(comparison: Comparison, is_complex: bool) -> list[str]:
    """Return the lines that show what is wrong."""
    discrepancy = comparison.discrepancy
    if discrepancy is None:
        return [_reason(comparison)]
    arrays = "params"
    if discrepancy.quantity != "params":
        arrays = f'adam.slots()["{discrepancy.quantity}"]'
    place = discrepancy.element
    part = ""
    if is_complex:
        # The last index is the part of the complex number.
        part = (".real", ".imag")[place[-1]]
        place = place[:-1]
    # The index of a scalar is the empty tuple.
    element = ", ".join(map(str, place)) or "()"
    return [
        f"got = np.asarray({arrays}[{discrepancy.param}])[{element}]{part}",
        f"assert {_condition(discrepancy)}, got",
    ]


def _reason(comparison: Comparison) -> str:
    text = " ".join(str(comparison.cause._replace(place="")).split())
    # The text may come from the subject: ASCII letters harm no terminal and no file.
    text = ascii(text[:_LONGEST_REASON])[1:-1]
    returned = comparison.cause.detail is Detail.RETURNED
    if returned or comparison.failure is Failure.CONTRACT:
        return f"raise AssertionError({text!r})"
    # The exception of the subject ends the script by itself.
    return f"# {text}"


def _condition(discrepancy: Discrepancy) -> str:
    if discrepancy.permitted is Permitted.NAN:
        return "np.isnan(got)"
    if discrepancy.permitted is Permitted.NONFINITE:
        return "not np.isfinite(got)"
    return f"{discrepancy.lo!r} <= got <= {discrepancy.hi!r}"


def _call(call: Call) -> str:
    text = _list(_grad(grad) for grad in call.grads)
    if call.learning_rate is not None:
        text += f", learning_rate={call.learning_rate!r}"
    if call.scale is not None:
        text += f", scale={call.scale!r}"
    return text


def _grad(grad: Grad | None) -> str:
    if grad is None:
        return "None"
    if not isinstance(grad, IndexedSlices):
        return _array(grad)
    indices = f"np.array({grad.indices.tolist()}, 'int64')"
    return f"IndexedSlices({_array(grad.values)}, {indices}, {grad.dense_shape})"


def _arrays(arrays: Iterable[Any]) -> str:
    return _list(_array(array) for array in arrays)


def _array(array: Any) -> str:
    numbers = repr(array.tolist()).replace("nan", "np.nan").replace("inf", "np.inf")
    text = f"np.array({numbers}, {array.dtype.name!r})"
    # A list cannot say how many columns an array without rows has.
    return text if array.size else f"{text}.reshape({array.shape})"


def _list(parts: Iterable[str]) -> str:
    return f"[{', '.join(parts)}]"
