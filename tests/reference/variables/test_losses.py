"""Losses as people write them: right where autograd is wrong, or refused with the way out."""

import numpy as np
import pytest

from adamref import Variable
from adamref.variables.tape import Tape, gradients

VALUES = {
    "scalar": np.array(0.7),
    "vector": np.array([0.3, -1.2, 0.8]),
    "zero_in_it": np.array([0.0, 2.0, 3.0]),
    "square": np.array([[0.4, -0.9], [1.3, 0.2]]),
    "matrix": np.array([[0.5, -1.1, 0.3, 2.0], [1.7, 0.6, -0.4, -1.5], [0.9, -0.2, 1.1, 0.1]]),
    "cube": np.array([[[0.3, -1.0], [0.7, 1.9]], [[-0.5, 1.2], [0.8, -2.1]]]),
}

FUNCTIONS = [
    lambda v: np.full_like(v.matrix, v.scalar),
    lambda v: np.full_like(v.vector, v.scalar, shape=(2, 2)) * v.scalar,
    lambda v: np.prod(v.zero_in_it),
    lambda v: np.prod(v.scalar),
    lambda v: np.prod(v.matrix * (v.matrix > 0), axis=-1),
    lambda v: np.prod(v.cube, axis=(0, 2), keepdims=True),
    lambda v: v.vector[:0].prod() * v.scalar,
    lambda v: np.sinc(v.zero_in_it),
    lambda v: np.linalg.norm(v.vector, np.inf),
    lambda v: np.linalg.norm(v.vector, -np.inf),
    lambda v: np.linalg.norm(v.vector, 1),
    lambda v: np.linalg.norm(v.zero_in_it, 1.5),
    lambda v: np.linalg.norm(v.cube, axis=(-2, -1)),
    lambda v: np.linalg.norm(v.cube, "nuc", axis=(-2, -1)),
    lambda v: np.linalg.norm(v.matrix, axis=(1,)),
    lambda v: v.matrix / np.linalg.norm(v.matrix, axis=1, keepdims=True),
    lambda v: np.linalg.norm(np.fft.fft(v.square), axis=1),
    lambda v: np.where(VALUES["square"] > 0, v.scalar, v.square),
    lambda v: np.where(VALUES["square"][:, :1] > 0, v.square, v.square[0]),
    lambda v: np.where(VALUES["vector"] > 0, v.scalar, 2.0),
    lambda v: np.where(v.vector, v.scalar, v.vector),
    lambda v: np.clip(v.matrix, -v.scalar, v.scalar),
    lambda v: v.matrix.clip(None, v.scalar),
    lambda v: np.clip(v.matrix, a_min=v.scalar, a_max=2 * v.scalar),
    lambda v: np.clip(v.matrix, min=0.25),
    lambda v: np.clip(v.scalar, np.zeros(3), [0.5, 0.6, 2.0]),
    lambda v: np.arange(3.0).clip(-v.scalar, v.scalar),
    lambda v: np.broadcast_to(v.vector, (2, 3)),
    lambda v: np.broadcast_arrays(v.vector, v.scalar)[1],
    lambda v: v.matrix.take([1, 1, 2], axis=1),
    lambda v: np.flip(v.matrix, 1),
    lambda v: np.repeat(v.matrix, 2, axis=-1),
    lambda v: np.repeat(v.vector, [1, 0, 2]),
    lambda v: np.tile(v.matrix, 2),
    lambda v: np.roll(v.matrix, (1, 2), axis=(0, 1)),
    lambda v: np.diagonal(v.cube),
    lambda v: np.diag(v.matrix),
    lambda v: np.diag(v.vector, 1),
    lambda v: np.transpose(v.square, (-1, 0)),
    lambda v: v.cube.transpose(2, 0, 1) * v.cube.mT,
    lambda v: v.matrix.reshape(2, 6) @ v.matrix.flatten().reshape(6, 2),
    lambda v: np.pad(v.matrix, 1),
    lambda v: np.average(v.matrix),
    lambda v: np.average(v.matrix, axis=1, weights=v.matrix**2),
    lambda v: np.average(v.cube, axis=1, weights=v.square[0] ** 2),
    lambda v: np.average(v.vector, weights=[1.0, 2.0, 3.0]),
    lambda v: np.positive(v.vector) * v.vector.copy(),
    lambda v: v.vector.astype("float64") * v.scalar.astype("float64"),
]


class Read:
    """The values by name, and which of them a function has asked for."""

    def __init__(self, values):
        self.values = values
        self.names = []

    def __getattr__(self, name):
        self.names.append(name)
        return self.values[name]


