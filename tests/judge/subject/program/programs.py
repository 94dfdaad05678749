"""Programs that speak the line protocol, right but for one thing, and what they leave behind."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

# A right Adam in lines of JSON. `hook(seq, answer)` may change an answer, or do worse.
TEMPLATE = """
import json, os, signal, struct, sys, time, math

def numbers(words, code):
    return [struct.unpack(">" + code, bytes.fromhex(word))[0] for word in words.split()]

def words(numbers, code):
    return " ".join(struct.pack(">" + code, number).hex() for number in numbers)

def run(asked):
    code = {"float32": "f", "float64": "d"}[asked["dtype"]]
    rate, beta1, beta2, epsilon = [
        numbers(asked["config"][name], "d")[0]
        for name in ("learning_rate", "beta1", "beta2", "epsilon")
    ]
    params = [numbers(param, code) for param in asked["params"]]
    m = [[0.0] * len(param) for param in params]
    v = [[0.0] * len(param) for param in params]
    steps = []
    for t, step in enumerate(asked["steps"], 1):
        for k, grad in enumerate(step["grads"]):
            for i, g in enumerate(numbers(grad, code)):
                m[k][i] = beta1 * m[k][i] + (1 - beta1) * g
                v[k][i] = beta2 * v[k][i] + (1 - beta2) * g * g
                m_hat, v_hat = m[k][i] / (1 - beta1**t), v[k][i] / (1 - beta2**t)
                params[k][i] -= rate * m_hat / (math.sqrt(v_hat) + epsilon)
                m[k][i], v[k][i], params[k][i] = [
                    struct.unpack(code, struct.pack(code, x))[0]
                    for x in (m[k][i], v[k][i], params[k][i])
                ]
        steps.append({name: [words(a, code) for a in arrays]
                      for name, arrays in (("params", params), ("m", m), ("v", v))})
    return {"type": "ran", "seq": asked["seq"], "steps": steps}

def say(text):
    sys.stdout.write(text)
    sys.stdout.flush()

def hook(seq, answer):
    HOOK
    say(json.dumps(answer) + "\\n")

for line in sys.stdin:
    asked = json.loads(line)
    if asked["type"] == "start":
        say(json.dumps({"type": "started", "protocol": 1, "name": "test", **STARTED}) + "\\n")
    elif asked["type"] == "run":
        try:
            hook(asked["seq"], run(asked))
        except ArithmeticError as error:
            say(json.dumps({"type": "errored", "seq": asked["seq"], "reason": str(error)}) + "\\n")
    else:
        break
"""
# The runs before the first vector test the adapter, two for each dtype.
FIRST_VECTOR = 5


def program(folder: Path, hook: str = "pass", **started: object) -> str:
    """Write a program whose ``hook`` runs before each answer is sent; return its name."""
    file = folder / "program.py"
    text = TEMPLATE.replace("HOOK", hook.replace("\n", "\n    "))
    file.write_text(text.replace("STARTED", repr(started)))
    return f"cmd:{sys.executable} {file}"


@contextmanager
def marked(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Yield a mark that all processes have that are started inside."""
    mark = f"ADAMREF_TEST={os.getpid()}-{time.monotonic_ns()}"
    monkeypatch.setenv(*mark.split("="))
    yield mark


def living(mark: str) -> list[str]:
    """Return the commands of the processes that were started with a mark in the environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "environ").read_bytes():
                found.append((folder / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


def none_left(mark: str, seconds: float = 10.0) -> bool:
    """Return whether all of them end; a process that was killed takes a moment."""
    deadline = time.monotonic() + seconds
    while living(mark):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
