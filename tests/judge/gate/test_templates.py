"""The programs that `adamref init` writes are judged as they stand, and so are mistakes in them."""

import shlex
import shutil
import subprocess
import sys

import pytest

from conformance import check
from conformance.cli import main
from tests.support.paths import ROOT

TEMPLATES = ROOT / "conformance" / "gate" / "templates"
# Kind -> the file, and what must be on the machine.
PROGRAMS = {
    "c": ("adam.c", "cc"),
    "js": ("adam.js", "node"),
    "rust": ("adam.rs", "rustc"),
    "julia": ("adam.jl", "julia"),
    "torch": ("adam_torch.py", sys.executable),
}
LONGEST = {"adam.c": 90, "adam.js": 40}


def needs(program):
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not here")


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=needs(PROGRAMS[kind][1])) for kind in PROGRAMS]
)
def test_the_commands_that_init_prints_lead_to_a_verdict(kind, tmp_path, monkeypatch, capsys):
    if kind == "torch":
        pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    assert main(["init", kind]) == 0
    _, *commands = capsys.readouterr().out.splitlines()
    for line in commands:
        words = shlex.split(line.removeprefix("next: ").removeprefix("then: "))
        prefix = [sys.executable, "-m"] if words[0] == "adamref" else []
        words[-1] = words[-1].replace("cmd:python", f"cmd:{sys.executable}")
        done = subprocess.run([*prefix, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    assert " conformant " in done.stdout


@pytest.mark.parametrize("name", LONGEST)
def test_a_start_is_short(name):
    assert len((TEMPLATES / name).read_text().splitlines()) <= LONGEST[name]


@needs("node")
@needs("rustc")
@needs("cc")
def test_the_starts_show_their_moments_in_both_formats(tmp_path):
    subprocess.run(["cc", "-o", tmp_path / "c", TEMPLATES / "adam.c", "-lm"], check=True)
    subprocess.run(["rustc", "-O", "-o", tmp_path / "rust", TEMPLATES / "adam.rs"], check=True)
    for command in (f"{tmp_path}/c", f"{tmp_path}/rust", f"node {TEMPLATES / 'adam.js'}"):
        report = check(f"cmd:{command}", level="quick")
        assert report.conformant, report.diagnosis
        for dtype in ("float32", "float64"):
            assert None not in [report.worst(dtype, name) for name in ("params", "m", "v")]


@needs("cc")
@pytest.mark.parametrize("kind", ["c", "js"])
def test_a_start_skips_what_it_lacks_in_questions_for_all(kind, tmp_path):
    questions = tmp_path / "questions"
    assert main(["export", str(questions), "--level", "quick"]) == 0
    if kind == "c":
        subprocess.run(["cc", "-o", tmp_path / "c", TEMPLATES / "adam.c", "-lm"], check=True)
        command, asked = [tmp_path / "c"], questions / "questions.txt"
    else:
        if shutil.which("node") is None:
            pytest.skip("node is not here")
        command, asked = ["node", TEMPLATES / "adam.js"], questions / "questions.jsonl"
    answers = tmp_path / "answers"
    with asked.open() as source, answers.open("w") as target:
        subprocess.run(command, stdin=source, stdout=target, check=True)
    assert "skipped" in answers.read_text()
    report = check(f"file:{answers}", level="quick")
    assert report.conformant, report.diagnosis


# A mistake in the C template -> its lines before and after, and how the judge names it. Both
# functions have it, where they are alike but for the names of their numbers.
V_HAT = "v_hat = (a.amsgrad ? max[i] : v[i]) / bias2;"
MAX = "        max[i] = max[i] > v[i] ? max[i] : v[i];\n"
MISTAKES = {
    "t-per-parameter": (
        "",
        # Every gradient counts, from the count that was loaded on.
        ("wanted = count(); a.t++;", "wanted = count();"),
        ("start += sizes[done++];", "a.t++, start += sizes[done++];"),
        ("get(GRAD, n);", "get(GRAD, n); a.t++;"),
    ),
    "bias-none": ("", ("m[i] / bias1", "m[i]"), (V_HAT, V_HAT.replace(" / bias2", ""))),
    "bias-m-missing": ("", ("m[i] / bias1", "m[i]")),
    "bias-v-missing": ("", (V_HAT, V_HAT.replace(" / bias2", ""))),
    "eps-in-sqrt": (
        "",
        ("(sqrtf(v_hat) + epsilon)", "sqrtf(v_hat + epsilon)"),
        ("(sqrt(v_hat) + a.epsilon)", "sqrt(v_hat + a.epsilon)"),
    ),
    "t-8-bit": ("", ("int amsgrad, t;", "int amsgrad; unsigned char t;")),
    "m-missing-1-b1": (
        "",
        (" + (float)(1 - a.beta1) * g[i]", " + g[i]"),
        (" + (1 - a.beta1) * g[i]", " + g[i]"),
    ),
    "ams-flag-ignored": ("amsgrad.*", ("at(V), at(V_MAX)", "at(V), at(V)")),
    "ams-max-of-corrected": (
        "amsgrad.*",
        (MAX, ""),
        (V_HAT, "v_hat = v[i] / bias2;\n        v_hat = max[i] = max[i] > v_hat ? max[i] : v_hat;"),
    ),
    # No mistake in the algorithm, but its scalars: powers of float.
    "dddss": (
        "",
        (
            "float bias1 = 1 - pow(a.beta1, a.t), bias2 = 1 - pow(a.beta2, a.t)",
            "float bias1 = 1 - powf(beta1, a.t), bias2 = 1 - powf(beta2, a.t)",
        ),
    ),
}


@needs("cc")
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_the_c_start_is_named(mistake, tmp_path):
    only, *changes = MISTAKES[mistake]
    text = (TEMPLATES / "adam.c").read_text()
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    (tmp_path / "adam.c").write_text(text)
    command = ["cc", "-O2", "-o", tmp_path / "adam", tmp_path / "adam.c", "-lm"]
    subprocess.run(command, check=True)
    choice = {"only": only} if only else {"level": "quick"}
    report = check(f"cmd:{tmp_path}/adam", **choice)
    assert not report.conformant
    assert mistake in report.diagnosis
