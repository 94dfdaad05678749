"""Sparse gradients in the reference."""

from dataclasses import replace
from itertools import product
from typing import ClassVar

import numpy as np
import pytest
import torch

from adamref import Adam, AdamConfig, Convention, IndexedSlices, initial, oracle, step
from adamref.convention import AXES, Arithmetic
from adamref.oracle.records import ExactCall, ExactSlices
from conformance import check
from conformance.vectors.suite import ListedConvention
from tests.support.sparse_inputs import as_dense, embedding, lookups
from tests.support.subjects import FOUR

LAZY = (("lazy_global_t", "optimizer"), ("lazy_row_t", "parameter"), ("lazy_tensor_t", "parameter"))


def test_a_sparse_gradient_is_the_dense_one_with_the_same_numbers():
    sparse = Adam([embedding()])
    dense = Adam([embedding()])
    for slices in lookups():
        assert np.array_equal(sparse.step([slices])[0], dense.step([as_dense(slices)])[0])
    assert np.array_equal(sparse.slots()["v"], dense.slots()["v"])


@pytest.mark.parametrize(("sparse", "scope"), LAZY)
def test_rows_without_a_slice_keep_every_bit_where_only_rows_with_one_move(sparse, scope):
    adam = Adam([embedding()], convention=Convention(sparse=sparse, step_scope=scope))
    for slices in lookups():
        before = [adam.params[0], *(arrays[0] for arrays in adam.slots().values())]
        adam.step([slices])
        after = [adam.params[0], *(arrays[0] for arrays in adam.slots().values())]
        rest = np.setdiff1d(np.arange(4), slices.indices)
        assert all(
            np.array_equal(old[rest], new[rest]) for old, new in zip(before, after, strict=True)
        )
        assert all((before[0][row] != after[0][row]).any() for row in slices.indices)


def test_a_row_that_counts_for_itself_is_an_adam_of_its_own():
    whole = Adam([embedding()], convention=Convention(sparse="lazy_row_t", step_scope="parameter"))
    own = Adam([embedding()[2]])
    for slices in lookups():
        whole.step([slices])
        if 2 in slices.indices:
            own.step([as_dense(slices)[2]])
    assert np.array_equal(whole.params[0][2], own.params[0])


def test_a_dense_gradient_is_one_of_every_row_where_rows_count_for_themselves():
    lazy = Adam([embedding()], convention=Convention(sparse="lazy_row_t", step_scope="parameter"))
    lazy.step([lookups()[0]])
    row = lazy.params[0][3]
    moments = [arrays[0][3] for arrays in lazy.slots().values()]
    assert not any(array.any() for array in moments)
    lazy.step([np.ones((4, 2))])
    # It is the first gradient of this row.
    assert np.array_equal(lazy.params[0][3], Adam([row]).step([np.ones(2)])[0])


def test_the_squares_of_the_slices_are_summed_where_the_convention_says_so():
    # Values 1 and 2 on one row: v = (1 - beta2) 9, or (1 - beta2) 5.
    two = IndexedSlices(np.array([[1.0], [2.0]]), np.array([0, 0]))
    found = []
    for duplicates in ("sum_then_square", "sum_of_squares"):
        adam = Adam([np.zeros((2, 1))], AdamConfig(beta2=0.75), Convention(duplicates=duplicates))
        adam.step([two])
        found.append((adam.slots()["m"][0][0, 0], adam.slots()["v"][0][0, 0]))
    assert [v for _, v in found] == [0.25 * 9, 0.25 * 5]
    assert found[0][0] == found[1][0]


@pytest.mark.parametrize("scope", ["optimizer", "parameter"])
def test_an_empty_gradient_is_none_at_all_where_it_is_ignored(scope):
    ignoring = Adam(
        [embedding()] * 2, convention=Convention(empty_sparse="ignored", step_scope=scope)
    )
    skipping = Adam([embedding()] * 2, convention=Convention(step_scope=scope))
    for slices in lookups():
        dense = np.ones((4, 2))
        one = ignoring.step([slices, dense])
        other = skipping.step([slices if len(slices.indices) else None, dense])
        assert np.array_equal(one, other)


