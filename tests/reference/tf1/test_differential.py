"""Random programs on TensorFlow's class and on ours: both within the judge's bound.

The programs mix dense, sparse and missing gradients, changing learning rates, failing calls, saving
ours to a file and going on from it, copies, pickles, and states that go to the other class and
back. Beta powers, the global step, slots that exist and exceptions must be the same.
"""

import copy
import pickle
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from adamref import IndexedSlices, Variable
from adamref.tf1 import AdamOptimizer
from conformance.truth import reference
from conformance.truth.bound import Bound
from conformance.truth.exact_state import initial_state, states_after
from conformance.truth.formats import FORMATS
from tests.reference.tf1.drawn_gradients import elements, exact_grad, gradients, real_grad, within
from tests.support.tf1_runs import bits

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import tensorflow as tf

Real = tf.compat.v1.train.AdamOptimizer
TF1 = reference.CONVENTIONS["tf1"].convention
SINGLE = reference.Arithmetic.parse("sssss")
SHAPES = [(), (3,), (3, 2), (0,), (2, 1, 2)]
NUMBERS = [
    {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
    {"beta1": 0.8, "beta2": 0.9, "epsilon": 1e-3},
    {"beta1": 0.5, "beta2": 0.75, "epsilon": 2.0**-10},
    {"beta1": 0.0, "beta2": 0.5, "epsilon": 1.0},
]
RATES = [0.001, 0.1, 2.0**-4, 1.0]
# In float16 only what is exact there: dyadic numbers, and few steps, so that no power needs more
# than 11 bits.
DYADIC = NUMBERS[2]
HALF_RATES = [2.0**-4, 1.0]
HALF_STEPS = 5


class Rate:
    """A learning rate that changes, and is pickled."""

    def __init__(self, rate):
        self.rate = rate

    def __call__(self):
        return self.rate


class Programs(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()

    def teardown(self):
        self.folder.cleanup()

    @initialize(
        data=st.data(),
        half=st.booleans(),
        count=st.integers(1, 3),
        numbers=st.sampled_from(NUMBERS),
    )
    def begin(self, data, half, count, numbers):
        self.half = half
        self.calls = 0
        self.numbers = DYADIC if half else numbers
        self.rate = Rate(data.draw(st.sampled_from(HALF_RATES if half else RATES)))
        dtypes = [np.float16] if half else [np.float32, np.float64]
        specs = [
            (data.draw(st.sampled_from(SHAPES)), data.draw(st.sampled_from(dtypes)))
            for _ in range(count)
        ]
        start = [data.draw(elements(*spec)) for spec in specs]
        self.own = [Variable(value, name=f"w{at}") for at, value in enumerate(start)]
        self.real = [tf.Variable(value) for value in start]
        self.own_step = Variable(np.int64(0), name="step")
        self.real_step = tf.Variable(np.int64(0))
        self.own_optimizer = self.fresh()
        self.real_optimizer = Real(lambda: self.rate(), **self.numbers)
        self.exact = [
            initial_state(memory)
            for memory in reference.start([value.ravel().tolist() for value in start], False)
        ]
        self.config = reference.AdamConfig(**self.numbers)
        self.bounds = [
            Bound(self.config, TF1, FORMATS[variable.dtype.name], "s") for variable in self.own
        ]

    def fresh(self):
        return AdamOptimizer(self.rate, **self.numbers)

    @precondition(lambda self: not self.half or self.calls < HALF_STEPS)
    @rule(data=st.data())
    def apply(self, data):
        grads = [data.draw(gradients(variable)) for variable in self.own]
        real = zip(map(real_grad, grads), self.real, strict=True)
        if all(grad is None for grad in grads):
            self.fails(list(zip(grads, self.own, strict=True)), list(real))
            return
        self.own_optimizer.apply_gradients(zip(grads, self.own, strict=True), self.own_step)
        self.real_optimizer.apply_gradients(real, self.real_step)
        self.calls += 1
        call = reference.ExactCall(
            [exact_grad(g, v.shape) for g, v in zip(grads, self.own, strict=True)], self.rate()
        )
        memories = [one.memory for one in self.exact]
        entries = reference.trajectory(self.config, TF1, SINGLE, "float32", memories, [call])[
            0
        ].entries
        flats = [
            grad.ravel().astype(np.float64) if isinstance(grad, np.ndarray) else None
            for grad in grads
        ]
        # One by one, because each has a bound of its own.
        columns = zip(self.exact, entries, self.bounds, flats, self.own, strict=True)
        self.exact = [
            states_after([state], [entry], [bound], [flat], variable.dtype.name)[0]
            for state, entry, bound, flat, variable in columns
        ]

    @rule(data=st.data())
    def change_the_learning_rate(self, data):
        self.rate.rate = data.draw(st.sampled_from(HALF_RATES if self.half else RATES))

    @rule()
    def save_and_go_on_from_the_file(self):
        path = Path(self.folder.name) / "adam.safetensors"
        self.own_optimizer.save(path, [*self.own, self.own_step])
        self.own = [Variable(np.zeros(v.shape), v.dtype, v.name) for v in self.own]
        self.own_step = Variable(np.int64(9), name="step")
        self.own_optimizer = self.fresh()
        self.own_optimizer.restore(path, [*self.own, self.own_step])

    @rule(pickled=st.booleans())
    def go_on_with_a_copy(self, pickled):
        group = [self.own_optimizer, self.rate, self.own_step, *self.own]
        copied = pickle.loads(pickle.dumps(group)) if pickled else copy.deepcopy(group)
        self.own_optimizer, self.rate, self.own_step, *self.own = copied

    def all_have_slots(self):
        return all(self.own_optimizer.get_slot(own, "m") is not None for own in self.own)

    @precondition(all_have_slots)
    @rule()
    def give_the_state_to_a_new_real_one(self):
        self.real_optimizer = Real(lambda: self.rate(), **self.numbers)
        self.own_optimizer.give_state_to(
            self.real_optimizer, list(zip(self.own, self.real, strict=True))
        )

    @precondition(all_have_slots)
    @rule(by_file=st.booleans())
    def take_the_state_of_the_real_one(self, by_file):
        own = [Variable(np.zeros(v.shape), v.dtype, v.name) for v in self.own]
        fresh = self.fresh()
        if by_file:
            prefix = str(Path(self.folder.name) / "real")
            real = {f"w{at}": variable for at, variable in enumerate(self.real)}
            tf.train.Checkpoint(adam=self.real_optimizer, **real).write(prefix)
            fresh.read_checkpoint(prefix, dict(zip(real, own, strict=True)), "adam")
        else:
            fresh.take_state_of(self.real_optimizer, list(zip(own, self.real, strict=True)))
        self.own_optimizer, self.own = fresh, own
        for mine, theirs in zip(self.own, self.real, strict=True):
            assert mine.numpy().tobytes() == theirs.numpy().tobytes()

    @rule(
        at=st.integers(0, 2),
        case=st.sampled_from(["empty", "no pair", "shape", "no loss", "no path", "list"]),
    )
    def fail(self, at, case):
        own = self.own[at % len(self.own)]
        real = self.real[at % len(self.own)]
        wrong = np.ones((*own.shape, 2), own.dtype)
        if case in ("empty", "no pair", "shape"):
            pairs = {
                "empty": ([], []),
                "no pair": ([3], [3]),
                "shape": ([(wrong, own)], [(tf.constant(wrong), real)]),
            }
            self.fails(*pairs[case])
        elif case == "list":
            self.raises_alike(
                lambda optimizer, variable: optimizer.minimize(lambda: variable, var_list=[3]),
                own,
                real,
            )
        else:
            loss = (lambda: tf.constant(0.0)) if case == "no path" else 0.0
            self.raises_alike(
                lambda optimizer, variable: optimizer.minimize(loss, var_list=[variable]), own, real
            )

    def fails(self, own_pairs, real_pairs):
        self.raises_alike(
            lambda optimizer, pairs: optimizer.apply_gradients(pairs), own_pairs, real_pairs
        )

    def raises_alike(self, call, own, real):
        """Errors of TensorFlow's kernels are ValueErrors here; all others are the same."""
        with pytest.raises(Exception) as theirs:  # noqa: PT011  (which one it is, is the question)
            call(self.real_optimizer, real)
        kind = ValueError if isinstance(theirs.value, tf.errors.OpError) else type(theirs.value)
        with pytest.raises(kind):
            call(self.own_optimizer, own)

    @invariant()
    def both_are_within_the_bound_of_the_exact_result(self):
        for own, real, exact in zip(self.own, self.real, self.exact, strict=True):
            assert all(np.isfinite(radius).all() for radius in exact.radii)
            assert within(own.numpy(), exact.memory.param, exact.radii.param), (own, exact)
            assert within(real.numpy(), exact.memory.param, exact.radii.param), (real, exact)
            for name in ("m", "v"):
                due = getattr(exact.memory, name), getattr(exact.radii, name)
                mine, theirs = (
                    o.get_slot(v, name)
                    for o, v in ((self.own_optimizer, own), (self.real_optimizer, real))
                )
                if mine is None:
                    # TensorFlow leaves slots of zeros behind when a first step fails.
                    assert theirs is None or not theirs.numpy().any()
                else:
                    assert within(mine.numpy(), *due)
                    assert within(theirs.numpy(), *due)
                    assert mine.dtype == theirs.numpy().dtype

    @invariant()
    def powers_and_counts_are_the_same_to_the_bit(self):
        mine, theirs = (
            optimizer._get_beta_accumulators()
            for optimizer in (self.own_optimizer, self.real_optimizer)
        )
        if self.calls:
            for power, real_power in zip(mine, theirs, strict=True):
                assert power.numpy().tobytes() == real_power.numpy().tobytes()
        else:
            assert mine == (None, None)
        assert self.own_step.numpy() == self.real_step.numpy() == self.calls


SETTINGS = settings(
    max_examples=150,
    stateful_step_count=15,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def test_every_program_ends_the_same():
    run_state_machine_as_test(Programs, settings=SETTINGS)


class Ignorant(AdamOptimizer):
    """It passes by gradients that are not arrays."""

    def apply_gradients(self, grads_and_vars, global_step=None, name=None):
        pairs = [
            (None if isinstance(grad, IndexedSlices) else grad, variable)
            for grad, variable in grads_and_vars
        ]
        super().apply_gradients(pairs, global_step, name)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda rate, **numbers: AdamOptimizer(
            rate, **(numbers | {"epsilon": 2 * numbers["epsilon"]})
        ),
        lambda rate, **numbers: AdamOptimizer(
            rate, **(numbers | {"beta2": numbers["beta2"] - 2.0**-20})
        ),
        lambda rate, **numbers: AdamOptimizer(rate(), **numbers),
        lambda rate, **numbers: Ignorant(rate, **numbers),
    ],
    ids=["epsilon", "beta2", "rate stays", "no sparse"],
)
def test_a_wrong_optimizer_does_not_pass(wrong):
    class Wrong(Programs):
        def fresh(self):
            return wrong(self.rate, **self.numbers)

    with pytest.raises((AssertionError, ValueError)):
        run_state_machine_as_test(
            Wrong, settings=settings(SETTINGS, phases=[Phase.generate], print_blob=False)
        )


@pytest.mark.parametrize(
    ("dtype", "betas"),
    [
        (np.float16, (0.9, 0.999)),
        (np.float32, (np.float64(0.9), np.float64(0.999))),
        (np.float64, (0.9, 0.999)),
    ],
)
def test_numbers_take_the_dtype_of_the_variable_before_they_are_used(dtype, betas):
    # Powers of two: m and v are 1 - beta and its like times them, in whatever order, and show each
    # bit of it.
    grad = np.array([0.5, -1.0, 4.0], dtype)
    own = Variable(np.ones(3, dtype))
    real = tf.Variable(np.ones(3, dtype))
    ours = AdamOptimizer(0.01, *betas, epsilon=1e-3)
    theirs = Real(0.01, *betas, epsilon=1e-3)
    ours.apply_gradients([(grad, own)])
    theirs.apply_gradients([(tf.constant(grad), real)])
    for slot in ("m", "v"):
        assert bits(ours.get_slot(own, slot)) == bits(theirs.get_slot(real, slot))
