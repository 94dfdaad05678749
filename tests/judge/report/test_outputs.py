"""Outputs of a check: each is well formed, even if a subject is hostile, and all agree."""

import json
import re
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

import fastjsonschema
import pytest
from markdown_it import MarkdownIt

from conformance.cli import main
from conformance.report.outputs.formats import FORMATS
from conformance.report.text import short

NASTY = (
    "[bold]b[/bold] :bomb: | `c` <script>alert(1)</script> *d* \x1b[31m \x00 \ud800 \u202e\n"
    "# heading\n```\n| e |"
)
ADAMS = """
import sys
from adamref import Adam, AdamConfig
from conformance import Unsupported

FOUR = ("learning_rate", "beta1", "beta2", "epsilon")
NASTY = {nasty!r}

def right(params, *numbers):
    return Adam(params, AdamConfig(**dict(zip(FOUR, numbers))))

def still(params, *numbers):
    return lambda grads: params

def infinite(params, *numbers):
    return lambda grads: [p * float("inf") for p in params]

def wide(params, *numbers):
    return lambda grads: [p.astype("longdouble") for p in params]

def refuses(params, *numbers):
    raise Unsupported(NASTY + "x" * 10_000)

def raises(params, *numbers):
    raise ValueError(NASTY + "x" * 10_000)

def named(params, *numbers):
    raise ValueError(NASTY)

refuses.version = NASTY
setattr(sys.modules[__name__], "[i]|`<b>", named)
"""
SUBJECTS = ("right", "still", "infinite", "wide", "refuses", "raises", "[i]|`<b>", "missing")
# Every format of the table: a new one is tested like the others.
FILES = {name: f"report.{name}" for name in FORMATS}
WAIVER = """
[[waiver]]
id = "basic.*.mixed"
subject = "*:still"
failure = "E5"
reason = "it never <moves>"
link = ""
"""


class Checked(NamedTuple):
    status: int
    texts: dict
    lines: list
    suites: ET.Element
    badge: dict
    out: str


@pytest.fixture(name="checked")
def checked_fixture(tmp_path, monkeypatch, capsys):
    """A function that checks Adams of a user's and writes all outputs."""
    module = f"adam_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{module}.py").write_text(ADAMS.format(nasty=NASTY), "utf-8")
    (tmp_path / "waivers.toml").write_text(WAIVER)
    monkeypatch.chdir(tmp_path)

    def check(subjects, *arguments):
        files = [word for name, file in FILES.items() for word in (f"--{name}", file)]
        status = main(["check", *(f"{module}:{name}" for name in subjects), *arguments, *files])
        texts = {name: (tmp_path / file).read_text("utf-8") for name, file in FILES.items()}
        lines = [json.loads(line) for line in texts["json"].splitlines()]
        suites = ET.fromstring(texts["junit"])
        badge = json.loads(texts["badge"])
        return Checked(status, texts, lines, suites, badge, capsys.readouterr().out)

    return check


def escape(text):
    return re.sub(r"([*\[\]|`<>_])", r"\\\1", text)


@pytest.fixture(name="fits")
def fits_fixture(capsys):
    assert main(["report", "schema"]) == 0
    return fastjsonschema.compile(json.loads(capsys.readouterr().out))


def test_every_line_fits_the_schema_that_is_printed_and_with_one_field_more_does_not(checked, fits):
    lines = checked(SUBJECTS, "--only", "basic.*.mixed").lines
    lines += checked(["right"]).lines
    lines += checked(["still"], "--only", "basic.*.mixed", "--waivers", "waivers.toml").lines
    seen = {
        line[key]
        for line in lines
        for key in ("type", "status", "verdict", "failure")
        if key in line
    }
    assert {
        "error",
        "passed",
        "failed",
        "errored",
        "unsupported",
        "waived",
        "E5",
        "contract",
    } <= seen
    assert {
        "conformant",
        "conformant (waived)",
        "partial",
        "untested",
        "nonconformant",
        "not loaded",
    } <= seen
    for line in lines:
        fits(line)
        with pytest.raises(fastjsonschema.JsonSchemaException):
            fits(line | {"more": 1})


