"""The numbers of adamref.tf1.AdamOptimizer: by hand, by the reference, by the judge."""

import numpy as np
import pytest

from adamref import Adam, AdamConfig, IndexedSlices, Variable, gather
from adamref.tf1 import AdamOptimizer
from conformance import check
from tests.support.tf1_runs import DYADIC, GRADS, bits, train


class Subject:
    """The optimizer as the judge wants it."""

    def __init__(self, params, learning_rate, beta1, beta2, epsilon):
        self.rate = learning_rate
        self.variables = [Variable(param) for param in params]
        self.betas = (beta1, beta2)
        self.optimizer = AdamOptimizer(lambda: self.rate, beta1, beta2, epsilon)

    def step(self, grads, learning_rate=None):
        self.rate = self.rate if learning_rate is None else learning_rate
        self.optimizer.apply_gradients(zip(grads, self.variables, strict=True))
        return [variable.numpy() for variable in self.variables]

    def slots(self):
        return {"m": self.moments("m"), "v": self.moments("v")}

    def moments(self, name):
        return [self.slot(variable, name) for variable in self.variables]

    def slot(self, variable, name):
        slot = self.optimizer.get_slot(variable, name)
        return None if slot is None else slot.numpy()

    def load(self, params, slots, t):
        self.step([0 * param for param in params])  # makes the slots
        for at, variable in enumerate(self.variables):
            variable.assign(params[at])
            for name, arrays in slots.items():
                self.optimizer.get_slot(variable, name).assign(arrays[at])
        for power, beta in zip(self.optimizer._get_beta_accumulators(), self.betas, strict=True):
            power.assign(beta ** (int(t[0]) + 1))


Subject.supports = {"none", "sparse", "float16", "readonly", "indices_int32", "mixed_dtypes"}
Subject.refuses = {"dtype", "count", "index"}

# It is not saved here, as a session does that, and `step` sets a new rate before it applies.
LACKING = {
    *("save", "groups", "gradient_accumulation_steps", "grad_dtype", "loss_scale"),
    *("refuse_shape", "refuse_load_shape", "refuse_load_count", "bfloat16", "float16"),
}


def test_the_judge_finds_it_conformant_to_tensorflow_1():
    report = check(Subject, convention="tf1", level="core")
    assert report.conformant, str(report)
    needs = set().union(*(one.vector.features for one in report.unsupported))
    assert needs & LACKING == LACKING
    assert all(LACKING & set(one.vector.features) for one in report.unsupported)


def test_the_numbers_are_those_of_the_reference():
    # float64 and dyadic numbers: powers and corrections are exact, so that the reference has the
    # same bits.
    w, _ = train(5, **DYADIC)
    reference = Adam([np.ones(3)], AdamConfig(**DYADIC), "tf1")
    params = [reference.step([GRADS[at % 3]])[0] for at in range(5)]
    assert w.numpy().tobytes() == params[-1].tobytes()


def test_a_variable_that_is_there_twice_takes_both_steps_of_one_count():
    # beta 1/2 and 3/4, g = 4 twice at t = 1: m = 2, then 3; v = 4, then 7; lr_t = lr sqrt(1/4) /
    # (1/2) = lr.
    w = Variable(np.float64(1.0))
    optimizer = AdamOptimizer(**(DYADIC | {"epsilon": 0.0}))
    optimizer.apply_gradients([(np.float64(4.0), w), (np.float64(4.0), w)])
    assert [optimizer.get_slot(w, name).numpy() for name in ("m", "v")] == [3.0, 7.0]
    assert w.numpy() == 1 - 2.0**-4 - 2.0**-4 * 3 / np.sqrt(7.0)


def test_the_powers_start_at_the_betas_and_are_multiplied_after_each_step_in_float32():
    w = Variable(np.float64(1.0))
    optimizer = AdamOptimizer()
    assert optimizer._get_beta_accumulators() == (None, None)
    due = [np.float32(0.9), np.float32(0.999)]
    for _ in range(20):
        optimizer.apply_gradients([(1.0, w)])
        due = [due[0] * np.float32(0.9), due[1] * np.float32(0.999)]
        for power, number in zip(optimizer._get_beta_accumulators(), due, strict=True):
            assert power.numpy().tobytes() == number.tobytes()


def test_each_number_may_be_a_function_that_is_called_at_every_step():
    rates = iter([0.5, 0.25])
    x = Variable(10.0)
    optimizer = AdamOptimizer(lambda: next(rates), lambda: 0.0, lambda: 0.0, lambda: 0.0)
    optimizer.apply_gradients([(1.0, x)])
    optimizer.apply_gradients([(-1.0, x)])  # betas 0: the step is lr sign(g)
    assert x.numpy() == 9.75


