"""Adapter test: whether a program hands over numbers, before its optimizer is judged.

Two runs show slips that no optimizer makes. With zero gradients the words come back, but the bytes
or the elements are in another order. With one gradient that is not zero, another element moves, or
none does in any parameter. Whatever else is wrong may be the optimizer's mistake, and is judged.
"""

from collections.abc import Sequence

import numpy as np

from ...vectors.inputs import Call, Inputs
from ...vectors.words import Array, encode
from .question import ProgramEnded, ProgramError, ReplyKind, RunQuestion, RunReply, WrongAnswer
from .respondent import Respondent

_SHAPES = ((2, 3), (), (4,))
# Right Adams move the element by a half of it to twice as much, with and without corrections.
_RATE = 0.5
_NUMBERS = {"learning_rate": _RATE, "beta1": 0.5, "beta2": 0.75, "epsilon": 2.0**-10}
# A wrong optimizer is not the adapter's mistake, so that only much less is.
_LEAST = _RATE / 64
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

    A Python subject that is served has an adapter of ours, and is not tried. A program that gives
    no answer is judged, and fails vector by vector.
    """
    if respondent.started.arguments is not None:
        return
    for still, moved in adapter_questions(respondent):
        try:
            _require_words(still, respondent.ask(still))
            _require_move(moved, respondent.ask(moved))
        except ProgramEnded:
            return
        except (ProgramError, WrongAnswer) as error:
            raise AdapterError(f"adapter: {error}") from None


def _params_after(reply: RunReply) -> Sequence[Array]:
    """Return the parameters after the step; none if the run was skipped or failed."""
    if reply.kind is not ReplyKind.RAN:
        return ()
    if not reply.steps or reply.steps[0].params is None:
        raise AdapterError("a run must have params after step 1, got none")
    return reply.steps[0].params


def _require_words(question: RunQuestion, reply: RunReply) -> None:
    for number, got in enumerate(_params_after(reply)):
        sent = question.inputs.params[number]
        if sent.tobytes() == got.tobytes() or not (slip := _slip(sent, got)):
            continue
        raise AdapterError(
            f"with zero gradients parameter {number} must come back as it was sent, "
            f"{encode(sent)}, got {encode(got)}: {slip}"
        )


def _slip(sent: Array, got: Array) -> str:
    """Return what has happened to the numbers on their way; empty if nothing known has."""
    if sent.byteswap().tobytes() == got.tobytes():
        return "the bytes of each word are in the other order"
    if sorted(sent.ravel().tolist()) == sorted(got.ravel().tolist()):
        return "the elements are in another order, and C order is asked for"
    return ""


def _require_move(question: RunQuestion, reply: RunReply) -> None:
    distances = []
    for number, got in enumerate(_params_after(reply)):
        grad = question.inputs.calls[0].grads[number]
        sent = question.inputs.params[number]
        assert isinstance(grad, np.ndarray)
        moved = np.abs(got.astype(np.float64) - sent.astype(np.float64))
        (distance,) = moved[grad != 0]
        distances.append(distance)
        if distance == 0 and np.count_nonzero(moved) == 1:
            raise AdapterError(
                f"the element of parameter {number} that has a gradient must move, but "
                "another one does: gradients are in C order, one parameter after another"
            )
    if distances and max(distances) < _LEAST:
        raise AdapterError(
            f"with gradient {_GRADIENT} and learning rate {_RATE} an element must move by "
            f"about {_RATE}, but none moves by {_LEAST}: gradients have the digits of the "
            "parameter, and hyperparameters are float64"
        )
