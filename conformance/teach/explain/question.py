"""Questions: what is to be explained, a vector with a convention, an arithmetic and a storage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...judge.selection import UsageError, check_numbers, choose_convention
from ...truth.reference import Arithmetic, Convention
from ...vectors.inputs import Call, Inputs
from ...vectors.spec import VectorSpec
from ...vectors.storage import USUAL, WIDE, DeclaredStorage
from ...vectors.suite import ListedConvention, Suite
from ...vectors.switches import HYPERPARAMETERS
from ...vectors.vector import Vector
from ...vectors.words import Array

# What stands between the numbers of two parameters.
_BAR = "|"
# The name of what is asked with --config.
OWN_INPUTS = "your inputs"
_NUMBERS = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}


@dataclass(frozen=True, eq=False)
class StepQuestion:
    """A vector under one convention.

    Attributes:
        vector: the inputs.
        convention: with the axes that it names.
        arithmetic: of the step.
        storage: the text by which halves are kept; None is the usual one for the dtype.
    """

    vector: Vector
    convention: Convention
    arithmetic: Arithmetic
    storage: str | None

    @property
    def name(self) -> str:
        """What is explained."""
        return self.vector.id

    def storage_of(self, param: Array) -> DeclaredStorage | None:
        """Return how a parameter is kept; None where a step has its dtype."""
        if param.dtype.name in ("float32", "float64"):
            return None
        # Without a storage float16 is computed in float16, as NumPy does it.
        if self.storage is None and param.dtype.name == "float16":
            return None
        storage = DeclaredStorage.parse(self.storage or USUAL)
        return None if storage.operations == "T" else storage

    def wide_of(self, param: Array) -> str:
        """Return the dtype in which a parameter takes its steps."""
        return param.dtype.name if self.storage_of(param) is None else WIDE


def question_of(
    suite: Suite,
    vector: Vector,
    convention: str | None,
    arithmetic: str | None,
    storage: Mapping[str, str] | None,
) -> StepQuestion:
    """Return the question about a vector.

    Args:
        suite: whose conventions are known.
        vector: to explain.
        convention: a name, and changes after commas; None is the first that the vector asks.
        arithmetic: a code; None is the usual one of the convention.
        storage: dtype -> text.

    Raises:
        UsageError: a name or a code is unknown.
    """
    listed = choose_convention(
        suite,
        convention or _usual(suite, vector),
        None,
        "",
    )
    try:
        own = Convention(**listed.axes).with_name(listed.name)  # type: ignore[arg-type]
        code = Arithmetic.parse(arithmetic or listed.arithmetics[0])
    except ValueError as error:
        raise UsageError(str(error)) from None
    return StepQuestion(
        vector,
        own,
        code,
        (storage or {}).get(vector.dtype),
    )


def _usual(suite: Suite, vector: Vector) -> str:
    """Return the first convention that a vector has answers for; paper, if it has none."""
    if vector.inputs.is_complex:
        # The reference has no complex numbers, but their parts.
        return "torch"
    asked = (name for name, listed in suite.conventions.items() if _asks(vector, listed))
    return next(asked, "paper")


def _asks(vector: Vector, listed: ListedConvention) -> bool:
    return vector.asks(listed.axes)


def own_vector(
    config: Mapping[str, float],
    grads: str,
    params: str | None,
    dtype: str,
    on: Sequence[str] = (),
) -> Vector:
    """Return the vector that is typed.

    Args:
        config: hyperparameters; the others are those of the paper.
        grads: numbers, with a `;` between calls, and in a call a `|` between parameters.
        params: numbers, with a `|` between parameters; None is ones.
        dtype: of all arrays.
        on: switches that are turned on, as amsgrad.

    Raises:
        UsageError: something is no number, or the calls have different lengths.
    """
    # First the numbers, then the calls, which must all have the sizes of the parameters.
    check_numbers(config)
    calls = [_grads(text, dtype) for text in grads.split(";")]
    if params is None:
        arrays = [np.ones(size, dtype) for size in _sizes(calls)]
    else:
        arrays = [_array(text, "--params", dtype) for text in params.split(_BAR)]
    for number, call in enumerate(calls, 1):
        # A call of None alone has no gradient at all.
        if len(call) == 1 and call[0] is None:
            call.extend(None for _ in arrays[1:])
        _check_call(number, call, arrays)
    numbers = {name: config.get(name, _NUMBERS[name]) for name in HYPERPARAMETERS}
    switches: dict[str, Any] = dict.fromkeys(on, True)
    if config.get("weight_decay"):
        switches["weight_decay"] = config["weight_decay"]
    inputs = Inputs(
        numbers=numbers,
        switches=switches,
        params=arrays,
        calls=[Call([*call], None) for call in calls],
    )
    return Vector(VectorSpec(id=OWN_INPUTS, inputs=inputs, why="What was typed."))


def _grads(text: str, dtype: str) -> list[Array | None]:
    """Return the gradients of a call, one for each parameter."""
    return [_grad(part, dtype) for part in text.split(_BAR)]


def _sizes(calls: Sequence[Sequence[Array | None]]) -> list[int]:
    """Return the sizes of the parameters, from the first gradient of each."""
    sizes: list[int] = []
    for number in range(max(map(len, calls))):
        grads = [call[number] for call in calls if number < len(call)]
        sizes.append(next((grad.size for grad in grads if grad is not None), 1))
    return sizes


def _check_call(
    number: int,
    call: Sequence[Array | None],
    params: Sequence[Array],
) -> None:
    if len(call) != len(params):
        raise UsageError(
            f"--grads must have {len(params)} gradients in each call, one for each parameter, "
            f"got {len(call)} in call {number}; a {_BAR} stands between parameters, a ; ends a call"
        )
    for place, (grad, param) in enumerate(zip(call, params, strict=True)):
        if grad is not None and grad.size != param.size:
            raise UsageError(
                f"--grads must have {param.size} numbers for params[{place}] in each call, "
                f"got {grad.size} in call {number}; a {_BAR} stands between parameters, "
                "a ; ends a call"
            )


def _grad(text: str, dtype: str) -> Array | None:
    return None if text.strip().lower() == "none" else _array(text, "--grads", dtype)


def _array(
    text: str,
    option: str,
    dtype: str,
) -> Array:
    words = text.replace(",", " ").split()
    if not words:
        raise UsageError(f"{option} must have a number in each call, got {text!r}")
    try:
        numbers = [float(word) for word in words]
    except ValueError:
        raise UsageError(
            f"{option} must be numbers with a blank between them, got {text.strip()!r}"
        ) from None
    return np.array(numbers, dtype)
