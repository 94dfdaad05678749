"""A Python subject in a process of its own is judged as in ours, whatever it does there."""

import sys

import pytest

from conformance import check
from conformance.process.child import ChildLimits
from conformance.subject.loading import load
from conformance.subject.program.connect import Running, end
from conformance.trial.outcomes import Status
from tests.judge.subject.program.programs import marked, none_left

SOME = "basic.f??.mixed"
SUBJECT = """
import builtins, ctypes, json, os, signal, sys, threading, time
from adamref import Adam, AdamConfig

made = 0

class Spoilt(Adam):
    def step(self, grads):
        if made == 2:
            {fault}
        return super().step(grads)

def make(params, *numbers):
    global made
    made += 1
    names = ("learning_rate", "beta1", "beta2", "epsilon")
    return Spoilt(params, AdamConfig(**dict(zip(names, numbers))))
"""
HUNG = "no answer within"
# What the second run does -> a part of its reason.
FAULTS = {
    "while True: pass": HUNG,
    "time.sleep(1000)": HUNG,
    "os.kill(os.getpid(), signal.SIGSTOP)": HUNG,
    "signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(1000)": HUNG,
    "hold = [bytearray(b'x' * 10**8) for _ in iter(int, 1) if not time.sleep(0.1)]": "GB of memory",
    "ctypes.CDLL(None)._exit(0)": "ended with status 0",
    "ctypes.CDLL(None).abort()": "SIGABRT ended it",
    "ctypes.string_at(0)": "SIGSEGV ended it",
    "signal.alarm(1); time.sleep(1000)": "SIGALRM ended it",
    "os._exit(0)": "a subject must not end the process, but called os._exit",
    "sys.exit(0)": "SystemExit: 0",
    "os.closerange(0, 100)": "",
    "json.dumps = lambda *_, **__: 'patched'": "must be a message of the protocol",
    "builtins.zip = None": "",
    "raise KeyboardInterrupt": "KeyboardInterrupt",
}
# What the second run does, and is no fault.
HARMLESS = (
    'print(json.dumps({"type": "ran", "seq": 6}), flush=True)',
    "os.write(1, b'garbage')",
    "os.closerange(1, 2)",
    "sys.stdout.close()",
    "threading.Thread(target=time.sleep, args=(1000,)).start()",
    "os.chdir('/')",
    "os.environ.clear()",
)


def write(folder, fault):
    (folder / "spoilt.py").write_text(SUBJECT.replace("{fault}", fault))
    return "spoilt:make"


def judge(folder, fault, monkeypatch, seconds=60.0):
    """Judge a spoilt subject in a process of its own; no process of it must be left."""
    monkeypatch.chdir(folder)
    name = write(folder, fault)
    running = Running(isolate=True, limits=ChildLimits(seconds, memory=1e9))
    with marked(monkeypatch) as mark:
        report = check(name, only=SOME, running=running)
        end(report.live_subject)
        assert none_left(mark)
    assert "spoilt" not in sys.modules
    return report.comparisons


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault[:40])
def test_a_fault_fails_one_vector(fault, tmp_path, monkeypatch):
    seconds = 2.0 if FAULTS[fault] == HUNG else 60.0
    first, second = judge(tmp_path, fault, monkeypatch, seconds)
    assert (first.status, second.status) == (Status.PASSED, Status.ERRORED)
    assert FAULTS[fault] in second.reason


@pytest.mark.parametrize("deed", HARMLESS, ids=lambda deed: deed[:40])
def test_what_a_subject_does_to_its_process_reaches_no_answer(deed, tmp_path, monkeypatch):
    first, second = judge(tmp_path, deed, monkeypatch)
    assert (first.status, second.status) == (Status.PASSED, Status.PASSED)


@pytest.mark.parametrize("require", [(), ("hygiene",)], ids=["plain", "hygiene"])
@pytest.mark.parametrize("name", ["adamref", "torch", "sklearn"])
def test_each_comparison_is_that_of_a_subject_in_this_process(name, require):
    subject = load(name, Running(isolate=True))
    pair = [check(one, level="quick", require=require, config=None) for one in (name, subject)]
    end(subject)
    inside, outside = (
        [(one.vector.id, one.status, one.bits, one.worst, one.reason) for one in report.comparisons]
        for report in pair
    )
    assert inside == outside
    assert pair[0].verdict == pair[1].verdict
    assert len(inside) > 20


def test_shipped_waivers_hold_for_a_subject_that_is_served():
    command = f"cmd:{sys.executable} -m adamref serve tfkeras"
    subject = load(command)
    report = check(subject, only="loss-scale.*")
    end(subject)
    assert report.subject.served == "tfkeras"
    assert str(report.verdict) == "conformant (waived)"
