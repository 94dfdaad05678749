"""report diff: what changed between two runs, told from their JSON lines."""

import json
import re

import pytest

from conformance.cli import main

ADAM = """
import os
import numpy as np
from conformance import Unsupported
from conformance.defects.kit.by_convention import build_named

PIECES = {
    "right": {},
    # The same in another order: inside the bound.
    "drifted": {"first_moment": lambda adam, step, m, g: m + (1 - adam.beta1) * (g - m)},
    "wrong": {
        "update": lambda adam, step, m_hat, v_hat: (
            step.learning_rate * m_hat / np.sqrt(v_hat + adam.epsilon)
        )
    },
}

def make(params, *numbers, **switches):
    state = os.environ["ADAM"]
    if state == "refuses" and params[0].dtype == np.float64:
        raise Unsupported("float64")
    if state == "raises":
        raise ValueError("no")
    return build_named("Mine", "paper", **PIECES.get(state, {}))(params, *numbers, **switches)

another = make
"""


@pytest.fixture(name="recorded")
def recorded_fixture(tmp_path, monkeypatch, capsys):
    """A function that checks a user's Adam in one of its states, and returns its JSON lines."""
    module = f"adam_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{module}.py").write_text(ADAM)
    monkeypatch.chdir(tmp_path)

    def record(state, *arguments, names=("make",), only="basic.*.mixed"):
        monkeypatch.setenv("ADAM", state)
        file = tmp_path / f"{len(list(tmp_path.glob('*.jsonl')))}.jsonl"
        main(
            [
                "check",
                *(f"{module}:{name}" for name in names),
                "--only",
                only,
                "--json",
                str(file),
                *arguments,
            ]
        )
        capsys.readouterr()
        return file

    return record


@pytest.fixture(name="diff")
def diff_fixture(capsys):
    """A function that compares two files: it returns the exit status and the JSON."""

    def run(old, new, *arguments):
        status = main(["report", "diff", str(old), str(new), "--json", *arguments])
        return status, json.loads(capsys.readouterr().out)

    return run


def told(found, kind, *fields):
    return [
        tuple(change[field] for field in fields)
        for change in found["changes"]
        if change["kind"] == kind
    ]


def edit(file, **fields):
    """The file with other values in the fields of its header."""
    header, *lines = file.read_text().splitlines()
    file.write_text("\n".join([json.dumps(json.loads(header) | fields), *lines]) + "\n")
    return file


def test_what_did_not_change_is_no_news(recorded, diff, capsys):
    old = recorded("right")
    new = recorded("right")
    status, found = diff(old, new, "--fail-on-drift")
    assert (status, found["changes"], found["compared"]) == (0, [], {"vectors": 2, "subjects": 1})
    assert main(["report", "diff", str(old), str(new)]) == 0
    assert capsys.readouterr().out == (
        "2 vectors of 1 subject compared: 0 regressions, 0 improvements, 0 changes, 0 drift\n"
    )


@pytest.mark.parametrize(
    ("state", "worse"),
    [
        ("wrong", {("verdict", "nonconformant"), ("status", "failed")}),
        ("raises", {("verdict", "nonconformant"), ("status", "errored")}),
        ("refuses", {("status", "unsupported")}),
    ],
)
def test_what_got_worse_is_a_regression_and_the_way_back_an_improvement(
    state, worse, recorded, diff
):
    old = recorded("right")
    new = recorded(state)
    status, found = diff(old, new)
    assert (status, set(told(found, "regression", "what", "new"))) == (1, worse)
    status, back = diff(new, old)
    assert (status, set(told(back, "improvement", "what", "old"))) == (0, worse)


def test_unsupported_that_fails_now_is_a_regression_and_another_kind_of_failure_a_change(
    recorded, diff
):
    refuses = recorded("refuses")
    wrong = recorded("wrong")
    raises = recorded("raises")
    assert ("basic.f64.mixed", "unsupported") in told(
        diff(refuses, wrong)[1], "regression", "vector", "old"
    )
    status, found = diff(wrong, raises)
    assert (status, told(found, "change", "old", "new")) == (0, [("failed", "errored")] * 2)


def test_other_bits_inside_the_bound_are_drift(recorded, diff, capsys):
    old = recorded("right")
    new = recorded("drifted")
    status, found = diff(old, new)
    assert (status, told(found, "drift", "vector")) == (
        0,
        [("basic.f32.mixed",), ("basic.f64.mixed",)],
    )
    for old_bits, new_bits, *worst in told(found, "drift", "old", "new", "old_worst", "new_worst"):
        assert old_bits != new_bits
        assert all(0 < ratio < 1 for ratio in worst)
    assert diff(old, new, "--fail-on-drift")[0] == 1
    assert main(["report", "diff", str(old), str(new)]) == 0
    assert capsys.readouterr().out.endswith(": 0 regressions, 0 improvements, 0 changes, 2 drift\n")


def test_a_subject_that_is_gone_is_a_regression_and_a_new_one_is_not(recorded, diff):
    both = recorded("right", names=("make", "another"))
    one = recorded("right")
    status, found = diff(both, one)
    assert (status, told(found, "regression", "what", "old", "new")) == (
        1,
        [("verdict", "conformant", None)],
    )
    status, found = diff(one, both)
    assert (status, told(found, "change", "what", "old", "new")) == (
        0,
        [("verdict", None, "conformant")],
    )


