"""Parameter groups: numbers of some parameters, in every backend, saved and restored."""

from dataclasses import replace

import numpy as np
import pytest

from adamref import Adam, AdamConfig
from adamref.kernels.cpu import FusedAdam
from adamref.storage.checkpoint import CheckpointError

CONFIG = AdamConfig(learning_rate=2.0**-4, epsilon=2.0**-10, weight_decay=2.0**-3)
GROUPS = [
    {"params": [2], "learning_rate": 2.0**-2, "beta2": 0.5},
    {"params": [0], "beta1": 0.5, "epsilon": 2.0**-4, "weight_decay": 0.0},
]
PARAMS = [np.array([1.0, -2.0]), np.array([[0.5], [3.0]]), np.array(-1.5)]
GRADS = [np.array([0.25, -4.0]), np.array([[1.0], [-0.125]]), np.array(2.0)]
OWN = [
    replace(CONFIG, beta1=0.5, epsilon=2.0**-4, weight_decay=0.0),
    CONFIG,
    replace(CONFIG, learning_rate=2.0**-2, beta2=0.5),
]


def as_bytes(arrays):
    return [np.asarray(array).tobytes() for array in arrays]


@pytest.mark.parametrize("backend", ["numpy", "cpu"])
@pytest.mark.parametrize("convention", ["torch", "torch-adamw", "keras3"])
def test_each_parameter_moves_as_an_adam_with_its_own_numbers_moves_it(convention, backend):
    adam = Adam(PARAMS, CONFIG, convention, backend=backend, groups=GROUPS)
    alone = [Adam([param], own, convention) for param, own in zip(PARAMS, OWN, strict=True)]
    for _ in range(3):
        params = adam.step(GRADS)
        expected = [one.step([grad])[0] for one, grad in zip(alone, GRADS, strict=True)]
        assert as_bytes(params) == as_bytes(expected)


def test_a_new_rate_is_for_parameters_whose_group_has_none():
    adam = Adam(PARAMS, CONFIG, "torch", groups=GROUPS)
    config = [replace(own, learning_rate=2.0**-6) for own in OWN[:2]]
    alone = [
        Adam([param], own, "torch") for param, own in zip(PARAMS, [*config, OWN[2]], strict=True)
    ]
    expected = [one.step([grad])[0] for one, grad in zip(alone, GRADS, strict=True)]
    assert as_bytes(adam.step(GRADS, learning_rate=2.0**-6)) == as_bytes(expected)


@pytest.mark.parametrize(("convention", "t"), [("torch", 0), ("torch-adamw", 0), ("keras3", 2)])
@pytest.mark.parametrize("backend", ["numpy", "cpu"])
def test_a_group_that_comes_later_starts_from_zero_by_its_own_t_or_that_of_all(
    convention, t, backend
):
    adam = Adam(PARAMS[:2], CONFIG, convention, backend=backend)
    for _ in range(2):
        adam.step(GRADS[:2])
    adam.add_group(PARAMS[2:], learning_rate=2.0**-2, beta2=0.5)
    alone = Adam(PARAMS[2:], OWN[2], convention)
    zeros = {name: [np.zeros(())] for name in ("m", "v")}
    alone.load(PARAMS[2:], zeros, [t])
    for _ in range(2):
        new = adam.step(GRADS)
        assert as_bytes(new[2:]) == as_bytes(alone.step(GRADS[2:]))
    # It is saved as any group.
    other = Adam(PARAMS, CONFIG, convention)
    other.restore(adam.save())
    assert as_bytes(other.step(GRADS)) == as_bytes(adam.step(GRADS))


@pytest.mark.parametrize(
    ("params", "numbers", "message"),
    [
        ([], {}, "groups must each have params, a list of places, got"),
        (PARAMS[2:], {"amsgrad": True}, "groups may set learning_rate, .*, got amsgrad"),
        (PARAMS[2:], {"beta1": 1.0}, r"beta1 must be in \[0, 1\), got 1.0"),
        ([np.array([1, 2])], {}, "must be float16, bfloat16, float32 or float64"),
    ],
)
def test_a_group_that_does_not_fit_is_refused_and_nothing_has_changed(params, numbers, message):
    adam = Adam(PARAMS[:2], CONFIG, "torch")
    with pytest.raises(ValueError, match=message):
        adam.add_group(params, **numbers)
    assert as_bytes(adam.step(GRADS[:2])) == as_bytes(
        Adam(PARAMS[:2], CONFIG, "torch").step(GRADS[:2])
    )


@pytest.mark.parametrize("in_file", [False, True])
def test_groups_are_saved_and_restored(tmp_path, in_file):
    adam = Adam(PARAMS, CONFIG, "torch", groups=GROUPS)
    adam.step(GRADS)
    path = tmp_path / "adam.safetensors"
    saved = adam.save(path)
    # It had no groups, and takes those that were saved, as it takes the config.
    other = Adam(PARAMS, CONFIG, "torch")
    other.restore(path if in_file else saved)
    assert as_bytes(other.step(GRADS)) == as_bytes(adam.step(GRADS))


def test_an_adam_without_groups_writes_the_file_of_earlier_versions(tmp_path):
    path = tmp_path / "adam.safetensors"
    Adam(PARAMS, CONFIG, "torch").save(path)
    assert b"groups" not in path.read_bytes()
    Adam(PARAMS, CONFIG, "torch", groups=GROUPS).save(path)
    assert b"groups" in path.read_bytes()


def test_an_optimizer_without_groups_refuses_a_checkpoint_that_has_some():
    fused = FusedAdam([param.copy() for param in PARAMS], CONFIG, "torch")
    grouped = Adam(PARAMS, CONFIG, "torch", groups=GROUPS)
    with pytest.raises(CheckpointError, match="a checkpoint must have no groups here, got"):
        fused.restore(grouped.save())
    adam = Adam(PARAMS, CONFIG, "torch", groups=GROUPS)
    adam.restore(fused.save())
    fused.step(GRADS)
    assert as_bytes(adam.step(GRADS)) == as_bytes(fused.params)


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ([{"params": [3]}], "params of groups must be from 0 to 2, each in one group, got 3"),
        ([{"params": [-1]}], "each in one group, got -1"),
        ([{"params": [0]}, {"params": [1, 0]}], "each in one group, got 0"),
        ([{"params": [True]}], "each in one group, got True"),
        ([{"params": []}], "groups must each have params, a list of places, got"),
        ([{"learning_rate": 1.0}], "groups must each have params, a list of places, got"),
        ([{"params": [0], "amsgrad": True}], "groups may set learning_rate, .*, got amsgrad"),
        ([{"params": [0], "beta1": 1.0}], r"beta1 must be in \[0, 1\), got 1.0"),
    ],
)
def test_groups_that_make_no_sense_are_refused(groups, message):
    with pytest.raises(ValueError, match=message):
        Adam(PARAMS, CONFIG, "torch", groups=groups)


def test_a_group_cannot_set_what_the_convention_lacks():
    with pytest.raises(ValueError, match="convention 'paper' has no weight_decay"):
        Adam(PARAMS, groups=[{"params": [1], "weight_decay": 0.5}])
