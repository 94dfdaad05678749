"""`adamref waivers update`: the file fits afterwards, and keeps what a person wrote."""

import numpy as np
import pytest

from conformance import check
from conformance.cli import main
from conformance.judge.waiver_update import FIRST, update_text
from conformance.subject.subject import from_make
from conformance.waivers.files import load, parse
from tests.support.subjects import wrong

SUBJECT = "conformance.defects:ams_flag_ignored"


def update(*arguments):
    return main(["waivers", "update", *arguments, "--waivers", "w.toml"])


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path / "w.toml"


def load_lenient(file):
    return parse(file.read_text(), "w.toml", explained=False)


def entry(name, more="", reason="it is known"):
    return f'[[waiver]]\nid = "{name}"\nfailure = "E5"\nreason = "{reason}"\n{more}'


def test_a_first_file_has_all_failures_and_waits_for_the_reasons(file, capsys):
    assert update(SUBJECT) == 0
    out = capsys.readouterr().out
    failures = check(SUBJECT).failures
    assert out.splitlines() == [
        f"added cause ams-flag-ignored of {SUBJECT}: {len(failures)} vectors",
        "1 without a reason: write into w.toml why they fail",
    ]
    assert file.read_text().startswith(FIRST + "\n[[waiver]]\n")
    assert main(["check", SUBJECT, "--waivers", "w.toml"]) == 2
    assert "reason must say why it fails, and is empty in 1 of 1 waivers" in capsys.readouterr().err
    file.write_text(file.read_text().replace('reason = ""', 'reason = "it is known"'))
    assert main(["check", SUBJECT, "--waivers", "w.toml"]) == 0
    before = file.read_text()
    assert update(SUBJECT) == 0
    assert (capsys.readouterr().out.splitlines()[-1], file.read_text()) == (
        "nothing to change",
        before,
    )


BEFORE = """\
# Of our optimizer.

# ---- amsgrad ----

# the flag is ignored
[[waiver]]
reason = '''
the flag
# is ignored'''   # since 2.0
id     = "amsgrad.*.spike-then-small" # both
failure =  "E1"  # was E5
worst_ratio = 3 # small
[waiver.when]
device = "cpu"

# it has passed for long
[[waiver]]
id = "basic.f32.mixed"
failure = "E5"
reason = "x"

# ---- others ----

[[waiver]]
id = "amsgrad.f32.decimal"
failure = "E5"
subject = "other"
reason = "not run here"

[[waiver]]
id = "amsgrad.f32.rises-and-falls"
failure = "E5"
reason = "not here"
when = { version = ">=2" }

[[waiver]]
id = "amsgrad.f32.surprise"
failure = "E5"
reason = "there is none"
# the end
"""
AFTER = (
    BEFORE.replace('"E1"  # was', '"E5"  # was')
    .replace("worst_ratio = 3 #", "worst_ratio = 2.6e+14 #")
    .replace(
        '# it has passed for long\n[[waiver]]\nid = "basic.f32.mixed"\n'
        'failure = "E5"\nreason = "x"\n\n',
        "",
    )
    .replace(
        '[[waiver]]\nid = "amsgrad.f32.surprise"\nfailure = "E5"\nreason = "there is none"\n', ""
    )
)


def test_what_stays_keeps_its_comments_its_order_and_its_formatting(file, capsys):
    file.write_text(BEFORE)
    assert update(SUBJECT) == 0
    lines = capsys.readouterr().out.splitlines()
    ratio = lines[0].rpartition(" ")[2]
    assert lines[:3] == [
        f"changed amsgrad.*.spike-then-small: failure E1 -> E5, worst_ratio 3 -> {ratio}",
        "removed basic.f32.mixed: it passes now",
        "removed amsgrad.f32.surprise: it matches no vector that has an answer for the convention",
    ]
    assert all(line.startswith("added ") for line in lines[3:-1])
    assert file.read_text().startswith(AFTER.replace("2.6e+14", ratio))


def test_a_waiver_that_is_not_true_of_all_it_covers_is_split_and_keeps_its_reason(file, capsys):
    # The second is the narrowest, and has what is left of the first.
    file.write_text(
        "\n".join((entry("*.f32.mixed"), entry("maximize.f32.mixed"), entry("*.*.mixed")))
    )
    assert update("conformance.defects:maximize_ignored") == 0
    kept = load_lenient(file)
    assert [(one.id, one.reason) for one in kept if one.id.startswith("maximize")] == [
        ("maximize.f32.mixed", "it is known"),
        ("maximize.f64.mixed", "it is known"),
    ]
    # What is left has one cause.
    assert [(one.cause, one.reason) for one in kept if one.cause] == [("maximize-ignored", "")]
    assert capsys.readouterr().out.splitlines()[:3] == [
        "removed *.f32.mixed: others cover what still fails",
        "changed maximize.f32.mixed: failure E5 -> E1",
        "changed *.*.mixed: id *.*.mixed -> maximize.f64.mixed, failure E5 -> E1",
    ]


