"""adamref.tf1.AdamOptimizer does what the page of tf.train.AdamOptimizer says."""

import doctest
import sys

import numpy as np
import pytest

from adamref import Variable
from adamref.tf1 import AdamOptimizer
from adamref.tf1 import optimizer as optimizer_module
from adamref.variables import variable as variable_module
from tests.support.tf1_runs import DYADIC, GRADS, bits


@pytest.mark.parametrize("module", [optimizer_module, variable_module])
def test_its_examples_run(module):
    results = doctest.testmod(module)
    assert (results.failed, results.attempted > 1) == (0, True)


def test_minimize_moves_against_the_gradient_by_the_learning_rate_at_first():
    x = Variable(10.0)
    AdamOptimizer(0.5, epsilon=0.0).minimize(lambda: x**2)
    assert x.numpy() == 9.5


def test_minimize_is_compute_gradients_and_apply_gradients():
    def loss(w):
        return lambda: np.sum(np.tanh(w) ** 2)

    a = Variable(GRADS[0])
    b = Variable(GRADS[0])
    one = AdamOptimizer()
    two = AdamOptimizer()
    for _ in range(3):
        assert one.minimize(loss(a), var_list=[a]) is None
        assert two.apply_gradients(two.compute_gradients(loss(b), [b])) is None
    assert bits(a) == bits(b)


def test_gradients_can_be_changed_between_computing_and_applying():
    x = Variable(10.0)
    optimizer = AdamOptimizer(0.5, epsilon=0.0)
    pairs = [
        (np.clip(grad, -1, 1), var) for grad, var in optimizer.compute_gradients(lambda: x**2, [x])
    ]
    optimizer.apply_gradients(pairs)
    assert (pairs[0][0], optimizer.get_slot(x, "v").numpy()) == (
        1.0,
        np.float32(1) - np.float32(0.999),
    )


def test_without_a_list_the_trainable_variables_that_the_loss_reads_change_in_their_order():
    a = Variable(1.0)
    b = Variable(2.0)
    unread = Variable(3.0)
    fixed = Variable(4.0, trainable=False)
    pairs = AdamOptimizer().compute_gradients(lambda: b * a * fixed)
    assert [var for _, var in pairs] == [a, b]
    assert [float(grad) for grad, _ in pairs] == [8.0, 4.0]
    AdamOptimizer().minimize(lambda: b * a * fixed)
    assert (unread.numpy(), fixed.numpy()) == (3.0, 4.0)


def test_a_variable_that_the_loss_does_not_depend_on_is_paired_with_none():
    a = Variable(1.0)
    b = Variable(2.0)
    assert AdamOptimizer().compute_gradients(lambda: a * 3, [b, a]) == [(None, b), (3.0, a)]


def test_grad_loss_is_the_gradient_of_the_loss_itself():
    a = Variable([1.0, 2.0])
    optimizer = AdamOptimizer()
    assert optimizer.compute_gradients(lambda: a * a, [a], grad_loss=[2.0, 3.0])[0][0].tolist() == [
        4.0,
        12.0,
    ]
    optimizer.minimize(lambda: a * a, var_list=[a], grad_loss=[0.0, 1.0])
    assert optimizer.get_slot(a, "m").numpy().tolist() == [
        0.0,
        np.float32(4) * (np.float32(1) - np.float32(0.9)),
    ]


def test_the_gates_do_the_same_and_so_do_aggregation_and_colocation():
    ends = set()
    for gate in (AdamOptimizer.GATE_NONE, AdamOptimizer.GATE_OP, AdamOptimizer.GATE_GRAPH):
        for colocate in (False, True):
            a = Variable(1.0)
            b = Variable(2.0)
            options = {
                "gate_gradients": gate,
                "aggregation_method": 2,
                "colocate_gradients_with_ops": colocate,
            }
            AdamOptimizer().minimize(lambda a=a, b=b: a * b * b, **options)
            ends.add((*bits(a, b),))
    assert (AdamOptimizer.GATE_NONE, AdamOptimizer.GATE_OP, AdamOptimizer.GATE_GRAPH) == (0, 1, 2)
    assert len(ends) == 1


@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.float32, np.uint8])
def test_the_global_step_counts_the_steps_in_its_own_dtype(dtype):
    step = Variable(dtype(5))
    w = Variable(1.0)
    optimizer = AdamOptimizer()
    optimizer.minimize(lambda: w * w, global_step=step)
    optimizer.apply_gradients([(1.0, w)], global_step=step)
    optimizer.apply_gradients([(1.0, w)])
    assert (step.numpy(), step.dtype) == (7, dtype)


