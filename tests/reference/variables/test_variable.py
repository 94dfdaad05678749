"""Variables as arrays; their gradients are in test_tape.py."""

import subprocess
import sys
import threading

import numpy as np
import pytest

from adamref import Variable, gather
from adamref.variables.tape import gradients


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (10.0, np.float32),
        ([1.0, 2.0], np.float32),
        (3, np.int32),
        (2**40, np.int64),
        ([[1, 2]], np.int32),
        (True, np.bool),
        (np.float64(1.0), np.float64),
        ([np.float64(1.0), 2.0], np.float64),
        (np.arange(3), np.int64),
        (np.ones(2, np.float16), np.float16),
        (Variable(1.0), np.float32),
    ],
)
def test_the_numbers_of_python_become_narrow_and_arrays_keep_their_dtype(value, dtype):
    variable = Variable(value)
    assert variable.dtype == dtype
    assert variable.shape == np.shape(value)


def test_a_dtype_that_is_asked_for_is_had():
    assert Variable([1, 2], dtype="float64").dtype == np.float64


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("a",), "value must be bool, int, float16, float32 or float64, got <U1; convert it first"),
        ((1 + 2j,), "value must be bool, .* got complex128"),
        ((None,), "value must be bool, .* got object"),
        (
            (1.5, np.int32),
            "value must be convertible to int32 without loss of its kind, got float32",
        ),
    ],
)
def test_what_is_no_real_number_is_refused(arguments, message):
    with pytest.raises(TypeError, match=message):
        Variable(*arguments)


def test_operators_and_functions_outside_of_a_loss_give_plain_arrays():
    w = Variable([[1.0, 2.0], [3.0, 4.0]])
    x = np.array([1.0, -1.0], np.float32)
    results = [
        w + 1,
        2 * w,
        -w,
        w @ x,
        x @ w,
        w**2,
        abs(w),
        +w,
        w[0],
        w.T,
        w.sum(axis=0),
        np.tanh(w),
    ]
    results += [
        np.concatenate([w, w]),
        np.where(w > 2, w, 0),
        np.linalg.inv(w),
        w.reshape(-1),
        gather(w, [0]),
    ]
    assert {type(result) for result in results} == {np.ndarray}
    assert {result.dtype for result in results} == {np.dtype(np.float32)}
    assert (w @ x).tolist() == [-1.0, -1.0]


def test_a_variable_is_read_like_an_array():
    w = Variable([[1.0, 2.0], [3.0, 4.0]])
    assert (len(w), w.ndim, w.size, w.shape) == (2, 2, 4, (2, 2))
    assert [row.tolist() for row in w] == [[1.0, 2.0], [3.0, 4.0]]
    assert (float(Variable(2.5)), int(Variable(3)), bool(Variable(0.0))) == (2.5, 3, False)
    assert np.asarray(w).tolist() == w.numpy().tolist()


def test_numpy_is_a_copy():
    w = Variable([1.0, 2.0])
    w.numpy()[0] = 7.0
    assert w.numpy().tolist() == [1.0, 2.0]


def test_the_value_given_is_copied():
    given = np.ones(2)
    w = Variable(given)
    given[0] = 7.0
    assert w.numpy().tolist() == [1.0, 1.0]


def test_views_of_the_value_cannot_be_written_to():
    with pytest.raises(ValueError, match="read-only"):
        Variable([1.0, 2.0])[:1][0] = 5.0


def test_assign_takes_python_s_numbers_and_arrays_of_the_dtype():
    w = Variable([1.0, 2.0])
    assert w.assign([3, 4.5]) is w
    assert w.numpy().tolist() == [3.0, 4.5]
    assert w.assign(np.zeros(2, np.float32)).dtype == np.float32


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([1.0], r"value must have the shape of w \(2,\), got \(1,\)"),
        (1.0, r"value must have the shape of w \(2,\), got \(\)"),
        (np.ones(2), "value must have the dtype float32, got float64; convert it first"),
        (["a", "b"], "value must have the dtype float32, got <U1"),
    ],
)
def test_assign_refuses_another_shape_or_dtype_and_changes_nothing(value, message):
    w = Variable([1.0, 2.0], name="w")
    with pytest.raises(ValueError, match=message):
        w.assign(value)
    assert w.numpy().tolist() == [1.0, 2.0]


def test_assign_add_and_assign_sub_change_the_value_and_give_the_variable():
    w = Variable([1.0, 2.0])
    assert w.assign_add([3, 4.5]) is w
    assert w.assign_sub(np.ones(2, np.float32)) is w
    assert w.numpy().tolist() == [3.0, 5.5]


