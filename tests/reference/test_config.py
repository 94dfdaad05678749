import math
from dataclasses import FrozenInstanceError, replace

import pytest

from adamref import CONVENTIONS, AdamConfig, Arithmetic, Convention
from adamref.convention import AXES


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"learning_rate": -1.0}, "learning_rate must be finite and >= 0, got -1.0"),
        ({"learning_rate": math.inf}, "learning_rate must be finite and >= 0, got inf"),
        ({"epsilon": math.nan}, "epsilon must be finite and >= 0, got nan"),
        ({"epsilon_root": -1e-9}, "epsilon_root must be finite and >= 0, got -1e-09"),
        ({"beta1": 1.0}, "beta1 must be in [0, 1), got 1.0"),
        ({"beta2": -0.1}, "beta2 must be in [0, 1), got -0.1"),
        ({"beta2": math.nan}, "beta2 must be in [0, 1), got nan"),
        ({"weight_decay": math.inf}, "weight_decay must be finite, got inf"),
        ({"clipnorm": 0.0}, "clipnorm must be finite and > 0, or None for no limit, got 0.0"),
        (
            {"clipvalue": math.nan},
            "clipvalue must be finite and > 0, or None for no limit, got nan",
        ),
    ],
)
def test_a_number_outside_its_range_is_refused_with_the_rule_and_the_value(arguments, message):
    with pytest.raises(ValueError) as error:  # noqa: PT011 - the whole message is compared
        AdamConfig(**arguments)
    assert str(error.value) == message


def test_the_defaults_are_those_of_the_paper():
    config = AdamConfig()
    assert (config.learning_rate, config.beta1, config.beta2, config.epsilon) == (
        1e-3,
        0.9,
        0.999,
        1e-8,
    )


def test_a_config_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        AdamConfig().beta1 = 0.5


def test_a_convention_refuses_a_value_that_its_axis_has_not():
    with pytest.raises(
        ValueError, match=r"epsilon must be one of hat, outside, inside, both, got 'somewhere'"
    ):
        Convention(epsilon="somewhere")


def test_a_convention_refuses_a_corrected_maximum_where_nothing_is_corrected():
    with pytest.raises(ValueError, match="amsgrad must not be 'max_corrected' with epsilon 'hat'"):
        Convention(epsilon="hat", amsgrad="max_corrected")


@pytest.mark.parametrize("code", ["dddd", "dddddd", "ddxdd", ""])
def test_an_arithmetic_is_five_letters(code):
    with pytest.raises(
        ValueError, match=f"arithmetic must be five letters out of d, s, T, .*; got '{code}'"
    ):
        Arithmetic.parse(code)


def test_the_letter_t_is_the_format_of_the_parameter():
    assert [
        Arithmetic.parse("sdssT").for_dtype(dtype).code for dtype in ("float32", "float64")
    ] == [
        "sdsss",
        "sdssd",
    ]


def test_a_named_convention_knows_its_name_and_a_changed_one_is_custom():
    named = CONVENTIONS["tf1"].convention
    assert (named.name, replace(named, epsilon="outside").name) == ("tf1", "custom")
    assert Convention().name == "custom"


def test_the_name_of_a_convention_is_no_axis():
    paper = CONVENTIONS["paper"].convention
    assert paper == Convention()
    assert hash(paper) == hash(Convention())
    assert "name" not in AXES


def test_an_arithmetic_is_written_as_its_code():
    arithmetic = Arithmetic.parse("sdssT")
    assert (str(arithmetic), arithmetic.code, arithmetic.correction) == ("sdssT", "sdssT", "T")
