"""Every door by which numbers and switches come in: what enters there can be saved and resumed."""

from dataclasses import replace

import numpy as np
import pytest

from adamref import Adam, AdamConfig, Convention, IndexedSlices, Variable, keras, schedule
from adamref.kernels.cpu import FusedAdam
from adamref.kernels.deferred import DeferredTable
from adamref.storage.saved_state import write_saved_state
from adamref.tf1 import AdamOptimizer

NARROW = np.float32(0.1)
ONES = np.ones((3, 2), np.float32)
SLICES = IndexedSlices(ONES, np.arange(3))


def stepped(kind, config=None, learning_rate=None):
    """An Adam of one parameter after a step with a learning rate."""
    if kind is DeferredTable:
        adam = DeferredTable(ONES, config)
        adam.apply(SLICES, learning_rate=learning_rate)
        return adam
    adam = kind([ONES.copy()], config, "tfkeras")
    adam.step([ONES], learning_rate=learning_rate)
    return adam


KINDS = pytest.mark.parametrize("kind", [Adam, FusedAdam, DeferredTable])


# 0.1 is among them: as a float32 it compares equal to the learning rate of the config.
@pytest.mark.parametrize(
    ("given", "kept"),
    [(NARROW, float(NARROW)), (np.array(0.25), 0.25), (np.int16(1), 1.0), (True, None)],
    ids=str,
)
@KINDS
def test_a_learning_rate_of_a_step_is_python_s_number_and_can_be_saved(kind, given, kept, tmp_path):
    config = AdamConfig(learning_rate=0.1)
    if kept is None:
        with pytest.raises(ValueError, match="learning_rate must be a number, got True"):
            stepped(kind, config, given)
        return
    adam = stepped(kind, config, given)
    assert (adam.config.learning_rate, type(adam.config.learning_rate)) == (kept, float)
    adam.save(tmp_path / "adam")
    other = stepped(kind)
    other.restore(tmp_path / "adam")
    assert other.config == adam.config


def test_every_number_and_switch_of_numpy_can_be_saved_and_resumed(tmp_path):
    numbers = {"learning_rate": 0.1, "beta1": 0.5, "beta2": 0.75, "epsilon": 0.01, "clipnorm": 2.0}
    narrow = {name: np.float32(number) for name, number in numbers.items()}
    switches = {"amsgrad": np.True_}
    adam = Adam([ONES], AdamConfig(**narrow, **switches), "tfkeras")
    adam.save(tmp_path / "adam")
    wide = {name: float(number) for name, number in narrow.items()}
    other = Adam([ONES], AdamConfig(amsgrad=True), "tfkeras")
    other.restore(tmp_path / "adam")
    assert other.config == AdamConfig(**wide, amsgrad=True)


class KerasWithMore(keras.Adam):
    def get_config(self):
        more = {"scale": np.float32(0.5), "list": np.arange(2), "on": np.True_}
        return super().get_config() | {"more": more}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        return super().from_config({name: config[name] for name in config if name != "more"})


KERAS = {
    "amsgrad": lambda: keras.Adam(amsgrad=np.True_),
    "numbers": lambda: keras.Adam(NARROW, NARROW, np.float16(0.5), np.array(0.5), clipnorm=NARROW),
    "function": lambda: keras.Adam(lambda: NARROW),
    "schedule": lambda: keras.Adam(
        schedule.ExponentialDecay(NARROW, np.int64(9), Variable(0.5), staircase=np.True_)
    ),
    "list": lambda: keras.Adam(
        schedule.PiecewiseConstantDecay(np.array([1, 2]), (NARROW, np.float16(0.5), 0.25))
    ),
    "config": KerasWithMore,
}


@pytest.mark.parametrize("make", KERAS.values(), ids=KERAS)
def test_keras_saves_and_resumes_whatever_numbers_it_was_made_of(make, tmp_path):
    copies = []
    for _ in range(2):
        variable = Variable(ONES)
        optimizer = make()
        optimizer.apply_gradients([(ONES, variable)])
        copies.append((optimizer, variable))
    (first, variable), (second, other) = copies
    first.save(tmp_path / "keras")
    second.restore(tmp_path / "keras", [other])
    for optimizer, param in copies:
        optimizer.apply_gradients([(ONES, param)])
    assert variable.numpy().tobytes() == other.numpy().tobytes()


