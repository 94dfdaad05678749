"""Halves on processors: every storage has the bits of the reference."""

import numpy as np
import pytest

from adamref import Adam, AdamConfig, Convention, IndexedSlices
from adamref.kernels.cpu import FusedAdam
from adamref.storage.checkpoint import CheckpointError
from tests.support.kernels import HALVES, POINTS, arrays_of, configs, draw, same_bits, texts

# Each moment in each format, without all four pairs: a kernel is compiled for each.
TEXTS = texts(("m=T", "v=T"))
CONFIG = AdamConfig(learning_rate=0.01, amsgrad=True, weight_decay=0.1)


def arrays_of_fused(fused):
    streams = [fused.params, fused.m, fused.v, fused.v_max or (), fused.kept]
    return [array for stream in streams for array in stream if array is not None]


def agree(adam, other):
    pairs = zip(arrays_of(adam), other, strict=True)
    return all(same_bits(one, two) for one, two in pairs)


@pytest.mark.parametrize(("dtype", "storage"), TEXTS)
def test_a_storage_has_the_bits_of_the_reference(dtype, storage):
    rng = np.random.default_rng(1)
    # The last is stepped on all threads.
    params = [draw(rng, size, HALVES[dtype], special=True) for size in (67, 1, 0, 20_130)]
    adam, on_cpu = (
        Adam(params, CONFIG, "torch", storage=storage, backend=backend)
        for backend in ("numpy", "cpu")
    )
    fused = FusedAdam([param.copy() for param in params], CONFIG, "torch", storage=storage)
    for _ in range(4):
        grads = [draw(rng, param.size, param.dtype, special=True) for param in params]
        adam.step(grads)
        on_cpu.step(grads)
        fused.step(grads)
        assert agree(adam, arrays_of(on_cpu))
        assert agree(adam, arrays_of_fused(fused))


@pytest.mark.parametrize("weights", ["master", "split", "compensated"])
@pytest.mark.parametrize("point", POINTS)
def test_every_convention_and_switch_has_the_bits_of_the_reference(point, weights):
    rng = np.random.default_rng(len(point))
    storage = f"weights={weights},v=T"
    for config in configs(POINTS[point]):
        params = [draw(rng, 67, HALVES["bfloat16"], special=True)]
        adam = Adam(params, config, POINTS[point], storage=storage)
        fused = FusedAdam([params[0].copy()], config, POINTS[point], storage=storage)
        for _ in range(3):
            grads = [draw(rng, 67, HALVES["bfloat16"], special=True)]
            adam.step(grads)
            fused.step(grads)
            assert agree(adam, arrays_of_fused(fused)), config


@pytest.mark.parametrize(
    ("dtype", "weights"), [("float16", "compensated"), ("bfloat16", "compensated")]
)
def test_every_half_is_compensated_alike(dtype, weights):
    """Every bit pattern is a parameter, moved by an eighth to a half of its last place."""
    patterns = np.arange(1 << 16, dtype=np.uint16).view(HALVES[dtype])
    storage = f"weights={weights}"
    for rate in (1e-3, 2.0**-9, 2.0**-4, 1.0, 3e4):
        config = AdamConfig(learning_rate=rate, epsilon=0.0)
        adam = Adam([patterns], config, storage=storage)
        fused = FusedAdam([patterns.copy()], config, storage=storage)
        grads = [draw(np.random.default_rng(2), patterns.size, np.float32)]
        for _ in range(3):
            adam.step(grads)
            fused.step(grads)
        assert agree(adam, arrays_of_fused(fused))


SPARSE = {
    "dense-equivalent": Convention(),
    "squares summed": Convention(duplicates="sum_of_squares"),
    "lazy": Convention(sparse="lazy_global_t"),
    "lazy by rows": Convention(sparse="lazy_row_t", step_scope="parameter"),
}


