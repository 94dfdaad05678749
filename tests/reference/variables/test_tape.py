"""Gradients of losses in plain NumPy; expected values by hand, or by autograd alone."""

import threading
from concurrent.futures import ThreadPoolExecutor

import autograd
import autograd.numpy as anp
import numpy as np
import pytest

from adamref import Variable, gather
from adamref.variables.tape import Tape, gradients

X = np.array([[1.0, -2.0], [0.5, 3.0]])


def gradient(loss, variable, **options):
    return gradients(loss, [variable], **options)[0]


def test_the_loss_of_tensorflow_s_page():
    var = Variable(10.0)
    assert gradient(lambda: (var**2) / 2.0, var) == 10.0


@pytest.mark.parametrize(
    "loss",
    [
        lambda np, w: np.mean(np.tanh(w @ X + 1.0)),
        lambda np, w: np.sum(np.exp(-w) * np.log(w + 9.0)),
        lambda np, w: np.sum(np.concatenate([w, w * 2], axis=1) ** 2),
        lambda np, w: np.sum(np.stack([w[0], w[1] ** 3])),
        lambda np, w: np.sum(np.where(w > 0, w**2, -w)),
        lambda np, w: np.linalg.norm(w) + np.linalg.det(w),
        lambda np, w: np.sum(np.maximum(w, 0.25)),
        lambda np, w: np.einsum("ij,jk->", w, X),
        lambda np, w: (
            np.sum(w.reshape(-1)[::2]) + w.T[0, 1] + w.sum(axis=0)[1] + np.dot(w, w).mean()
        ),
        lambda np, w: np.sum(np.split(w, 2)[1]) + np.linalg.eigh(w @ w.T)[0][0],
        lambda np, w: (
            np.max(w) * np.min(w)
            + np.std(w)
            + np.prod(w)
            + abs(w).sum()
            + np.clip(w, -1.5, 0.75).sum()
        ),
        lambda np, w: np.sum(np.outer(w[0], w[1])) / (1.0 + np.sum(w[[0, 0]]) ** 2),
    ],
)
def test_numpy_s_functions_have_the_derivatives_of_autograd(loss):
    w = Variable(X)
    of_autograd = autograd.grad(lambda x: loss(anp, x))(X)
    assert gradient(lambda: loss(np, w), w).tobytes() == of_autograd.tobytes()


def test_each_variable_gets_its_own_gradient_and_none_without_a_path():
    a = Variable([1.0, 2.0])
    b = Variable(3.0)
    unread = Variable(4.0)
    found = gradients(lambda: np.sum(a * b) + 0 * unread.numpy(), [a, b, unread])
    assert found[0].tolist() == [3.0, 3.0]
    assert found[1:] == [3.0, None]


def test_a_variable_without_effect_has_no_gradient_and_one_with_slope_zero_has_zeros():
    a = Variable(1.0)
    b = Variable(2.0)

    def loss():
        _ = a * 2
        return 0.0 * b

    assert gradients(loss, [a, b]) == [None, 0.0]


def test_steps_have_no_gradient():
    w = Variable([1.5])
    assert gradients(lambda: np.sum(np.floor(w) + np.round(w) + (w > 1)), [w]) == [None]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3)])
def test_a_gradient_has_the_shape_and_dtype_of_its_variable(shape, dtype):
    w = Variable(np.ones(shape, dtype))
    found = gradient(lambda: np.sum(w * np.float64(2.0)) + np.sum(w) ** 2, w)
    assert (found.shape, found.dtype, type(found)) == (shape, dtype, np.ndarray)
    assert (found == 2 + 2 * w.size).all()


def test_variables_of_several_dtypes_go_together():
    half = Variable(np.ones(2, np.float16))
    double = Variable(np.ones(2))
    found = gradients(lambda: np.sum(half * double * 3), [half, double])
    assert [(g.dtype.name, g.tolist()) for g in found] == [
        ("float16", [3.0, 3.0]),
        ("float64", [3.0, 3.0]),
    ]


def test_an_integer_variable_takes_part_without_a_gradient():
    w = Variable([1.0, 2.0])
    at = Variable([1])
    found = gradients(lambda: np.sum(w[at]), [w, at])
    assert (found[0].tolist(), found[1]) == ([0.0, 1.0], None)


