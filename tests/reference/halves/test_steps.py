"""Steps of halves in each storage: what moves, and where they agree with float32."""

import numpy as np
import pytest

from adamref import Adam, AdamConfig, Convention, IndexedSlices, Storage, initial, step
from adamref.dtypes import storage_of
from adamref.halves.packing import unpack_weight
from adamref.state import first_state
from tests.support.kernels import HALVES, POINTS, arrays_of, configs, draw, same_bits, texts

BFLOAT16 = HALVES["bfloat16"]
EXACT = [("float16", "master"), ("bfloat16", "master"), ("bfloat16", "split")]


def weights_of(adam, weights):
    """The float32 weights of an Adam."""
    return [
        unpack_weight(weights, param, kept)
        for param, kept in zip(adam.params, adam.slots()["kept"], strict=True)
    ]


def run(storage, steps=300):
    """A weight of 256 in bfloat16, where 2 is a unit in the last place, after steps of -1/64."""
    adam = Adam(
        [np.full(1, 256, BFLOAT16)],
        AdamConfig(learning_rate=2.0**-6, beta1=0.0, beta2=0.0, epsilon=0.0),
        storage=storage,
    )
    for _ in range(steps):
        adam.step([np.full(1, -1, BFLOAT16)])
    return adam


def test_updates_below_half_a_unit_are_lost_where_only_the_rounded_weight_is_kept():
    assert run("weights=rounded").params[0] == 256
    # 300 / 64 is 4.6875, and bfloat16 has 260 and 262; truncation takes 260 as well.
    assert run("weights=master").params[0] == 260
    assert weights_of(run("weights=master"), "master")[0] == 260.6875
    assert weights_of(run("weights=split"), "split")[0] == 260.6875
    assert weights_of(run("weights=compensated"), "compensated")[0] == 260.6875


def test_master_and_split_differ_only_in_how_the_parameter_shows_the_weight():
    # 88 / 64 is 1.375: nearer to 258 than to 256.
    assert run("weights=master", 88).params[0] == 258
    assert run("weights=split", 88).params[0] == 256
    assert run("weights=compensated", 88).params[0] == 258


@pytest.mark.parametrize(("dtype", "weights"), EXACT)
@pytest.mark.parametrize("point", POINTS)
def test_a_float32_weight_takes_the_steps_of_a_float32_parameter(point, dtype, weights):
    rng = np.random.default_rng(len(point))
    for config in configs(POINTS[point]):
        params = [draw(rng, size, HALVES[dtype], special=True) for size in (33, 1)]
        half = Adam(params, config, POINTS[point], storage=f"weights={weights}")
        wide = Adam([param.astype(np.float32) for param in params], config, POINTS[point])
        for _ in range(4):
            grads = [draw(rng, param.size, param.dtype, special=True) for param in params]
            half.step(grads)
            wide.step([grad.astype(np.float32) for grad in grads])
        assert all(map(same_bits, weights_of(half, weights), wide.params))
        for name, due in wide.slots().items():
            assert all(map(same_bits, half.slots()[name], due))


CLIPPED = {
    "global": ("tfkeras", {"global_clipnorm": 0.5}),
    "value": ("tfkeras", {"clipvalue": 0.25}),
    "L2 before": (
        Convention(clip="cumulative", clip_when="after_l2", weight_decay="l2"),
        {"clipnorm": 0.5, "weight_decay": 0.5},
    ),
}


@pytest.mark.parametrize(("dtype", "weights"), EXACT)
@pytest.mark.parametrize("case", CLIPPED)
def test_gradients_are_clipped_and_weights_decay_in_float32(case, dtype, weights):
    convention, numbers = CLIPPED[case]
    config = AdamConfig(learning_rate=0.01, **numbers)
    rng = np.random.default_rng(2)
    params = [rng.standard_normal(size).astype(HALVES[dtype]) for size in (40, 3)]
    half = Adam(params, config, convention, storage=f"weights={weights}")
    wide = Adam([param.astype(np.float32) for param in params], config, convention)
    for _ in range(4):
        grads = [rng.standard_normal(param.size).astype(param.dtype) for param in params]
        half.step(grads)
        wide.step([grad.astype(np.float32) for grad in grads])
    assert all(map(same_bits, weights_of(half, weights), wide.params))


