"""The digest of what a subject returned."""

import numpy as np
import pytest

from conformance.trial.digest import digest
from conformance.trial.events import Snapshot


def of(*params, **slots):
    return digest({1: Snapshot(list(params), slots)})


ONE = np.array([1.0, 2.0], np.float32)


@pytest.mark.parametrize(
    "other",
    [
        of(np.nextafter(ONE, np.float32(3))),
        of(ONE.astype(np.float64)),
        of(ONE.reshape(2, 1)),
        of(ONE[:1], ONE[1:]),
        of(ONE, m=[ONE]),
        of(ONE, m=[None]),
        digest({2: Snapshot([ONE], {})}),
    ],
)
def test_a_bit_a_dtype_a_shape_a_slot_and_the_step_count(other):
    assert other != of(ONE)
    assert len(other) == 16


def test_the_sign_of_zero_counts_and_the_payload_of_a_nan_does_not():
    assert of(np.array([0.0])) != of(np.array([-0.0]))
    nans = np.array([0x7FF8000000000000, 0x7FF8000000000001, 0xFFF4000000000000], np.uint64).view(
        np.float64
    )
    assert len({of(nan) for nan in nans}) == len({of(np.array([nan])) for nan in nans}) == 1


def test_byte_order_and_layout_do_not_count():
    table = np.arange(6.0).reshape(2, 3)
    assert of(table) == of(table.astype(">f8")) == of(np.asfortranarray(table))


def test_the_padding_of_a_long_double_does_not_count():
    # Of the 16 bytes of an x87 number six mean nothing.
    first = np.array([1, 3], np.longdouble) / 3
    second = np.frombuffer(b"\xff" * first.nbytes, np.longdouble).copy()
    second[:] = first
    if np.finfo(np.longdouble).nmant == 63:
        bytes_of = first.view(np.uint8).reshape(2, -1)
        bytes_of[:, 10:] = 0xAA
    assert of(ONE, m=[first]) == of(ONE, m=[second])
    assert of(ONE, m=[first]) != of(ONE, m=[np.nextafter(first, np.longdouble(2))])


def test_what_returned_nothing_has_no_bits():
    assert digest({}) is None
