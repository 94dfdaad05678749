"""Files of waivers: every way in which one is refused."""

import re

import pytest

from conformance.cli import main
from conformance.waivers.files import load, parse, tables_of
from conformance.waivers.waiver import WaiverError
from tests.support.paths import ROOT
from tests.support.waivers import BASIC


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[waiver]]\nid = \n", "must be TOML: Invalid value (at line 2, column 6)"),
        ("x = " + "[" * 100_000, "must be TOML: "),
        ("x = " + "9" * 5000, "must be TOML: "),
        ("waiver." + ".".join("a" * 90) + " = 1", "must be TOML: it must be nested at most 50"),
        ("waiver." + ".".join("a" * 5000) + " = 1", "must have at most 100 dots in a line"),
        ("waivers = 1\n", "must hold nothing but [[waiver]] tables, got 'waivers'"),
        ("[waiver]\n", "must begin each waiver with [[waiver]], got waiver = {}"),
        ("waiver = [1]\n", "must begin each waiver with [[waiver]], got waiver = [1]"),
        ("[[waiver]]\n", ": waiver 1 (id = None): id must be given"),
        (BASIC.replace('reason = "known"\n', ""), "reason must be given"),
        (
            BASIC.replace("known", " "),
            "reason must say why it fails, and is empty in 1 of 1 waivers: 1 (basic.f32.mixed)",
        ),
        (
            BASIC + 'reasno = "x"\n',
            "waiver 1 (id = 'basic.f32.mixed'): a waiver must have no keys but id, cause, ",
        ),
        (BASIC + 'reasno = "x"\n', "got 'reasno'; did you mean reason?"),
        (
            BASIC.replace("E5", "E9"),
            "failure must be one of E1, E2, E4, E5, nan, calls, contract, error, required, got",
        ),
        (BASIC.replace('"E5"', "[]"), "failure must be one of"),
        (
            BASIC.replace("mixed", "mix*"),
            "id must be topic.dtype.name, where * stands for a whole one, got 'basic.f32",
        ),
        (BASIC.replace(".mixed", ""), "id must be topic.dtype.name"),
        (
            BASIC.replace('"basic.f32.mixed"', "3"),
            "id must be topic.dtype.name, where * stands for a whole one, got 3",
        ),
        (
            BASIC.replace("known", "a\\u001b[31mb"),
            "reason must be printable text, got 'a\\x1b[31mb'",
        ),
        (BASIC + "link = 1\n", "link must be printable text, got 1"),
        (BASIC + "subject = 1\n", "subject must be printable text, got 1"),
        (BASIC + "worst_ratio = 0.5\n", "worst_ratio must be a number from 1 on, got 0.5"),
        (BASIC + "worst_ratio = nan\n", "worst_ratio must be a number from 1 on, got nan"),
        (BASIC + "worst_ratio = inf\n", "worst_ratio must be a number from 1 on, got inf"),
        (BASIC + "worst_ratio = true\n", "worst_ratio must be a number from 1 on, got True"),
        (
            BASIC + f"worst_ratio = 1{'0' * 400}\n",
            "worst_ratio must be a number from 1 on, got 1000",
        ),
        (
            BASIC.replace("E5", "nan") + "worst_ratio = 2\n",
            "worst_ratio must be absent, because failure nan has no ratio",
        ),
        (
            BASIC + "expires = 2027-06-30T00:00:00\n",
            "expires must be a date without a time, such as 2027-06-30, got",
        ),
        (
            BASIC + 'expires = "soon"\n',
            "expires must be a date without a time, such as 2027-06-30, got 'soon'",
        ),
        (BASIC + "expires = 2027-02-30\n", "must be TOML: "),
        (BASIC + "when = 1\n", "when must be a table with version, device, or both, got 1"),
        (
            BASIC + "when = { vesion = 1 }\n",
            "when must have no keys but version, device, got 'vesion'; did you ",
        ),
        (
            BASIC + 'when = { version = "2.x" }\n',
            'version must be version specifiers, such as ">=2.0,<2.14", got ',
        ),
        (BASIC + "when = { version = 2 }\n", "version must be version specifiers"),
        (BASIC + 'when = { version = "" }\n', "version must be version specifiers"),
        (BASIC + "when = { device = 2 }\n", "device must be printable text, got 2"),
        (BASIC + "reproduction = 2\n", "reproduction must be lines of code, got 2"),
        (
            BASIC * 2,
            "waiver 2 (id = 'basic.f32.mixed'): "
            "id must not be waived twice for one subject and one when",
        ),
        (BASIC + 'subject = "a"\n' + BASIC + 'subject = "*"\n', "id must not be waived twice"),
        (BASIC.replace("known", "x" * 10_000 + "\\u0000"), "xxx..."),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_with_status_2(text, message, tmp_path, capsys):
    file = tmp_path / "waivers.toml"
    file.write_text(text)
    with pytest.raises(WaiverError) as caught:
        load(file)
    assert message in str(caught.value)
    assert main(["check", "adamref", "--only", "basic.f32.mixed", "--waivers", str(file)]) == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", f"adamref: {caught.value}\n")


def test_a_file_that_cannot_be_read_is_refused_with_status_2(tmp_path, capsys):
    (tmp_path / "latin").write_bytes(b"# \xe4\n")
    for name, message in (
        (
            "no",
            "cannot be read: No such file or directory; "
            "`adamref waivers update` writes a first one",
        ),
        (".", "cannot be read: it must be a file, but is a folder\n"),
        ("latin", "must be UTF-8, got byte 0xe4 at 2\n"),
    ):
        assert main(["check", "adamref", "--waivers", str(tmp_path / name)]) == 2
        assert message in capsys.readouterr().err


def test_one_id_may_be_waived_for_different_subjects_and_different_versions():
    text = (
        BASIC
        + 'subject = "a"\n'
        + BASIC
        + 'subject = "b"\n'
        + BASIC
        + 'when = { version = "<2" }\n'
    )
    assert [(one.subject, str(one.version)) for one in parse(text, "w")] == [
        ("a", "None"),
        ("b", "None"),
        ("*", "<2"),
    ]


def test_the_waiver_in_the_readme_has_every_key_and_makes_sense():
    text = (ROOT / "conformance" / "waivers" / "README.md").read_text()
    example, by_cause = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    assert parse(by_cause, "README.md")[0].cause == "ams-flag-ignored"
    (waiver,) = parse(example, "README.md")
    assert (waiver.id, waiver.failure, waiver.worst_ratio) == ("amsgrad.*.decimal", "E5", 130)
    (table,) = tables_of(example, "README.md")
    assert set(table) == {
        "id",
        "subject",
        "failure",
        "worst_ratio",
        "reason",
        "link",
        "expires",
        "when",
        "reproduction",
    }


@pytest.mark.parametrize("value", ["0x" + "f" * 5000, '{ version = ["1"] }'])
def test_values_that_python_cannot_show_or_compare_are_refused(value, tmp_path):
    file = tmp_path / "waivers.toml"
    key = "when" if "version" in value else "worst_ratio"
    file.write_text(f'[[waiver]]\nid = "a.b.c"\nfailure = "E5"\nreason = "x"\n{key} = {value}\n')
    with pytest.raises(WaiverError):
        load(file)