def test_a_waiver_of_more_than_20_vectors_is_split(file, capsys):
    file.write_text(entry("*.*.*"))
    assert update("conformance.defects:bias_none") == 0
    failures = check("conformance.defects:bias_none").failures
    assert [(one.id, one.failure, one.reason) for one in load(file)] == [
        (one.vector.id, one.failure, "it is known") for one in failures
    ]
    assert len(failures) > 20
    assert main(["check", "conformance.defects:bias_none", "--waivers", "w.toml"]) == 0
    capsys.readouterr()


def test_a_waiver_for_all_subjects_is_narrowed_to_those_that_fail(file, capsys):
    file.write_text(entry("amsgrad.*.decimal"))
    assert update(SUBJECT, "conformance.defects:ams_max_decays", "adamref") == 0
    kept = [(one.id, one.subject) for one in load_lenient(file) if one.reason]
    assert kept == [
        (f"amsgrad.{dtype}.decimal", subject)
        for subject in (SUBJECT, "conformance.defects:ams_max_decays")
        for dtype in ("f32", "f64")
    ]
    assert f"amsgrad.f32.decimal, subject * -> {SUBJECT}" in capsys.readouterr().out


def test_a_name_that_reads_like_a_glob_is_written_so_that_it_is_none():
    report = check(from_make(wrong(), "cmd:./[a]*"), only="amsgrad.f32.decimal")
    text, _ = update_text("", "w.toml", [report])
    (waiver,) = parse(text, "w.toml", explained=False)
    assert waiver.holds_for(report.subject)
    assert not waiver.holds_for(from_make(wrong(), "cmd:./ab"))


def test_worst_ratio_is_rounded_up_to_two_digits_and_left_out_where_there_is_none():
    def ratio(spoilt):
        report = check(wrong(spoilt), only="amsgrad.f32.decimal")
        (waiver,) = parse(update_text("", "w.toml", [report])[0], "w.toml", explained=False)
        return report.worst_ratio, waiver.worst_ratio

    found, written = ratio(lambda p: p + p.dtype.type(2.0**-8))
    assert found <= written <= 1.1 * found
    assert float(f"{written:.1e}") == written
    assert ratio(lambda p: p * np.nan) == (np.inf, None)
    assert ratio(lambda p: p + np.inf) == (np.inf, None)
    assert ratio(lambda p: p[:1]) == (0, None)


ADAMS = """
import signal

from conformance import Unsupported

def interrupted(params, *numbers):
    # The user presses Ctrl-C meanwhile; a KeyboardInterrupt of its own would be an error.
    signal.raise_signal(signal.SIGINT)

def unable(params, *numbers):
    raise Unsupported("no device here")
"""
PARTLY = "waivers are updated by a whole run only, nothing was changed"


@pytest.mark.parametrize(
    ("subject", "text", "status", "message"),
    [
        ("{module}:unabel", "", 2, f"has no 'unabel'; did you mean unable?; {PARTLY}"),
        ("torhc", "", 2, "cmd:PROGRAM or file:ANSWERS, got 'torhc'"),
        ("{module}:interrupted", "", 130, "interrupted"),
        ("{module}:unable", "", 2, f"no vector was run: no device here; {PARTLY}"),
        (SUBJECT, "x = 1\n", 2, "w.toml must hold nothing but [[waiver]] tables, got 'x'"),
        (
            SUBJECT,
            'waiver = [{id = "basic.f32.mixed", failure = "E5", reason = ""}]\n',
            2,
            "must have a line [[wai",
        ),
        (
            SUBJECT,
            entry("basic.f32.mixed", reason='""\n[[waiver]]\n""'),
            2,
            "must have a line [[waiver]] for each wai",
        ),
    ],
)
def test_what_would_lose_waivers_is_refused_and_nothing_is_written(
    subject, text, status, message, file, capsys
):
    module = f"adams_{file.parent.name.replace('-', '_')}"
    file.with_name(f"{module}.py").write_text(ADAMS)
    text = text or entry("basic.f32.mixed")
    file.write_text(text)
    assert update("adamref", subject.replace("{module}", module)) == status
    captured = capsys.readouterr()
    assert message in captured.err
    assert (captured.out, file.read_text()) == ("", text)


def test_the_question_may_be_that_of_check_but_not_a_part_of_it(file, capsys):
    assert update("adamref", "--only", "basic.*") == 2
    assert "No such option" in capsys.readouterr().err
    assert main(["vectors", "copy", "mine"]) == 0
    assert (
        update("autograd", "--convention", "paper-hat", "--require", "none", "--vectors", "mine")
        == 0
    )
    failures = check("autograd", "paper-hat", require=["none"]).failures
    assert [(one.id, one.failure) for one in load_lenient(file)] == [
        (one.vector.id, one.failure) for one in failures
    ]
    assert {"required", "E5"} <= {one.failure for one in load_lenient(file)}
    capsys.readouterr()


def test_what_is_mended_leaves_a_file_without_waivers_that_check_takes(file, capsys):
    file.write_text(entry("basic.f32.mixed"))
    assert update("adamref") == 0
    assert file.read_text() == ""
    assert main(["check", "adamref", "--only", "basic.f32.mixed", "--waivers", "w.toml"]) == 0
    capsys.readouterr()
