"""Inputs of a run: hyperparameters, parameters, and the gradients of each call."""

from collections.abc import Collection, Iterator, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .slices import Grad, IndexedSlices, values_of
from .switches import COMPLEX, GRAD_DTYPE, GROUPS, INT32_ROWS, LOSS_SCALE, READ_ONLY
from .words import Array

# Values of the settings that are on: numbers, flags, and counts.
Switches = dict[str, Any]
# What may be different about another object of the same class.
DIFFERENCES = ("numbers", "params", "shapes")
# Numbers of a complex number: real and imaginary part.
PARTS = 2
# dtype of the two parts -> dtype of a complex number.
COMPLEX_DTYPES = {"float32": "complex64", "float64": "complex128"}


class Call(NamedTuple):
    """One call of step.

    Fields:
        grads: a gradient or None for each parameter; with ``scale``, multiplied by it.
        learning_rate: a new learning rate, or None.
        scale: the loss scale, or None.
    """

    grads: list[Grad | None]
    learning_rate: float | None
    scale: float | None = None

    @property
    def is_skipped(self) -> bool:
        """Whether it must change nothing: its gradients are scaled, and not all are finite."""
        if self.scale is None:
            return False
        return not all(
            np.isfinite(values_of(grad)).all() for grad in self.grads if grad is not None
        )


class Inputs(NamedTuple):
    """What a subject is given.

    Attributes:
        numbers: Adam's four hyperparameters.
        switches: the settings that are on besides them.
        params: one array a parameter.
        calls: of step, in their order.
        load: the moments (slot -> arrays) and steps taken from which the run starts, or None.
        refuses: the bad inputs that come before each call and must be refused, or None.
        form: the form in which arrays and counts are handed over, or None for the usual one.
    """

    numbers: dict[str, float]
    switches: Switches
    params: list[Array]
    calls: list[Call]
    load: tuple[dict[str, list[Array]], list[int]] | None = None
    refuses: str | None = None
    form: str | None = None

    @property
    def is_complex(self) -> bool:
        """Whether the last axis of every array has both parts of complex numbers."""
        return self.form == COMPLEX


def features_of(calls: Sequence[Call]) -> set[str]:
    """Return what a subject must be able to do, besides plain steps, to take some calls."""
    grads = [grad for call in calls for grad in call.grads]
    needed = {
        "none": any(grad is None for grad in grads),
        "sparse": any(isinstance(grad, IndexedSlices) for grad in grads),
        "schedule": any(call.learning_rate is not None for call in calls),
        LOSS_SCALE: any(call.scale is not None for call in calls),
    }
    return {name for name, is_needed in needed.items() if is_needed}


def updates_of(calls: Sequence[Call], steps: int, roundoff: float) -> list[Call]:
    """Return the updates that an Adam makes which waits for ``steps`` calls each time.

    An update has the means of their gradients, and the learning rate that was passed last.

    Raises:
        ValueError: a gradient is missing or sparse; or some order of operations rounds a mean in
            the format with this roundoff.
    """
    updates = []
    for start in range(0, len(calls) - len(calls) % steps, steps):
        together = calls[start : start + steps]
        columns = zip(*(call.grads for call in together), strict=True)
        means: list[Grad | None] = [_mean(column, roundoff) for column in columns]
        rates = [call.learning_rate for call in together if call.learning_rate is not None]
        updates.append(Call(means, rates[-1] if rates else None))
    return updates


def _mean(grads: Sequence[Grad | None], roundoff: float) -> Array:
    """Return the mean of some gradients, flat, in float64."""
    arrays: list[NDArray[np.float64]] = []
    for grad in grads:
        if grad is None or isinstance(grad, IndexedSlices):
            raise ValueError(
                f"gradients that are accumulated must be dense, got {type(grad).__name__}"
            )
        arrays.append(grad.astype(np.float64).ravel())
    for numbers in zip(*(array.tolist() for array in arrays), strict=True):
        if not _has_exact_mean(numbers, roundoff):
            raise ValueError(f"gradients that are accumulated must have exact means, got {numbers}")
    # Every sum is exact, and so is the quotient.
    return np.asarray(sum(arrays) / len(arrays))


def _has_exact_mean(numbers: Sequence[float], roundoff: float) -> bool:
    """Return whether the sum, its quotient, and each running mean are exact in every order."""
    if not all(np.isfinite(numbers)):
        return False
    parts = list(_parts_of_mean([Fraction(number) for number in numbers]))
    # A denominator that is no power of two belongs to a number that no format has.
    if any(part.denominator & (part.denominator - 1) for part in parts):
        return False
    finest = max(part.denominator for part in parts)
    return sum(abs(part) for part in parts) * finest <= 1 / roundoff


def _parts_of_mean(numbers: Sequence[Fraction]) -> Iterator[Fraction]:
    """Yield what an Adam may compute on the way to a mean."""
    mean = Fraction(0)
    for count, number in enumerate(numbers, 1):
        # Each divided by itself, or the mean of all so far moved towards the next.
        yield number
        yield number / len(numbers)
        yield (number - mean) / count
        mean += (number - mean) / count
        yield mean


