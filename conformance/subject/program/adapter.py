"""Adapter test: whether a program hands over numbers, before its optimizer is judged.

Two runs tell a slip of the adapter, such as another byte order, from a mistake of the optimizer.
With zero gradients no Adam moves a parameter, so that every word must come back. With one gradient
that is not zero only its element moves, by about the learning rate.
"""

from collections.abc import Sequence

import numpy as np

from ...vectors.inputs import Call, Inputs
from ...vectors.words import Array, encode
from .question import ProgramError, ReplyKind, RunQuestion, RunReply, WrongAnswer
from .respondent import Respondent

_SHAPES = ((2, 3), (), (4,))
# Right Adams move the element by a quarter to the whole of it, with and without corrections.
_RATE = 0.5
_NUMBERS = {"learning_rate": _RATE, "beta1": 0.5, "beta2": 0.75, "epsilon": 2.0**-10}
# A wrong optimizer is not the adapter's mistake, so that only much more or less is.
_FACTOR = 64
_GRADIENT = -2.0
# The dtypes in which a program is tried that says nothing else.
_USUAL = ("float32", "float64")


class AdapterError(ProgramError):
    """The adapter of a program hands over other numbers; the message says which."""


def adapter_questions(respondent: Respondent) -> list[tuple[RunQuestion, RunQuestion]]:
    """Return the pairs of runs that test an adapter, one for each dtype."""
    dtypes = [dtype for dtype in _USUAL if dtype in (respondent.started.dtypes or _USUAL)]
    return [(_question(dtype, 0.0), _question(dtype, _GRADIENT)) for dtype in dtypes]


def _question(dtype: str, gradient: float) -> RunQuestion:
    params = []
    grads = []
    first = 0
    for shape in _SHAPES:
        size = int(np.prod(shape))
        # No two numbers are alike, and none reads the same from the other end.
        numbers = [(-1) ** place * (1 + place / 4) for place in range(first, first + size)]
        first += size
        params.append(np.array(numbers, dtype).reshape(shape))
        grads.append(_gradient(shape, dtype, gradient))
    return RunQuestion(Inputs(dict(_NUMBERS), {}, params, [Call([*grads], None)]), [1])


def _gradient(shape: tuple[int, ...], dtype: str, value: float) -> Array:
    grad = np.zeros(shape, dtype)
    # Not the first and not the last element, where there are so many.
    grad.reshape(-1)[min(1, grad.size - 1)] = value
    return grad


def test_adapter(respondent: Respondent) -> None:
    """Raise AdapterError if a program does not hand over the numbers that it is given.

    A Python subject that is served has an adapter of ours, and is not tried.
    """
    if respondent.has_objects:
        return
    for still, moved in adapter_questions(respondent):
        _require_words(still, _ask(respondent, still))
        _require_move(moved, _ask(respondent, moved))


def _ask(respondent: Respondent, question: RunQuestion) -> RunReply:
    """Return the answer to a run; one that was skipped has no steps."""
    try:
        reply = respondent.ask(question)
    except (ProgramError, WrongAnswer) as error:
        raise AdapterError(f"adapter: {error}") from None
    if reply.kind is ReplyKind.ERRORED:
        raise AdapterError(f"adapter: a plain run failed: {reply.reason}")
    if reply.kind is ReplyKind.RAN and (not reply.steps or reply.steps[0].params is None):
        raise AdapterError("adapter: a run must have params after step 1, got none")
    return reply


def _params_of(reply: RunReply) -> Sequence[Array]:
    return reply.steps[0].params or [] if reply.steps else []


def _require_words(question: RunQuestion, reply: RunReply) -> None:
    for number, (sent, got) in enumerate(
        zip(question.inputs.params, _params_of(reply), strict=False)
    ):
        if sent.tobytes() == got.tobytes():
            continue
        raise AdapterError(
            f"adapter: with zero gradients parameter {number} must come back as it was sent, "
            f"{encode(sent)}, got {encode(got)}{_hint(sent, got)}"
        )


def _hint(sent: Array, got: Array) -> str:
    """Return what may have happened to the numbers."""
    if sent.byteswap().tobytes() == got.tobytes():
        return "; the bytes of each word are in the other order"
    if sorted(sent.ravel().tolist()) == sorted(got.ravel().tolist()):
        return "; the elements are in another order, and C order is asked for"
    return ""


def _require_move(question: RunQuestion, reply: RunReply) -> None:
    grads = question.inputs.calls[0].grads
    params = question.inputs.params
    for number, (grad, sent, got) in enumerate(zip(grads, params, _params_of(reply), strict=False)):
        assert isinstance(grad, np.ndarray)
        moved = np.abs(got.astype(np.float64) - sent.astype(np.float64))
        if (moved[grad == 0] != 0).any():
            raise AdapterError(
                f"adapter: only the element of parameter {number} that has a gradient may move, "
                "but others do: gradients must be read in C order, one parameter after another"
            )
        (distance,) = moved[grad != 0]
        if not _RATE / _FACTOR <= distance <= _RATE * _FACTOR:
            raise AdapterError(
                f"adapter: with gradient {_GRADIENT} and learning rate {_RATE} an element must "
                f"move by about {_RATE}, but moved by {distance:.3g}: gradients have the digits of "
                "the parameter, and hyperparameters are float64"
            )
