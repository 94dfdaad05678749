"""Variables of TensorFlow and of Keras: read and written together."""


# It imports neither library, because Keras 3 must not load TensorFlow for its other backends.


def values_of(variables):
    """Return a NumPy array of its own for each variable, None for a slot that is not there yet."""
    return list(map(_value_of, variables))


def _value_of(variable):
    return None if variable is None else variable.numpy()


def assign(variables, arrays):
    """Give each variable the value of its array."""
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)


def all_variables(adam):
    """Return the parameters of an adapter, and the variables of its optimizer."""
    return [*adam.variables, *adam.optimizer.variables()]


def restore(adam, saved):
    """Give all variables of an adapter their saved values."""
    # A step makes the slots, which a new optimizer does not have yet.
    adam.step([0 * variable for variable in adam.variables])
    assign(all_variables(adam), saved)