def test_clipping_sees_the_slices_or_their_sums():
    config = AdamConfig(clipvalue=1.0, beta1=0.5)
    two = IndexedSlices(np.array([[3.0], [-0.25]]), np.array([0, 0]))
    for when, m in (("before_sum", 0.375), ("after_sum", 0.5)):
        adam = Adam([np.zeros((1, 1))], config, Convention(clip="cumulative", clip_duplicates=when))
        adam.step([two])
        assert adam.slots()["m"][0][0, 0] == m


def test_anything_with_values_and_indices_is_slices():
    class Slices:
        values: ClassVar = [[0.5, 1.0]]
        indices = np.array([1], np.int32)

    class Empty:
        values = np.zeros((0, 2))
        indices: ClassVar = []
        dense_shape: ClassVar = [4, 2]

    foreign = Adam([embedding()])
    ours = Adam([embedding()])
    slices = IndexedSlices(np.array([[0.5, 1.0]]), np.array([1]))
    assert np.array_equal(foreign.step([Slices()])[0], ours.step([slices])[0])
    assert np.array_equal(foreign.step([Empty()])[0], ours.step([np.zeros((4, 2))])[0])


def test_what_has_them_as_methods_is_no_slices():
    dense = Adam([embedding()]).step([torch.ones(4, 2, dtype=torch.float64)])
    assert np.array_equal(dense[0], Adam([embedding()]).step([np.ones((4, 2))])[0])


def test_slices_that_overflow_together_warn_of_nothing():
    two = IndexedSlices(np.array([[1.7e308, np.inf], [1.7e308, -np.inf]]), np.array([0, 0]))
    for duplicates in ("sum_then_square", "sum_of_squares"):
        Adam([embedding()], convention=Convention(duplicates=duplicates)).step([two])


GOOD = IndexedSlices(np.ones((2, 2)), np.array([0, 3]), (4, 2))


@pytest.mark.parametrize(
    ("slices", "message"),
    [
        (
            GOOD._replace(indices=np.array([0, 4])),
            r"indices must be in \[0, 4\), the rows of param, got 4",
        ),
        (
            GOOD._replace(indices=np.array([-1, 0])),
            r"indices must be in \[0, 4\), the rows of param, got -1",
        ),
        (
            GOOD._replace(indices=np.array([0.0, 1.0])),
            "indices must be one axis of int32 or int64, got float64 in sha",
        ),
        (
            GOOD._replace(indices=np.array([[0], [1]])),
            r"int32 or int64, got int64 in shape \(2, 1\)",
        ),
        (
            GOOD._replace(indices=np.array([0])),
            r"values must have shape \(1, 2\), a row of param for each index, got",
        ),
        (
            GOOD._replace(values=np.ones((2, 3))),
            r"values must have shape \(2, 2\), a row of .*, got \(2, 3\)",
        ),
        (
            GOOD._replace(values=np.ones((2, 2), np.float32)),
            "values must have the dtype of param, float64, got float32",
        ),
        (
            GOOD._replace(dense_shape=(5, 2)),
            r"dense_shape must be the shape of param \(4, 2\), got \(5, 2\)",
        ),
    ],
)
def test_slices_that_do_not_fit_are_refused_and_nothing_has_changed(slices, message):
    adam = Adam([embedding(), embedding()])
    with pytest.raises(ValueError, match=message):
        adam.step([np.ones((4, 2)), slices])
    assert np.array_equal(adam.params, [embedding()] * 2)
    assert adam.step([GOOD, None])[0].tolist() == Adam([embedding()]).step([GOOD])[0].tolist()


