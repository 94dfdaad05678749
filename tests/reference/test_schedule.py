"""Schedules against those of tf.keras, at single steps, as its optimizers call them."""

import json
import warnings

import numpy as np
import pytest

from adamref import Variable, schedule

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from tf_keras.optimizers import schedules as real

STEPS = [
    *range(26),
    49,
    50,
    51,
    99,
    100,
    101,
    127,
    128,
    300,
    999,
    1000,
    1001,
    99_999,
    2**24 - 1,
    2**24 + 1,
]
# A step of integers makes integers of boundaries.
PIECES = [
    ([10, 50, 1000], [0.5, 0.1, 0.01, 0.001]),
    ([2.5, 7], [0.1, 0.2, 0.3]),
    ([-0.5, 5], [1, 2, 3]),
]
# Operations that IEEE 754 rounds correctly, and powers of exponent 0 and 1.
EXACT = [
    *(("PiecewiseConstantDecay", arguments) for arguments in PIECES),
    *(
        ("InverseTimeDecay", (rate, steps, 0.7, stairs))
        for rate in (0.1, 3e-4)
        for steps in (10, 3.5)
        for stairs in (False, True)
    ),
    *(
        ("PolynomialDecay", (0.1, steps, 1e-3, 1.0, cycle))
        for steps in (10, 7)
        for cycle in (False, True)
    ),
    ("CosineDecay", (0.1, 10, 0.0, None, 0.25, 1e9)),
]
ROUNDED = [
    *(
        ("ExponentialDecay", (0.1, steps, 0.96, stairs))
        for steps in (10, 1000, 3.5)
        for stairs in (False, True)
    ),
    *(
        ("PolynomialDecay", (0.1, 10, 1e-3, power, cycle))
        for power in (0.5, 2.0, 3.3)
        for cycle in (False, True)
    ),
    *(("CosineDecay", (0.1, steps, alpha)) for steps in (10, 1000) for alpha in (0.0, 0.1)),
    *(("CosineDecay", (0.01, steps, 0.05, "warm", 0.1, 13)) for steps in (10, 1000)),
    *(("CosineDecayRestarts", (0.1, 10, t_mul, 0.9, 0.1)) for t_mul in (1.0, 1.1, 1.5, 2.0, 3.0)),
    ("CosineDecayRestarts", (0.1, 7)),
]


def pair(name, arguments):
    return getattr(schedule, name)(*arguments), getattr(real, name)(*arguments)


def label(case):
    return f"{case[0]}{case[1]}".replace(" ", "")


@pytest.mark.parametrize("case", EXACT, ids=label)
def test_what_is_rounded_correctly_everywhere_has_the_same_bits(case):
    ours, theirs = pair(*case)
    for step in STEPS:
        got = ours(step)
        due = theirs(step).numpy()
        assert got == due
        assert got.dtype == np.float32


@pytest.mark.parametrize("case", ROUNDED, ids=label)
def test_functions_of_the_c_library_leave_a_few_units_in_the_last_place(case):
    # Measured: pow, cos and log of binary32 are one unit off at most, where they are at all. Their
    # results are at most 1, or are divided by; products and sums with them are at most the first
    # rate, of which this is two units.
    ours, theirs = pair(*case)
    unit = np.spacing(np.float32(0.1))
    for step in STEPS:
        got = ours(step)
        due = theirs(step).numpy()
        assert abs(float(got) - float(due)) <= 2 * unit, step
        assert got.dtype == due.dtype


def test_a_rate_of_float64_is_computed_in_float64_from_numbers_of_float32():
    for name, arguments in (("InverseTimeDecay", (3, 0.7)), ("PolynomialDecay", (7, 1e-3))):
        ours, theirs = pair(name, (np.float64(0.1), *arguments))
        for step in STEPS:
            assert ours(step) == theirs(step).numpy()
        assert ours(1).dtype == np.float64
    # decay_rate 0.7 is that of float32.
    assert schedule.InverseTimeDecay(np.float64(1), 1, 0.7)(1) == 1 / (1 + float(np.float32(0.7)))