def test_keras_refuses_a_switch_that_is_none():
    optimizer = keras.Adam()
    for given in ("False", 1, None):
        with pytest.raises(ValueError, match="amsgrad must be True or False, got "):
            keras.Adam(amsgrad=given)
        with pytest.raises(ValueError, match="amsgrad must be True or False, got "):
            optimizer.amsgrad = given
    assert optimizer.amsgrad is False


@pytest.mark.parametrize("given", ["False", 1, None])
def test_a_schedule_refuses_a_switch_that_is_none(given):
    for make, name in (
        (lambda: schedule.ExponentialDecay(0.1, 10, 0.5, staircase=given), "staircase"),
        (lambda: schedule.PolynomialDecay(0.1, 10, cycle=given), "cycle"),
    ):
        with pytest.raises(ValueError, match=f"{name} of .* must be True or False, got {given!r}"):
            make()


def test_a_number_of_more_than_64_bits_is_refused_as_tensorflow_does():
    for number in (np.longdouble(0.5), np.array(0.5, np.longdouble)):
        for make in (
            lambda number=number: AdamOptimizer(learning_rate=number),
            lambda number=number: AdamOptimizer(beta1=number),
            lambda number=number: keras.Adam(number),
            lambda number=number: schedule.ExponentialDecay(0.1, number, 0.5),
        ):
            with pytest.raises(ValueError, match="must be (one|a) number"):
                make()


@pytest.mark.parametrize("beta", [False, np.False_, 0, np.int8(0), np.float16(0.1), NARROW])
def test_tf1_resumes_from_betas_of_every_kind(beta, tmp_path):
    copies = []
    for _ in range(2):
        variable = Variable(ONES)
        optimizer = AdamOptimizer(0.5, beta, beta)
        optimizer.apply_gradients([(ONES, variable)])
        copies.append((optimizer, variable))
    (first, variable), (second, other) = copies
    first.save(tmp_path / "tf1")
    second.restore(tmp_path / "tf1")
    for optimizer, param in copies:
        optimizer.apply_gradients([(ONES, param)])
    assert variable.numpy().tobytes() == other.numpy().tobytes()


@pytest.mark.parametrize("t", [2.5, "3", True, -1, [1, 1, 1], None, 2**63])
def test_a_count_that_is_none_is_not_loaded(t):
    adam = Adam([ONES])
    with pytest.raises(ValueError, match="t must be a count >= 0, got "):
        adam.load([2 * ONES], {"m": [ONES], "v": [ONES]}, [t])
    assert adam.params[0].tobytes() == ONES.tobytes()


LAZY = Convention(sparse="lazy_row_t", step_scope="parameter")


def test_counts_of_rows_are_loaded_and_restored_where_rows_have_counts(tmp_path):
    nothing = np.zeros((0, 2), np.float32)
    adam, other = (Adam([ONES, nothing], convention=LAZY) for _ in range(2))
    slots = {"m": [ONES, nothing], "v": [ONES, nothing]}
    adam.load([ONES, nothing], slots, [np.array([1, 5, 2], np.int32), np.int32(4)])
    empty = IndexedSlices(nothing, np.zeros(0, np.int64))
    # Afterwards the parameter without rows has no counts at all.
    adam.step([SLICES, empty])
    adam.save(tmp_path / "adam")
    other.restore(tmp_path / "adam")
    results = [each.step([SLICES, empty])[0].tobytes() for each in (adam, other)]
    assert results[0] == results[1]


def file_with(config, path, kind):
    """A file of an Adam whose config could not be made an Adam of ``kind``, and its state."""
    convention = "tf1" if kind is DeferredTable else "tfkeras"
    saved = Adam([ONES], convention=convention).save()
    saved = saved._replace(config=config)
    write_saved_state(path, saved)
    return saved


LIMITS = ["clipvalue", "clipnorm", "global_clipnorm"]