def test_slices_are_refused_where_there_are_none():
    with pytest.raises(
        ValueError,
        match=r"convention 'torch' accepts no sparse gradients; grads\[0\] is Indexed",
    ):
        Adam([embedding()], convention="torch").step([GOOD])
    with pytest.raises(
        ValueError,
        match="convention 'custom' accepts no sparse gradients; grad is IndexedSlices. Pass a d",
    ):
        step(
            AdamConfig(), initial(embedding()), embedding(), GOOD, Convention(sparse="unsupported")
        )
    with pytest.raises(ValueError, match="param must have rows to take slices of, got a scalar"):
        Adam([np.array(1.0)]).step([IndexedSlices(np.ones(1), np.array([0]))])


def test_slices_are_refused_where_l2_comes_before_clipping():
    rules = Convention(weight_decay="l2", clip="cumulative", clip_when="after_l2")
    with pytest.raises(
        ValueError,
        match=r"convention 'custom' adds L2 before clipping, which needs dense gradients; g",
    ):
        Adam([embedding()], AdamConfig(weight_decay=0.1, clipnorm=1.0), rules).step([GOOD])
    assert Adam([embedding()], AdamConfig(clipnorm=1.0), rules).step([GOOD])
    calls = [ExactCall([ExactSlices([1.0, 1.0], [0], 4, 2)])]
    config = AdamConfig(weight_decay=0.1, clipnorm=1.0)
    begin = oracle.start([[0.0] * 8], False)
    with pytest.raises(
        ValueError, match="grads must be dense where L2 is added before clipping, got ExactSlices"
    ):
        oracle.trajectory(config, rules, Arithmetic.parse("ddddd"), "float64", begin, calls)


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        (
            {"sparse": "lazy_global_t", "step_scope": "parameter"},
            "step_scope must be 'optimizer' with sparse 'lazy_g",
        ),
        (
            {"sparse": "lazy_row_t"},
            "step_scope must be 'parameter' with sparse 'lazy_row_t', got 'optimizer'",
        ),
        (
            {"sparse": "lazy_tensor_t"},
            "step_scope must be 'parameter' with sparse 'lazy_tensor_t', got 'optimizer'",
        ),
        (
            {"duplicates": "sum_of_squares", "clip_duplicates": "after_sum"},
            "clip_duplicates must not be 'after_sum' with duplicates 'sum_of_squares', got both",
        ),
        (
            {"duplicates": "sum_of_squares", "weight_decay": "l2"},
            "weight_decay must not be 'l2' with duplicates 'sum_of_squares', got both",
        ),
    ],
)
def test_values_that_exclude_each_other_are_refused(axes, message):
    with pytest.raises(ValueError, match=message):
        Convention(**axes)


RULES = [
    Convention(sparse=sparse, step_scope=scope, **rest)
    for (sparse, scope), rest in product(
        (("dense_equivalent", "optimizer"), ("dense_equivalent", "parameter"), *LAZY),
        ({}, {"duplicates": "sum_of_squares"}, {"empty_sparse": "ignored"}),
    )
]
CLIPPED = [
    Convention(clip="cumulative", epsilon="hat", clip_duplicates=when)
    for when in ("before_sum", "after_sum")
]


@pytest.mark.parametrize("rules", [*RULES, *CLIPPED], ids=str)
def test_the_reference_has_the_numbers_of_the_oracle_under_every_value(rules, suite):
    def make(params, *numbers, **switches):
        return Adam(params, AdamConfig(**dict(zip(FOUR, numbers, strict=True)), **switches), rules)

    make.supports = {"none", "sparse"}
    values = {axis: getattr(rules, axis) for axis in AXES}
    named = ListedConvention("these", values, ["ddddd"], "")
    report = check(
        make,
        "these",
        only="sparse*",
        suite=replace(suite, conventions=suite.conventions | {"these": named}),
    )
    assert (report.verdict, report.unsupported) == ("conformant", []), report.diagnosis
    assert len(report.comparisons) >= 8
