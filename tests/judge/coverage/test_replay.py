"""Replay: what mistakes show is the same as if the subject were run for each of them."""

import numpy as np
import pytest

from conformance.coverage.measure import home, mistaken, pairs_in, reference, shown
from conformance.coverage.measure import shows as shows_directly
from conformance.coverage.replay import Replay
from conformance.coverage.score import rows_together
from conformance.subject.subject import from_make

# With AMSGrad, a restored state, an exception that is due, and sparse gradients.
VECTORS = [
    "amsgrad.f32.spike-then-small",
    "lifetimes.f64.resume-decay",
    "none-gradient.f32.all",
    "together.f64.torch-sparse-39",
    # Calls that are skipped are not seen.
    "loss-scale.f64.together",
]


@pytest.mark.parametrize("name", VECTORS)
def test_a_mistake_shows_as_it_does_in_a_run_of_its_own(name, suite):
    (vector,) = [one for one in suite.vectors if one.id == name]
    listed = home(vector, suite.conventions)
    rows = rows_together(vector, suite.conventions)
    pairs = sorted(pairs_in(rows), key=str)[::40]
    assert len(pairs) > 5
    subject = reference(listed.name)
    alone = {pair for pair in pairs if shows_directly(mistaken(subject, pair), vector, listed)}
    assert shown(vector, pairs, suite.conventions) == alone


def test_what_was_raised_is_raised_again_and_results_are_copies():
    class Stubborn:
        def __init__(self, params, *_):
            self.params = params

        def step(self, grads, learning_rate, scale):
            if grads[0] is None:
                raise ValueError("no gradient")
            return self.params

    def record(subject):
        adam = subject.make([np.zeros(2)], 0.1, 0.9, 0.9, 0.1)
        results = [adam.step([1])]
        results[0][0] += 1
        with pytest.raises(ValueError, match="no gradient"):
            adam.step([None])
        return results

    replay = Replay(from_make(Stubborn), record)
    for _ in range(2):
        np.testing.assert_array_equal(record(replay.subject())[0][0], [1, 1])
