"""Schedules that are refused, with the exceptions of the real ones."""

import warnings

import numpy as np
import pytest

from adamref import schedule

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from tf_keras.optimizers import schedules as real


def test_a_schedule_must_override_what_it_is_asked_for():
    for base in (schedule.LearningRateSchedule(), real.LearningRateSchedule()):
        with pytest.raises(NotImplementedError):
            base(0)
        with pytest.raises(NotImplementedError):
            base.get_config()
    with pytest.raises(
        NotImplementedError, match="must be overridden, got LearningRateSchedule without it"
    ):
        schedule.LearningRateSchedule()(0)


@pytest.mark.parametrize("kind", [schedule, real], ids=["ours", "theirs"])
def test_what_the_real_ones_refuse_is_refused_with_the_same_class(kind):
    for boundaries, values in (([2], [1.0, 2.0, 3.0]), ([1, 2], [1.0, 2.0])):
        with pytest.raises(ValueError, match="boundaries"):
            kind.PiecewiseConstantDecay(boundaries, values)
    with pytest.raises(TypeError):
        kind.PiecewiseConstantDecay(3, [1.0])
    with pytest.raises(TypeError):
        kind.ExponentialDecay.from_config({"rate": 1.0})
    with pytest.raises(TypeError):
        kind.ExponentialDecay(0.1)


NO_NUMBERS = [
    (
        lambda kind, wrong: kind.ExponentialDecay(wrong, 10, 0.5),
        "initial_learning_rate of ExponentialDecay",
    ),
    (lambda kind, wrong: kind.InverseTimeDecay(0.1, wrong, 0.5), "decay_steps of InverseTimeDecay"),
    (lambda kind, wrong: kind.ExponentialDecay(0.1, 10, wrong), "decay_rate of ExponentialDecay"),
    (lambda kind, wrong: kind.PolynomialDecay(0.1, 10, power=wrong), "power of PolynomialDecay"),
    (
        lambda kind, wrong: kind.CosineDecay(0.1, 10, warmup_target=0.2, warmup_steps=wrong),
        "warmup_steps of CosineDec",
    ),
    (
        lambda kind, wrong: kind.CosineDecayRestarts(0.1, 10, t_mul=wrong),
        "t_mul of CosineDecayRestarts",
    ),
    (
        lambda kind, wrong: kind.PiecewiseConstantDecay([1], [0.1, wrong]),
        "values of PiecewiseConstantDecay",
    ),
    (
        lambda kind, wrong: kind.PiecewiseConstantDecay([wrong], [0.1, 0.1]),
        "boundaries of PiecewiseConstantDecay",
    ),
]


@pytest.mark.parametrize("wrong", [None, object()], ids=["None", "object"])
@pytest.mark.parametrize(("made", "which"), NO_NUMBERS, ids=[which for _, which in NO_NUMBERS])
def test_an_argument_that_is_no_number_is_refused_with_the_class_of_the_real_schedule(
    made, which, wrong
):
    with pytest.raises(ValueError, match="Attempt to convert a value"):
        made(real, wrong)(1)
    with pytest.raises(ValueError, match=f"{which}.* must be a number, got (None|<object)"):
        made(schedule, wrong)


def test_text_is_no_number():
    with pytest.raises(
        ValueError, match="decay_rate of ExponentialDecay must be a number, got '0.5'"
    ):
        schedule.ExponentialDecay(0.1, 10, "0.5")


def test_steps_that_are_divided_by_must_not_be_0():
    for name in ("CosineDecay", "PolynomialDecay"):
        with pytest.raises(ValueError, match=f"decay_steps of {name} must not be 0, got 0"):
            getattr(schedule, name)(0.1, 0)
        assert np.isnan(getattr(real, name)(0.1, 0)(0))
    with pytest.raises(
        ValueError, match=r"first_decay_steps of CosineDecayRestarts must not be 0, got 0\.0"
    ):
        schedule.CosineDecayRestarts(0.1, 0.0)


@pytest.mark.parametrize(
    "number", [np.float16(0.5), np.float64(0.5), np.array([0.25, 0.5]), True, 1]
)
def test_any_number_or_array_that_the_real_one_computes_with_will_do(number):
    for arguments in ((0.1, number, 0.5), (0.1, 0.5, number)):
        ours = schedule.InverseTimeDecay(*arguments)
        theirs = real.InverseTimeDecay(*arguments)
        assert np.array_equal(ours(1), theirs(1).numpy())  # the operations are rounded correctly


def test_messages_show_what_was_wrong():
    with pytest.raises(ValueError, match="boundaries must be one fewer than values, got 1 and 3"):
        schedule.PiecewiseConstantDecay([2], [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match=r"boundaries must increase, got \[2, 1\]"):
        schedule.PiecewiseConstantDecay(
            [2, 1], [1.0, 2.0, 3.0]
        )  # the real one has no answer for step 1.5
    with pytest.raises(
        TypeError, match="boundaries of PiecewiseConstantDecay must be a list of numbers, got 1"
    ):
        schedule.PiecewiseConstantDecay(1, [1.0, 2.0])


def test_a_schedule_cannot_be_changed():
    with pytest.raises(AttributeError):
        schedule.ExponentialDecay(0.1, 10, 0.9).decay_rate = 0.5
