"""Programs on the command line: check, serve, export, and what is printed about them."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time

import pytest

from tests.judge.subject.program.programs import marked, none_left, program
from tests.support.commands import ADAMREF, run_command

SOME = ("--only", "basic.f32.mixed")


def test_a_program_and_a_subject_of_ones_own_process_are_checked(tmp_path):
    served = f"cmd:{shlex.quote(str(ADAMREF))} serve adamref"
    done = run_command("check", program(tmp_path), served, "adamref", *SOME, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(" conformant ") == 3
    assert "trusted" in done.stdout
    alone = run_command("check", "adamref", "--isolate", *SOME, cwd=tmp_path)
    assert alone.returncode == 0
    assert "it runs outside of the judge's process, and is handed no answers" in alone.stdout


def test_a_command_longer_than_a_line_leaves_room_for_the_verdict(tmp_path):
    folder = tmp_path.joinpath(*["a_folder_with_a_long_name"] * 7)
    folder.mkdir(parents=True)
    done = run_command("check", program(folder), *SOME, cwd=tmp_path)
    table = done.stdout.splitlines()
    assert len(table[1]) <= 150
    assert " conformant " in table[1]
    # The rest of the command follows, alone in its column.
    assert table[2].strip() in program(folder)


def test_what_a_program_prints_does_not_reach_a_report_on_stdout(tmp_path):
    name = program(tmp_path, "sys.stderr.write('noise\\n')")
    done = run_command("check", name, "--json", "-", *SOME, cwd=tmp_path)
    assert done.returncode == 0
    assert all(json.loads(line) for line in done.stdout.splitlines())


def test_a_failure_is_shown_as_lines_of_the_protocol_that_show_it(tmp_path):
    name = program(tmp_path)
    file = tmp_path / "program.py"
    file.write_text(file.read_text().replace("math.sqrt(v_hat)", "math.sqrt(v[k][i])"))
    done = run_command("check", name, *SOME, cwd=tmp_path)
    assert done.returncode == 1
    assert "its mistake is bias-v-missing" in done.stdout
    shown = done.stdout.split("that it fails:\n\n")[1]
    command, _, rest = shown.partition("END\n# ")
    again = ["sh", "-c", f"{command}END\n"]
    got = subprocess.run(again, capture_output=True, text=True, check=True)
    answer = json.loads(got.stdout.splitlines()[1])
    # The least failing input has one element; the words that are allowed are others.
    (words,) = answer["steps"][0]["params"]
    assert words not in rest.partition("; got")[0]
    assert "static const float param_0[]" in rest
    assert "Float32Array.of(" in rest


def test_trace_prints_both_directions_and_what_breaks_the_schema(tmp_path):
    name = program(tmp_path, "if seq > 4: answer['steps'] = 3")
    done = run_command("check", name, "--trace", *SOME, cwd=tmp_path)
    assert '> {"type":"start","protocol":1}' in done.stderr
    assert '< {"type": "started"' in done.stderr
    assert '> {"type":"run","seq":1' in done.stderr
    assert "! a line on stdout must be a message of the protocol" in done.stderr


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("cmd:", "there is no program in it"),
        ("cmd:'open", "No closing quotation"),
        ("file:", "there is no file in it"),
        ("./adam", "for a program that speaks the line protocol write cmd:./adam"),
    ],
)
def test_a_name_that_cannot_be_a_program_is_wrong_usage(name, said, tmp_path):
    (tmp_path / "adam").touch()
    done = run_command("check", name, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr


def test_export_writes_questions_that_a_program_answers(tmp_path):
    done = run_command("export", "questions", "--only", "basic.*", cwd=tmp_path)
    assert done.returncode == 0
    assert "next: adamref check file:ANSWERS" in done.stdout
    command = shlex.split(program(tmp_path).removeprefix("cmd:"))
    questions = (tmp_path / "questions" / "questions.jsonl").read_text()
    answers = subprocess.run(command, input=questions, capture_output=True, text=True, check=True)
    (tmp_path / "answers").write_text(answers.stdout)
    judged = run_command("check", "file:answers", "--only", "basic.*", cwd=tmp_path)
    assert judged.returncode == 0, judged.stdout


def test_a_file_cannot_be_asked_anything_new(tmp_path):
    done = run_command("fuzz", "file:answers", cwd=tmp_path)
    assert done.returncode == 2
    assert "SUBJECT must answer new questions, got file:answers" in done.stderr


def test_serve_ends_with_its_input_and_says_what_is_no_message(tmp_path):
    start = '{"type":"start","protocol":1}\n'
    command = [str(ADAMREF), "serve", "adamref"]
    done = subprocess.run(command, input=start, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["serves"] == "adamref"
    wrong = subprocess.run(command, input="hello\n", capture_output=True, text=True, check=False)
    assert wrong.returncode == 2
    assert "must be a message of the protocol" in wrong.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_check_and_its_program(number, tmp_path, monkeypatch):
    ready = tmp_path / "ready"
    name = program(tmp_path, f"if seq > 4: open({str(ready)!r}, 'w').close(); time.sleep(1000)")
    with marked(monkeypatch) as mark:
        command = [str(ADAMREF), "check", name, *SOME]
        check = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
        while not ready.exists():
            time.sleep(0.05)
        check.send_signal(number)
        _, said = check.communicate(timeout=60)
        assert check.returncode == 128 + number
        assert "interrupted" in said
        assert none_left(mark)


def test_identify_fuzz_and_compare_take_programs(tmp_path):
    name = program(tmp_path)
    found = run_command("identify", name, "--only", "epsilon.*", cwd=tmp_path)
    assert found.returncode == 0
    assert "outside" in found.stdout
    searched = run_command("fuzz", name, "--examples", "10", cwd=tmp_path)
    assert searched.returncode == 0
    assert "no failure in" in searched.stdout
    compared = run_command("compare", name, "adamref", cwd=tmp_path)
    assert compared.returncode == 0


def test_a_program_has_the_environment_and_the_folder_of_the_command(tmp_path):
    name = program(tmp_path, "assert os.getcwd() == os.environ['WHERE']")
    environment = {**os.environ, "WHERE": str(tmp_path)}
    command = [sys.executable, "-m", "adamref", "check", name, *SOME]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert done.returncode == 0
