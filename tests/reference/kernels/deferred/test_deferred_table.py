"""Rows that are brought up to date when needed have the bits of rows that never were behind."""

import threading
import tracemalloc

import numba
import numpy as np
import pytest

from adamref import Adam, IndexedSlices
from adamref.kernels.deferred import DeferredTable, deferred_table
from adamref.kernels.deferred.rows import SCRATCH
from tests.support.deferred_cases import (
    CASES,
    NOTHING,
    ROWS,
    equal,
    pair,
    same_bits,
    slices,
    table,
    visits,
)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_table_has_the_bits_of_the_reference_after_any_trajectory(case, dtype):
    rng = np.random.default_rng(1)
    start = table(dtype=dtype)
    one, adam = pair(case, start)
    for step, indices in enumerate(visits(rng, ROWS, 700)):
        given = slices(rng, indices, start)
        rate = [None, 2e-3, 0.0, 5e-4][step // 50 % 4]
        one.apply(given, rate)
        params = adam.step([given], rate)[0]
        if step % 97 == 0:
            rows = rng.integers(0, ROWS, (2, 2))
            assert same_bits(one.read(rows), params[rows])
    assert one.t == 700
    assert equal(one, adam)


@pytest.mark.parametrize("gap", [1, 15, 16, 17, 33, 190, 1000, 3000])
@pytest.mark.parametrize("name", ["tf1", "tfkeras-amsgrad", "paper", "optax-amsgrad"])
def test_a_gap_of_any_length_has_the_bits_of_its_steps(name, gap):
    rng = np.random.default_rng(gap)
    start = table(gap)
    one, adam = pair(CASES[name], start)
    first = slices(rng, range(ROWS - 1), start)
    second = slices(rng, range(0, ROWS, 2), start)
    for given in [first, *[NOTHING] * gap, second]:
        one.apply(given)
        adam.step([given])
    assert equal(one, adam)


@pytest.mark.parametrize("shape", [(5, 1), (3, 2, 8), (2, 2500), (0, 4), (4, 0)])
def test_a_row_has_any_shape(shape):
    rng = np.random.default_rng(2)
    start = rng.normal(size=shape).astype(np.float32)
    one, adam = pair(CASES["tf1"], start)
    for indices in ([0, 1, 0], [], [], [1]):
        given = slices(rng, indices[: len(start) * 9], start)
        one.apply(given)
        adam.step([given])
    assert equal(one, adam)


def test_all_threads_together_have_the_bits_of_one(monkeypatch):
    rng = np.random.default_rng(3)
    start = table(rows=200)
    given = [
        slices(rng, rng.integers(0, 200, count), start) for count in (200, 0, 300, 0, 0, 1, 150)
    ]
    found = []
    for least in (0, 10**9):
        monkeypatch.setattr(deferred_table, "PARALLEL", least)
        one = DeferredTable(start)
        for each in given:
            one.apply(each)
        found.append(one.read())
    assert same_bits(*found)


def test_what_is_remembered_of_the_steps_has_an_end_that_changes_no_bit(monkeypatch):
    monkeypatch.setattr(deferred_table, "HISTORY", 20)
    rng = np.random.default_rng(4)
    start = table()
    one, adam = pair(CASES["tf1"], start)
    for indices in visits(rng, ROWS, 130):
        given = slices(rng, indices, start)
        one.apply(given)
        adam.step([given])
    assert equal(one, adam)


SPECIAL = np.array(
    [np.nan, np.inf, -np.inf, 1e38, -3e38, 1e-45, -1e-40, 1.2e-38, 0.0, -0.0], np.float32
)


@pytest.mark.parametrize("mode", ["replay", "series"])
def test_what_is_not_finite_stays_in_its_row(mode):
    start = np.ones((3, len(SPECIAL)), np.float32)
    one = DeferredTable(start, mode=mode)
    one.apply(IndexedSlices(np.stack([SPECIAL, np.ones_like(SPECIAL)]), np.array([1, 2])))
    for _ in range(40):
        one.apply(IndexedSlices(np.zeros((0, len(SPECIAL)), np.float32), np.zeros(0, np.int64)))
    after = one.read()
    assert np.isnan(after[1, :3]).any()
    assert same_bits(after[0], start[0])
    assert np.isfinite(after[2]).all()
    assert len(set(after[2].tolist())) == 1


@pytest.mark.parametrize(
    "name", ["tf1", "tfkeras-amsgrad", "paper-no-epsilon", "l2", "keras3-decay", "ascent"]
)
def test_special_numbers_have_the_bits_of_the_reference(name):
    params, grads = (part.copy() for part in np.meshgrid(SPECIAL, SPECIAL))
    one, adam = pair(CASES[name], params)
    blank = IndexedSlices(grads[:0], np.zeros(0, np.int64))
    every = IndexedSlices(grads, np.arange(len(params)))
    for given in [
        blank,
        every,
        *[blank] * 60,
        IndexedSlices(grads[:1] * 0, np.array([3])),
        *[blank] * 60,
    ]:
        one.apply(given)
        adam.step([given])
    assert equal(one, adam)


def test_subnormal_moments_fade_as_they_do_in_the_reference():
    start = np.full((2, 16), 1e-30, np.float32)
    one, adam = pair(CASES["tf1"], start)
    given = IndexedSlices(np.linspace(1e-21, 1e-19, 16, dtype=np.float32)[None], np.array([1]))
    blank = IndexedSlices(given.values[:0], np.zeros(0, np.int64))
    for each in [given, *[blank] * 1500]:
        one.apply(each)
        adam.step([each])
    assert 0 < np.abs(one.slots()["v"][1]).min() < 1e-38
    assert equal(one, adam)


def test_reading_a_row_twice_or_not_at_all_changes_no_bit():
    rng = np.random.default_rng(5)
    start = table()
    some = DeferredTable(start)
    none = DeferredTable(start)
    for indices in visits(rng, ROWS, 200):
        given = slices(rng, indices, start)
        some.apply(given)
        none.apply(given)
        some.read([3, 3, 4])
        some.read([])
    assert same_bits(some.read(), none.read())


def test_what_is_read_and_what_was_given_are_copies():
    start = table()
    one = DeferredTable(start)
    before = one.read()
    for own in (start, one.read(), one.read([0]), *one.slots().values()):
        own[:] = 7
    assert same_bits(one.read(), before)
    assert not one.slots()["m"].any()


@pytest.mark.parametrize("mode", ["replay", "series"])
def test_a_table_goes_on_from_its_file_bit_for_bit(mode, tmp_path):
    rng = np.random.default_rng(6)
    start = table()
    one = DeferredTable(start, CASES["tfkeras-amsgrad"].config, "tfkeras", mode=mode)
    given = [slices(rng, indices, start) for indices in visits(rng, ROWS, 300)]
    for each in given[:150]:
        one.apply(each, 2e-3)
    one.save(tmp_path / "table.safetensors")
    other = DeferredTable(
        np.zeros_like(start), CASES["tfkeras-amsgrad"].config, "tfkeras", mode=mode
    )
    other.restore(tmp_path / "table.safetensors")
    for each in given[150:]:
        one.apply(each)
        other.apply(each)
    assert (other.t, other.config.learning_rate) == (300, 2e-3)
    assert same_bits(one.read(), other.read())
    assert all(
        same_bits(*both) for both in zip(one.slots().values(), other.slots().values(), strict=True)
    )


def test_the_reference_and_a_table_go_on_from_the_file_of_the_other(tmp_path):
    rng = np.random.default_rng(7)
    start = table()
    one, adam = pair(CASES["tf1"], start)
    for at, indices in enumerate(visits(rng, ROWS, 90)):
        given = slices(rng, indices, start)
        one.apply(given)
        adam.step([given])
        if at == 30:
            one.save(tmp_path / "one")
            adam.restore(tmp_path / "one")
        if at == 60:
            adam.save(tmp_path / "adam")
            one.restore(tmp_path / "adam")
    assert equal(one, adam)


def test_threads_take_turns():
    one = DeferredTable(np.zeros((64, 100), np.float32))
    other = DeferredTable(np.zeros((64, 100), np.float32))
    given = IndexedSlices(np.ones((64, 100), np.float32), np.arange(64))

    def work():
        for _ in range(25):
            one.apply(given)
            one.read([1, 2])

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for _ in range(100):
        other.apply(given)
    assert one.t == 100
    assert same_bits(one.read(), other.read())


def test_no_public_name_hands_out_a_row_that_is_behind():
    # Whatever is added must bring rows up to date first, or hold none.
    public = {name for name in dir(DeferredTable(table())) if not name.startswith("_")}
    assert public == {"apply", "config", "flush", "read", "restore", "save", "slots", "t"}


def test_more_threads_than_when_it_was_made_have_room(monkeypatch):
    rng = np.random.default_rng(9)
    start = table(rows=100)
    most = numba.get_num_threads()
    numba.set_num_threads(1)
    one = DeferredTable(start)
    numba.set_num_threads(most)
    assert one._scratch.size >= numba.config.NUMBA_NUM_THREADS * SCRATCH
    monkeypatch.setattr(deferred_table, "PARALLEL", 0)
    adam = Adam([start], convention="tf1")
    for _ in range(3):
        given = slices(rng, range(100), start)
        one.apply(given)
        adam.step([given])
    assert equal(one, adam)


def largest_allocation(call):
    """The bytes that a call allocates at most, beside what there was before it, and its result."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        result = call()
        return tracemalloc.get_traced_memory()[1] - before, result
    finally:
        tracemalloc.stop()


def test_a_table_is_made_and_saved_without_copies_of_its_state(tmp_path):
    start = np.ones((200_000, 32), np.float32)
    state = 3 * start.nbytes
    used, one = largest_allocation(lambda: DeferredTable(start))
    assert used < 1.15 * state
    one.apply(IndexedSlices(np.ones((1, 32), np.float32), np.array([7])))
    used, _ = largest_allocation(lambda: one.save(tmp_path / "table"))
    assert used < 0.15 * state
    other = DeferredTable(np.zeros_like(start))
    other.restore(tmp_path / "table")
    assert same_bits(one.read(), other.read())
    # What was restored can be stepped.
    for each in (one, other):
        each.apply(IndexedSlices(np.ones((1, 32), np.float32), np.array([9])))
    assert same_bits(one.read(), other.read())
