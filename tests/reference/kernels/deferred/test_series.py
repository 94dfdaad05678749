"""Rows that are brought up to date by sums, against the exact recurrence in 80 bits.

The truth begins with the rows as they are stored, and its scalars are those of the oracle: rounded
once as the arithmetic says, and exact from there.
"""

from dataclasses import replace

import numpy as np
import pytest

from adamref import Adam, AdamConfig, Convention, IndexedSlices
from adamref.kernels.deferred import DeferredTable, deferred_table, series, series_kernel
from adamref.named_conventions import look_up
from tests.support.deferred_cases import CASES, Case, same_bits, slices, table, visits
from tests.support.extended_precision import FastTruth, Long
from tests.support.series_cases import FAR, ROWS, WIDTH, go, loaded, ulps, worst


@pytest.mark.parametrize("gap", [1, 7, 60, 380, 2500])
@pytest.mark.parametrize("t", [3, 10_000])
@pytest.mark.parametrize("case", FAR.values(), ids=FAR)
def test_a_row_is_within_one_unit_of_the_exact_recurrence_after_a_gap(case, t, gap, tmp_path):
    one = loaded(case, t, tmp_path)
    go(one, [None] * gap)
    assert max(worst(one).values()) <= 0.55


@pytest.mark.parametrize("case", FAR.values(), ids=FAR)
def test_a_row_is_within_one_unit_of_the_exact_recurrence_after_a_gap_and_a_gradient(
    case, tmp_path
):
    one = loaded(case, 200, tmp_path)
    rng = np.random.default_rng(0)
    grad = (rng.normal(size=(ROWS, WIDTH)) * 10.0 ** rng.uniform(-7, 0, (ROWS, WIDTH))).astype(
        np.float32
    )
    go(one, [*[None] * 100, grad])
    assert max(worst(one).values()) <= 0.55


@pytest.mark.parametrize("scale", [(-20, -10), (-10, -6), (-3, 6), (8, 18)])
def test_a_row_is_within_one_unit_where_epsilon_dominates_and_where_it_is_nothing(scale, tmp_path):
    one = loaded(CASES["tf1"], 500, tmp_path, scale=scale)
    go(one, [None] * 300)
    assert max(worst(one).values()) <= 0.55


@pytest.mark.parametrize("t", [10, 1000])
@pytest.mark.parametrize("name", ["tf1", "paper", "tfkeras-amsgrad", "keras3-decay"])
def test_sums_are_closer_to_the_truth_than_the_loop_in_float32(name, t, tmp_path):
    off = {}
    for mode in ("series", "replay"):
        one = loaded(CASES[name], t, tmp_path, mode, scale=(-3, 0))
        go(one, [None] * 400)
        off[mode] = np.median(ulps(one.table.read(), one.truth.memory.param))
    assert (
        off["series"] <= 0.3
    )  # rounding once is a quarter in the median, give or take what was drawn
    assert off["series"] < off["replay"]


def test_what_is_left_out_of_a_sum_is_as_small_as_is_said():
    for beta1, beta2, said in (
        (0.9, 0.999, 379),
        (0.9, 0.95, 502),
        (0.95, 0.999, 797),
        (0.99, 0.999, 4407),
    ):
        rho = beta1 / np.sqrt(beta2)
        steps = series.steps_to_sum(rho)
        k = np.arange(steps + 1, 40 * steps, dtype=Long)
        assert abs(steps - said) <= 1
        assert np.sum(Long(rho) ** k) <= 2.0**-54 < np.sum(Long(rho) ** (k - 1))


def test_the_series_less_seven_terms_is_below_the_eighth():
    x = Long(10.0) ** np.linspace(-6, 6, 500)
    left = np.abs(1 / (1 + x) - sum((-x) ** j for j in range(series.TERMS)))
    assert (
        left
        <= x**series.TERMS / (1 + x) * (1 + Long(2) ** -50)
        + Long(2) ** -60 * (1 + x ** (series.TERMS - 1))
    ).all()


def test_both_ways_to_sum_are_taken_and_meet(tmp_path, monkeypatch):
    found = []
    for small in (0.0, series_kernel.SMALL):
        monkeypatch.setattr(series_kernel, "SMALL", small)
        one = loaded(CASES["tf1"], 100, tmp_path, scale=(-8, -6))
        go(one, [None] * 50)
        found.append(one.table.read())
    assert np.abs(found[0] - found[1]).max() <= np.spacing(np.float32(4))


def test_the_price_of_a_gap_does_not_depend_on_its_length(tmp_path):
    # The kernel is handed sums: it looks at no step of the gap where the series holds.
    one = loaded(CASES["tf1"], 100, tmp_path, scale=(-3, 0))
    go(one, [None] * 500)
    wanted = one.table.read([0, 1])
    other = loaded(CASES["tf1"], 100, tmp_path, scale=(-3, 0))
    go(other, [None] * 500)
    other.table._history[1:] = np.nan
    assert same_bits(other.table.read([0, 1]), wanted)


