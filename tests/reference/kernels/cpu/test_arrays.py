"""FusedAdam and its arrays: what it takes, what it refuses, and that errors change nothing."""

import copy
import pickle
import tracemalloc

import numpy as np
import pytest

from adamref import Adam, AdamConfig
from adamref.kernels.cpu import FusedAdam
from tests.support.kernels import draw, same_bits


def snapshot(adam):
    return [array.copy() for array in (*adam.params, *adam.m, *adam.v)], adam.t, adam.config


def unchanged(adam, before):
    arrays, t, config = before
    now = (*adam.params, *adam.m, *adam.v)
    return (t, config) == (adam.t, adam.config) and all(
        same_bits(a, b) for a, b in zip(now, arrays, strict=True)
    )


def read_only(array):
    array.setflags(write=False)
    return array


BUFFER = np.zeros(10)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ([[1.0, 2.0]], r"params\[0\] must be a NumPy array, which is stepped in place, got list"),
        (
            [np.zeros(3, int)],
            r"params\[0\] must be float16, bfloat16, float32 or float64, in native byte order",
        ),
        (
            [np.zeros(3, ">f4")],
            r"params\[0\] must be float16, bfloat16, float32 or float64, in native byte order",
        ),
        (
            [np.zeros((3, 3)).T[:2]],
            r"params\[0\] must be C-contiguous to be stepped in place, got one that is not",
        ),
        (
            [np.zeros(3), np.zeros(6)[::2]],
            r"params\[1\] must be C-contiguous to be stepped in place",
        ),
        (
            [read_only(np.zeros(3))],
            r"params\[0\] must be writeable to be stepped in place, got one that is not",
        ),
        ([BUFFER[:5], BUFFER[4:]], r"must not overlap, got params\[0\] and params\[1\] that do"),
        (
            [np.ma.masked_array(np.zeros(3), [True, False, False])],
            r"params\[0\] must be a NumPy array, which is",
        ),
        (
            np.zeros((3, 3)),
            r"params must be a list of arrays, got one array of shape \(3, 3\); put it in a list",
        ),
        ([BUFFER, BUFFER], r"must not overlap, got params\[0\] and params\[1\] that do"),
    ],
)
def test_a_parameter_that_cannot_be_stepped_in_place_is_refused(params, message):
    with pytest.raises(ValueError, match=message):
        FusedAdam(params)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickle.dumps])
def test_an_adam_that_steps_its_arrays_where_they_are_is_not_copied(copied):
    with pytest.raises(
        TypeError,
        match="FusedAdam must not be copied or pickled, because it steps its arrays in place; use",
    ):
        copied(FusedAdam([np.zeros(3)]))


@pytest.mark.parametrize("name", ["params", "m", "v", "v_max", "t", "config"])
def test_what_the_kernel_knows_by_its_address_cannot_be_exchanged(name):
    adam = FusedAdam([np.zeros(3)], AdamConfig(amsgrad=True))
    with pytest.raises(AttributeError):
        setattr(adam, name, None)
    if name not in ("t", "config"):
        assert isinstance(getattr(adam, name), tuple)


def test_a_limit_is_refused_for_clipping_is_the_callers():
    with pytest.raises(ValueError, match="clipnorm must be None here, got 1.0; use adamref.Adam"):
        FusedAdam([np.zeros(3)], AdamConfig(clipnorm=1.0), "tfkeras")


@pytest.mark.parametrize(
    ("grads", "message"),
    [
        ([np.ones(4)], "grads must have one entry a parameter, 2, got 1"),
        (
            [np.ones(4), None],
            r"grads\[1\] must be a NumPy array here, got NoneType; adamref.Adam takes other",
        ),
        (
            [np.ones(4), np.ones(3)],
            r"grads\[1\] must have the shape of its parameter \(2, 3\), got \(3,\)",
        ),
        (
            [np.ones(4), np.ones((2, 3), np.float32)],
            r"grads\[1\] must have the dtype of its parameter, float64, got fl",
        ),
        (
            [np.ones(4), np.ones((2, 3), int)],
            r"grads\[1\] must have the dtype of its parameter, float64, got int64",
        ),
    ],
)
def test_after_a_gradient_that_does_not_fit_nothing_has_changed(grads, message):
    adam = FusedAdam([np.ones(4), np.ones((2, 3))])
    adam.step([np.ones(4), np.ones((2, 3))])
    before = snapshot(adam)
    with pytest.raises(ValueError, match=message):
        adam.step(grads, 0.5)
    assert unchanged(adam, before)


@pytest.mark.parametrize("of", ["params", "m", "v"])
def test_a_gradient_that_overlaps_with_what_is_stepped_is_refused(of):
    adam = FusedAdam([np.ones(4), np.ones(4)])
    before = snapshot(adam)
    with pytest.raises(
        ValueError,
        match=r"grads\[0\] must not overlap with what is stepped; hand over a copy of it",
    ):
        adam.step([getattr(adam, of)[1], np.ones(4)])
    assert unchanged(adam, before)


