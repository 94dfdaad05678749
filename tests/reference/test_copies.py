"""Everything public is copied and pickled with all that it remembers, or refuses to be."""

import copy
import inspect
import pickle
import pkgutil
from dataclasses import fields, is_dataclass
from importlib import import_module

import ml_dtypes
import numpy as np
import pytest

import adamref
from adamref import (
    CONVENTIONS,
    Adam,
    AdamConfig,
    Arithmetic,
    Convention,
    IndexedSlices,
    Storage,
    Variable,
    keras,
    schedule,
    tf1,
)
from adamref.kernels import cpu, cuda, deferred

WAYS = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    **{
        f"pickle {protocol}": lambda value, protocol=protocol: pickle.loads(
            pickle.dumps(value, protocol)
        )
        for protocol in range(2, 6)
    },
}
GRAD = np.array([[3.0, -0.25], [0.5, 1.0], [0.0, 2.0]], np.float32)
HALF = GRAD.astype(ml_dtypes.bfloat16)
# AMSGrad and a rate that changes, so that there is as much to remember as can be.
CONFIG = AdamConfig(learning_rate=0.5, epsilon=1e-3, amsgrad=True)


def public_values():
    """Yield everything in an __all__ of adamref and of the packages below it."""
    packages = ["adamref"]
    packages += [
        module.name
        for module in pkgutil.walk_packages(adamref.__path__, "adamref.")
        if module.ispkg
    ]
    for name in packages:
        module = import_module(name)
        yield from (getattr(module, public) for public in getattr(module, "__all__", ()))


def plain(value):
    """Return a value as something that is equal only to the same bits."""
    if isinstance(value, np.ndarray | np.generic):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, Variable):
        return value.name, value.trainable, plain(value.numpy())
    if isinstance(value, list | tuple):
        return type(value), *map(plain, value)
    if isinstance(value, dict):
        return [(key, plain(item)) for key, item in value.items()]
    if is_dataclass(value):
        return type(value), *[plain(getattr(value, field.name)) for field in fields(value)]
    return value


def step_adam(adam, grad=GRAD):
    return plain([adam.step([grad], learning_rate=0.25), adam.slots()])


def step_table(table):
    # Rows 1 and 2 stay behind, and only the history knows what they have missed.
    table.apply(IndexedSlices(GRAD[:1], np.array([0])))
    return plain([table.read([0]), table.t, table.config])


def read_table(table):
    return step_table(table), plain([table.read(), table.slots()])


def step_variables(holder):
    """Step an optimizer, which stands in a list with its Variables."""
    optimizer, *variables = holder
    pairs = [(GRAD, variables[0]), (IndexedSlices(GRAD[:2], np.array([0, 2])), variables[1])]
    optimizer.apply_gradients(pairs)
    return plain([variables, optimizer.variables()])


def new_variables():
    return [Variable(np.ones((3, 2), np.float32), name=name) for name in "ab"]


def rate_in_a_module():
    return 0.25


class HalvingSchedule(schedule.LearningRateSchedule):
    """A schedule of a user."""

    def __call__(self, step):
        return 0.5**step


def call(halving):
    return plain(halving(np.arange(9)))


class OwnMomentum(tf1.Optimizer):
    """An optimizer of a user."""

    def _create_slots(self, var_list):
        for variable in var_list:
            self._zeros_slot(variable, "momentum", self._name)

    def _apply_dense(self, grad, var):
        momentum = self.get_slot(var, "momentum").assign(
            self.get_slot(var, "momentum").array * np.float32(0.5) + grad
        )
        var.assign_sub(momentum.array)

    def _apply_sparse(self, grad, var):
        changed = var.numpy()
        changed[grad.indices] -= grad.values
        var.assign(changed)


