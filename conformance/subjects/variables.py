"""Variables of TensorFlow and of Keras: read and written together."""


# It imports neither library, because Keras 3 must not load TensorFlow for its other backends.


def values_of(variables):
    """Return a NumPy array for each variable."""
    return [variable.numpy() for variable in variables]


def assign(variables, arrays):
    """Give each variable the value of its array."""
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)
