"""What is kept of halves: loaded, saved and restored, or refused with nothing changed."""

import numpy as np
import pytest

from adamref import Adam, AdamConfig, Storage
from adamref.kernels.deferred import DeferredTable
from adamref.storage.checkpoint import CheckpointError
from tests.support.kernels import HALVES, arrays_of, same_bits, texts

BFLOAT16 = HALVES["bfloat16"]


@pytest.mark.parametrize(("dtype", "storage"), texts())
def test_slots_are_loaded_again_and_a_file_too(dtype, storage, tmp_path):
    rng = np.random.default_rng(8)
    param = rng.standard_normal(30).astype(HALVES[dtype])
    grads = [rng.standard_normal(30).astype(HALVES[dtype]) for _ in range(4)]
    config = AdamConfig(amsgrad=True)
    adam, loaded, restored, other = (Adam([param], config, storage=storage) for _ in range(4))
    for grad in grads[:2]:
        adam.step([grad])
    saved = adam.save(tmp_path / "adam")
    loaded.load(adam.params, adam.slots(), [2])
    restored.restore(tmp_path / "adam")
    other.restore(saved)
    for grad in grads[2:]:
        adam.step([grad])
    for again in (loaded, restored, other):
        for grad in grads[2:]:
            again.step([grad])
        assert all(map(same_bits, arrays_of(again), arrays_of(adam)))


def test_what_is_kept_is_made_of_parameters_where_it_is_not_loaded():
    param = np.array([1.5, -2.0], BFLOAT16)
    adam = Adam([np.zeros(2, BFLOAT16)], storage="weights=master")
    slots = adam.slots()
    del slots["kept"]
    adam.load([param], slots, [3])
    assert adam.slots()["kept"][0].tolist() == [1.5, -2.0]


def test_a_load_that_does_not_fit_changes_nothing():
    adam = Adam([np.ones(2, BFLOAT16)], storage="weights=split,m=T")
    adam.step([np.ones(2, BFLOAT16)])
    before = repr(adam.save())
    slots = adam.slots()
    for wrong in (
        {**slots, "m": [np.zeros(2, np.float32)]},
        {**slots, "kept": [None]},
        {**slots, "kept": [np.zeros(2, np.int16)]},
        {**slots, "kept": [np.zeros(3, np.uint16)]},
        {**slots, "kept": []},
    ):
        with pytest.raises(ValueError, match="must|shorter"):
            adam.load(adam.params, wrong, [1])
    with pytest.raises(ValueError, match="grad must have the dtype of param, float32, got float64"):
        adam.step([np.ones(2)], 0.5)
    assert repr(adam.save()) == before


STORAGES = ["", "weights=master", "weights=split", "weights=compensated", "moments=T", "m=T"]


@pytest.mark.parametrize("theirs", STORAGES)
@pytest.mark.parametrize("ours", STORAGES)
def test_a_checkpoint_of_another_storage_is_refused(ours, theirs, tmp_path):
    param = np.ones(3, BFLOAT16)
    adam = Adam([param], storage=ours)
    adam.step([param])
    before = repr(adam.save())
    other = Adam([param], storage=theirs)
    saved = other.save(tmp_path / "other")
    for source in (saved, tmp_path / "other"):
        if ours == theirs:
            adam.restore(source)
            continue
        with pytest.raises(CheckpointError, match="storage of a checkpoint must match this Adam, "):
            adam.restore(source)
        assert repr(adam.save()) == before


def test_the_error_for_another_storage_names_both():
    param = np.ones(3, BFLOAT16)
    adam = Adam([param, param], storage="weights=master")
    wanted = str(Storage(weights="master"))
    message = f"must match this Adam, {wanted}, got the usual one; make an Adam with that storage"
    with pytest.raises(CheckpointError, match=message):
        adam.restore(Adam([param, param]).save())


def test_usual_storages_leave_files_as_they_were(tmp_path):
    from safetensors import safe_open

    for name, param, storage in (
        ("one", np.ones(3, BFLOAT16), ""),
        ("two", np.ones(3, np.float16), "operations=T,moments=T"),
        ("three", np.ones(3), "weights=master"),
    ):
        Adam([param], storage=storage).save(tmp_path / name)
        with safe_open(tmp_path / name, "numpy") as file:
            assert "storage" not in file.metadata()["numbers"]
            assert sorted(file.keys()) == ["m.0", "param.0", "v.0"]
        Adam([param]).restore(tmp_path / name)


def test_a_deferred_table_has_no_halves():
    with pytest.raises(ValueError, match="table must be float32 or float64.*got bfloat16"):
        DeferredTable(np.zeros((3, 2), BFLOAT16))
