"""The options by which the rounding of a subject is declared."""

import pytest

from conformance.cli import main

FAST_MATH = "tests.judge.judge.rough_adams:FastMath"
DECLARED = ["--roundings", "E5=40", "--arithmetic", "sssss"]


def test_check_declares_roundings_and_an_arithmetic(capsys):
    assert main(["check", FAST_MATH, *DECLARED, "--only", "long.f32.hundreds"]) == 0
    said = capsys.readouterr().out
    assert "judged within E5=40" in said
    assert "E5=3 is enough" in said


def test_fuzz_draws_inputs_within_what_is_declared(capsys):
    assert main(["fuzz", FAST_MATH, *DECLARED, "--examples", "5"]) == 0
    assert "convention paper, E5 within 40 roundings, arithmetic sssss" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["check", "fuzz"])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--roundings", "E4=2"], "roundings must declare some of E1, E2, E5, got 'E4'"),
        (["--roundings", "E5=2000"], "E5 must be a whole number of roundings from 1 to 1000"),
        (["--roundings", "E5"], "--roundings must be NAME=NUMBER, more of them after commas"),
        (["--arithmetic", "fffff"], "arithmetic must be one of ddddd, sssss,"),
    ],
)
def test_a_declaration_that_cannot_be_ends_with_status_2(command, options, message, capsys):
    assert main([command, FAST_MATH, *options]) == 2
    assert message in capsys.readouterr().err