def test_a_subject_that_cannot_be_loaded_any_more_is_a_regression(recorded, diff):
    old = recorded("right")
    new = recorded("right")
    header, vector, *_ = new.read_text().splitlines()
    error = {"type": "error", "subject": json.loads(vector)["subject"], "reason": "no such thing"}
    new.write_text(f"{header}\n{json.dumps(error)}\n")
    status, found = diff(old, new)
    assert (status, told(found, "regression", "old", "new")) == (1, [("conformant", "not loaded")])


def test_two_runs_without_a_vector_in_common_tell_nothing(recorded, diff):
    missing = recorded("right", names=("missing",))
    status, found = diff(missing, missing)
    assert (status, found["changes"]) == (5, [])


def test_a_vector_that_is_gone_is_a_regression_unless_the_vectors_have_another_version(
    recorded, diff, capsys
):
    old = recorded("right")
    new = recorded("right", only="basic.f32.mixed")
    status, found = diff(old, new)
    assert (status, told(found, "regression", "vector", "old", "new")) == (
        1,
        [("basic.f64.mixed", "passed", None)],
    )
    assert told(found, "change", "what") == [("options",)]
    edit(new, vectors="2027.1")
    status, found = diff(old, new)
    assert (status, found["counts"]["regression"], found["compared"]["vectors"]) == (0, 0, 1)
    assert ("vectors", "2026.3", "2027.1") in told(found, "change", "what", "old", "new")
    assert main(["report", "diff", str(old), str(new)]) == 0
    assert "A vector that only one version has is not a regression." in capsys.readouterr().out


def test_new_vectors_that_fail_are_no_regression_of_the_old_ones(recorded, diff):
    old = recorded("right", only="basic.f32.mixed")
    new = edit(recorded("wrong"), vectors="2027.1")
    lines = [json.loads(line) for line in new.read_text().splitlines()]
    lines[1]["status"] = "passed"
    new.write_text("".join(json.dumps(line) + "\n" for line in lines))
    status, found = diff(old, new)
    assert (status, told(found, "regression", "what")) == (0, [])
    assert ("verdict", "nonconformant") in told(found, "change", "what", "new")


def test_other_versions_are_told(recorded, diff):
    old = recorded("right")
    new = edit(recorded("right"), numpy="9.0", adamref="9.1")
    status, found = diff(old, new)
    assert (status, told(found, "change", "what", "new")) == (
        0,
        [("adamref", "9.1"), ("numpy", "9.0")],
    )


def test_people_see_the_worst_first_and_no_more_than_they_can_read(recorded, capsys):
    old = recorded("right", only="*")
    new = recorded("wrong", only="*")
    edit(new, python="3 [bold]\x1b[31m")
    assert main(["report", "diff", str(old), str(new)]) == 1
    out = capsys.readouterr().out
    kinds = [line.split()[0] for line in out.splitlines()[1:-1]]
    assert list(dict.fromkeys(kinds)) == ["regression", "change", "drift"]
    assert re.search("and [0-9]+ more", out)
    assert "3 [bold]\ufffd[31m" in out
    assert "\x1b" not in out


LINE = '{"type": "vector", "subject": "x", "id": "a", "status": "passed", "bits": null}'


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (lambda text: "", "must begin with a header, but is empty; write it anew"),
        (
            lambda text: text[:-1],
            "must end with a whole line, but was cut off in line 4; write it anew",
        ),
        (
            lambda text: text.rsplit("\n", 2)[0] + "\n",
            "must have a line of type subject for 'adam_",
        ),
        (lambda text: text + "{\n", "line 5: Expecting property name"),
        (
            lambda text: text + "[" * 100_000 + "\n",
            "line 5: it must be nested at most 50 deep, but is deeper",
        ),
        (
            lambda text: text + LINE.replace("null", "NaN") + "\n",
            "line 5: a number must be finite, got NaN",
        ),
        (
            lambda text: text + LINE.replace("null", '"zz"') + "\n",
            "line 5: data.bits must match pattern",
        ),
        (lambda text: text + LINE.replace("passed", "best") + "\n", "got 'best'"),
        (
            lambda text: text.replace('"format": 1', '"format": 2'),
            "line 1: data.format must be same as const",
        ),
        (
            lambda text: LINE + "\n" + text,
            "line 1: the header must be the first line and no other, got 'vector'",
        ),
        (
            lambda text: text + text,
            "line 5: the header must be the first line and no other, got 'header'",
        ),
        (
            lambda text: text + LINE + "\n" + LINE + "\n",
            "line 6: a line of type vector must stand once for each, got 'a'",
        ),
        (lambda text: "\udcff" + text, "cannot be read: 'utf-8' codec can't decode byte 0xff"),
    ],
)
def test_a_file_that_is_no_report_is_refused_with_the_line(broken, message, recorded, capsys):
    file = recorded("right")
    file.write_bytes(broken(file.read_text()).encode("utf-8", "surrogateescape"))
    for arguments in ((file, file), (recorded("right"), file)):
        assert main(["report", "diff", *map(str, arguments)]) == 3
        captured = capsys.readouterr()
        assert message in captured.err
        assert captured.err.startswith(f"adamref: {file}")
        assert captured.out == ""


def test_a_file_that_is_not_there_is_refused(tmp_path, capsys):
    assert main(["report", "diff", str(tmp_path / "old"), str(tmp_path / "new")]) == 3
    assert "old cannot be read: No such file or directory" in capsys.readouterr().err