def test_the_names_of_operations_are_taken_and_do_nothing():
    a = Variable(1.0)
    b = Variable(1.0)
    AdamOptimizer().minimize(lambda: a * a, name="train")
    optimizer = AdamOptimizer()
    optimizer.apply_gradients(optimizer.compute_gradients(lambda: b * b), name="apply")
    assert bits(a) == bits(b)


def test_a_none_gradient_leaves_variable_and_slots_while_the_count_goes_on():
    a = Variable(1.0)
    b = Variable(2.0)
    optimizer = AdamOptimizer()
    optimizer.apply_gradients([(1.0, a), (1.0, b)])
    before = bits(a, optimizer.get_slot(a, "m"), optimizer.get_slot(a, "v"))
    optimizer.apply_gradients([(None, a), (1.0, b)])
    assert bits(a, optimizer.get_slot(a, "m"), optimizer.get_slot(a, "v")) == before
    assert optimizer._get_beta_accumulators()[0].numpy() == np.float32(0.9) * np.float32(
        0.9
    ) * np.float32(0.9)


def test_slots_are_variables_that_can_be_assigned_to():
    w = Variable([1.0, 2.0], name="w")
    optimizer = AdamOptimizer(**DYADIC)
    assert (optimizer.get_slot(w, "m"), optimizer.get_slot_names(), optimizer.variables()) == (
        None,
        [],
        [],
    )
    optimizer.apply_gradients([([4.0, -2.0], w)])
    m = optimizer.get_slot(w, "m")
    v = optimizer.get_slot(w, "v")
    assert optimizer.get_slot_names() == ["m", "v"]
    assert (m.numpy().tolist(), v.numpy().tolist()) == ([2.0, -1.0], [4.0, 1.0])
    assert (m.dtype, m.shape, m.trainable) == (np.float32, (2,), False)
    assert (optimizer.get_slot(w, "x"), optimizer.get_slot(Variable(1.0), "m")) == (None, None)
    m.assign([0.0, 0.0])
    optimizer.apply_gradients([([0.0, 0.0], w)])
    assert optimizer.get_slot(w, "m") is m
    assert m.numpy().tolist() == [0.0, 0.0]


def test_variables_are_slots_and_powers_by_name():
    a = Variable(1.0, name="a")
    b = Variable(np.float64(1.0), name="z")
    optimizer = AdamOptimizer()
    optimizer.apply_gradients([(1.0, b), (1.0, a)])
    names = ["a/Adam", "a/Adam_1", "beta1_power", "beta2_power", "z/Adam", "z/Adam_1"]
    assert [variable.name for variable in optimizer.variables()] == names
    assert optimizer.variables()[2:4] == list(optimizer._get_beta_accumulators())


def test_slots_of_variables_of_one_name_count_on():
    optimizer = AdamOptimizer(name="Opt")
    optimizer.apply_gradients([(1.0, Variable(1.0)), (1.0, Variable(1.0))])
    names = [variable.name for variable in optimizer.variables()][:4]
    assert names == ["Variable/Opt", "Variable/Opt_1", "Variable/Opt_2", "Variable/Opt_3"]


def test_the_name_is_kept():
    assert (AdamOptimizer().get_name(), AdamOptimizer(name="mine").get_name()) == ("Adam", "mine")


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("shape", [(), (0,), (2, 3)])
def test_variables_keep_their_shape_and_dtype(shape, dtype):
    w = Variable(np.ones(shape, dtype))
    optimizer = AdamOptimizer()
    optimizer.minimize(lambda: np.sum(w * w), var_list=[w])
    kept = [w, optimizer.get_slot(w, "m"), optimizer.get_slot(w, "v")]
    assert {(variable.shape, variable.dtype) for variable in kept} == {(shape, np.dtype(dtype))}


def test_a_step_is_minimal_code_of_a_training_loop():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(64, 3)).astype(np.float32)
    y = x @ np.array([1.0, -2.0, 0.5], np.float32) + 3
    w = Variable(np.zeros(3, np.float32))
    b = Variable(0.0)
    step = Variable(0)
    optimizer = AdamOptimizer(0.1)
    for _ in range(300):
        optimizer.minimize(lambda: np.mean((x @ w + b - y) ** 2), global_step=step)
    assert step.numpy() == 300
    assert np.abs(w.numpy() - [1.0, -2.0, 0.5]).max() < 1e-2
    assert abs(b.numpy() - 3) < 1e-2


def opcodes(call):
    """How many operations the interpreter takes for it."""
    count = 0

    def trace(frame, event, arg):
        nonlocal count
        frame.f_trace_opcodes = True
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return count


def test_the_first_step_takes_time_in_proportion_to_the_variables():
    def first_step(variables):
        pairs = [(1.0, Variable(1.0)) for _ in range(variables)]
        return opcodes(lambda: AdamOptimizer().apply_gradients(pairs))

    assert first_step(200) < 2.1 * first_step(100)
