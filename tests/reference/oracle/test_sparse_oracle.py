"""Sparse gradients in the oracle."""

from decimal import Decimal

from adamref import AdamConfig, Convention, oracle
from adamref.convention import Arithmetic
from adamref.oracle import ExactCall, ExactSlices
from tests.support.sparse_inputs import as_dense, embedding, lookups


def exact(rules, calls, start):
    config = AdamConfig(beta1=0.5, beta2=0.75)
    outcomes = oracle.trajectory(config, rules, Arithmetic.parse("ddddd"), "float64", start, calls)
    return [outcome.entries[0] for outcome in outcomes]


def exact_slices(slices):
    return ExactSlices(slices.values.ravel().tolist(), slices.indices.tolist(), 4, 2)


def test_the_oracle_too_takes_a_sparse_gradient_for_the_dense_one():
    start = oracle.start([embedding().ravel().tolist()], False)
    calls = [ExactCall([exact_slices(slices)]) for slices in lookups()]
    dense_calls = [ExactCall([as_dense(slices).ravel().tolist()]) for slices in lookups()]
    sparse = exact(Convention(), calls, start)
    dense = exact(Convention(), dense_calls, start)
    for of_sparse, of_dense in zip(sparse, dense, strict=True):
        assert of_sparse.after == of_dense.after


def test_in_the_oracle_too_a_row_that_counts_for_itself_is_an_adam_of_its_own():
    rules = Convention(sparse="lazy_row_t", step_scope="parameter")
    start = oracle.start([embedding().ravel().tolist()], False)
    calls = [ExactCall([exact_slices(slices)]) for slices in lookups()]
    whole = exact(rules, calls, start)[-1].after
    batches = [slices for slices in lookups() if 2 in slices.indices]
    hits = [ExactCall([as_dense(slices)[2].tolist()]) for slices in batches]
    own = exact(Convention(), hits, oracle.start([embedding()[2].tolist()], False))[-1].after
    assert (whole.param[4:6], whole.m[4:6], whole.v[4:6]) == own[1:4]
    assert whole.t == (1, 1, 3, 0)


def test_in_the_oracle_a_lazy_row_is_corrected_by_the_number_of_calls():
    # Hit in the third call alone, with beta1 = 1/2 and beta2 = 3/4: m = g / 2, v = g^2 / 4,
    # m_hat = (g / 2) / (7 / 8).
    rules = Convention(sparse="lazy_global_t")
    calls = [ExactCall([ExactSlices([1.0], [row], 2, 1)]) for row in (0, 0, 1)]
    config = AdamConfig(learning_rate=1.0, beta1=0.5, beta2=0.75, epsilon=0.0)
    begin = oracle.start([[0.0, 0.0]], False)
    outcomes = oracle.trajectory(config, rules, Arithmetic.parse("ddddd"), "float64", begin, calls)
    last = outcomes[-1].entries[0].after
    expected = -Decimal(4) / 7 / (Decimal(1) / 4 / (1 - Decimal(27) / 64)).sqrt()
    assert abs(last.param[1] - expected) < Decimal("1e-20")
    assert last.t == 3
