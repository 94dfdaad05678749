"""What tables whose rows are left behind refuse, and that nothing has changed then."""

import numpy as np
import pytest

from adamref import AdamConfig, Convention, IndexedSlices
from adamref.kernels.deferred import DeferredTable
from adamref.storage.checkpoint import CheckpointError
from tests.support.deferred_cases import ROWS, WIDTH, Case, same_bits, table

GOOD = IndexedSlices(np.ones((2, WIDTH), np.float32), np.array([0, 3]), (ROWS, WIDTH))
REFUSED = {
    "index": (
        GOOD._replace(indices=np.array([0, ROWS])),
        {},
        r"indices must be in \[0, 12\), the rows of param, got 12",
    ),
    "shape": (
        GOOD._replace(values=GOOD.values[:, 1:]),
        {},
        r"values must have shape \(2, 37\), a row of",
    ),
    "dtype": (
        GOOD._replace(values=np.ones((2, WIDTH))),
        {},
        "values must have the dtype of param, float32, got float64",
    ),
    "rate": (GOOD, {"learning_rate": -1.0}, "learning_rate must be finite and >= 0, got -1.0"),
    "dense": (
        np.ones((ROWS, WIDTH), np.float32),
        {},
        "slices must be IndexedSlices, got ndarray; adamref.Adam takes o",
    ),
}


@pytest.mark.parametrize("mode", ["replay", "series"])
@pytest.mark.parametrize(("given", "more", "message"), REFUSED.values(), ids=REFUSED)
def test_a_gradient_that_does_not_fit_is_refused_and_nothing_has_changed(
    given, more, message, mode
):
    one, other = (DeferredTable(table(), mode=mode) for _ in range(2))
    for each in (one, other):
        each.apply(GOOD)
    with pytest.raises(ValueError, match=message):
        one.apply(given, **more)
    for each in (one, other):
        each.apply(GOOD)
    assert (one.t, one.config) == (2, AdamConfig())
    assert same_bits(one.read(), other.read())


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([0, 12], r"rows must be in \[0, 12\), got 12"),
        (-1, r"rows must be in \[0, 12\), got -1"),
        ([0.5], "rows must be integers, got float64"),
    ],
)
def test_rows_that_there_are_not_are_refused(rows, message):
    with pytest.raises(ValueError, match=message):
        DeferredTable(table()).read(rows)


LAZY = Convention(sparse="lazy_row_t", step_scope="parameter")


@pytest.mark.parametrize(
    ("start", "case", "message"),
    [
        (
            table(),
            Case(AdamConfig(), "nobody"),
            "convention must be one of paper, .*, got 'nobody'",
        ),
        (
            table(),
            Case(AdamConfig(), LAZY),
            "sparse must be 'dense_equivalent' here, got 'lazy_row_t' of convention 'custom'; ",
        ),
        (
            table(),
            Case(AdamConfig(), "torch"),
            "sparse must be 'dense_equivalent' here, got 'unsupported' of convention 'torch'; ",
        ),
        (
            table(),
            Case(AdamConfig(), Convention(duplicates="sum_of_squares")),
            "duplicates must be 'sum_then_square' he",
        ),
        (
            table(),
            Case(AdamConfig(), Convention(empty_sparse="ignored")),
            "empty_sparse must be 'counts' here, got 'ign",
        ),
        (
            table(),
            Case(AdamConfig(clipnorm=1.0), "tfkeras"),
            "clipnorm must be None here, got 1.0; use adamref.Adam",
        ),
        (
            table(),
            Case(AdamConfig(amsgrad=True)),
            "convention 'tf1' has no amsgrad; got amsgrad=True. Set it to False or",
        ),
        (
            np.ones(4, np.float32),
            Case(AdamConfig()),
            r"table must be float32 or float64, of two axes or more, got float3",
        ),
        (
            np.ones((4, 4), np.float16),
            Case(AdamConfig()),
            r"table must be float32 or float64, of two axes .* got float16",
        ),
    ],
)
def test_what_a_table_is_not_for_is_refused(start, case, message):
    with pytest.raises(ValueError, match=message):
        DeferredTable(start, *case)


def test_there_are_two_modes():
    with pytest.raises(ValueError, match="mode must be 'replay' or 'series', got 'lazy'"):
        DeferredTable(table(), mode="lazy")


def test_a_file_of_another_table_is_refused_and_nothing_has_changed(tmp_path):
    DeferredTable(table(rows=3)).save(tmp_path / "other")
    one = DeferredTable(table())
    one.apply(GOOD)
    before = one.read()
    with pytest.raises(CheckpointError, match="must be float32 in shape"):
        one.restore(tmp_path / "other")
    assert one.t == 1
    assert same_bits(one.read(), before)


def test_a_file_with_numbers_that_have_no_series_is_refused_and_nothing_has_changed(tmp_path):
    DeferredTable(table(), AdamConfig(beta1=0.9, beta2=0.5)).save(tmp_path / "far")
    one = DeferredTable(table(), mode="series")
    one.apply(GOOD)
    before = one.read()
    with pytest.raises(
        ValueError, match=r"beta1 must be below the root of beta2, .*, got 0.9; use mode 'replay'"
    ):
        one.restore(tmp_path / "far")
    assert (one.t, one.config) == (1, AdamConfig())
    assert same_bits(one.read(), before)