def test_what_is_remembered_of_the_steps_has_an_end(monkeypatch, tmp_path):
    monkeypatch.setattr(deferred_table, "HISTORY", 64)
    one = loaded(CASES["keras3-decay"], 100, tmp_path)
    go(one, [None] * 300)
    assert worst(one)["p"] <= 0.5 + 300 / 64 * 0.5  # rounded at each end


def test_a_trajectory_stays_as_close_to_the_truth_as_the_reference():
    rng = np.random.default_rng(8)
    start = table(rows=40)
    one = DeferredTable(start, mode="series")
    adam = Adam([start], convention="tf1")
    truth = FastTruth(AdamConfig(), *look_up("tf1"), "float32", start)
    for indices in visits(rng, 40, 600):
        given = slices(rng, indices, start)
        one.apply(given)
        adam.step([given])
        whole = np.zeros_like(start)
        np.add.at(whole, given.indices, given.values)
        truth.step(whole)
    exact = truth.memory.param
    mine, loop = (
        float(np.mean(np.abs(found.astype(Long) - exact))) for found in (one.read(), adam.params[0])
    )
    assert mine < loop
    assert mine < 1e-7


def test_rows_that_were_never_touched_stay_as_they_are():
    start = table()
    one = DeferredTable(start, mode="series")
    for _ in range(30):
        one.apply(IndexedSlices(start[:1], np.array([0])))
    assert np.array_equal(one.read()[1:], start[1:])


@pytest.mark.parametrize(
    ("start", "case", "message"),
    [
        (
            table(dtype="float64"),
            Case(AdamConfig()),
            "table must be float32 in mode 'series', got float64; use mode 're",
        ),
        (
            table(),
            CASES["l2"],
            "weight_decay must be off or decoupled in mode 'series', got 0.1; use mode 'replay'",
        ),
        (
            table(),
            CASES["inside"],
            "epsilon must stand outside the root in mode 'series', got 1e-06 under it; use mode",
        ),
        (
            table(),
            CASES["optax-amsgrad"],
            "epsilon must stand outside the root in mode 'series', got 1e-12 under it",
        ),
        (
            table(),
            Case(AdamConfig(beta1=1 - 1e-9, amsgrad=True), "paper"),  # 1 in float32
            "beta1 must be below the root of beta2, 1, in mode 'series', got 0.999999999; use mode",
        ),
        (
            table(),
            Case(AdamConfig(beta1=0.9, beta2=0.81)),
            r"beta1 must be below the root of beta2, 0.9, in mode 'series', got 0.9; use mode",
        ),
    ],
)
def test_what_has_no_series_is_refused(start, case, message):
    with pytest.raises(ValueError, match=message):
        DeferredTable(start, *case, mode="series")


def test_weights_that_decay_by_all_of_themselves_are_refused_and_nothing_has_changed():
    decay = Convention(weight_decay="decoupled")
    one = DeferredTable(table(), AdamConfig(weight_decay=0.5), decay, mode="series")
    given = IndexedSlices(table()[:2], np.array([2, 5]))
    one.apply(given)
    before = one.read()
    with pytest.raises(
        ValueError,
        match="weight_decay must leave some of a weight in mode 'series', got 0.5 at learning_",
    ):
        one.apply(given, 2.0)
    assert (one.t, one.config.learning_rate) == (1, 1e-3)
    assert same_bits(one.read(), before)
    one.apply(given, 1.9)


def test_a_file_with_a_maximum_below_what_it_is_of_is_refused(tmp_path):
    start = np.ones((2, 3), np.float32)
    adam = Adam([start], AdamConfig(amsgrad=True))
    adam.load([start], {"m": [start], "v": [2 * start], "v_max": [start]}, [5])
    adam.save(tmp_path / "odd")
    one = DeferredTable(start, AdamConfig(amsgrad=True), "paper", mode="series")
    with pytest.raises(
        ValueError,
        match="v_max must be at least v in mode 'series', got 1.0 for 2.0; use mode 'replay'",
    ):
        one.restore(tmp_path / "odd")
    assert (one.t, one.slots()["v"].any()) == (0, False)


def test_betas_that_are_almost_too_close_are_summed_over_all_that_is_remembered(tmp_path):
    one = loaded(
        Case(AdamConfig(beta1=0.9, beta2=0.81 + 1e-7), "paper"), 30, tmp_path, scale=(-3, 0)
    )
    go(one, [None] * 200)
    assert worst(one)["p"] <= 0.55


def test_amsgrad_needs_no_room_between_the_betas(tmp_path):
    case = Case(replace(CASES["paper-amsgrad"].config, beta1=0.9, beta2=0.5), "paper")
    one = loaded(case, 30, tmp_path)
    go(one, [None] * 200)
    assert max(worst(one).values()) <= 0.55