@pytest.mark.parametrize(
    "rate", [-1.0, float("nan"), 10**400, "0.1", np.array([0.1]), 1j], ids=repr
)
def test_a_rate_that_is_none_is_refused_each_time_and_nothing_has_changed(rate):
    adam = FusedAdam([np.ones(4)])
    before = snapshot(adam)
    for _ in range(2):
        with pytest.raises(
            ValueError,
            match="learning_rate must be finite and >= 0, got|learning_rate must be a numb",
        ):
            adam.step([np.ones(4)], rate)
        assert unchanged(adam, before)


@pytest.mark.parametrize(
    "layout",
    [
        lambda grad: np.repeat(grad, 2)[::2].reshape(grad.shape),
        lambda grad: np.asfortranarray(grad),
        lambda grad: grad.astype(">f4"),
        lambda grad: read_only(grad.copy()),
        lambda grad: np.frombuffer(b"\0" + grad.tobytes(), np.float32, offset=1).reshape(
            grad.shape
        ),
        lambda grad: grad[::-1].copy()[::-1],
    ],
    ids=["strided", "Fortran", "big-endian", "read-only", "misaligned", "reversed"],
)
def test_gradients_may_lie_in_memory_as_they_like(layout):
    rng = np.random.default_rng(0)
    param = draw(rng, 60, np.float32).reshape(6, 10)
    adam = Adam([param])
    fused = FusedAdam([param.copy()])
    for _ in range(3):
        grad = draw(rng, 60, np.float32).reshape(6, 10)
        adam.step([grad])
        fused.step([layout(grad)])
        assert same_bits(adam.params[0], fused.params[0])


@pytest.mark.parametrize(
    "layout", [np.array, lambda grad: np.repeat(grad, 2)[::2]], ids=["contiguous", "strided"]
)
def test_a_gradient_that_is_filled_anew_is_read_anew(layout):
    rng = np.random.default_rng(1)
    adam = Adam([np.ones(50)])
    fused = FusedAdam([np.ones(50)])
    grad = layout(np.zeros(50))
    for _ in range(3):
        grad[:] = rng.standard_normal(50)
        adam.step([grad])
        fused.step([grad])
    assert same_bits(adam.params[0], fused.params[0])


def test_scalars_and_empty_arrays_are_parameters():
    adam = FusedAdam([np.array(1.0), np.zeros((0, 3))], AdamConfig(learning_rate=0.5, epsilon=0.0))
    adam.step([np.array(2.0), np.zeros((0, 3))])
    assert adam.params[0] == 0.5


@pytest.mark.parametrize("size", [1 << 10, 1 << 24])
def test_a_step_needs_less_than_a_megabyte_whatever_the_size(size):
    adam = FusedAdam([np.zeros(size, np.float32)])
    grads = [np.ones(size, np.float32)]
    tracemalloc.start()
    adam.step(grads)
    adam.step([grads[0].view()])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20


@pytest.mark.parametrize("to_file", [True, False])
def test_what_was_saved_goes_on_bit_for_bit_here_and_in_adam(to_file, tmp_path):
    rng = np.random.default_rng(3)
    config = AdamConfig(amsgrad=True)
    params = [draw(rng, 50, np.float32), draw(rng, 70_000, np.float64)]

    def draw_grads():
        return [draw(rng, param.size, param.dtype) for param in params]

    grads = [draw_grads() for _ in range(4)]
    adam = FusedAdam([param.copy() for param in params], config, "torch")
    adam.step(grads[0])
    adam.step(grads[1], 0.25)
    saved = adam.save(tmp_path / "adam.safetensors")
    for grad in grads[2:]:
        adam.step(grad)
    source = tmp_path / "adam.safetensors" if to_file else saved
    others = (
        FusedAdam([param.copy() for param in params], config, "torch"),
        Adam(params, config, "torch"),
    )
    for other in others:
        other.restore(source)
        for grad in grads[2:]:
            other.step(grad)
        assert all(same_bits(a, b) for a, b in zip(adam.params, other.params, strict=True))
    adam.restore(source)
    assert adam.t == 2
    assert adam.config.learning_rate == 0.25


def test_a_state_that_is_not_of_this_adam_is_refused_and_nothing_has_changed():
    adam = FusedAdam([np.ones(3), np.ones(2)], convention="torch")
    adam.step([np.ones(3), np.ones(2)])
    apart = Adam([np.ones(3), np.ones(2)], convention="torch")
    apart.step([np.ones(3), None])
    before = snapshot(adam)
    for saved, message in (
        (apart.save(), r"t must be one for all parameters here, got \[0, 1\]; use adamref.Adam"),
        (
            FusedAdam([np.ones(3), np.ones(2)]).save(),
            "convention of a checkpoint must match this Adam",
        ),
        (
            FusedAdam([np.ones(3), np.ones(4)], convention="torch").save(),
            "param.1 of a checkpoint must be float64 in sh",
        ),
    ):
        with pytest.raises(ValueError, match=message):
            adam.restore(saved)
        assert unchanged(adam, before)
    with pytest.raises(
        TypeError, match="saved must be what save returned, or the path of a file, got 5"
    ):
        adam.restore(5)
