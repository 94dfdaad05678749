"""Variables of TensorFlow and of Keras, read and written together, and what many adapters share."""

from math import frexp

from ..subject.subject import Unsupported

# It imports neither library, because Keras 3 must not load TensorFlow for its other backends.


def values_of(variables):
    """Return a NumPy array of its own for each variable, None for a slot that is not there yet."""
    return list(map(_value_of, variables))


def _value_of(variable):
    return None if variable is None else variable.numpy()


def assign(variables, arrays):
    """Give each variable the value of its array, or zero for a slot that was not there."""
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(0 * variable if array is None else array)


def is_power_of_two(scale):
    """Return whether a loss scale is one: only then the reciprocal is exact in any format."""
    mantissa, _ = frexp(scale)
    return mantissa == 1 / 2


def refuse_other_numbers(saved, own):
    """Raise Unsupported if a state was saved with other numbers: its state has none."""
    if saved != own:
        raise Unsupported("other numbers in the object that restores: its state has none")
