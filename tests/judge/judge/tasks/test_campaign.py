"""A campaign on workers, or one that was ended and goes on, has the report of a plain run."""

import json
import os
import re

import pytest

from conformance.judge.tasks.records import decode_run, encode_run
from conformance.subject.subject import from_make
from conformance.subjects import adamref_adam
from conformance.trial.digest import digest
from conformance.trial.hygiene import run_twice
from conformance.trial.run import run
from conformance.vectors import files
from tests.support.commands import hostile_module, run_command

# Each does something once: it ends its process, or asks the judge to end.
SUBJECTS = """
import os
import signal
from pathlib import Path

import numpy as np
from hostile import Right, Wrong

NOTE = Path(__file__).with_name("note")


class Counted(Right):
    made = 0

    def __init__(self, *arguments):
        super().__init__(*arguments)
        Counted.made += 1
        if Counted.made == 2 and not NOTE.exists():
            NOTE.write_text("")
            self.do()

    def do(self):
        pass


class KillsJudge(Counted):
    def do(self):
        os.kill(os.getpid(), signal.SIGKILL)


class KillsWorkerOnce(Counted):
    def do(self):
        os.kill(os.getpid(), signal.SIGKILL)


class AsksToEnd(Counted):
    def do(self):
        # In a worker its parent is the judge.
        judge = int(os.environ.get("JUDGE", os.getpid())) or os.getppid()
        os.kill(judge, getattr(signal, os.environ["SIGNAL"]))
        while not os.environ.get("JUDGE"):
            pass


class CrashesIn64Bits(Right):
    def step(self, grads):
        if grads[0].dtype == np.float64:
            os.kill(os.getpid(), signal.SIGSEGV)
        return super().step(grads)
"""
FEW = ("--only", "basic.f*.mixed", "--json", "report.jsonl")


@pytest.fixture(name="folder")
def folder_fixture(tmp_path):
    hostile_module(tmp_path)
    (tmp_path / "mine.py").write_text(SUBJECTS)
    return tmp_path


def check(folder, *arguments, **options):
    """Return status, both outputs and the lines of the report, without times."""
    done = run_command("check", *FEW, *arguments, cwd=folder, **options)
    lines = (folder / "report.jsonl").read_text() if (folder / "report.jsonl").exists() else ""
    lines = re.sub(r'"seconds": [0-9.]+', '"seconds": 0', lines)
    # Times stand in the last column alone.
    table = re.sub(r" +\d+\.\d\d\n", "\n", done.stdout)
    return done.returncode, table, done.stderr, lines.splitlines()


@pytest.mark.parametrize(
    "more",
    [
        (),
        ("--isolate", "-x", "--require", "hygiene", "--config", "beta2=.75", "--dtype", "float32"),
    ],
)
def test_workers_give_the_report_of_one_process(folder, more):
    names = ("adamref", "hostile:Wrong", "hostile:Missing", "hostile:Right")
    plain = check(folder, *names, *more)
    assert plain[0] == 3
    assert any('"verdict": "nonconformant"' in line for line in plain[3])
    assert check(folder, *names, *more, "-j", "2") == plain


def test_a_vector_that_ends_its_worker_is_errored_and_the_others_go_on(folder):
    plain = check(folder, "hostile:Right")[3]
    status, _, _, lines = check(folder, "mine:CrashesIn64Bits", "-j", "2")
    assert status == 1
    for old, new in zip(map(json.loads, plain), map(json.loads, lines), strict=True):
        if new["type"] != "vector":
            continue
        if new["id"] == "basic.f64.mixed":
            assert (new["status"], new["failure"]) == ("errored", "error")
            assert new["reason"] == "a subject must not end its process, but SIGSEGV ended it"
        else:
            assert new["bits"] == old["bits"]


def test_a_worker_that_somebody_kills_costs_nothing(folder):
    plain = check(folder, "hostile:Right")
    killed = check(folder, "mine:KillsWorkerOnce", "-j", "2")
    assert (folder / "note").exists()
    assert killed[0] == plain[0] == 0
    assert [line.replace("mine:KillsWorkerOnce", "hostile:Right") for line in killed[3]] == plain[3]


