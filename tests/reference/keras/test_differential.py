"""Random programs on the real tf.keras optimizer and on ours.

Both must stay inside the bound around the exact trajectory.
"""

import copy
import math
import pickle
import tempfile
import warnings
from fractions import Fraction
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from adamref import IndexedSlices, Variable, schedule
from adamref.keras import Adam
from adamref.variables.pairs import MalformedArgument
from conformance.truth.bound import Bound
from conformance.truth.exact_state import initial_state, states_after
from conformance.truth.formats import FORMATS
from conformance.truth.reference import (
    CONVENTIONS,
    AdamConfig,
    Arithmetic,
    ExactCall,
    ExactSlices,
    start,
    trajectory,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import tensorflow as tf
    from tf_keras import optimizers as legacy

tf.get_logger().setLevel("ERROR")  # it warns at each missing gradient; that ours does is asserted

CONVENTION = CONVENTIONS["tfkeras"].convention
# The oracle is told the learning rate of each step, as the real one has rounded it, and betas in
# float32. They are cast to the dtype of the variable, which for float32 and float64 is sdssT.
ARITHMETIC = Arithmetic.parse("ddTTT")
SLOTS = {"m": "m", "v": "v", "vhat": "v_max"}
RATES = [0.001, 0.1, 0.25, 1.0]
SCHEDULES = [
    ("InverseTimeDecay", (0.1, 3, 0.5)),
    ("PiecewiseConstantDecay", ([1, 4], [0.5, 0.1, 0.01])),
]

shapes = st.sampled_from([(), (1,), (3,), (2, 3), (4, 1, 2), (0, 2)])
variables = st.lists(
    st.tuples(shapes, st.sampled_from(["float16", "float32", "float64"])), min_size=1, max_size=3
)
limits = st.fixed_dictionaries(
    {},
    optional={"clipvalue": st.sampled_from([0.5, 2.0]), "clipnorm": st.sampled_from([0.75, 3.0])},
)
signs = st.sampled_from([-1, 1])
numbers = st.integers(-8, 8).map(lambda n: n / 4)


class Programs(RuleBasedStateMachine):
    @initialize(
        kinds=variables,
        options=limits,
        together=st.sampled_from([None, 1.5]),
        amsgrad=st.booleans(),
        betas=st.sampled_from([(0.9, 0.999), (0.5, 0.75), (0.0, 0.99)]),
        epsilon=st.sampled_from([1e-7, 0, 0.125]),
        decay=st.sampled_from([0.0, 0.0, 0.1]),
        seed=st.integers(0, 99),
    )
    def make(self, kinds, options, together, amsgrad, betas, epsilon, decay, seed):
        random = np.random.default_rng(seed)
        if together and "clipnorm" not in options and len({dtype for _, dtype in kinds}) == 1:
            options["global_clipnorm"] = together
        self.arguments = {"amsgrad": amsgrad, "epsilon": epsilon, "decay": decay, **options}
        self.arguments |= dict(zip(("beta_1", "beta_2"), betas, strict=True))
        self.rates = 0.001, 0.001
        self.ours, self.theirs = self.fresh()
        values = [random.standard_normal(shape).astype(dtype) for shape, dtype in kinds]
        self.own = [Variable(value, name=f"v{at}") for at, value in enumerate(values)]
        self.real = [tf.Variable(value, name=f"v{at}") for at, value in enumerate(values)]
        single = [float(np.float32(beta)) for beta in betas]
        self.config = AdamConfig(
            epsilon=epsilon, amsgrad=amsgrad, beta1=single[0], beta2=single[1], **options
        )
        self.exact = [
            initial_state(memory)
            for memory in start([value.ravel().tolist() for value in values], amsgrad)
        ]

    def fresh(self):
        own, real = self.rates
        return Adam(own, **self.arguments), legacy.legacy.Adam(real, **self.arguments)

    @rule(data=st.data(), steps=st.integers(1, 5))
    def take_steps(self, data, steps):
        for _ in range(steps):
            self.step([data.draw(self.gradient(var.shape, var.dtype)) for var in self.own])

    def step(self, grads):
        real = [
            tf.IndexedSlices(*map(tf.constant, grad[:2])) if isinstance(grad, tuple) else grad
            for grad in grads
        ]
        self.follow(grads)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            got = outcome(lambda: self.ours.apply_gradients(zip(grads, self.own, strict=True)))
        assert got == outcome(
            lambda: self.theirs.apply_gradients(zip(real, self.real, strict=True))
        )
        missing = [grad is None for grad in grads]
        assert got == ("ValueError" if all(missing) else None)
        assert len(caught) == (any(missing) and not all(missing))
        self.compare()

    @rule(rate=st.sampled_from(RATES))
    def change_the_learning_rate(self, rate):
        self.rates = rate, rate
        self.ours.learning_rate = self.theirs.learning_rate = rate

    @rule(kind=st.sampled_from(SCHEDULES))
    def schedule_the_learning_rate(self, kind):
        name, arguments = kind
        self.rates = [getattr(of, name)(*arguments) for of in (schedule, legacy.schedules)]
        self.ours.learning_rate, self.theirs.learning_rate = self.rates

    @rule()
    def set_the_weights_to_what_they_are(self):
        self.ours.set_weights(self.ours.get_weights())
        self.theirs.set_weights(self.theirs.get_weights())
        self.compare()

    @rule()
    def save_ours_and_go_on_with_another(self):
        fresh = Adam(self.ours.learning_rate, **self.arguments | {"epsilon": 1.0, "beta_1": 0.25})
        variables = [Variable(np.zeros(var.shape, var.dtype), name=var.name) for var in self.own]
        with tempfile.TemporaryDirectory() as folder:
            self.ours.save(Path(folder) / "adam", self.own)
            fresh.restore(Path(folder) / "adam", variables)
        pairs = zip(self.own + self.ours.weights, variables + fresh.weights, strict=True)
        assert all(
            a.numpy().tobytes() == b.numpy().tobytes() and a.name == b.name for a, b in pairs
        )
        self.ours = fresh
        self.own = variables

    @rule(pickled=st.booleans())
    def go_on_with_a_copy(self, pickled):
        group = [self.ours, *self.own]
        self.ours, *self.own = (
            pickle.loads(pickle.dumps(group)) if pickled else copy.deepcopy(group)
        )
        self.compare()

    @precondition(lambda self: len(self.ours._weights.owners()) == len(self.own))
    @rule(by_file=st.booleans())
    def migrate_there_and_back(self, by_file):
        # Both are new, because the order of weights is that in which they were made.
        mine, self.theirs = self.fresh()
        numbers = {f"v{at}": variable for at, variable in enumerate(self.own)}
        own = [Variable(np.zeros(var.shape, var.dtype), name=var.name) for var in self.own]
        self.ours.give_state_to(self.theirs, list(zip(self.own, self.real, strict=True)))
        if by_file:
            with tempfile.TemporaryDirectory() as folder:
                self.ours.write_checkpoint(Path(folder) / "adam", numbers)
                mine.read_checkpoint(Path(folder) / "adam", dict(zip(numbers, own, strict=True)))
        else:
            mine.take_state_of(self.theirs, list(zip(own, self.real, strict=True)))
        for before, after in zip(self.own, own, strict=True):
            assert before.numpy().tobytes() == after.numpy().tobytes()
        self.ours, self.own = mine, own
        self.compare()

    @rule(at=st.integers(0, 2))
    def go_through_a_call_that_is_wrong(self, at):
        wrong = [
            lambda variables: [],
            lambda variables: [(None, variables[0])],
            lambda variables: [(1.0,)],
        ][at]
        before = [weight.numpy().tobytes() for weight in self.ours.weights]
        got = outcome(lambda: self.ours.apply_gradients(wrong(self.own)))
        assert got == outcome(lambda: self.theirs.apply_gradients(wrong(self.real)))
        assert [weight.numpy().tobytes() for weight in self.ours.weights[: len(before)]] == before

    @precondition(lambda self: len(self.ours.weights) > 1)
    @rule()
    def hand_over_a_gradient_of_another_shape(self):
        grad = np.ones((5, 5), np.float32)
        at = next(at for at, var in enumerate(self.own) if var in self.ours._weights.owners())
        got = outcome(lambda: self.ours.apply_gradients([(grad, self.own[at])]))
        assert (
            got
            == outcome(lambda: self.theirs.apply_gradients([(grad, self.real[at])]))
            == "ValueError"
        )
        self.compare()

    def gradient(self, shape, dtype):
        dense = st.lists(numbers, min_size=math.prod(shape), max_size=math.prod(shape))
        choices = [st.none(), *2 * [dense.map(lambda flat: np.array(flat, dtype).reshape(shape))]]
        if shape and shape[0]:
            rows = st.lists(st.integers(0, shape[0] - 1), max_size=4)
            choices.append(rows.flatmap(lambda rows: self.slices(rows, shape[1:], dtype)))
        return st.one_of(*choices)

    def slices(self, rows, shape, dtype):
        whole = (len(rows), *shape)
        # Of one sign: where slices cancel, what is left may be rounding alone, and no bound holds.
        flat = st.lists(numbers.map(abs), min_size=math.prod(whole), max_size=math.prod(whole))
        indices = np.array(rows, np.int64 if len(rows) % 2 else np.int32)
        values = st.builds(
            lambda sign, flat: np.array(flat, dtype).reshape(whole) * dtype.type(sign), signs, flat
        )
        return values.map(lambda values: IndexedSlices(values, indices))

    def follow(self, grads):
        """Take the exact trajectory and its bound one step further."""
        if all(grad is None for grad in grads):
            return
        for dtype in {var.dtype.name for var in self.own}:
            group = [at for at, var in enumerate(self.own) if var.dtype == dtype]
            memories = [self.exact[at].memory for at in group]
            given = [grads[at] for at in group]
            entries = [memory._replace(t=memory.t + 1) for memory in memories]  # what a None leaves
            if any(grad is not None for grad in given):
                flat = [
                    exactly(grad, self.own[at].shape) for grad, at in zip(given, group, strict=True)
                ]
                call = ExactCall(flat, float(self.theirs._decayed_lr(dtype)))
                steps = trajectory(self.config, CONVENTION, ARITHMETIC, dtype, memories, [call])
                entries = steps[0].entries
            dense = [grad.values if isinstance(grad, tuple) else grad for grad in given]
            size = sum(map(np.size, dense))
            bound = Bound(self.config, CONVENTION, FORMATS[dtype], "T", size)
            dense = [
                grad.ravel().astype(np.float64) if isinstance(grad, np.ndarray) else None
                for grad in given
            ]
            states = [self.exact[at] for at in group]
            after = states_after(states, entries, [bound for _ in states], dense, dtype)
            for at, state in zip(group, after, strict=True):
                self.exact[at] = state

    def compare(self):
        assert self.ours.iterations.numpy() == self.theirs.iterations.numpy()
        assert self.ours.get_slot_names() == self.theirs.get_slot_names()
        for at, (own, real) in enumerate(zip(self.own, self.real, strict=True)):
            self.inside(at, "param", own, real)
            for slot in self.ours._weights.slots_of(own):
                self.inside(
                    at, SLOTS[slot], self.ours.get_slot(own, slot), self.theirs.get_slot(real, slot)
                )
        assert self.order(self.ours, self.own) == self.order(self.theirs, self.real)

    def inside(self, at, of, own, real):
        exact = getattr(self.exact[at].memory, of)
        radius = getattr(self.exact[at].radii, of)
        for got in (own.numpy(), real.numpy()):
            assert got.shape == own.shape
            assert got.dtype == own.dtype
            for x, due, allowed in zip(np.ravel(got).tolist(), exact, radius.tolist(), strict=True):
                if (
                    allowed == np.inf
                ):  # epsilon alone may be flushed to 0 in float16, and 0 / 0 is anything
                    assert own.dtype == np.float16
                else:
                    assert abs(Fraction(x) - Fraction(due)) <= Fraction(allowed)

    def order(self, optimizer, variables):
        """To what each weight belongs."""
        places = {id(optimizer.iterations): "iterations"}
        for at, var in enumerate(variables):
            for slot in SLOTS:
                try:
                    places[id(optimizer.get_slot(var, slot))] = (at, slot)
                except KeyError:
                    continue
        return [places[id(weight)] for weight in optimizer.weights]


def exactly(grad, shape):
    """A gradient as the oracle takes it: flat."""
    if isinstance(grad, IndexedSlices):
        return ExactSlices(
            np.ravel(grad.values).tolist(), grad.indices.tolist(), shape[0], math.prod(shape[1:])
        )
    return None if grad is None else np.ravel(grad).tolist()


def outcome(call):
    """The class of what a call raises: ValueError for errors of TensorFlow's own classes."""
    try:
        call()
    except (tf.errors.OpError, MalformedArgument):
        return "ValueError"
    except Exception as error:
        return type(error).__name__
    return None


SETTINGS = settings(
    derandomize=True,
    deadline=None,
    max_examples=300,
    stateful_step_count=15,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def test_random_programs_stay_inside_the_bound_of_the_exact_trajectory():
    run_state_machine_as_test(Programs, settings=SETTINGS)
