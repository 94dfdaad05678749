"""Random gradients of a variable, for TensorFlow, for ours and for the oracle."""

import warnings
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from adamref import IndexedSlices
from conformance.truth import reference

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import tensorflow as tf

# Small integers times powers of two: sums of a few are exact in every format, however they are
# added.
ELEMENTS = st.builds(lambda n, e: n * 2.0**e, st.integers(-7, 7), st.integers(-4, 3))


def elements(shape, dtype):
    count = int(np.prod(shape))
    return st.lists(ELEMENTS, min_size=count, max_size=count).map(
        lambda x: np.array(x, dtype).reshape(shape)
    )


@st.composite
def gradients(draw, variable):
    """None, an array, or slices; of a variable without rows, no slices."""
    shape = variable.shape
    dtype = variable.dtype
    kind = draw(st.sampled_from(["none", "dense", "dense", "sparse"]))
    if kind == "none":
        return None
    if kind == "dense" or not shape or not shape[0]:
        return draw(elements(shape, dtype))
    rows = draw(st.lists(st.integers(0, shape[0] - 1), max_size=5))
    kind = draw(st.sampled_from([np.int32, np.int64]))
    dense_shape = draw(st.sampled_from([None, shape]))
    return IndexedSlices(
        draw(elements((len(rows), *shape[1:]), dtype)), np.array(rows, kind), dense_shape
    )


def real_grad(grad):
    if isinstance(grad, IndexedSlices):
        return tf.IndexedSlices(*map(tensor, grad))
    return tensor(grad)


def tensor(array):
    return None if array is None else tf.constant(array)


def exact_grad(grad, shape):
    if isinstance(grad, IndexedSlices):
        width = int(np.prod(shape[1:]))
        return reference.ExactSlices(
            grad.values.ravel().tolist(), grad.indices.tolist(), shape[0], width
        )
    return None if grad is None else grad.ravel().tolist()


def within(got, exact, radius):
    """Whether each element is at most its radius off."""
    flat = np.asarray(got, np.float64).ravel().tolist()
    return all(
        abs(Fraction(x) - Fraction(due)) <= Fraction(float(r))
        for x, due, r in zip(flat, exact, radius, strict=True)
    )