def test_a_run_that_was_killed_goes_on_to_the_same_report(folder):
    # The first subject is finished by then.
    names = ("hostile:Right", "mine:KillsJudge")
    ended = run_command("check", *FEW, *names, "--resume", "runs.jsonl", cwd=folder)
    assert "SIGKILL ended it" in ended.stderr
    before = (folder / "runs.jsonl").read_text().count("\n")
    assert before > 1
    resumed = check(folder, *names, "--resume", "runs.jsonl", "-j", "2")
    assert (folder / "runs.jsonl").read_text().count("\n") > before
    assert resumed == check(folder, *names)
    # A whole file needs no run at all.
    (folder / "note").unlink()
    assert check(folder, *names, "--resume", "runs.jsonl") == resumed


def test_runs_are_not_used_after_the_subject_has_changed(folder):
    check(folder, "hostile:Wrong", "--resume", "runs.jsonl", "-x")
    text = (folder / "hostile.py").read_text()
    (folder / "hostile.py").write_text(text.replace("return [2 * param for", "return [param for"))
    assert check(folder, "hostile:Wrong", "--resume", "runs.jsonl")[0] == 0


@pytest.mark.parametrize(
    ("jobs", "name", "status"),
    [("1", "SIGINT", 130), ("2", "SIGTERM", 143), ("1", "SIGHUP", 129)],
)
def test_a_signal_prints_what_was_measured(folder, jobs, name, status):
    environment = os.environ | {"SIGNAL": name, "COLUMNS": "150"}
    if jobs != "1":
        environment["JUDGE"] = "0"
    names = ("hostile:Wrong", "mine:AsksToEnd", "hostile:Right")
    # The first subject fails, but there is no time to explain it.
    ended, table, said, lines = check(folder, *names, "-j", jobs, env=environment)
    assert ended == status
    assert said.endswith("adamref: interrupted\n")
    header, *entries = map(json.loads, lines)
    assert header["partial"]
    assert header["verdict"] == "partial (interrupted)"
    # On workers the other subjects may be unfinished, too.
    assert re.search(r"interrupted; not wholly judged: .*mine:AsksToEnd", table)
    verdicts = {one["subject"]: one["verdict"] for one in entries if one["type"] == "subject"}
    if jobs == "1":
        # On workers it is a matter of time how far each has come.
        assert verdicts == {
            "hostile:Wrong": "nonconformant",
            "mine:AsksToEnd": "partial (interrupted)",
        }
        assert "1 of 2 vectors were run, and 0 failed" in table


def test_a_record_of_a_run_has_every_bit():
    for make in (adamref_adam.adamref, adamref_adam.adamref_compensated):
        subject = from_make(make)
        for vector in files.load().vectors[::9]:
            if vector.level == "full":
                continue
            made = run(subject, vector)
            again = decode_run(json.loads(json.dumps(encode_run(made))), vector)
            assert digest(again.snapshots) == digest(made.snapshots)
            assert digest(again.related) == digest(made.related)
            assert vars(again) | {"snapshots": 0, "related": 0} == vars(made) | {
                "snapshots": 0,
                "related": 0,
            }


def test_a_record_of_a_misbehaved_run_has_its_cause():
    class Leaky:
        def __init__(self, params, *numbers):
            self.params = params

        def step(self, grads):
            grads[0][...] = 0
            return self.params

    vector = next(one for one in files.load().vectors if one.id == "basic.f32.mixed")
    made = run_twice(from_make(Leaky), vector)
    assert made.cause.detail is not None
    assert decode_run(encode_run(made), vector).cause == made.cause


@pytest.mark.parametrize(
    "change",
    [
        {"status": "late"},
        {"snapshots": {"1": {"params": [["float32", [2**40], "00"]]}}},
        {"snapshots": {"1": {"params": [["int8", [3], "000000"]]}}},
        {"snapshots": {"x": {}}},
        {"raised": 3},
        {"cause": []},
        {"storages": None},
    ],
)
def test_a_record_of_somebody_else_is_refused(change):
    vector = next(one for one in files.load().vectors if one.id == "basic.f32.mixed")
    record = encode_run(run(from_make(adamref_adam.adamref), vector))
    with pytest.raises(ValueError, match=r"\w"):
        decode_run({**record, **change}, vector)
