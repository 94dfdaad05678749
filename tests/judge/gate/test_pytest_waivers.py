"""Waivers in pytest: expected failures with a reason, which may not go stale."""

import pytest

from tests.support import user_project
from tests.support.user_project import outcomes
from tests.support.waivers import waivers

pytest_plugins = ["pytester"]
project = user_project.project


def another(id_, failure="E5", more=""):
    return f'[[waiver]]\nid = "{id_}"\nfailure = "{failure}"\nreason = "known"\n{more}\n'


def test_a_waived_vector_is_an_expected_failure_with_its_reason(project, pytester):
    waivers(pytester)
    done = project(
        "my_adam.Inside, 'torch', waivers='waivers.toml'", "-rx", "-k", "basic.f32.mixed or waivers"
    )
    assert outcomes(done) == {"xfailed": 1, "passed": 1}
    assert "XFAIL test_adam.py::test_adam[basic.f32.mixed] - epsilon is inside" in done.stdout.str()


@pytest.mark.parametrize(
    ("subject", "more", "name", "sentence"),
    [
        ("Right", "", "basic.f32.mixed", "basic.f32.mixed passes now; remove the waiver"),
        (
            "Inside",
            another("basic.f32.defaults", "nan"),
            "f32.defaults",
            "fails with E5 and not with nan; find",
        ),
        (
            "Inside",
            another("amsgrad.f32.*"),
            "amsgrad.f32",
            "is unsupported now; remove the waiver",
        ),
        (
            "Inside",
            another("basic.f32.gone"),
            "waivers",
            "waiver basic.f32.gone in waivers.toml: it matches no vector",
        ),
        (
            "Inside",
            another("shapes.f32.tails", more="expires = 2020-01-01"),
            "waivers",
            "it expired on 2020-01-01",
        ),
    ],
)
def test_a_stale_waiver_fails_where_it_is_stale_and_nowhere_else(
    subject, more, name, sentence, project, pytester
):
    waivers(pytester, more)
    done = project(f"my_adam.{subject}, waivers='waivers.toml'", "-x", "-k", name)
    assert outcomes(done) == {"failed": 1}
    assert sentence in done.stdout.str()
    if name == "waivers":
        done = project("my_adam.Inside, waivers='waivers.toml'", "-k", "basic.f32.mixed")
        assert outcomes(done) == {"xfailed": 1}


def test_a_partial_collection_calls_no_waiver_lost(project, pytester):
    waivers(pytester, another("basic.f32.gone"))
    assert outcomes(project("my_adam.Inside, waivers='waivers.toml', only='basic.*.mixed'")) == {
        "xfailed": 2
    }