def test_warm_up_rises_in_a_straight_line_to_its_target_and_decays_from_there():
    decay = schedule.CosineDecay(0.0, 8, warmup_target=1.0, warmup_steps=4)
    assert [decay(step) for step in (0, 1, 2, 3, 4, 12, 99)] == [0, 0.25, 0.5, 0.75, 1, 0, 0]
    assert decay(8) == pytest.approx(0.5, rel=2.0**-23)  # pi is that of float32


def test_an_integer_as_the_first_rate_is_float32_as_the_page_s_example_of_a_warm_up_needs():
    arguments = {"decay_steps": 1000, "warmup_target": 0.1, "warmup_steps": 1000}
    assert (
        schedule.CosineDecay(0, **arguments)(500) == real.CosineDecay(0.0, **arguments)(500).numpy()
    )


def test_staircases_cycles_and_restarts_begin_where_the_steps_say():
    assert [
        schedule.ExponentialDecay(1.0, 10, 0.5, staircase=True)(s) for s in (9, 10, 19, 20)
    ] == [1, 0.5, 0.5, 0.25]
    assert [schedule.InverseTimeDecay(1.0, 10, 1.0, staircase=True)(s) for s in (9, 10, 30)] == [
        1,
        0.5,
        0.25,
    ]
    assert [schedule.PolynomialDecay(1.0, 8, 0.0, cycle=True)(s) for s in (0, 8, 12, 16)] == [
        1,
        0,
        0.25,
        0,
    ]
    restarts = schedule.CosineDecayRestarts(1.0, 8, t_mul=2.0, m_mul=0.5)
    assert [restarts(step) for step in (0, 8, 24, 56)] == [1, 0.5, 0.25, 0.125]


def test_a_boundary_belongs_to_the_value_before_it():
    pieces = schedule.PiecewiseConstantDecay([1, 2], [4.0, 2.0, 1.0])
    assert [pieces(step) for step in (0, 1, 2, 3)] == [4, 4, 2, 1]


@pytest.mark.parametrize("case", [*EXACT[:4], *EXACT[-2:], *ROUNDED[::4]], ids=label)
def test_an_array_of_steps_gives_an_array_of_rates(case):
    ours, _ = pair(*case)
    steps = np.array(STEPS).reshape(-1, 1)
    rates = ours(steps)
    assert rates.shape == steps.shape
    assert rates.ravel().tolist() == [ours(step) for step in STEPS]


def test_a_variable_is_a_step_like_any_other():
    assert schedule.InverseTimeDecay(1.0, 1, 1.0)(Variable(np.int64(3))) == 0.25


@pytest.mark.parametrize(
    "case", [EXACT[0], EXACT[4], EXACT[-2], ROUNDED[0], ROUNDED[16], ROUNDED[-2]], ids=label
)
def test_a_config_is_that_of_the_real_one_and_makes_the_schedule_again(case):
    ours, theirs = pair(*case)
    assert ours.get_config() == theirs.get_config()
    assert type(ours).from_config(ours.get_config()).get_config() == ours.get_config()
    saved = json.loads(json.dumps(schedule.serialize(ours)))
    assert saved == {name: value for name, value in real.serialize(theirs).items() if name in saved}
    assert (
        schedule.deserialize(saved)(17)
        == schedule.deserialize(real.serialize(theirs))(17)
        == ours(17)
    )


class Halved(schedule.LearningRateSchedule):
    def __init__(self, first):
        self.first = first

    def __call__(self, step):
        return self.first / 2**step

    def get_config(self):
        return {"first": self.first}


def test_a_schedule_of_one_s_own_is_made_again_if_its_class_is_named():
    saved = schedule.serialize(Halved(8.0))
    assert schedule.deserialize(saved, {"Halved": Halved})(3) == 1.0
    with pytest.raises(
        ValueError, match="class_name must be one of CosineDecay, .*, got 'Halved'; name others in"
    ):
        schedule.deserialize(saved)
