"""The options that make items of a subject without a test file."""

import pytest

from tests.support.user_project import ADAM, outcomes
from tests.support.waivers import waivers

pytest_plugins = ["pytester"]


def run_with_plugin(pytester, *options):
    return pytester.runpytest_subprocess(
        "-p", "no:hypothesispytest", "-p", "conformance.pytest_plugin", *options
    )


def test_the_plugin_does_nothing_unless_a_subject_is_named(pytester):
    pytester.makepyfile(my_adam=ADAM, test_other="def test_own(): pass")
    assert outcomes(run_with_plugin(pytester)) == {"passed": 1}
    assert outcomes(
        run_with_plugin(pytester, "--adam", "my_adam:Right", "-k", "basic.f32.mixed or test_own")
    ) == {"passed": 2}


def test_the_plugin_needs_no_test_file(pytester):
    pytester.makepyfile(my_adam=ADAM)
    done = run_with_plugin(
        pytester, "--adam", "my_adam:Inside", "--adam-convention", "torch", "-x", "-n2"
    )
    assert "these are the numbers of torch with epsilon = inside" in done.stdout.str()
    assert "again      adamref check my_adam:Inside --convention torch --only " in done.stdout.str()


def test_the_plugin_takes_shipped_names_requirements_and_waivers(pytester):
    assert outcomes(
        run_with_plugin(pytester, "--adam", "adamref-torch", "-k", "basic.f32.mixed")
    ) == {"passed": 1}
    pytester.makepyfile(my_adam=ADAM)
    waivers(pytester)
    options = ("--adam-waivers", "waivers.toml", "--adam-require", "amsgrad")
    chosen = ("-k", "basic.f32.mixed or waivers or amsgrad.f32.spike-then-small")
    done = run_with_plugin(pytester, "--adam", "my_adam:Inside", *options, *chosen)
    assert outcomes(done) == {"xfailed": 1, "passed": 1, "failed": 1}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--adam", "torhc"], "did you mean torch?"),
        (["--adam", "nowhere:make"], "importing nowhere failed"),
        (["--adam", "adamref", "--adam-convention", "x"], "convention must be one of paper"),
        (["--adam", "adamref", "--adam-waivers", "w.toml"], "w.toml cannot be read"),
        (["--adam", "adamref", "--adam-level", "x"], "argument --adam-level: invalid choice: 'x'"),
    ],
)
def test_what_the_plugin_cannot_use_is_a_sentence(options, message, pytester):
    done = run_with_plugin(pytester, *options)
    assert message in done.stdout.str() + done.stderr.str()
    assert "Traceback" not in done.stdout.str() + done.stderr.str()
    assert done.ret in (2, 4)
