"""Vectors that are written down in part: tiles, cycles of calls, and the level `full`."""

import numpy as np
import pytest

from conformance import check
from conformance.cli import main
from conformance.defects.kit.by_convention import build_named
from conformance.truth.answers import answer_entry
from conformance.vectors.reading import read_vector
from conformance.vectors.words import encode, given_size, spread

RIGHT = build_named("Right", "paper")


@pytest.fixture
def find(suite):
    return lambda name: next(one for one in suite.vectors if one.id == name)


@pytest.mark.parametrize(
    ("shape", "tile", "elements"),
    [
        ((), 3, [1]),
        ((0,), 3, []),
        ((2,), 3, [1, 2]),
        ((3,), 3, [1, 2, 3]),
        ((4,), 3, [1, 2, 3, 1]),
        ((2, 4), 3, [[1, 2, 3, 1], [2, 3, 1, 2]]),
        ((2, 2), None, [[1, 2], [3, 4]]),
    ],
)
def test_a_tile_fills_a_shape_in_c_order_again_and_again(shape, tile, elements):
    given = np.arange(1, given_size(shape, tile) + 1)
    assert spread(given, shape).tolist() == (elements if shape else elements[0])


def test_of_a_tile_neither_more_nor_fewer_words_are_taken_than_it_has(find):
    entry = find("sizes.f32.many").to_entry()
    params = entry["params"]
    for count in (30, 32):
        words = encode(np.ones(count, np.float32))
        with pytest.raises(ValueError, match=f"words must be 31 for shape \\(31,\\), got {count}"):
            read_vector(entry | {"params": [*params[:-1], words]})


def test_what_fills_a_shape_is_a_copy_or_all_of_it():
    elements = np.arange(3.0)
    assert not np.shares_memory(spread(elements, (7,)), elements)
    assert spread(elements, (3, 1)).shape == (3, 1)


def test_every_element_of_a_large_vector_has_the_answer_of_its_place_in_the_tile(find):
    vector = find("sizes.f32.many")
    answer = next(answer for answer in vector.answers if answer.quantity == "m")
    for interval in (interval for row in answer.intervals for interval in row):
        for array in (interval.lo, interval.hi, interval.offset, interval.bound):
            elements = array.ravel()
            assert np.array_equal(elements, np.resize(elements[: vector.spec.tile], array.size))


def test_a_tile_as_large_as_the_shapes_changes_no_answer(find):
    entry = find("basic.f32.mixed").to_entry()
    largest = max(int(np.prod(shape)) for shape in entry["shapes"])
    assert answer_entry(entry | {"tile": largest})["answers"] == entry["answers"]


def test_the_sizes_are_no_multiple_of_a_register_and_beyond_sixteen_bits(find):
    sizes = [param.size for param in find("sizes.f32.many").params]
    assert min(sizes) == 0
    assert max(sizes) > 2**16
    assert all(size % 4 for size in sizes if size)


def last_block_skipped(width):
    """Return the paper's Adam that leaves the elements after the last block of ``width``."""

    def new_param(adam, step, old, new):
        whole = new.size - new.size % width
        return (
            new
            if new.size < width
            else np.where(np.arange(new.size).reshape(new.shape) < whole, new, old)
        )

    return build_named("Wrong", "paper", new_param=new_param)


@pytest.mark.parametrize("width", [4, 16, 64, 1024, 65536])
def test_a_tail_that_stays_is_found_at_every_width(width, suite):
    report = check(last_block_skipped(width), only="sizes.f32.many", suite=suite)
    found = report.failures[0].discrepancy
    assert found.quantity == "params"
    assert (
        np.ravel_multi_index(found.element, report.failures[0].vector.params[found.param].shape)
        >= width
    )


def test_an_element_in_the_middle_of_a_large_array_is_found_and_named(suite):
    def new_param(adam, step, old, new):
        if new.size == 70001:
            new = new.copy()
            new[65600] = old[65600]
        return new

    report = check(
        build_named("Wrong", "paper", new_param=new_param), only="sizes.f32.many", suite=suite
    )
    assert report.failures[0].discrepancy.element == (65600,)


# --- calls that come round


def test_gradients_come_round_as_often_as_the_vector_says(find):
    vector = find("long.f32.hundreds")
    given_once = len(vector.spec.inputs.calls)
    assert len(vector.calls) == 300 > given_once
    assert all(call is vector.calls[at % given_once] for at, call in enumerate(vector.calls))


@pytest.mark.parametrize("bits", [7, 8])
def test_a_counter_that_starts_again_is_found_where_it_does(bits, suite):
    wrong = build_named(
        "Wrong", "paper", step_number=lambda adam, step: adam.state.calls % 2**bits or 1
    )
    report = check(wrong, only="long.f32.hundreds", suite=suite)
    assert report.failures[0].discrepancy.step == 2**bits


def test_cycle_repeats_the_steps_and_nothing_else(find):
    entry = find("basic.f32.mixed").to_entry()
    twice = entry | {"steps": [*entry["steps"], *entry["steps"]], "after": [10]}
    cycled = entry | {"cycle": 10, "after": [10]}
    assert answer_entry(cycled)["answers"] == answer_entry(twice)["answers"]


# --- levels


def test_core_leaves_out_what_is_long_or_large_and_full_has_everything(suite):
    core, full = (
        check(lambda *_: None, level=level, only="[ls][oi]*.f32.*", suite=suite)
        for level in ("core", "full")
    )
    ids = [{one.vector.id for one in report.comparisons} for report in (core, full)]
    assert ids[1] - ids[0] == {"long.f32.thousands", "sizes.f32.million"}
    assert ids[0] < ids[1]


def test_the_list_of_vectors_names_the_level(capsys):
    assert main(["list", "vectors"]) == 0
    rows = {
        line.split()[0]: line.split()
        for line in capsys.readouterr().out.splitlines()
        if ".f32." in line
    }
    assert rows["sizes.f32.million"][3] == "full"
    assert rows["sizes.f32.many"][3] == "core"