SPARSE = {
    "dense-equivalent": Convention(),
    "squares summed": Convention(duplicates="sum_of_squares"),
    "lazy": Convention(sparse="lazy_global_t"),
    "lazy by rows": Convention(sparse="lazy_row_t", step_scope="parameter"),
}


@pytest.mark.parametrize(("dtype", "weights"), EXACT)
@pytest.mark.parametrize("name", SPARSE)
def test_rows_take_the_steps_of_float32_rows(name, dtype, weights):
    rng = np.random.default_rng(3)
    param = rng.standard_normal((7, 3)).astype(HALVES[dtype])
    half = Adam([param], AdamConfig(amsgrad=True), SPARSE[name], storage=f"weights={weights}")
    wide = Adam([param.astype(np.float32)], AdamConfig(amsgrad=True), SPARSE[name])
    for rows in ([1, 4, 1], [0], [6, 6, 6, 2]):
        values = rng.standard_normal((len(rows), 3)).astype(param.dtype)
        half.step([IndexedSlices(values, np.array(rows))])
        wide.step([IndexedSlices(values.astype(np.float32), np.array(rows))])
    assert same_bits(weights_of(half, weights)[0], wide.params[0])


@pytest.mark.parametrize(("dtype", "storage"), texts())
def test_rows_without_a_slice_keep_every_bit(dtype, storage):
    """Packing a compensated weight anew could trade a unit of the parameter for what is kept."""
    rng = np.random.default_rng(4)
    convention = Convention(sparse="lazy_global_t")
    adam = Adam(
        [rng.standard_normal((64, 8)).astype(HALVES[dtype])], None, convention, storage=storage
    )
    for _ in range(20):
        adam.step([rng.standard_normal((64, 8)).astype(HALVES[dtype])])
    before = arrays_of(adam)
    values = np.ones((1, 8), HALVES[dtype])
    adam.step([IndexedSlices(values, np.array([3]))])
    for old, new in zip(before, arrays_of(adam), strict=True):
        assert same_bits(np.delete(old, 3, 0), np.delete(new, 3, 0))


@pytest.mark.parametrize("dtype", HALVES)
def test_a_step_uses_the_moments_that_it_makes_and_rounds_what_is_kept(dtype):
    rng = np.random.default_rng(5)
    param = rng.standard_normal(200).astype(HALVES[dtype])
    grad = rng.standard_normal(200).astype(HALVES[dtype])
    config = AdamConfig(amsgrad=True)
    wide = Adam([param], config, storage="weights=master")
    narrow = Adam([param], config, storage="weights=master,moments=T")
    wide.step([grad])
    narrow.step([grad])
    assert same_bits(narrow.slots()["kept"][0], wide.slots()["kept"][0])
    for name in ("m", "v", "v_max"):
        due = wide.slots()[name][0].astype(HALVES[dtype])
        assert same_bits(narrow.slots()[name][0], due)
    # From the second step on the rounding shows.
    wide.step([grad])
    narrow.step([grad])
    assert not same_bits(narrow.slots()["kept"][0], wide.slots()["kept"][0])


def test_compensated_weights_stay_closer_to_float32_than_rounded_ones():
    rng = np.random.default_rng(6)
    param = rng.standard_normal(500).astype(BFLOAT16)
    adams = {
        name: Adam([param], storage=f"weights={name}")
        for name in ("rounded", "master", "compensated")
    }
    for _ in range(200):
        grad = rng.standard_normal(500).astype(BFLOAT16)
        for adam in adams.values():
            adam.step([grad])
    master = weights_of(adams["master"], "master")[0]
    compensated = weights_of(adams["compensated"], "compensated")[0]
    rounded = adams["rounded"].params[0].astype(np.float32)
    assert abs(compensated - master).max() < abs(rounded - master).max() / 16


@pytest.mark.parametrize("dtype", HALVES)
def test_without_a_storage_halves_are_kept_as_before(dtype):
    """`float16` has moments of its own unless told, `bfloat16` of float32."""
    param = np.ones(3, HALVES[dtype])
    plain = dtype == "float16"
    assert storage_of(param) == Storage.parse("moments=T,operations=T" if plain else "")
    assert storage_of(param, None, "float32") == Storage()