# Class -> how to make what is copied, and a step of it that returns all that it leads to. Records,
# which are named tuples, need no entry.
CASES = {
    Adam: [
        (lambda: Adam([GRAD], CONFIG), step_adam),
        (lambda: Adam([GRAD], CONFIG, "torch", backend="cpu"), step_adam),
        (
            lambda: Adam([HALF], CONFIG, storage="weights=master,moments=T"),
            lambda adam: step_adam(adam, HALF),
        ),
    ],
    deferred.DeferredTable: [
        (lambda: deferred.DeferredTable(GRAD, CONFIG, "tfkeras"), read_table),
        (lambda: deferred.DeferredTable(GRAD, AdamConfig(), mode="series"), step_table),
    ],
    Variable: [(lambda: Variable(GRAD), lambda variable: plain(variable.assign_add(GRAD)))],
    tf1.AdamOptimizer: [
        (lambda: [tf1.AdamOptimizer(), *new_variables()], step_variables),
        (lambda: [tf1.AdamOptimizer(rate_in_a_module), *new_variables()], step_variables),
    ],
    tf1.Optimizer: [(lambda: [OwnMomentum(False, "Momentum"), *new_variables()], step_variables)],
    keras.Adam: [
        (lambda: [keras.Adam(amsgrad=True, clipnorm=1.0), *new_variables()], step_variables),
        (
            lambda: [keras.Adam(schedule.CosineDecay(0.5, 10)), *new_variables()],
            step_variables,
        ),
    ],
    AdamConfig: [(lambda: CONFIG, plain)],
    Storage: [(lambda: Storage(weights="master", v="T"), plain)],
    Convention: [(lambda: CONVENTIONS["torch"].convention, plain)],
    Arithmetic: [(lambda: Arithmetic.parse("sdssT"), plain)],
    schedule.LearningRateSchedule: [(HalvingSchedule, call)],
    schedule.CosineDecay: [(lambda: schedule.CosineDecay(0.5, 10), call)],
    schedule.CosineDecayRestarts: [(lambda: schedule.CosineDecayRestarts(0.5, 10), call)],
    schedule.ExponentialDecay: [(lambda: schedule.ExponentialDecay(0.5, 10, 0.9), call)],
    schedule.InverseTimeDecay: [(lambda: schedule.InverseTimeDecay(0.5, 10, 0.9), call)],
    schedule.PiecewiseConstantDecay: [
        (lambda: schedule.PiecewiseConstantDecay([3], [0.5, 0.25]), call)
    ],
    schedule.PolynomialDecay: [(lambda: schedule.PolynomialDecay(0.5, 10), call)],
    tf1.AggregationMethod: [(tf1.AggregationMethod, type)],
    tf1.GraphKeys: [(tf1.GraphKeys, type)],
}
# Class -> something of it that refuses to be copied and pickled.
REFUSING = {
    cpu.FusedAdam: lambda: cpu.FusedAdam([GRAD.copy()]),
    # Without a device none can be made.
    cuda.FusedAdam: lambda: object.__new__(cuda.FusedAdam),
}
OF_GRAPHS = {
    tf1.Graph: tf1.Graph,
    tf1.Session: tf1.Session,
    tf1.Tensor: lambda: in_a_graph(lambda: 2 * Variable(1.0)),
    tf1.Operation: lambda: in_a_graph(lambda: Variable(1.0).assign(2.0)),
}
WITH_SLOTS = (tf1.AdamOptimizer, tf1.Optimizer, keras.Adam)
ALL_CASES = [
    pytest.param(way, *case, id=f"{kind.__module__}.{kind.__name__}-{way}")
    for kind, cases in CASES.items()
    for case in cases
    for way in WAYS
    # A test of its own says that they refuse.
    if not (way == "copy" and kind in WITH_SLOTS)
]


def in_a_graph(make):
    with tf1.Graph():
        return make()


def is_record(kind):
    return issubclass(kind, tuple) and hasattr(kind, "_fields")


def test_every_public_class_has_a_case():
    classes = {value for value in public_values() if inspect.isclass(value)}
    assert {kind for kind in classes if not is_record(kind)} == {*CASES, *REFUSING, *OF_GRAPHS}


@pytest.mark.parametrize(("way", "make", "step"), ALL_CASES)
def test_a_copy_goes_on_with_the_same_bits_and_neither_changes_the_other(way, make, step):
    alone = make()
    due = [step(alone) for _ in range(5)]
    original = make()
    assert [step(original) for _ in range(2)] == due[:2]
    copied = WAYS[way](original)
    assert [step(copied) for _ in range(3)] == due[2:]
    assert [step(original) for _ in range(3)] == due[2:]


@pytest.mark.parametrize("way", WAYS)
def test_all_records_functions_and_tables_are_copied(way):
    for value in public_values():
        if inspect.ismodule(value):
            continue
        if inspect.isclass(value):
            if not is_record(value):
                continue
            value = value._make([GRAD] * len(value._fields))
        assert plain(WAYS[way](value)) == plain(value)


@pytest.mark.parametrize("make", REFUSING.values(), ids=[kind.__module__ for kind in REFUSING])
@pytest.mark.parametrize("way", WAYS)
def test_an_adam_that_steps_arrays_of_the_caller_refuses_to_be_copied(way, make):
    message = "FusedAdam must not be copied or pickled, because it steps its arrays in place; "
    with pytest.raises(TypeError, match=message):
        WAYS[way](make())


@pytest.mark.parametrize("make", OF_GRAPHS.values(), ids=[kind.__name__ for kind in OF_GRAPHS])
@pytest.mark.parametrize("way", WAYS)
def test_what_belongs_to_a_graph_refuses_to_be_copied(way, make):
    with pytest.raises(TypeError, match="must not be copied or pickled, because it belongs to a"):
        WAYS[way](make())


@pytest.mark.parametrize("kind", [tf1.AdamOptimizer, OwnMomentum, keras.Adam])
def test_a_shallow_copy_of_an_optimizer_would_share_its_slots_and_is_refused(kind):
    name = kind.__name__
    with pytest.raises(TypeError, match=f"{name} must not be copied by copy.copy, .*copy.deepcopy"):
        copy.copy(kind(False, "a name") if kind is OwnMomentum else kind())


@pytest.mark.parametrize("protocol", range(2, 6))
def test_a_function_that_a_pickle_cannot_hold_is_named(protocol):
    for optimizer, argument in (
        (tf1.AdamOptimizer(beta2=lambda: 0.5), "beta2"),
        (keras.Adam(beta_2=lambda: 0.5), "beta_2"),
    ):
        with pytest.raises(TypeError, match=f"{argument} must be a function of a module.*<lambda>"):
            pickle.dumps(optimizer, protocol)
        # A copy calls the same function.
        copy.deepcopy(optimizer)