@pytest.mark.parametrize("change", [Variable.assign_add, Variable.assign_sub])
@pytest.mark.parametrize(
    ("delta", "message"),
    [
        (1.0, r"value must have the shape of w \(2,\), got \(\)"),
        (np.ones(2), "value must have the dtype float32, got float64; convert it first"),
    ],
)
def test_what_is_added_must_have_the_shape_and_dtype(change, delta, message):
    w = Variable([1.0, 2.0], name="w")
    with pytest.raises(ValueError, match=message):
        change(w, delta)
    assert w.numpy().tolist() == [1.0, 2.0]


def test_value_and_read_value_are_the_value_and_lead_to_the_variable_in_a_loss():
    w = Variable([1.0, 2.0])
    assert w.value().tolist() == w.read_value().tolist() == [1.0, 2.0]
    assert gradients(lambda: w.value() * w.read_value(), [w])[0].tolist() == [
        2.0,
        4.0,
    ]  # d/dw of w^2


def test_rows_of_several_lengths_and_a_name_that_is_no_string_are_refused():
    with pytest.raises(
        ValueError, match=r"value must be numbers in rows of one length, got \[\[1\], \[2, 3\]\]"
    ):
        Variable([[1], [2, 3]])
    with pytest.raises(TypeError, match="name must be a string, got 5"):
        Variable(1.0, name=5)


def test_fractions_are_not_cut_off_in_an_integer_variable():
    with pytest.raises(ValueError, match="value must have the dtype int32, got float64"):
        Variable(1).assign(1.5)


def test_changes_in_place_are_refused_with_the_way_out():
    w = Variable([1.0, 2.0])
    for change in (
        lambda: w.__iadd__(1),
        lambda: np.exp(np.ones(2), out=w),
        lambda: np.add.at(w, 0, 1),
    ):
        with pytest.raises(TypeError, match=r"write var.assign\(var \+ 1\) for var \+= 1"):
            change()
    with pytest.raises(
        TypeError, match="single elements must not be set, got 0 of .*; assign a whole array"
    ):
        w[0] = 1.0
    assert w.numpy().tolist() == [1.0, 2.0]


def test_variables_are_equal_when_they_are_the_same_and_go_by_element_with_all_else():
    w = Variable([1.0, 2.0])
    other = Variable([1.0, 2.0])
    assert w == w
    assert w != other
    assert [other, w].index(w) == 1
    assert {w: 1, other: 2}[w] == 1
    assert (w == np.array([1.0, 5.0])).tolist() == [True, False]
    assert (w != 1.0).tolist() == [False, True]


def test_repr_says_everything():
    assert repr(Variable([1.0], name="w")) == (
        "<Variable 'w' shape=(1,) dtype=float32, numpy=array([1.], dtype=float32)>"
    )


def test_an_attribute_that_arrays_do_not_have_is_missing():
    w = Variable(1.0)
    for name, way_out in (
        ("foo", "$"),
        ("real", r"; write np.real\(x\)$"),
        ("fill", r"; .numpy\(\).fill is the attribute of a constant copy$"),
    ):
        with pytest.raises(AttributeError, match=f"^Variable has no attribute '{name}'{way_out}"):
            getattr(w, name)


def test_methods_of_an_array_take_what_those_of_an_array_take():
    array = np.arange(6.0).reshape(2, 3)
    for like in (array, Variable(array)):
        assert [like.reshape(*shape).shape for shape in [(3, 2), ((3, 2),), (-1,)]] == [
            (3, 2),
            (3, 2),
            (6,),
        ]
        assert [like.transpose(*axes).shape for axes in [(1, 0), ((1, 0),), (None,), ()]] == [
            (3, 2)
        ] * 4
        assert (like.mT.shape, like.item(1, 2), like.tolist()) == (
            (3, 2),
            5.0,
            [[0, 1, 2], [3, 4, 5]],
        )
        assert (like.take([4, 0]).tolist(), like.flatten("F").tolist()) == (
            [4, 0],
            [0, 3, 1, 4, 2, 5],
        )
        assert like.flatten().flags.writeable
        assert like.copy().flags.writeable


def test_autograd_is_imported_by_the_first_gradient_only():
    code = (
        "import sys; from adamref import Variable; Variable(1.0) + 1; "
        "before = 'autograd' in sys.modules; "
        "from adamref.variables.tape import gradients; "
        "w = Variable(1.0); gradients(lambda: w * w, [w]); "
        "print(before, 'autograd' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False True"


def test_a_reader_in_another_thread_sees_whole_values_only():
    w = Variable(np.zeros(10_000))
    torn = []
    done = threading.Event()

    def read():
        while not done.is_set():
            torn.append(np.ptp(w.numpy()))

    reader = threading.Thread(target=read)
    reader.start()
    for value in range(300):
        w.assign(np.full(10_000, float(value)))
    done.set()
    reader.join()
    assert set(torn) == {0.0}
