"""adamref explain, as its users meet it."""

import pytest

from conformance.cli import main


def explain(capsys, *arguments):
    status = main(["explain", *arguments])
    out, err = capsys.readouterr()
    return status, out, err


def test_a_vector_is_explained_in_the_order_of_the_equations(capsys):
    status, out, _ = explain(capsys, "epsilon.f32.as-small", "--steps", "1", "--element", "0:0")
    assert status == 0
    tags = [line.split()[0] for line in out.splitlines() if line.startswith("  E")]
    assert tags == ["E1", "E2", "E3", "E4", "E5", "E5", "E5"]
    assert "= beta1 m + (1 - beta1) g" in out
    assert "= 0.5 * 0.0 + 0.5 * 1.3871992e-08 = 6.935996e-09" in out
    assert "6 of 7 left out" in out


def test_numbers_of_your_own_need_no_vector(capsys):
    config = ("--config", "learning_rate=0.5,beta1=0.5,beta2=0.75,epsilon=0")
    status, out, _ = explain(capsys, *config, "--grads", "3 -0.25; 1 2", "--params", "1 -2")
    assert status == 0
    assert "= 1.0 - 0.5 = 0.5" in out
    assert "= -2.0 - (-0.5) = -1.5" in out
    _, out, _ = explain(
        capsys, "--grads", "1 2 | 3; None | 3", "--amsgrad", "--maximize", "--convention", "torch"
    )
    assert "shapes [2], [1]; 2 calls" in out
    assert "amsgrad=True, maximize=True" in out
    status, out, _ = explain(capsys, "--grads", "0.1", "--dtype", "float64", "--exact")
    assert "1 parameter of float64" in out
    assert "The first operation that rounds is" in out


def test_two_conventions_stand_in_two_columns(capsys):
    _, out, _ = explain(capsys, "epsilon.f32.as-small", "--beside", "tf1", "--steps", "1")
    heads = [line.split() for line in out.splitlines() if line.strip().startswith("paper")]
    assert ["paper", "tf1"] in heads
    assert "Their formulas part first in step 1" in out


def test_a_word_is_explained_whatever_its_case(capsys):
    for word in ("bound", "Bound", "B15", "t-per-parameter", "sdssT", "epsilon=hat"):
        status, out, _ = explain(capsys, word)
        assert status == 0
        assert "vector: " in out


def test_without_arguments_it_lists_what_can_be_asked(capsys):
    status, out, _ = explain(capsys)
    assert status == 0
    assert "adamref explain epsilon.f32.as-small --beside tf1" in out
    assert "an axis\n" in out


def test_markdown_goes_to_a_file_or_to_stdout(capfd, tmp_path):
    status, out, _ = explain(capfd, "bound", "--markdown", "-")
    assert status == 0
    assert out.startswith("## bound: a measure\n")
    file = tmp_path / "page.md"
    _, out, _ = explain(capfd, "basic.f32.mixed", "--markdown", str(file))
    assert "step 1" in out
    assert file.read_text().startswith("# basic.f32.mixed, by paper\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["epsilom"], "got 'epsilom'; did you mean epsilon"),
        (
            ["bound", "--exact"],
            "--exact must come with a VECTOR_ID or --grads, got the word 'bound'",
        ),
        (["bound", "--grads", "1"], "--grads must come without a VECTOR_ID or WORD, got 'bound'"),
        (["basic.f32.mixed", "--params", "1"], "--params must come with --grads"),
        (["basic.f32.mixed", "--amsgrad"], "--amsgrad must come with --grads"),
        (["bound", "--maximize"], "--maximize must come with a VECTOR_ID or --grads"),
        (["--config", "beta1=0.5"], "--config must come with --grads"),
        (["--grads", "1", "--config", "beta1=1"], "beta1 must be in [0, 1), got 1.0"),
        (["basic.f32.mixed", "--convention", "nobody"], "convention must be one of paper"),
        (["basic.f32.mixed", "--arithmetic", "xxxxx"], "arithmetic must be five letters"),
        (["basic.f32.mixed", "--steps", "9"], "--steps must be from 1 to"),
        (["basic.f32.mixed", "--exact", "--beside", "tf1"], "--exact must come without --beside"),
        (["--grads", "1", "--convention", "torch,epsilon=up"], "epsilon must be one of hat"),
    ],
)
def test_what_cannot_be_explained_is_said_in_one_line(arguments, message, capsys):
    status, out, err = explain(capsys, *arguments)
    assert status == 2
    assert out == ""
    assert message in err
    assert len(err.splitlines()) == 1