def weighted_sum(result):
    """Return a sum with different weights, so that a derivative in a wrong place shows."""
    return np.sum(result * np.cos(1.7 * np.arange(np.size(result)) + 0.3).reshape(np.shape(result)))


def differences(function, name):
    """The derivative by each element of a value, in central differences."""

    def at(place, change):
        values = dict(VALUES)
        values[name] = VALUES[name].copy()
        values[name][place] += change
        return weighted_sum(function(Read({key: Variable(value) for key, value in values.items()})))

    found = np.zeros_like(VALUES[name])
    for place in np.ndindex(found.shape):
        found[place] = (at(place, 1e-6) - at(place, -1e-6)) / 2e-6
    return found


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_gradient_is_that_of_finite_differences(function):
    variables = {name: Variable(value) for name, value in VALUES.items()}
    read = Read(variables)
    found = gradients(lambda: weighted_sum(function(read)), list(variables.values()))
    assert read.names
    for name, gradient in zip(variables, found, strict=True):
        got = np.zeros_like(VALUES[name]) if gradient is None else gradient
        # 1e-6 apart, differences of numbers near 1 have an error near 1e-10 and one of the order of
        # 1e-12 of method.
        assert got == pytest.approx(differences(function, name), rel=1e-7, abs=1e-8)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_value_in_a_loss_is_that_outside_of_it(function):
    read = Read({name: Variable(value) for name, value in VALUES.items()})
    inside = []
    Tape(lambda: inside.append(function(read)) or 0.0)
    outside = np.asarray(function(read))
    assert inside[0].dtype == outside.dtype
    # Products and sums are taken in another order.
    np.testing.assert_allclose(inside[0].numpy(), outside, rtol=4 * np.finfo(float).eps)


def test_the_product_of_a_zero_and_others_has_the_product_of_the_others_as_its_slope():
    w = Variable([0.0, 2.0, 3.0])
    assert gradients(lambda: np.prod(w), [w])[0].tolist() == [6.0, 0.0, 0.0]


def test_a_cast_to_integers_is_a_step_and_has_no_gradient():
    w = Variable([1.5])
    assert gradients(lambda: np.sum(w.astype(int) * 2.0), [w]) == [None]


@pytest.mark.filterwarnings("ignore:Casting complex values to real:numpy.exceptions.ComplexWarning")
def test_a_cast_to_complex_numbers_is_no_step():
    w = Variable(1.5)
    assert gradients(lambda: np.real(w.astype(complex) * (2 + 3j)), [w]) == [2.0]


def test_the_numbers_of_python_leave_the_dtype_of_a_loss_as_it_is():
    w = Variable([1.0, 2.0])
    losses = [
        lambda: np.where(w > 1, w[0], 0.0),
        lambda: np.clip(w, -1.0, w[0]),
        lambda: np.linalg.norm(w, 3),
    ]
    losses += [
        lambda: np.prod(w),
        lambda: np.sinc(w),
        lambda: np.full_like(w, np.float64(2) * w[0]),
    ]
    assert [Tape(loss).dtype for loss in losses] == [np.float32] * 6


def test_the_signs_of_zeros_stay_when_a_value_is_broadcast():
    w = Variable([-0.0])
    shown = []
    Tape(lambda: shown.append(np.broadcast_to(w, (2,)).numpy()) or 0.0)
    assert np.signbit(shown[0]).tolist() == [True, True]


# What is taken at kinks, as the docstring of `gradients` has it.
@pytest.mark.parametrize(
    ("loss", "slope"),
    [
        (lambda w: np.maximum(0, w), 0.0),
        (lambda w: np.maximum(w, 0), 1.0),
        (lambda w: np.minimum(0, w), 0.0),
        (lambda w: np.minimum(w, 0), 1.0),
        (lambda w: np.max(np.stack([w, w * 3])), 2.0),
        (lambda w: abs(w), 0.0),
        (lambda w: np.clip(w, 0, None), 1.0),
        (lambda w: np.clip(w, -1, 0), 1.0),
        (lambda w: np.linalg.norm(np.stack([w, w])), np.nan),
        (lambda w: np.std(np.stack([w, w])), np.nan),
    ],
)
def test_the_slope_at_a_kink_is_the_one_that_is_documented(loss, slope):
    w = Variable(0.0)
    assert gradients(lambda: loss(w), [w])[0] == pytest.approx(slope, rel=0, abs=0, nan_ok=True)