@pytest.mark.parametrize("weights", ["master", "split", "compensated"])
@pytest.mark.parametrize("name", SPARSE)
def test_sparse_gradients_have_the_bits_of_the_reference(name, weights):
    rng = np.random.default_rng(7)
    dtype = HALVES["bfloat16"]
    params = [draw(rng, 21, dtype).reshape(7, 3), draw(rng, 4, dtype)]
    one, other = (
        Adam(
            params,
            AdamConfig(amsgrad=True),
            SPARSE[name],
            storage=f"weights={weights},m=T",
            backend=backend,
        )
        for backend in ("numpy", "cpu")
    )
    for indices in ([1, 4, 1], [0], [], [6, 6, 6, 2]):
        values = draw(rng, 3 * len(indices), dtype, special=True).reshape(-1, 3)
        grads = [IndexedSlices(values, np.array(indices, np.int64)), draw(rng, 4, dtype)]
        one.step(grads)
        other.step(grads)
        assert agree(one, arrays_of(other))


def test_a_storage_is_only_for_halves_among_parameters_of_several_dtypes():
    params = [np.ones(3, dtype) for dtype in (np.float16, np.float32, HALVES["bfloat16"], float)]
    storage = "weights=master,moments=T"
    adam = Adam(params, storage=storage)
    fused = FusedAdam([param.copy() for param in params], storage=storage)
    for _ in range(3):
        adam.step(params)
        fused.step(params)
    assert agree(adam, arrays_of_fused(fused))
    assert [kept is None for kept in fused.kept] == [False, True, False, True]


@pytest.mark.parametrize(("dtype", "storage"), TEXTS)
@pytest.mark.parametrize("by_file", [False, True])
def test_it_goes_on_in_other_arrays_and_on_other_backends(dtype, storage, by_file, tmp_path):
    rng = np.random.default_rng(3)
    params = [draw(rng, 50, HALVES[dtype])]
    grads = [[draw(rng, 50, HALVES[dtype])] for _ in range(4)]
    first = FusedAdam(params, CONFIG, "torch", storage=storage)
    second = FusedAdam([np.zeros(50, HALVES[dtype])], CONFIG, "torch", storage=storage)
    adam = Adam([np.zeros(50, HALVES[dtype])], CONFIG, "torch", storage=storage)
    for grad in grads[:2]:
        first.step(grad)
        second.step(grad)
    saved = first.save(tmp_path / "adam")
    # It does not change with what was saved.
    first.step(grads[0])
    for other in (second, adam):
        other.restore(tmp_path / "adam" if by_file else saved)
        for grad in grads[2:]:
            other.step(grad)
    assert agree(adam, arrays_of_fused(second))
    second.save(tmp_path / "second")
    adam.restore(tmp_path / "second")
    assert agree(adam, arrays_of_fused(second))


def test_a_state_of_another_storage_is_refused_and_changes_nothing(tmp_path):
    params = [np.full(3, 2, HALVES["bfloat16"])]
    fused = FusedAdam(params, storage="weights=split")
    fused.step([params[0].copy()])
    before = [array.tobytes() for array in arrays_of_fused(fused)]
    for storage in (None, "weights=compensated", "weights=split,m=T"):
        other = FusedAdam([params[0].copy()], storage=storage)
        saved = other.save(tmp_path / "other")
        for source in (saved, tmp_path / "other"):
            with pytest.raises(CheckpointError, match="storage of a checkpoint must match"):
                fused.restore(source)
    with pytest.raises(ValueError, match=r"grads\[0\] must not overlap with what is stepped"):
        fused.step([fused.kept[0].view(HALVES["bfloat16"])])
    assert [array.tobytes() for array in arrays_of_fused(fused)] == before
    assert fused.t == 1


@pytest.mark.parametrize(
    ("dtype", "storage", "message"),
    [
        ("float16", "weights=split", "storage must be for bfloat16"),
        ("bfloat16", "weights=stochastic", "weights must be deterministic here"),
        (
            "float16",
            "moments=T,operations=T",
            "storage must have operations=float32 here, got weights=rounded,m=T,v=T,operations=T; ",
        ),
    ],
)
def test_a_storage_that_cannot_be_is_refused(dtype, storage, message):
    with pytest.raises(ValueError, match=message):
        FusedAdam([np.zeros(1, HALVES[dtype])], storage=storage)