def other_inputs(inputs: Inputs, differences: Collection[str] = ()) -> Inputs:
    """Return the inputs of another object: the same calls, the last of them first.

    Args:
        inputs: of the object beside which it lives.
        differences: `numbers`: each number x is x / 2, or 1/2 where it is 0, maximize is off, and
            no group has a learning rate of its own;
            `params`: each element is one more; `shapes`: the parameters are in reverse order,
            without the first of them.
    """
    other = inputs._replace(calls=inputs.calls[::-1], load=None)
    if "numbers" in differences:
        other = _with_other_numbers(other)
    if "params" in differences:
        params = [np.asarray(param + 1, param.dtype) for param in other.params]
        other = other._replace(params=params)
    if "shapes" in differences:
        # Arrays of other sizes stand at the places of the first object, and one is missing.
        calls = [call._replace(grads=call.grads[:0:-1]) for call in other.calls]
        other = other._replace(params=other.params[:0:-1], calls=calls)
    return other


def _with_other_numbers(inputs: Inputs) -> Inputs:
    switches: Switches = {}
    for name, value in inputs.switches.items():
        if isinstance(value, float):
            switches[name] = _other_number(value)
        elif name == GROUPS:
            switches[name] = [_other_group(group) for group in value]
        elif name != "maximize":
            # AMSGrad and counts stay, because they decide which arrays there are.
            switches[name] = value
    calls = []
    for call in inputs.calls:
        rate = call.learning_rate
        calls.append(call._replace(learning_rate=None if rate is None else _other_number(rate)))
    numbers = {name: _other_number(value) for name, value in inputs.numbers.items()}
    return inputs._replace(numbers=numbers, switches=switches, calls=calls)


def _other_group(group: dict[str, Any]) -> dict[str, Any]:
    """Return a group with other numbers, and with no learning rate of its own."""
    other = {name: value for name, value in group.items() if name != "learning_rate"}
    for name in other.keys() - {"params"}:
        other[name] = _other_number(other[name])
    return other


def _other_number(number: float) -> float:
    # Half of any hyperparameter is one, too.
    return number / 2 or 0.5


# The dtype in which a gradient comes that has another than its parameter.
OTHER_DTYPE = {"float16": "float32", "float32": "float64", "float64": "float32"}

# How the judge hands over numbers, each time in new arrays: usually contiguous and writable.


def in_form(array: Array, form: str | None) -> Array:
    """Return a copy of an array in a layout, or of its complex numbers.

    Other forms do not change an array.
    """
    if form == COMPLEX:
        numbers = np.ascontiguousarray(array).view(COMPLEX_DTYPES[array.dtype.name])
        return numbers[..., 0].copy()
    if form == "fortran":
        return array.copy(order="F")
    if form == "strided" and array.ndim:
        # NaN between its elements shows that somebody reads them; indices have no NaN.
        gap = np.nan if array.dtype.kind == "f" else -1
        twice = np.full((*array.shape, 2), gap, array.dtype)
        wide = twice.reshape(*array.shape[:-1], 2 * array.shape[-1])
        view: Array = wide[..., ::2]
        view[...] = array
        return view
    return array.copy()


def grad_in_form(grad: Grad | None, form: str | None) -> Grad | None:
    """Return a copy of a gradient in a layout or dtype, or one that cannot be written."""
    if grad is None:
        return None
    if isinstance(grad, IndexedSlices):
        indices = _lend(grad.indices, form)
        if form == INT32_ROWS:
            indices = indices.astype(np.int32)
        return IndexedSlices(_lend_floats(grad.values, form), indices, grad.dense_shape)
    return _lend_floats(grad, form)


def _lend_floats(array: Array, form: str | None) -> Array:
    lent: Array = _lend(array, form)
    return lent.astype(OTHER_DTYPE[str(array.dtype)]) if form == GRAD_DTYPE else lent


def _lend(array: Any, form: str | None) -> Any:
    copy = in_form(array, form)
    copy.flags.writeable = form != READ_ONLY
    return copy


def without_late(inputs: Inputs) -> tuple[Inputs, dict[str, Any]]:
    """Return the inputs without the parameters of the last group, and that group.

    They are the last parameters. Before they come they have no gradient.
    """
    *groups, late = inputs.switches[GROUPS]
    count = len(inputs.params) - len(late["params"])
    calls = [call._replace(grads=call.grads[:count]) for call in inputs.calls]
    switches = inputs.switches | {GROUPS: groups}
    return inputs._replace(params=inputs.params[:count], calls=calls, switches=switches), late


def count_in_form(count: int, form: str | None) -> Any:
    """Return steps taken as Python's integer or as NumPy has them."""
    if form == "t_int64":
        return np.int64(count)
    if form == "t_array":
        return np.array(count)
    return count


def model_in_form(array: Array, form: str | None) -> Array:
    """Return an array of the shape and dtype that a subject hands back."""
    return in_form(array, form) if form == COMPLEX else array


def out_of_form(array: Array, form: str | None) -> Array:
    """Return what a subject handed back with both parts of complex numbers on the last axis.

    A real number stands for both parts, which share it.
    """
    if form != COMPLEX:
        return array
    parts = (array.real, array.imag) if np.iscomplexobj(array) else (array, array)
    return np.stack(parts, axis=-1)
