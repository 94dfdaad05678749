"""A saved state is restored bit for bit; a damaged file is refused; a kill loses nothing."""

import json
import signal
import subprocess
import sys
import time
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from adamref import Adam, AdamConfig, Convention, IndexedSlices
from adamref.convention import Arithmetic
from adamref.storage.checkpoint import CheckpointError, read, write

KINDS = {
    "dense": (AdamConfig(), "paper"),
    "amsgrad": (AdamConfig(amsgrad=True, beta2=0.9), "tfkeras"),
    "rows": (AdamConfig(), Convention(sparse="lazy_row_t", step_scope="parameter")),
}


def params(dtype=np.float32):
    return [
        np.linspace(-1, 1, 6, dtype=dtype).reshape(3, 2),
        np.array(0.5, dtype),
        np.zeros(0, dtype),
    ]


def grads(seed, dtype=np.float32):
    rng = np.random.default_rng(seed)
    rows = IndexedSlices(rng.normal(size=(3, 2)).astype(dtype), np.array([0, 2, 0]))
    return [rows if seed % 2 else None, rng.normal(size=()).astype(dtype), np.zeros(0, dtype)]


def bits(arrays):
    return [array.tobytes() for array in arrays]


def train(kind, dtype=np.float32):
    config, convention = KINDS[kind]
    adam = Adam(params(dtype), config, convention)
    for seed in range(5):
        adam.step(grads(seed, dtype), learning_rate=0.1 / (seed + 1))
    return adam


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("kind", KINDS)
def test_to_go_on_from_a_file_is_never_to_have_stopped(kind, dtype, tmp_path):
    path = tmp_path / "adam.safetensors"
    stopped = train(kind, dtype)
    stopped.save(path)
    config, convention = KINDS[kind]
    restored = Adam(params(dtype), config, convention)
    restored.restore(path)
    for seed in range(5, 9):
        expected = bits(stopped.step(grads(seed, dtype)))
        assert bits(restored.step(grads(seed, dtype))) == expected
    assert bits(restored.slots()["m"]) == bits(stopped.slots()["m"])


def test_nothing_but_numbers_is_in_the_file(tmp_path):
    train("dense").save(tmp_path / "adam.safetensors")
    arrays = load_file(tmp_path / "adam.safetensors")
    assert set(arrays) == {f"{name}.{at}" for name, at in product(("param", "m", "v"), range(3))}


def check_refused(adam, path, message):
    before = bits((*adam.params, *adam.slots()["m"]))
    config = adam.config
    with pytest.raises(CheckpointError, match=message):
        adam.restore(path)
    assert bits((*adam.params, *adam.slots()["m"])) == before
    assert adam.config == config


def test_a_file_that_was_cut_off_anywhere_is_refused(tmp_path):
    path = tmp_path / "adam.safetensors"
    adam = train("dense")
    adam.save(path)
    whole = path.read_bytes()
    for length in (*range(0, len(whole), 97), len(whole) - 1):
        path.write_bytes(whole[:length])
        check_refused(adam, path, "path must be a whole checkpoint of adamref, got")


def test_any_other_file_is_refused(tmp_path):
    path = tmp_path / "adam.safetensors"
    adam = train("dense")
    # Empty, a pickle, bytes, a header without metadata, an archive.
    for content in (b"", b"\x80\x04\x95", b"\xff" * 64, b"\x02" + 7 * b"\0" + b"{}", b"PK\x03\x04"):
        path.write_bytes(content)
        check_refused(adam, path, "path must be a whole checkpoint of adamref, got")
    save_file({"x": np.zeros(3)}, path)
    check_refused(adam, path, "path must be a whole checkpoint of adamref, got .*'kind'")


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (
            Adam(params(), convention="tf1"),
            "convention of a checkpoint must match this Adam, {'epsilon': 'outside', ",
        ),
        (
            Adam(params(), arithmetic=Arithmetic.parse("sssss")),
            "arithmetic of a checkpoint must match this Adam, ddddd",
        ),
        (Adam(params()[:2]), r"must have the arrays .*; it lacks m\.2, param\.2, v\.2"),
        (Adam([*params(), np.zeros(1, np.float32)]), r"it also has m\.3, param\.3, v\.3"),
        (
            Adam(params(np.float64)),
            r"param\.0 of a checkpoint must be float32 in shape \(3, 2\), got float64",
        ),
        (
            Adam([x.reshape(-1) for x in params()]),
            r"must be float32 in shape \(3, 2\), got float32 in shape \(6,\)",
        ),
        (
            Adam(params(), AdamConfig(amsgrad=True)),
            r"it also has v_max\.0, v_max\.1, v_max\.2",
        ),
    ],
)
def test_a_checkpoint_of_another_adam_is_refused(other, message, tmp_path):
    other.save(tmp_path / "adam.safetensors")
    check_refused(train("dense"), tmp_path / "adam.safetensors", message)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda n: n.pop("t"), "with sound numbers, got .*'t'"),
        (lambda n: n.pop("config"), "with sound numbers, got .*'config'"),
        (lambda n: n.update(t=[1, 2]), "with sound numbers"),
        (lambda n: n.update(t=[1, 2, -3]), "t must be a count >= 0, got -3"),
        (lambda n: n.update(t=[1, 2, "3"]), "t must be a count >= 0, got '3'"),
        (
            lambda n: n.update(t=[[1, 2], 2, 3]),
            r"t must be a count >= 0, got \[1, 2\]",
        ),
        (lambda n: n.update(t=[[[1], 2], 2, 3]), "with sound numbers"),
        (lambda n: n["config"].update(beta1=2.0), r"beta1 must be in \[0, 1\), got 2.0"),
        (lambda n: n["config"].update(beta3=0.5), "unexpected keyword argument 'beta3'"),
        (
            lambda n: n["config"].update(amsgrad=True),
            "amsgrad of a checkpoint must be False, got True",
        ),
    ],
)
def test_numbers_that_make_no_sense_are_refused(change, message, tmp_path):
    path = tmp_path / "adam.safetensors"
    adam = train("dense")
    adam.save(path)
    own = {
        f"{name}.{at}": x
        for name, xs in {"param": adam.params, **adam.slots()}.items()
        for at, x in enumerate(xs)
    }
    arrays, numbers = read(path, "adamref.Adam", own)
    change(numbers)
    write(path, "adamref.Adam", arrays, numbers)
    check_refused(adam, path, message)


