import math
from dataclasses import FrozenInstanceError, replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
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


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("given", "kept"),
    [
        # 0.1 in binary32 and in binary16.
        (np.float32(0.1), float.fromhex("0x1.99999Ap-4")),
        (np.float16(0.1), float.fromhex("0x1.998p-4")),
        (np.float64(0.1), 0.1),
        (np.longdouble(0.1), 0.1),
        (np.array(0.25, np.float32), 0.25),
        (np.uint8(1), 1.0),
        (1, 1.0),
        (Fraction(1, 4), 0.25),
        (Decimal("0.5"), 0.5),
    ],
    ids=repr,
)
def test_a_number_becomes_python_s_of_the_same_value(given, kept):
    config = AdamConfig(
        learning_rate=given, epsilon=given, epsilon_root=given, weight_decay=given, clipnorm=given
    )
    names = ("learning_rate", "epsilon", "epsilon_root", "weight_decay", "clipnorm")
    numbers = [getattr(config, name) for name in names]
    assert numbers == [kept] * len(names)
    assert set(map(type, numbers)) == {float}


@pytest.mark.parametrize(
    "given",
    [
        np.longdouble("0.1"),
        np.longdouble("1e4000"),
        Fraction(1, 3),
        Decimal("0.1"),
        Decimal("sNaN"),
        2**53 + 1,
        np.int64(2**53 + 1),
        10**400,
    ],
    ids=lambda number: repr(number)[:30],
)
def test_a_number_that_a_float_would_round_is_refused(given):
    with pytest.raises(
        ValueError,
        match=r"learning_rate must be a number that a float holds exactly, got .*; float\(\) rou",
    ):
        AdamConfig(learning_rate=given)


@pytest.mark.parametrize(
    "given", [True, np.True_, None, "0.1", b"1", 1j, np.array([0.1]), np.array("x")], ids=repr
)
def test_what_is_no_number_is_refused(given):
    with pytest.raises(ValueError, match="epsilon must be a number, got "):
        AdamConfig(epsilon=given)
    if given is not None:
        with pytest.raises(ValueError, match="clipvalue must be a number, got "):
            AdamConfig(clipvalue=given)


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64, np.longdouble])
@pytest.mark.parametrize("value", ["inf", "nan"])
def test_what_is_not_finite_is_refused_in_every_format(kind, value):
    with pytest.raises(ValueError, match=f"learning_rate must be finite and >= 0, got {value}"):
        AdamConfig(learning_rate=kind(value))


@pytest.mark.parametrize("name", ["amsgrad", "maximize"])
def test_a_switch_is_true_or_false(name):
    for given in (True, False, np.True_, np.False_, np.array(True)):
        switch = getattr(AdamConfig(**{name: given}), name)
        assert switch is bool(given)
    for given in ("False", 0, 1, None, np.int8(1), np.array([True])):
        with pytest.raises(ValueError, match=f"{name} must be True or False, got "):
            AdamConfig(**{name: given})


def test_an_arithmetic_refuses_a_format_that_there_is_not():
    formats = dict.fromkeys(
        ("learning_rate", "epsilon", "moment_beta", "power_beta", "correction"), "d"
    )
    for name in formats:
        with pytest.raises(ValueError, match=f"{name} must be one of d, s, T, got 'x'"):
            Arithmetic(**{**formats, name: "x"})
