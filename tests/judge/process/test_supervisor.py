"""No subject decides how a command ends."""

import os
import subprocess
import sys

import pytest

from tests.support.commands import hostile_module, run_command

CHECK = ("check", "--only", "basic.f32.mixed", "--blocks", "0")
OPTIONS = ("-p", "conformance.pytest_plugin", "--adam-level", "quick", "--adam")
VERBS = {
    "check": lambda subject: (*CHECK, subject),
    "identify": lambda subject: ("identify", subject),
    "fuzz": lambda subject: ("fuzz", subject, "--examples", "5"),
    "compare": lambda subject: ("compare", subject, subject),
    "waivers": lambda subject: ("waivers", "update", subject, "--waivers", "waivers.toml"),
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_subject_that_ends_the_process_makes_a_command_fail(verb, tmp_path):
    subject = f"{hostile_module(tmp_path)}:EndsInC"
    done = run_command(*VERBS[verb](subject), cwd=tmp_path)
    assert done.returncode == 3
    assert done.stderr.endswith("it ended with status 0; there is no verdict\n")


@pytest.mark.parametrize(
    ("subject", "status"),
    [("Right", 0), ("Wrong", 1), ("Ends", 1), ("Replaces", 1), ("EndsAfterwards", 1)],
)
def test_the_status_of_check_is_that_of_its_verdict(subject, status, tmp_path):
    done = run_command(*CHECK, f"{hostile_module(tmp_path)}:{subject}", cwd=tmp_path)
    assert done.returncode == status
    assert (f"hostile:{subject}" in done.stdout) == (status in (0, 1))


def test_a_crash_is_named_by_its_signal(tmp_path):
    done = run_command(*CHECK, f"{hostile_module(tmp_path)}:Crashes", cwd=tmp_path)
    assert done.returncode == 3
    assert "SIGSEGV ended it" in done.stderr


@pytest.mark.parametrize("way", ["as an option", "in a file"])
def test_a_subject_that_ends_the_process_makes_pytest_fail(way, tmp_path):
    hostile_module(tmp_path)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    # Code of C can end only the process of a test file, and not that of the option.
    subjects = ["Ends", "EndsAfterwardsInPython"]
    if way == "as an option":
        subjects.append("EndsInC")
    for subject in subjects:
        ways = {
            "as an option": (*OPTIONS, f"hostile:{subject}"),
            "in a file": (_test_file(tmp_path, subject),),
        }
        done = subprocess.run(
            [*command, *ways[way]], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == (3 if subject == "EndsInC" else 1), done.stdout + done.stderr


def _test_file(folder, subject):
    name = f"test_{subject}.py"
    (folder / name).write_text(
        "from conformance import parametrize\n"
        f"from hostile import {subject}\n"
        f"@parametrize({subject}, only='basic.f32.mixed')\n"
        "def test_adam(case):\n"
        "    case.check()\n"
    )
    return name


def test_a_process_that_a_subject_leaves_behind_keeps_nobody_waiting(tmp_path):
    (tmp_path / "leaves.py").write_text(
        "import os, time\n"
        "from hostile import Right\n"
        "class Leaves(Right):\n"
        "    def step(self, grads):\n"
        "        if not os.fork():\n"
        "            os.setsid(); os.close(0); os.close(1); os.close(2)\n"
        f"            open({str(tmp_path / 'pid')!r}, 'a').write(f'{{os.getpid()}} ')\n"
        "            time.sleep(60)\n"
        "        return super().step(grads)\n"
    )
    hostile_module(tmp_path)
    done = run_command(*CHECK, "leaves:Leaves", cwd=tmp_path, timeout=40)
    for process in (tmp_path / "pid").read_text().split():
        os.kill(int(process), 9)
    assert done.returncode == 0