def test_the_header_says_what_was_run_with_what_and_nothing_about_where(checked):
    header = checked(
        ["right"], "--only", "basic.*", "--dtype", "float32", "--waivers", "waivers.toml"
    ).lines[0]
    assert (header["partial"], header["verdict"]) == (True, "partial")
    assert header["options"] == {
        "convention": None,
        "level": "core",
        "only": "basic.*",
        "dtype": "float32",
        "require": [],
        "fail_fast": False,
        "config": {},
        "accuracy": None,
        "roundings": None,
        "storage": None,
        "arithmetic": None,
    }
    assert re.fullmatch(r"\w+ \w+", header["platform"])
    assert not re.search(r"[/\\]", json.dumps(header))


def test_all_outputs_count_the_same(checked):
    subjects = [
        name for name in SUBJECTS if name != "refuses"
    ]  # its version takes the width of the table
    found = checked(subjects, "--only", "basic.f32.*")
    assert (found.status, found.badge["message"]) == (3, "not loaded: paper, core, vectors 2026.3")
    assert found.texts["markdown"].startswith("# Adam: not loaded\n")
    for line in (line for line in found.lines if line["type"] == "subject"):
        name = line["subject"]
        counts = line["counts"]
        failed = counts["failed"]
        skipped = counts["waived"] + counts["unsupported"]
        suite = next(suite for suite in found.suites if suite.get("name") == name)
        attributes = [int(suite.get(key)) for key in ("tests", "failures", "errors", "skipped")]
        assert attributes == [len(suite.findall("testcase")), failed, counts["errored"], skipped]
        assert attributes[0] == sum(counts.values())
        assert suite.find("properties/property[@name='verdict']").get("value") == line["verdict"]
        shown = [
            str(count)
            for count in (counts["passed"], failed + counts["errored"], counts["unsupported"])
        ]
        row = next(row for row in found.out.splitlines() if row.startswith(f"{name}  "))
        header = next(row for row in found.out.splitlines() if row.startswith("subject  "))
        cells = (
            row.split()[:-1] if header.endswith("  s") else row.split()
        )  # seconds give way where it is narrow
        assert cells[-3:] == shown
        row = next(
            row
            for row in found.texts["markdown"].splitlines()
            if row.startswith(f"| {escape(name)} |")
        )
        assert row.split(" | ")[-4:-1] == shown


def test_junit_holds_the_block_of_the_terminal_and_the_reasons(checked):
    found = checked(["still", "refuses", "missing"], "--only", "basic.f32.mixed")
    cases = {
        case.get("classname").partition(":")[2]: case for case in found.suites.iter("testcase")
    }
    assert cases.keys() == {"still.basic", "refuses.basic", "missing"}
    assert cases["still.basic"].get("name") == "basic.f32.mixed"
    failure = cases["still.basic"].find("failure")
    assert failure.get("type") == "E5"
    assert failure.text.startswith("FAILED  ")
    assert failure.text + "\n" in found.out
    assert (
        cases["refuses.basic"]
        .find("skipped")
        .get("message")
        .startswith("[bold]b[/bold] :bomb: | `c` <script>")
    )
    assert "has no 'missing'" in cases["missing"].find("error").text


def test_what_is_waived_is_skipped_with_its_reason(checked):
    found = checked(["still"], "--only", "basic.*.mixed", "--waivers", "waivers.toml")
    assert (found.status, found.lines[-1]["verdict"]) == (0, "conformant (waived)")
    skipped = {case.find("skipped").get("message") for case in found.suites.iter("testcase")}
    assert skipped == {"waived: it never <moves>"}
    assert r"2 vectors waived: it never \<moves\>" in found.texts["markdown"]
    assert "| waived |" in found.texts["markdown"]


