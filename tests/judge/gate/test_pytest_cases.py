"""Golden vectors in the pytest of a user: by a decorator, and by a class."""

import doctest
import re
import shlex

import pytest

import conformance.gate.marks
from adamref import Adam, AdamConfig
from adamref.convention import Arithmetic
from conformance import check
from conformance.gate.cases import SubjectUnderTest
from tests.support import user_project
from tests.support.user_project import TEST, outcomes

pytest_plugins = ["pytester"]
project = user_project.project


def test_the_examples_in_the_docstrings_are_right():
    found = doctest.testmod(conformance.gate.marks)
    assert (found.failed, found.attempted > 0) == (0, True)


def test_each_vector_of_the_convention_is_an_item_with_the_judge_s_status(
    project, pytester, monkeypatch
):
    done = project("my_adam.Right, 'paper'", "-v", "-ra", "--strict-markers")
    monkeypatch.syspath_prepend(pytester.path)
    from my_adam import Right

    report = check(Right, "paper")
    due = {
        one.vector.id: {"unsupported": "SKIPPED"}.get(one.status, "PASSED")
        for one in report.comparisons
    }
    found = dict(re.findall(r"::test_adam\[(.*?)\] (PASSED|SKIPPED|FAILED)", done.stdout.str()))
    # What a subject keeps is known once it is loaded; of other storages it is asked nothing.
    unasked = {name: status for name, status in found.items() if name not in due}
    assert found == due | unasked
    assert set(unasked.values()) == {"SKIPPED"}
    assert all(name.startswith("storage.") for name in unasked)
    assert {"PASSED", "SKIPPED"} == set(due.values())
    assert "amsgrad: its signature has no such parameter" in done.stdout.str()


def test_a_failure_is_the_judge_s_block_with_the_diagnosis_and_no_traceback(project, pytester):
    done = project("my_adam.Inside, 'paper'", "-x", "-k", "from-zero")
    text = done.stdout.str()
    assert done.ret == 1
    assert (
        "\nE5: it adds epsilon to v under the root, where paper adds epsilon to the root of the "
        "corrected v; these are the numbers of paper with epsilon = inside: all "
    ) in text
    assert (
        "\nFAILED  my_adam:Inside  basic.f32.from-zero  E5\n  where      step 1, params[0]" in text
    )
    for line in ("suspect", "got", "permitted", "off by", "config", "gradients", "why"):
        assert f"\n  {line} " in text
    assert "gate/cases.py" not in text
    again = shlex.split(re.search(r"\n  again +(.*)", text)[1])
    assert again == ["pytest", "test_adam.py::test_adam[basic.f32.from-zero]"]
    pytester.runpytest_subprocess(again[1]).assert_outcomes(failed=1)


def test_selection_repetition_and_distribution_work_as_with_any_test(project, pytester):
    four = "my_adam.Inside, only='basic.f32.[dlm]*'"
    assert outcomes(project(four, "-k", "mixed")) == {"failed": 1}
    assert outcomes(project(four, "-x")) == {"failed": 1}
    assert outcomes(project(four, "-n2", "--junitxml=report.xml")) == {"failed": 2, "skipped": 2}
    assert 'name="test_adam[basic.f32.mixed]"' in (pytester.path / "report.xml").read_text()
    assert outcomes(pytester.runpytest_subprocess()) == {"failed": 2, "skipped": 2}
    assert outcomes(pytester.runpytest_subprocess("--lf")) == {"failed": 2}


def test_collecting_a_shipped_subject_does_not_import_its_library(project, pytester):
    pytester.makeconftest("import sys\ndef pytest_sessionfinish(): print('torch' in sys.modules)")
    done = project("'torch'", "--collect-only", "-q")
    assert "test_adam[basic.f32.mixed]" in done.stdout.str()
    assert "False" in done.stdout.lines


def test_what_is_required_and_not_supported_is_a_failure(project):
    done = project("my_adam.Right, require=['amsgrad'], only='amsgrad.f32.*'", "-x")
    assert outcomes(done) == {"failed": 1}
    assert (
        "what       amsgrad is required; amsgrad: its signature has no such parameter"
        in done.stdout.str()
    )