def test_the_elements_of_a_loss_are_summed_with_the_weights_given():
    w = Variable([1.0, 2.0])
    assert gradient(lambda: w * w, w).tolist() == [2.0, 4.0]
    assert gradient(lambda: w * w, w, grad_loss=0.5).tolist() == [1.0, 2.0]
    assert gradient(lambda: w * w, w, grad_loss=[2.0, 3.0]).tolist() == [4.0, 12.0]
    assert gradient(lambda: w, w).tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("grad_loss", "message"),
    [
        (
            np.ones(3, np.float32),
            r"grad_loss must have the shape of the loss \(2,\) or none, got \(3,\)",
        ),
        (
            np.ones((1, 2), np.float32),
            r"grad_loss must have the shape of the loss \(2,\) or none, got \(1, 2\)",
        ),
        (np.ones(2), "grad_loss must have the dtype float32, got float64; convert it first"),
    ],
)
def test_weights_that_do_not_fit_the_loss_are_refused(grad_loss, message):
    w = Variable([1.0, 2.0])
    with pytest.raises(ValueError, match=message):
        gradient(lambda: w * w, w, grad_loss=grad_loss)


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        (
            lambda w: np.median(w),
            "must consist of functions that autograd.numpy differentiates, got median: VJP of ",
        ),
        (lambda w: np.add.reduce(w), "got add.reduce: no function of autograd.numpy"),
        (lambda w: np.cbrt(w), "got cbrt: VJP of cbrt"),
        (lambda w: np.dstack([w, w]), "got dstack: an array of traces, not a trace"),
        (
            lambda w: np.linalg.svd(w)[1],
            "got svd: Gradient of svd not implemented for full_matrices=True",
        ),
        (
            lambda w: np.triu(w[0]),
            r"got triu: a derivative of shape \(2, 2\) by a value of shape \(2,\)",
        ),
        (
            lambda w: np.array([w[0], w[1]]),
            "must not turn a value .* into a plain array, .*; use np.stack",
        ),
        (lambda w: float(w[0, 0]), "must not turn a value .* into a plain array"),
        (lambda w: np.sum(a=w), "a must be given by its position to be differentiated, got a="),
        (
            lambda w: np.sum(w, where=X > 0),
            "where must be left out in a loss, got where=, which autograd overlooks",
        ),
        (lambda w: np.var(w, correction=1), "correction must be left out in a loss"),
        (lambda w: w.__iadd__(1), "a Variable must not be changed in place, got it as out"),
        (
            lambda w: autograd.grad(lambda x: x * w[0, 0])(1.0),
            "must not mix Variables with values that autograd",
        ),
        (
            lambda w: [w[0, 0], w[0, 1]],
            "loss must return one number or array, got .*; use np.stack",
        ),
        (lambda w: None, "loss must return real numbers, got None"),
        (lambda w: w * 1j, "loss must return real numbers, got"),
    ],
)
def test_a_loss_that_cannot_be_differentiated_is_an_error_and_never_a_wrong_gradient(loss, message):
    w = Variable(X, name="w")
    with pytest.raises(TypeError, match=message):
        gradient(lambda: loss(w), w)


def test_gradients_inside_a_loss_are_refused_and_the_next_ones_are_right():
    w = Variable(3.0)
    with pytest.raises(
        RuntimeError, match="gradients must not be taken inside a loss, got one in another"
    ):
        gradient(lambda: w * gradient(lambda: w * w, w), w)
    assert gradient(lambda: w * w, w) == 6.0


def test_an_error_in_a_loss_leaves_variables_plain():
    w = Variable(3.0)
    with pytest.raises(ZeroDivisionError):
        gradient(lambda: w * (1 // 0), w)
    assert type(w * 2) is np.float32


def test_numpy_is_a_constant_in_a_loss():
    w = Variable(3.0)
    assert gradient(lambda: w * w.numpy(), w) == 3.0


def test_a_value_assigned_inside_the_loss_counts_from_there():
    w = Variable(3.0)

    def loss():
        before = w * 1.0
        w.assign(5.0)
        return before * w  # d/dw of 3 w and of 5 w

    assert gradient(loss, w) == 8.0


def test_losses_in_several_threads_do_not_meet():
    w = Variable(2.0)
    together = threading.Barrier(4)

    def one(factor):
        def loss():
            together.wait(10)
            product = w * factor
            together.wait(10)
            return product * w

        return float(gradient(loss, w))

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(one, range(1, 5))) == [4.0, 8.0, 12.0, 16.0]


def test_a_tape_lists_the_trainable_variables_that_were_read_in_the_order_in_which_they_were_made():
    a, b, c, unread = (Variable(1.0, name=name) for name in "abcd")
    fixed = Variable(1.0, trainable=False)
    count = Variable(1)
    rows = Variable([1.0])
    tape = Tape(lambda: np.sum(gather(rows, [0])) + c * a * count * fixed + b + 0 * unread.numpy())
    assert tape.variables == [a, b, c, count, rows]