@pytest.mark.parametrize("name", LIMITS)
def test_what_never_clips_does_not_resume_from_what_does(name, tmp_path):
    clipping = Adam([ONES], AdamConfig(**{name: 1.0}), "tfkeras")
    saved = clipping.save(tmp_path / "adam")
    fused = stepped(FusedAdam)
    before = fused.params[0].copy()
    for source in (saved, tmp_path / "adam"):
        with pytest.raises(ValueError, match=f"{name} must be None here, got 1.0; use adamref.Ad"):
            fused.restore(source)
    assert (fused.t, fused.config) == (1, AdamConfig())
    assert fused.params[0].tobytes() == before.tobytes()


WANTS = {
    "maximize": (AdamConfig(maximize=True), "has no maximize; got maximize=True"),
    "weight_decay": (AdamConfig(weight_decay=0.5), "has no weight_decay; got weight_decay=0.5"),
    "epsilon_root": (AdamConfig(epsilon_root=0.5), "has no epsilon_root; got epsilon_root=0.5"),
}


@pytest.mark.parametrize(("config", "message"), WANTS.values(), ids=WANTS)
@KINDS
def test_what_a_constructor_refuses_is_not_restored_either(kind, config, message, tmp_path):
    saved = file_with(config, tmp_path / "adam", kind)
    adam = stepped(kind)
    before = adam.slots()["m"] if kind is not FusedAdam else adam.m
    before = np.array(before).tobytes()
    for source in (saved, tmp_path / "adam"):
        if kind is DeferredTable and source is saved:
            continue
        with pytest.raises(ValueError, match=message):
            adam.restore(source)
    after = adam.slots()["m"] if kind is not FusedAdam else adam.m
    assert adam.config == AdamConfig()
    assert np.array(after).tobytes() == before


def test_a_limit_that_the_convention_lacks_is_not_restored(tmp_path):
    for kind in (Adam, DeferredTable):
        file_with(AdamConfig(clipnorm=1.0), tmp_path / "adam", DeferredTable)
        adam = Adam([ONES], convention="tf1") if kind is Adam else DeferredTable(ONES)
        with pytest.raises(ValueError, match="convention 'tf1' has no clipnorm; got clipnorm=1.0"):
            adam.restore(tmp_path / "adam")


def test_a_config_is_checked_whenever_it_is_replaced():
    adam = Adam([ONES], convention="tf1", backend="cpu")
    for config, error, message in (
        (AdamConfig(maximize=True), ValueError, "has no maximize"),
        (AdamConfig(clipnorm=1.0), ValueError, "has no clipnorm"),
        ({"learning_rate": 1.0}, TypeError, "config must be an AdamConfig, got {'learning_rate'"),
    ):
        with pytest.raises(error, match=message):
            adam.config = config
    other = Adam([ONES])
    with pytest.raises(ValueError, match="amsgrad must stay False, got True; make another Adam"):
        other.config = AdamConfig(amsgrad=True)
    adam.config = replace(adam.config, learning_rate=0.5)
    assert adam.config == AdamConfig(learning_rate=0.5)
    with pytest.raises(AttributeError):
        DeferredTable(ONES).config = AdamConfig(clipnorm=1.0)


@pytest.mark.parametrize(
    "kind", [Adam, FusedAdam, lambda params, *more: DeferredTable(ONES, *more)]
)
@pytest.mark.parametrize("config", [{}, 0, {"learning_rate": 1.0}])
def test_what_is_no_config_is_refused(kind, config):
    with pytest.raises(TypeError, match="config must be an AdamConfig, got .*; make one"):
        kind([ONES], config)


@pytest.mark.parametrize("backend", ["numpy", "cpu"])
def test_gradients_of_two_dtypes_have_no_global_norm(backend):
    params = [np.ones(2, np.float32), np.ones(2)]
    adam = Adam(params, AdamConfig(global_clipnorm=1.0), "tfkeras", backend=backend)
    before = repr(adam.save())
    with pytest.raises(
        ValueError,
        match="grads must be of one dtype with global_clipnorm, got float32 and float64; use clip",
    ):
        adam.step(params, learning_rate=0.5)
    assert repr(adam.save()) == before
    adam.step([None, params[1]])
