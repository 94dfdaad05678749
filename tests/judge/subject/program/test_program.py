"""Programs that crash, hang or write anything at all: each run fails alone, and nothing is left."""

import signal
import subprocess
import sys
import time
from fractions import Fraction

import pytest

from conformance import check
from conformance.process.child import ChildLimits
from conformance.subject.loading import load
from conformance.subject.program.connect import Running, end
from conformance.subject.subject import SubjectError
from conformance.trial.outcomes import Status
from tests.judge.subject.program.programs import FIRST_VECTOR, marked, none_left, program

# A few vectors that the program supports; the second of them is spoilt.
SOME = "basic.f??.mixed"
SPOILT = FIRST_VECTOR + 1
# Hook of the program -> a part of the reason that is reported.
FAULTS = {
    "os._exit(0)": "ended with status 0",
    "sys.exit(7)": "ended with status 7",
    "os.abort()": "SIGABRT ended it",
    "os.kill(os.getpid(), signal.SIGSEGV)": "SIGSEGV ended it",
    "time.sleep(1000)": "no answer within 1 seconds",
    "while True: pass": "no answer within 1 seconds",
    "os.kill(os.getpid(), signal.SIGSTOP)": "no answer within 1 seconds",
    "signal.alarm(1); time.sleep(1000)": "SIGALRM ended it",
    "os.close(1); time.sleep(1000)": "closed its stdout",
    "say('hello\\n')": "must be a message of the protocol",
    'say(\'{"type": "ran"\')': "must be a message of the protocol",
    'say(\'{"type": "ran", "seq": 1\'); time.sleep(1000)': "no answer within 1 seconds",
    "answer['seq'] = 99": "seq must be that of the run",
    "answer['steps'] = {}": "must be a message of the protocol",
    "say('[' * 100000 + '\\n')": "must be a message of the protocol",
    "say('x' * 100_000_000)": "must have at most",
    "while True: say('x' * 100_000)": "must have at most",
    "while True: sys.stderr.write('x' * 1000)": "no answer within 1 seconds",
    "raise OSError('mine')": "OSError: mine",
}
HUNG = "no answer within"


@pytest.mark.parametrize("hook", FAULTS, ids=lambda hook: hook[:40])
def test_a_fault_fails_one_vector_and_the_run_goes_on(hook, tmp_path, monkeypatch):
    name = program(tmp_path, f"if seq == {SPOILT}:\n    {hook}")
    with marked(monkeypatch) as mark:
        # One that hangs takes all of its time.
        seconds = 1.0 if HUNG in FAULTS[hook] else 60.0
        report = check(name, only=SOME, running=Running(limits=ChildLimits(seconds)))
        end(report.live_subject)
        assert none_left(mark)
    statuses = [comparison.status for comparison in report.comparisons]
    assert statuses == [Status.PASSED, Status.ERRORED]
    assert FAULTS[hook] in report.comparisons[1].reason
    assert report.verdict == "nonconformant"


def test_growing_memory_ends_a_program_before_it_fills_the_machine(tmp_path):
    hook = "hold = [bytearray(b'x' * 10**8) for _ in iter(int, 1) if not time.sleep(0.1)]"
    name = program(tmp_path, f"if seq == {SPOILT}: {hook}")
    limits = ChildLimits(seconds=60.0, memory=0.5e9)
    report = check(name, only=SOME, running=Running(limits=limits))
    assert "it used more than 0.5 GB of memory" in report.comparisons[1].reason


def test_a_program_goes_on_after_each_crash(tmp_path):
    # Numbers of runs begin anew with each process only for the program, and not for the judge.
    name = program(tmp_path, "if seq > 4 and seq % 2: os.abort()")
    report = check(name, only="basic.*")
    asked = [one.status for one in report.comparisons if one.status is not Status.UNSUPPORTED]
    assert len(asked) > 4
    assert asked == [Status.ERRORED, Status.PASSED] * (len(asked) // 2)


def test_a_program_that_always_hangs_does_not_take_its_time_for_every_vector(tmp_path):
    name = program(tmp_path, f"if seq >= {FIRST_VECTOR}: time.sleep(1000)")
    started = time.monotonic()
    report = check(name, only="basic.*", running=Running(limits=ChildLimits(seconds=0.5)))
    assert time.monotonic() - started < 60
    reasons = [comparison.reason for comparison in report.comparisons]
    assert sum("no answer within" in reason for reason in reasons) >= 3
    assert "not run, because the last" in reasons[-1]


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("cmd:./nowhere", "could not be started: No such file"),
        ("cmd:true", "ended with status 0 before it answered"),
        ("cmd:echo hello", "must be a message of the protocol, got 'hello'"),
        ("cmd:printf 'started 2\\nend\\n'", "the first line must be: started 1 NAME VERSION"),
        ("cmd:echo '{}'", "must be a message of the protocol"),
        ("cmd:cat /dev/zero", "must have at most"),
    ],
)
def test_what_is_no_program_of_the_protocol_is_said_when_it_is_loaded(command, reason):
    with pytest.raises(SubjectError, match=reason):
        load(command)


def test_a_program_that_starts_otherwise_the_second_time_is_no_subject(tmp_path, monkeypatch):
    hook = "open('seen', 'w').close(); os._exit(1)"
    name = program(tmp_path, f"if seq == {SPOILT}: {hook}")
    file = tmp_path / "program.py"
    text = file.read_text().replace('"name": "test"', '"name": str(os.path.exists("seen"))')
    file.write_text(text)
    monkeypatch.chdir(tmp_path)
    report = check(name, only="basic.f??.*")
    assert "its first answer must be the same each time" in report.comparisons[2].reason


def test_processes_that_a_program_leaves_behind_end_with_it(tmp_path, monkeypatch):
    # One in the group, one in a session of its own, both deaf to SIGTERM.
    hook = (
        "import subprocess\n"
        "code = 'import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(1000)'\n"
        "for alone in (False, True):\n"
        "    subprocess.Popen([sys.executable, '-c', code], start_new_session=alone)"
    )
    name = program(tmp_path, f"if seq == {SPOILT}:\n    " + hook.replace("\n", "\n    "))
    with marked(monkeypatch) as mark:
        report = check(name, only=SOME)
        assert report.conformant
        end(report.live_subject)
        assert none_left(mark)


def test_a_killed_judge_leaves_no_program_behind(tmp_path, monkeypatch):
    ready = tmp_path / "ready"
    hook = f"if seq > 4: open({str(ready)!r}, 'w').close(); time.sleep(1000)"
    code = f"from conformance import check; check({program(tmp_path, hook)!r}, only={SOME!r})"
    with marked(monkeypatch) as mark:
        judge = subprocess.Popen([sys.executable, "-c", code])
        while not ready.exists():
            assert judge.poll() is None
            time.sleep(0.05)
        # It hangs, and does not notice that nobody reads its answers.
        judge.send_signal(signal.SIGKILL)
        judge.wait()
        assert none_left(mark)


def test_the_numbers_are_judged_as_those_of_a_python_subject(tmp_path):
    report = check(program(tmp_path), only="basic.*", dtype="float64")
    assert report.conformant
    assert report.subject.is_outside
    assert 0 < Fraction(report.worst_ratio) <= 1
