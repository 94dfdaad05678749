"""A program that hands over other numbers is told so, before its optimizer is judged."""

import pytest

from conformance import check
from conformance.subject.subject import SubjectError
from tests.judge.subject.program.programs import program

FLIP = """
def flip(texts):
    return [" ".join(bytes.fromhex(w)[::-1].hex() for w in text.split()) for text in texts]
for step in answer["steps"]:
    step["params"] = flip(step["params"])
"""
REVERSE = """
for step in answer["steps"]:
    step["params"] = [" ".join(reversed(text.split())) for text in step["params"]]
"""
# What the program does to its answers -> what is said.
SLIPS = {
    FLIP: "the bytes of each word are in the other order",
    REVERSE: "the elements are in another order, and C order is asked for",
    "answer['steps'] = []": "a run must have params after step 1, got none",
    "answer['steps'][0]['params'].pop()": "must have 3 entries",
    "say('hello')": "must be a message of the protocol",
}


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip.strip()[:20])
def test_a_slip_of_an_adapter_is_not_blamed_on_the_optimizer(slip, tmp_path):
    with pytest.raises(SubjectError, match="adapter: ") as raised:
        check(program(tmp_path, slip), level="quick")
    assert SLIPS[slip] in str(raised.value)


@pytest.mark.parametrize(
    ("line", "change", "said"),
    [
        ("numbers(grad, code)", "reversed(numbers(grad, code))", "gradients are in C order"),
        ("numbers(grad, code)", "[0.0 for _ in grad.split()]", "must move by about 0.5"),
        (
            'numbers(asked["config"][name]',
            'numbers(bytes.fromhex(asked["config"][name])[::-1].hex()',
            "move by about",
        ),
    ],
)
def test_a_slip_in_reading_is_found_by_a_step(line, change, said, tmp_path):
    name = program(tmp_path)
    file = tmp_path / "program.py"
    assert line in file.read_text()
    file.write_text(file.read_text().replace(line, change))
    with pytest.raises(SubjectError, match=said):
        check(name, level="quick")


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("1 - beta1**t", "1 - beta1**(t - 1)"),
        (
            "for i, g in enumerate(numbers(grad, code)):",
            "for i, g in list(enumerate(numbers(grad, code)))[1:]:",
        ),
        ("params[k][i] -= ", "params[k][i] -= rate * 0.1 * params[k][i] + "),
        ("+ (1 - beta2) * g * g", "+ (1 - beta2) * g"),
        ("math.sqrt(v_hat)", "v_hat"),
        ("params[k][i] -= ", "params[k][i] += "),
        ("+ (1 - beta2) * g * g", "+ g * g"),
    ],
)
def test_a_wrong_optimizer_is_judged_and_not_taken_for_a_slip(right, wrong, tmp_path):
    name = program(tmp_path)
    file = tmp_path / "program.py"
    assert right in file.read_text()
    file.write_text(file.read_text().replace(right, wrong))
    assert check(name, only="basic.*").verdict == "nonconformant"


@pytest.mark.parametrize(
    ("slip", "said"),
    [
        ("answer = {'type': 'errored', 'seq': seq, 'reason': 'mine'}", "mine"),
        ("os._exit(3)", "ended with status 3"),
    ],
)
def test_a_program_that_never_answers_fails_every_vector(slip, said, tmp_path):
    report = check(program(tmp_path, slip), only="basic.f32.*")
    assert report.verdict == "nonconformant"
    assert all(said in failure.reason for failure in report.failures)
    assert "conformance.Unsupported" not in report.diagnosis or said == "mine"