def test_a_checkpoint_of_something_else_is_refused(tmp_path):
    write(tmp_path / "x", "adamref.tf1.AdamOptimizer", {}, {})
    check_refused(
        train("dense"),
        tmp_path / "x",
        "must be a checkpoint of adamref.Adam, got a checkpoint of adamref.tf1.Adam",
    )


def test_deep_or_foreign_metadata_is_refused(tmp_path):
    for numbers in ("[" * 100_000, "1", "{", "NaN"):
        save_file({}, tmp_path / "x", {"kind": "adamref.Adam", "numbers": numbers})
        check_refused(Adam([]), tmp_path / "x", "must be a")


def test_a_file_that_is_not_there_says_so():
    with pytest.raises(FileNotFoundError):
        train("dense").restore("nowhere/adam.safetensors")


def test_what_cannot_be_written_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "adam.safetensors"
    adam = train("dense")
    adam.save(path)
    before = path.read_bytes()

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("adamref.storage.replacement.os.fsync", full)
    adam.step(grads(9))
    with pytest.raises(OSError, match="No space left on device"):
        adam.save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


WRITER = """
import sys
import numpy as np
from adamref import Adam
adam = Adam([np.zeros(200_000)])
print("ready", flush=True)
while True:
    adam.step([np.ones(200_000)])
    adam.save(sys.argv[1])
"""


def test_a_kill_at_any_moment_leaves_a_whole_file(tmp_path):
    path = tmp_path / "adam.safetensors"
    Adam([np.zeros(200_000)]).save(path)
    for turn in range(6):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE
        ) as writer:
            writer.stdout.readline()
            time.sleep(0.02 * turn + 0.005)
            writer.send_signal(signal.SIGKILL)
        adam = Adam([np.ones(200_000)])
        adam.restore(path)
        assert len(np.unique(adam.params[0])) == 1


def test_floats_come_back_bit_for_bit(tmp_path):
    numbers = {"x": [0.1, 5e-324, 1.7976931348623157e308, -0.0]}
    write(tmp_path / "x", "k", {}, numbers)
    assert json.dumps(read(tmp_path / "x", "k", {})[1]) == json.dumps(numbers)


def test_a_file_in_which_a_bit_has_changed_is_refused(tmp_path):
    path = tmp_path / "adam.safetensors"
    adam = Adam([np.ones(3)])
    adam.save(path)
    whole = path.read_bytes()
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        check_refused(adam, path, "must")


def test_a_file_keeps_its_mode_and_a_new_one_has_that_of_any_new_file(tmp_path):
    path = tmp_path / "adam.safetensors"
    other = tmp_path / "other"
    other.touch()
    Adam([np.ones(3)]).save(path)
    assert path.stat().st_mode == other.stat().st_mode
    path.chmod(0o640)
    Adam([np.ones(3)]).save(path)
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (
            Adam(params(), convention="tf1"),
            "convention of a checkpoint must match this Adam, {'epsilon': 'outside', ",
        ),
        (Adam(params()[:2]), r"must have the arrays .*; it lacks m\.2, param\.2, v\.2"),
        (
            Adam(params(np.float64)),
            r"param\.0 of a checkpoint must be float32 in shape \(3, 2\), got float64",
        ),
        (
            Adam(params(), AdamConfig(amsgrad=True)),
            "amsgrad of a checkpoint must be False, got True",
        ),
    ],
)
def test_a_saved_state_in_memory_of_another_adam_is_refused(other, message):
    check_refused(train("dense"), other.save(), message)


@pytest.mark.parametrize("saved", [None, {}, b"adam", 1])
def test_what_is_neither_a_saved_state_nor_a_path_is_refused(saved):
    with pytest.raises(
        TypeError, match="saved must be what save returned, or the path of a file, got "
    ):
        train("dense").restore(saved)


def test_a_saved_state_in_memory_is_independent_of_what_happens_next():
    adam = train("dense")
    saved = adam.save()
    first = adam.step(grads(5))
    adam.config = replace(adam.config, learning_rate=9.0)
    adam.restore(saved)
    assert all(np.array_equal(*pair) for pair in zip(first, adam.step(grads(5)), strict=True))