def test_values_are_printed_as_numbers_inside_and_outside_of_a_loss():
    w = Variable(1.25)
    shown = []

    def loss():
        twice = w * 2
        shown.extend(
            [f"{twice:.3f}", f"{w:.1f}", twice.item(), (twice * np.ones(2, np.float32)).tolist()]
        )
        return twice

    assert gradients(loss, [w]) == [2.0]
    assert shown == ["2.500", "1.2", 2.5, [2.5, 2.5]]
    assert (f"{w:.3f}", "%.3f" % w, f"{w}") == ("1.250", "1.250", repr(w))  # noqa: UP031


# float() would make the first two constants without a word: NumPy and math call it themselves.
@pytest.mark.parametrize(
    ("store", "message"),
    [
        (lambda plain, w: plain.__setitem__(0, w[0]), "setting an array element with a sequence"),
        (
            lambda plain, w: float(w[0]),
            "must not turn a value .* into a plain array, .* or f'{x:.3f}' to print it",
        ),
        (
            lambda plain, w: np.full(2, w[0]),
            r"must not turn .*, x \* np.ones\(shape\) for np.full\(shape, x\)",
        ),
        (
            lambda plain, w: np.add.at(plain, [0], w[:1]),
            "must not write a value .* into an array, got np.add.at; build a new",
        ),
        (
            lambda plain, w: np.copyto(plain, w),
            "must not write a value .* into an array, got np.copyto; build a new array",
        ),
        (
            lambda plain, w: np.put(plain, [0], w[0]),
            "must not write a value .* into an array, got np.put",
        ),
        (
            lambda plain, w: plain.__iadd__(w),
            r"out must be left out .*; write a = a \+ b for a \+= b",
        ),
        (lambda plain, w: np.multiply(w, w, out=plain), r"and a = np.add\(a, b\) for out=a"),
        (
            lambda plain, w: (w * 1).__iadd__(1),
            r"a value in a loss must not be changed in place, got it as out; "
            r"write t = t \+ 1 for t \+= 1",
        ),
        (
            lambda plain, w: np.add.at(w * 1, [0], 1.0),
            r"a value in a loss .* np.add.at; write t = t \+ 1 for t \+= 1",
        ),
        (
            lambda plain, w: np.sum(w, initial=1.0),
            r"initial must be left out .*, as in np.sum\(a\) \+ initial",
        ),
        (
            lambda plain, w: np.prod(w, dtype=float),
            "got prod: got an unexpected keyword argument 'dtype'",
        ),
        (lambda plain, w: np.take(w, w), "got take: Cannot cast array data from dtype"),
        (
            lambda plain, w: (w * 1).__setitem__(0, 1.0),
            "single elements must not be set, .* build one with np.where",
        ),
        (
            lambda plain, w: np.linalg.norm(np.ones((1, 1, 1)) * w, axis=(0, 1, 2)),
            "Improper number of dimensions",
        ),
        (
            lambda plain, w: np.linalg.norm(np.outer(w, w), 1),
            "Gradient of matrix norm not implemented for ord=1",
        ),
    ],
)
def test_what_would_lose_the_way_to_the_variable_is_refused_and_has_written_nothing(store, message):
    plain = np.zeros(2)
    w = Variable(np.array([1.0, 2.0]))
    with pytest.raises((TypeError, ValueError), match=message):
        gradients(lambda: store(plain, w), [w])
    assert plain.tolist() == [0.0, 0.0]


def test_a_variable_can_be_added_to_a_plain_array_outside_of_a_loss():
    plain = np.zeros(2)
    np.add.at(plain, [0, 0], Variable([1.0, 2.0]))
    plain += Variable(np.array([0.5, 0.5]))
    assert plain.tolist() == [3.5, 0.5]


def test_a_value_kept_from_an_earlier_loss_is_refused_unless_as_a_constant():
    w = Variable(3.0)
    kept = []
    gradients(lambda: kept.append(w * 2) or w, [w])
    with pytest.raises(
        TypeError,
        match=r"must not use traced values of another loss, got .* keep .numpy\(\) of them",
    ):
        gradients(lambda: kept[0] * w, [w])
    assert gradients(lambda: kept[0].numpy() * w, [w]) == [6.0]


def test_a_number_of_a_loss_is_collected_in_place_and_an_array_is_not():
    w = Variable([1.0, 2.0])

    def loss():
        total = np.sum(w**2)
        for index in range(2):
            total += w[index] ** 2
        total *= 3.0
        total -= w[0]
        total /= 2.0
        return total

    assert gradients(loss, [w])[0].tolist() == [5.5, 12.0]

    def of_an_array():
        squares = w**2
        squares += w
        return np.sum(squares)

    with pytest.raises(TypeError, match="must not be changed in place"):
        gradients(of_an_array, [w])