def test_stale_waivers_are_in_every_output(checked):
    Path("waivers.toml").write_text(WAIVER.replace("still", "right"))
    found = checked(["right"], "--only", "basic.*.mixed", "--waivers", "waivers.toml")
    assert (found.status, found.badge["message"]) == (
        4,
        "stale waivers: paper, core, vectors 2026.3",
    )
    assert [found.suites[0].get(name) for name in ("tests", "failures")] == ["3", "1"]
    sentence = found.lines[-1]["stale"][0]
    assert "basic.f32.mixed passes now" in sentence
    assert sentence in found.suites.find("testsuite/testcase[@name='waivers']/failure").text
    assert f"stale {sentence}" in found.out
    assert f"stale {escape(sentence)}" in found.texts["markdown"]


def test_nothing_that_a_subject_says_is_obeyed_by_terminal_xml_or_markdown(checked):
    found = checked(SUBJECTS, "--only", "basic.f32.mixed")
    said = (
        "[bold]b[/bold] :bomb: | `c` <script>alert(1)</script> *d* "
        "\ufffd[31m \ufffd \ufffd \ufffd # heading"
    )
    assert said in found.out
    dangerous = "[\x00-\x08\x0b-\x1f\ud800-\udfff\u202e]"
    for text in (found.out, *found.texts.values()):
        assert not re.search(dangerous, text)
    assert "xxxx ...\n" in found.texts["markdown"]
    # Tables and HTML, as GitHub renders them.
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(found.texts["markdown"])
    tags = "h1 table thead tbody tr th td p ul li strong details summary pre code"
    assert set(re.findall(r"<(\w+)", html)) == set(tags.split())
    assert html.count("<h1>") == 1
    rows = re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL)
    assert len(rows) == len(SUBJECTS)
    assert {len(re.findall("<t[hd]", row)) for row in rows} == {11}
    assert "[i]|`&lt;b&gt;" in rows[-1]


@pytest.mark.parametrize(
    ("subjects", "arguments", "message", "color"),
    [
        (["right"], [], "conformant: paper, core, vectors 2026.3", "brightgreen"),
        (["right"], ["--only", "basic.*"], "partial: paper, core, vectors 2026.3", "yellow"),
        (["right"], ["--dtype", "float32"], "partial: paper, core, vectors 2026.3", "yellow"),
        (["right"], ["-x"], "partial: paper, core, vectors 2026.3", "yellow"),
        (["right", "refuses"], [], "untested: paper, core, vectors 2026.3", "lightgrey"),
        (["right", "still"], ["-x"], "nonconformant: paper, core, vectors 2026.3", "red"),
        (
            ["right"],
            ["--convention", "torch"],
            "conformant: torch, core, vectors 2026.3",
            "brightgreen",
        ),
    ],
)
def test_the_badge_claims_no_more_than_was_tested(checked, subjects, arguments, message, color):
    found = checked(subjects, *arguments)
    assert found.badge == {"schemaVersion": 1, "label": "Adam", "message": message, "color": color}
    verdict = message.partition(":")[0]
    assert found.texts["markdown"].splitlines()[0] == f"# Adam: {verdict}"


def test_the_badge_names_every_convention(capfd):
    assert main(["check", "adamref", "adamref-torch", "adamref", "--badge", "-"]) == 0
    captured = capfd.readouterr()
    assert json.loads(captured.out)["message"] == "conformant: paper, torch, core, vectors 2026.3"
    assert captured.err.count("conformant") == 2


@pytest.mark.parametrize(
    ("ratio", "text"),
    [(None, "-"), (0.874, ".87"), (0.996, ".99"), (1.0, ".99"), (1.002, "1.01"), (5e5, "5e+05")],
)
def test_a_ratio_never_reads_as_if_it_were_on_the_other_side_of_the_limit(ratio, text):
    assert short(ratio) == text