def test_a_subject_that_raises_shows_its_own_line(project):
    done = project("my_adam.Raises, only='basic.f32.mixed'")
    assert re.search(r"what       KeyError: 'exp_avg' \(.*my_adam\.py:\d+\)", done.stdout.str())


def test_a_subject_that_is_not_the_same_twice_is_told_so(project):
    done = project("my_adam.Once, only='basic.f32.mixed'")
    assert (
        "all vectors passed when they were run again: its numbers are not always the same"
        in done.stdout.str()
    )


def test_warnings_of_numpy_s_are_no_verdict_whatever_pytest_does_with_them(project):
    assert outcomes(project("my_adam.Noisy, only='basic.f32.mixed'", "-W", "error")) == {
        "passed": 1
    }


def test_a_wrong_argument_is_an_error_of_collection(project, pytester):
    messages = {
        "my_adam.Right, 'torhc'": "convention must be one of paper, ",
        "my_adam.Right, level='x'": "level must be one of quick, core, full, got 'x'",
        "my_adam.Right, onyl='x'": "unexpected keyword argument 'onyl'",
        "'my_adam.py:Right'": "write my_adam:Right",
        "3": "subject 3 must be a function make",
        "my_adam.Right, waivers='w.toml'": "w.toml cannot be read",
    }
    pytester.makepyfile(
        **{f"test_{i}": TEST.replace("{arguments}", one) for i, one in enumerate(messages)}
    )
    done = pytester.runpytest_subprocess()
    assert outcomes(done) == {"errors": len(messages)}
    for message in messages.values():
        assert message in done.stdout.str()


CLASS = """
import my_adam
from conformance import Conformance

class TestMyAdam(Conformance):
    {arguments}
    only = "basic.f32.[dm]*"

    def test_something_else(self):
        pass
"""


def test_a_class_has_the_same_items_and_its_base_has_none(project):
    done = project("make = my_adam.Right", "-v", "-o", "python_classes=*", test=CLASS)
    assert outcomes(done) == {"passed": 3}
    assert "TestMyAdam::test_vector[basic.f32.mixed] PASSED" in done.stdout.str()
    assert "::Conformance" not in done.stdout.str()


def test_a_function_can_be_the_subject_of_a_class(project):
    done = project("def make(*numbers): return my_adam.Inside(*numbers)", "-k", "mixed", test=CLASS)
    assert outcomes(done) == {"failed": 1}


def test_a_class_without_a_subject_says_what_to_write(project):
    done = project("", test=CLASS)
    assert (
        "TestMyAdam must have an attribute make, got none; write make = MyAdam" in done.stdout.str()
    )


def test_vectors_that_pass_under_one_arithmetic_each_do_not_conform_together():
    def make(params, learning_rate, beta1, beta2, epsilon):
        config = AdamConfig(learning_rate=learning_rate, beta1=beta1, beta2=beta2, epsilon=epsilon)
        return Adam(
            params, config, "keras3", Arithmetic.parse("sddsT" if beta2 == 0.9999 else "sddTT")
        )

    *cases, verdict = SubjectUnderTest(make, "keras3", only="arithmetic.f64.*").items
    for case in cases:
        case.check()
    assert verdict.id == "verdict"
    with pytest.raises(
        pytest.fail.Exception, match="the algorithm is right; .* where keras3 accepts sddsT, sddTT"
    ):
        verdict.check()


def test_hygiene_is_required_of_each_vector():
    def make(params, *numbers):
        names = ("learning_rate", "beta1", "beta2", "epsilon")
        adam = Adam(params, AdamConfig(**dict(zip(names, numbers, strict=True))))

        def step(grads):
            stepped = adam.step(grads)
            grads[0][...] = 0
            return stepped

        return step

    for require, failures in (([], []), (["hygiene"], ["contract"])):
        tested = SubjectUnderTest(make, only="basic.f32.mixed", require=require)
        report = tested.judge(tested.items[0].vector)
        assert [one.failure for one in report.failures] == failures
