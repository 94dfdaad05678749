"""Where replay looks at parameters no longer, for they do not change any more."""

import numpy as np
import pytest

from adamref import IndexedSlices
from adamref.kernels.deferred import DeferredTable, deferred_table, replay
from tests.support.deferred_cases import CASES, NOTHING, WIDTH, equal, pair


@pytest.mark.parametrize("changed", [{"part": 2.0**-22}, {"left": 100.0}, {"lost": -1e-16}])
def test_an_end_that_is_too_early_costs_bits_and_the_one_there_is_none(changed, monkeypatch):
    # Updates as small as the last place of the parameters, and moments at which epsilon is nothing.
    rng = np.random.default_rng(10)
    start = np.ones((40, WIDTH), np.float32)
    start *= 10.0 ** rng.uniform(-3, 3, start.shape).astype(np.float32)
    sizes = np.repeat(10.0 ** rng.uniform(-9, 0, (40, 1)), WIDTH, 1).astype(np.float32)
    given = [IndexedSlices(sizes, np.arange(40)), *[NOTHING] * 500]
    right, adam = pair(CASES["paper-no-epsilon"], start)
    found = replay.end_limits(start.dtype, True)
    early = found.copy()
    early[[replay.Limits._fields.index(name) for name in changed]] = list(changed.values())
    wrong = DeferredTable(start, *CASES["paper-no-epsilon"])
    for each in given:
        right.apply(each)
        wrong.apply(each)
        adam.step([each])
    assert equal(right, adam)
    monkeypatch.setattr(deferred_table, "end_limits", lambda *_: early)
    assert not equal(wrong, adam)


@pytest.mark.parametrize("m", [-1e-45, 1e-45, -0.0, 0.0])
@pytest.mark.parametrize("p", [-0.0, 0.0, -1e-45, 1e-45, -1e-38, 1e-38])
@pytest.mark.parametrize("v", [0.0, 1e-45, 1e-38, 1e-10, np.inf, np.nan])
def test_updates_that_vanish_leave_the_bits_of_the_reference(p, m, v, tmp_path):
    # -0 less an update of -0 is 0.
    arrays = [np.full((2, WIDTH), number, np.float32) for number in (p, m, v)]
    one, adam = pair(CASES["tf1"], arrays[0])
    adam.load([arrays[0]], {"m": [arrays[1]], "v": [arrays[2]]}, [7])
    adam.save(tmp_path / "state")
    one.restore(tmp_path / "state")
    for _ in range(3 * replay.CHUNK):
        one.apply(NOTHING)
        adam.step([NOTHING])
    assert equal(one, adam)