def test_moments_of_float16_rounded_by_operations_are_not_those_rounded_where_they_are_kept():
    rng = np.random.default_rng(7)
    param = rng.standard_normal(100).astype(np.float16)
    grad = rng.standard_normal(100).astype(np.float16)
    kinds = ["moments=T,operations=T", "moments=T"]
    one, other = (Adam([param], storage=kind) for kind in kinds)
    usual = Adam([param])
    for adam in (one, other, usual):
        adam.step([grad])
    assert all(map(same_bits, arrays_of(one), arrays_of(usual)))
    assert not all(map(same_bits, arrays_of(one), arrays_of(other)))


def test_parameters_of_several_dtypes_share_a_storage():
    params = [np.ones(2, BFLOAT16), np.ones(2, np.float32), np.ones(2)]
    adam = Adam(params, storage="weights=master,moments=T")
    plain = Adam(params[1:])
    adam.step(params)
    plain.step(params[1:])
    assert all(map(same_bits, adam.params[1:], plain.params))
    assert [None if kept is None else kept.dtype for kept in adam.slots()["kept"]] == [
        np.float32,
        None,
        None,
    ]
    adam.add_group([np.ones(1, np.float16)], learning_rate=0.5)
    assert adam.slots()["kept"][3].dtype == np.float32
    assert adam.slots()["m"][3].dtype == np.float16


def test_a_pure_step_takes_a_storage_and_leaves_its_arguments():
    storage = Storage(weights="compensated", m="T")
    param = np.full(4, 256, BFLOAT16)
    state = first_state(param, storage)
    config = AdamConfig(learning_rate=0.25)
    moved, after = step(config, state, param, -param, storage=storage)
    assert (moved.dtype, after.m.dtype, after.v.dtype) == (BFLOAT16, BFLOAT16, np.float32)
    assert moved.astype(float).tolist() == [256.0] * 4
    assert after.kept.astype(float).tolist() == [0.25] * 4
    assert state.kept.astype(float).tolist() == [0.0] * 4
    due = step(config, state, param, -param, storage=str(storage))[1]
    assert same_bits(due.kept, after.kept)


def test_a_pure_step_refuses_a_state_of_another_storage():
    param = np.zeros(2, BFLOAT16)
    state = initial(param, dtype=np.float32)
    for storage, message in (
        ("weights=master", "state.kept must be float32 for storage weights=master.*, got None"),
        ("moments=T", "state.m must have the dtype of param, bfloat16, got float32"),
    ):
        with pytest.raises(ValueError, match=message):
            step(AdamConfig(), state, param, param, storage=storage)
    with pytest.raises(ValueError, match="state.kept must be None for storage .*got float32"):
        step(AdamConfig(), state._replace(kept=state.m), param, param)
    wrong = state._replace(kept=np.zeros(2, BFLOAT16))
    with pytest.raises(ValueError, match="state.kept must have the dtype of param, float32, got"):
        step(AdamConfig(), wrong, param, param, storage="weights=master")


@pytest.mark.parametrize(
    ("param", "arguments", "message"),
    [
        (np.float16, {"storage": "weights=split"}, "storage must be for bfloat16 to be"),
        (BFLOAT16, {"storage": "weights=stochastic"}, "must be deterministic here"),
        (
            BFLOAT16,
            {"storage": "m=T", "state_dtype": "float32"},
            "state_dtype must agree with storage, weights=rounded,m=T.* for bfloat16, got float32",
        ),
        (
            np.float16,
            {"storage": "operations=T,moments=T", "backend": "cpu"},
            "state_dtype must be 'float32' for float16 parameters on backend 'cpu'",
        ),
    ],
)
def test_a_storage_that_cannot_be_is_refused(param, arguments, message):
    with pytest.raises(ValueError, match=message):
        Adam([np.zeros(1, param)], **arguments)


def test_a_state_dtype_that_agrees_with_the_storage_is_accepted():
    param = np.zeros(1, np.float16)
    Adam([param], storage="weights=master", state_dtype="float32")
    Adam([param], storage="moments=T", state_dtype="float16")