def test_a_beta_that_changes_is_multiplied_into_its_power():
    # TensorFlow calls it once to make the power, and then once a step: .5, then .25; the powers are
    # .5, .5 * .25.
    betas = iter([0.5, 0.25, 0.125])
    w = Variable(np.float64(0.0))
    optimizer = AdamOptimizer(1.0, lambda: next(betas), 0.0, 0.0)
    optimizer.apply_gradients([(1.0, w)])
    assert (w.numpy(), optimizer.get_slot(w, "m").numpy()) == (-0.75 / 0.5, 0.75)
    optimizer.apply_gradients([(1.0, w)])
    assert [power.numpy() for power in optimizer._get_beta_accumulators()] == [
        0.5 * 0.25 * 0.125,
        0.0,
    ]


@pytest.mark.parametrize(
    "kind", [float, np.float32, np.float64, np.array, Variable, lambda x: lambda: x]
)
def test_a_number_may_be_an_array_or_a_variable(kind):
    w, _ = train(3, **{name: kind(number) for name, number in DYADIC.items()})
    assert bits(w) == bits(train(3, **DYADIC)[0])


def test_python_s_numbers_are_float32_and_those_of_numpy_what_they_are():
    # The first step is lr sign(g): with epsilon 0 and g = 1, and betas whose roundings cancel.
    narrow, wide = (
        train(1, learning_rate=lr, beta1=0.5, beta2=0.75, epsilon=0.0)[0]
        for lr in (0.1, np.float64(0.1))
    )
    assert (narrow.numpy()[0], wide.numpy()[0]) == (1 - float(np.float32(0.1)), 1 - 0.1)


def test_an_array_that_changes_counts_from_the_next_step():
    rate = np.array(0.5, np.float32)
    x = Variable(10.0)
    optimizer = AdamOptimizer(rate, 0.0, 0.0, 0.0)
    optimizer.apply_gradients([(1.0, x)])
    rate[...] = 0.25
    optimizer.apply_gradients([(1.0, x)])
    assert x.numpy() == 9.25


def test_epsilon_is_added_to_the_uncorrected_root():
    # g = 1, betas 1/2 and 3/4, lr 1, eps 1/2: m = 1/2, v = 1/4, lr_t = 1; the step is (1/2) / (1/2
    # + 1/2).
    w = Variable(np.float64(0.0))
    AdamOptimizer(1.0, 0.5, 0.75, 0.5).apply_gradients([(1.0, w)])
    assert w.numpy() == -0.5


def test_a_sparse_gradient_moves_all_rows_as_the_dense_one_that_it_stands_for():
    sparse = Variable(np.ones((3, 2)))
    dense = Variable(np.ones((3, 2)))
    one = AdamOptimizer()
    two = AdamOptimizer()
    slices = IndexedSlices(
        np.array([[1.0, 2.0], [4.0, 8.0], [0.5, 0.25]]), np.array([2, 0, 2]), (3, 2)
    )
    whole = np.array([[4.0, 8.0], [0.0, 0.0], [1.5, 2.25]])
    for grad, same in ((whole, whole), (slices, whole), (slices, whole)):
        one.apply_gradients([(grad, sparse)])
        two.apply_gradients([(same, dense)])
    assert bits(sparse, *one.variables()) == bits(dense, *two.variables())


def test_slices_of_a_row_are_summed_before_they_are_squared():
    # 3 + 1 = 4, squared 16, times 1/4.
    w = Variable(np.zeros(2))
    optimizer = AdamOptimizer(**DYADIC)
    optimizer.apply_gradients([(IndexedSlices(np.array([3.0, 1.0]), np.array([1, 1])), w)])
    assert optimizer.get_slot(w, "v").numpy().tolist() == [0.0, 4.0]


def test_a_sparse_gradient_without_rows_is_a_step_of_momentum():
    w = Variable(np.zeros(2))
    optimizer = AdamOptimizer(**DYADIC)
    optimizer.apply_gradients([(np.array([4.0, 4.0]), w)])
    before = w.numpy()
    optimizer.apply_gradients([(IndexedSlices(np.zeros(0), np.zeros(0, np.int32)), w)])
    assert optimizer.get_slot(w, "m").numpy().tolist() == [1.0, 1.0]
    assert (w.numpy() < before).all()


def test_an_embedding_is_trained_through_gather_in_every_row():
    table = Variable(np.ones((4, 2)), name="table")
    optimizer = AdamOptimizer(**DYADIC)
    optimizer.minimize(lambda: np.sum(table))
    before = table.numpy()
    optimizer.minimize(lambda: np.sum(gather(table, [[1], [1]]) ** 2))
    assert isinstance(
        optimizer.compute_gradients(lambda: np.sum(gather(table, [1])))[0][0], IndexedSlices
    )
    assert (table.numpy() < before).all()
